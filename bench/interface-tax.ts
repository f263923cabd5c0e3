// Question: what does it cost that fd_read goes through roles (personality, vfs, ramfs and a window between them) and is not
// one hand-written function?
//
// Units: ns for an fd_seek and an fd_read of 1 B or 4 KiB; the interface tax is the quotient, with roles over fused.
// Held fixed: the program, its loader and trampoline, and a plan with direct gates alone, so that no gate is in it. The fused
// calls do the same work for the program (descriptor, rights, bounds, position, copy, count) on a table and pages of their
// own. Rounds take turns in an order drawn from a seed; the medians of all batches count. The work is the same if the program
// prints the same checksum, which depends on the bytes read.
// `node bench/interface-tax.ts [rounds] [seed]`; one round is a trial that the tests run.

import { readFileSync } from 'node:fs'
import process from 'node:process'
import { Errno, settle, type Fiber } from '../src/fiber/index.ts'
import { kernels, liveMachine, loadProgram, services } from '../src/index.ts'
import { batchTimes, distribution, randomFrom, shuffled } from '../src/lab/index.ts'
import { link, type System } from '../src/link/index.ts'
import { imageOf } from '../src/os/index.ts'
import { Ending, INIT, RIGHTS_ALL, SystemCalls, type Implementation, type RoleOf } from '../src/roles/index.ts'
import { FusedReads } from './fused-reads.ts'

type Calls = RoleOf<typeof SystemCalls>

const rounds = Number(process.argv[2] ?? 12)
const seed = Number(process.argv[3] ?? 1)
const [perBatch, batches] = rounds > 1 ? [2000, 60] : [50, 20]
const coldBatches = 10
const image = imageOf(loadProgram(readFileSync(new URL('../programs/wasm/bench.wasm', import.meta.url)), { name: 'bench' }))
const sizes = [{ workload: 'read1', name: '1 B' }, { workload: 'read4k', name: '4 KiB' }]
const ways = ['roles', 'fused'] as const

const samples = new Map<string, number[][]>()
const checksums = new Map<string, Set<string>>()
const random = randomFrom(seed)
// The round before the first warms up.
for (let round = -1; round < rounds; round++) {
  for (const [size, way] of shuffled(sizes.flatMap(size => ways.map(way => [size, way] as const)), random)) {
    const output = await run(size.workload, way === 'fused')
    checksums.set(size.name, (checksums.get(size.name) ?? new Set()).add(output.split('# checksum ')[1] ?? ''))
    if (round < 0) continue
    const key = `${size.name} ${way}`
    samples.set(key, [...samples.get(key) ?? [], batchTimes(output).slice(coldBatches)])
  }
}

console.log(`fd_seek and fd_read, ${rounds} rounds of ${batches - coldBatches} batches of ${perBatch}, seed ${seed}`)
console.log('bytes     with roles       fused   difference   interface tax   work')
for (const { name } of sizes) {
  const [roles, fused] = ways.map(way => distribution(samples.get(`${name} ${way}`)!)!.median) as [number, number]
  const work = [...checksums.get(name)!]
  if (work.length !== 1) throw new Error(`the work differs: checksums ${work.join(' and ')}`)
  console.log(`${name.padEnd(6)} ${roles.toFixed(1).padStart(10)} ns ${fused.toFixed(1).padStart(8)} ns ` +
    `${(roles - fused).toFixed(1).padStart(9)} ns ${(roles / fused).toFixed(2).padStart(13)} ×   ${work[0]!.trim()}`)
}

/** What the program prints. */
async function run (workload: string, fused: boolean): Promise<string> {
  const machine = liveMachine({ shares: [] })
  const output: string[] = []
  const system: System = link(kernels.unikernel(), services, machine, {
    systemCalls: image.systemCalls,
    decorate: (stubs, { role }) => role === SystemCalls ? wrapped(stubs as unknown as Calls) : stubs
  })
  // Output is caught at the call, under both ways alike, so that no pipe or reader runs beside.
  const wrapped = (calls: Calls): Implementation => {
    const memory = () => system.state.supervisor.memory!
    const reads = new FusedReads(memory, system.state.counters)
    const decoder = new TextDecoder()
    const fd_write: Calls['fd_write'] = (fd, iovs, count, out) => {
      const bytes = reads.gather(iovs, count)
      if (fd > 2) reads.append(fd, bytes)
      if (fd !== 1) return calls.fd_write(fd, iovs, count, out)
      output.push(decoder.decode(bytes, { stream: true }))
      memory().view.setUint32(out >>> 0, bytes.length, true)
      return Errno.SUCCESS
    }
    // Each way gets an object of its own with the same shape: neither pays for the other's.
    return { ...calls, fd_write, ...(fused ? { fd_read: reads.read, fd_seek: reads.seek } : {}) } as unknown as Implementation
  }
  const status = await system.run('bench', () => started(system, workload))
  machine.close()
  if (status !== 0) throw new Error(`bench ${workload} ended with ${status}`)
  return output.join('')
}

/** Spawns the program with the root directory as descriptor 3, and waits for its end. */
function * started (system: System, workload: string): Fiber<number> {
  const { host } = system
  const given: number[] = []
  for (let fd = 0; fd < 4; fd++) given.push(yield * settle(host.tables!.preopen(INIT, '/', '/', RIGHTS_ALL, RIGHTS_ALL)))
  const slot = host.space.capabilities.mint(image, 0)
  const args = ['bench', workload, String(perBatch), String(batches), '/']
  const child = yield * settle(host.processes.spawn(slot, args, [], given, 4, 0, [], 0, '', -1))
  if (child < 0) return child
  const ending = yield * settle(host.processes.wait(child, 0))
  return typeof ending === 'number' ? ending : ending.kind === Ending.EXIT ? ending.code : -1
}
