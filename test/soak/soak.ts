// A soak: random work for as long as one likes, with programs killed and servers ended at a rate that a seed fixes, and everything
// counted. What is begun must end, what is opened be closed, what is charged given back; and what the host holds must not grow.
//
// Work comes in rounds. Within a round several pieces of work go on at once, drawn from the seed; at its end nothing of it may be
// left, which is looked at exactly. What the host holds can only be measured: at the same point of some rounds, after garbage was
// collected, and the last measurements are compared with the first ones after a warm-up.

import { readFileSync, readdirSync } from 'node:fs'
import { boot, kernels, loadProgram } from '../../src/index.ts'
import type { OperatingSystem, Plan, Process, Program, Task } from '../../src/index.ts'
import { settle } from '../../src/fiber/index.ts'
import { Random } from '../../src/machine/model/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { Domains } from '../../src/roles/index.ts'
import type { SupervisedRecord } from '../../src/roles/index.ts'
import { shellOf, userland } from '../../src/userland/index.ts'
import { planNamed } from '../system/support.ts'

/** Pieces of work that go on at once, and of which one is ended by a kill on average in so many. */
const AT_ONCE = 6
const KILLED_ONE_IN = 3
/** One server is ended on average in so much time: a plan's limit of restarts is above that. */
const SERVER_KILL_MS = 15_000
/** What may be there at the end that was not after the warm-up. What stays of each piece of work would come to more in an hour. */
const ALLOWED = { heapBytes: 6 * 2 ** 20, externalBytes: 4 * 2 ** 20, arenaBytes: 2 ** 20, descriptors: 2, threads: 2, maps: 600, handles: 2 } as const
/** The part of the time that is warm-up, and how many measurements are put together. */
const WARM_UP = 0.25
const TOGETHER = 3
/** A piece of work that takes longer hangs. */
const WORK_MS_MAX = 60_000

/** The systems of a soak: by the names of kernels, and the microkernel whose servers are made anew. */
export const soakPlans: Readonly<Record<string, () => Plan>> = { ...planNamed, 'microkernel-supervised': () => kernels.microkernel({ supervised: true }) }
delete (soakPlans as Record<string, unknown>)['unikernel']

export interface SoakOptions {
  readonly kernel: string
  readonly seed: number
  readonly ms: number
  /** Told every few seconds, in a line. */
  readonly progress?: (line: string) => void
  readonly progressMs?: number
}

/** What the host holds: measured, in the same state each time. */
export interface Held {
  readonly heapBytes: number
  readonly externalBytes: number
  readonly arenaBytes: number
  readonly descriptors: number
  readonly threads: number
  readonly maps: number
  readonly handles: number
}

export interface SoakResult {
  readonly rounds: number
  readonly work: ReadonlyMap<string, number>
  readonly begun: number
  readonly ended: number
  readonly killed: number
  readonly serversEnded: number
  readonly calls: number
  readonly first: Held
  readonly last: Held
  /** What grew or did not balance, a line each. Nothing: all is well. */
  readonly wrong: readonly string[]
}

const loaded = new Map<string, Program>()
function program (name: string): Program {
  const found = loaded.get(name) ?? loadProgram(readFileSync(new URL(`../../programs/wasm/${name}.wasm`, import.meta.url)), { name })
  loaded.set(name, found)
  return found
}

/** What is counted of one run. */
class Run {
  readonly os: OperatingSystem
  readonly random: Random
  readonly supervised: boolean
  readonly work = new Map<string, number>()
  readonly wrong: string[] = []
  begun = 0
  ended = 0
  killed = 0
  serversEnded = 0
  #names = 0

  constructor (os: OperatingSystem, random: Random, supervised: boolean) {
    this.os = os
    this.random = random
    this.supervised = supervised
  }

  name (): string {
    return `n${++this.#names}`
  }

  /** A process of which a wait for its end is one; killed after a moment where the seed says so. */
  async process (process: Process, status: number | null): Promise<string> {
    this.begun++
    const kills = this.random.below(KILLED_ONE_IN) === 0
    if (kills) {
      this.killed++
      const signal = (['SIGKILL', 'SIGTERM', 'SIGINT'] as const)[this.random.below(3)]!
      setTimeout(() => { process.kill(signal).catch(() => {}) }, this.random.below(20))
    }
    const output = await process.output()
    this.ended++
    // A server that died may take calls with it, which then fail in their own ways.
    if (!kills && !this.supervised && status !== null && output.status !== status) {
      this.wrong.push(`${await process.started} ended with ${output.status} (${output.message}) and not ${status}: ${new TextDecoder().decode(output.stderr).slice(0, 200)}`)
    }
    return output.text
  }
}

const works: Readonly<Record<string, (run: Run) => Promise<void>>> = {
  async 'a file is made, changed, moved and removed' ({ os, random }) {
    const at = `/tmp/f${random.below(1 << 30)}`
    await os.fs.writeFile(at, new Uint8Array(random.below(200_000)))
    await os.fs.appendFile(at, 'more')
    await os.fs.rename(at, `${at}.moved`)
    await os.fs.readFile(`${at}.moved`)
    await os.fs.rm(`${at}.moved`)
  },
  async 'a program copies its input' (run) {
    await run.process(run.os.spawn(program('cat'), { args: ['cat'], stdin: 'x'.repeat(run.random.below(150_000)), ignoreSigpipe: run.random.below(2) === 0 }), 0)
  },
  async 'a program computes' (run) {
    await run.process(run.os.spawn(program('primes'), { args: ['primes', String(1000 + run.random.below(20_000))], stdin: null }), null)
  },
  async 'a program waits for what never comes' (run) {
    const process = run.os.spawn(program('cat'), { args: ['cat'] })
    setTimeout(() => { process.kill().catch(() => {}) }, run.random.below(30))
    await run.process(process, null)
  },
  async 'a program never ends' (run) {
    const process = run.os.spawn(program('spin'), { args: ['spin'], stdin: null, priority: 6 })
    setTimeout(() => { process.kill('SIGKILL').catch(() => {}) }, run.random.below(20))
    await run.process(process, null)
  },
  async 'a program starts others' (run) {
    await run.process(run.os.spawn(program('spawns'), { args: ['spawns', '/bin/wtrue', String(1 + run.random.below(8)), '1'], stdin: null }), null)
  },
  async 'two programs play ping-pong' (run) {
    await run.process(run.os.spawn(program('pair'), { args: ['pair', '/bin/pingpong', String(1 + run.random.below(200)), '1'], stdin: null }), null)
  },
  async 'a program takes and gives back memory' (run) {
    await run.process(run.os.spawn(program('heap'), { args: ['heap', String(100 + run.random.below(2000)), '7'], stdin: null }), null)
  },
  async 'a shell pipes' (run) {
    await run.process(run.os.spawn(shellOf(), {
      args: ['sh', '-c', `seq ${1 + run.random.below(300)} | sort -r | head -n 5 > /tmp/${run.name()}.s; sleep 0.0${run.random.below(9)} & wait; cat /tmp/*.s | wc -l; rm -f /tmp/*.s`],
      env: { PATH: '/bin' }, stdin: null
    }), null)
  },
  async 'a task sleeps and polls' (run) {
    const task: Task = async system => { for (let i = 0; i < 3; i++) await system.sleep(run.random.below(10)) }
    await run.process(run.os.spawn(task, { args: ['sleeper'], stdin: null }), null)
  },
  async 'a server is connected to' (run) {
    const name = run.name()
    const server = run.os.spawn(program('serve'), { args: ['serve', '4', '2'], listen: [name], stdin: null })
    const ending = run.process(server, null)
    try {
      await server.started
      for (let i = 0; i < 2; i++) {
        const connection = await run.os.connect(name)
        try {
          const writer = connection.writable.getWriter()
          await writer.write(new TextEncoder().encode('hello'))
          await writer.close()
        } finally {
          for await (const _ of connection.readable) { /* to its end */ }
        }
      }
    } catch {
      // It was killed.
      await server.kill('SIGKILL').catch(() => {})
    }
    await ending
  }
}

/** What the system itself holds at rest, exactly. */
async function holdings (os: OperatingSystem): Promise<Record<string, number>> {
  const system = systemOf(os)
  const { state, host } = system
  const processes = await system.run('count', function * () {
    const list = yield * settle(host.processes.list())
    return typeof list === 'number' ? list : list.processes.length
  })
  const nextDescriptor = await system.run('count', function * () {
    const pipe = yield * settle(host.files!.pipe())
    if (typeof pipe === 'number') return pipe
    yield * settle(host.files!.close(pipe.read))
    yield * settle(host.files!.close(pipe.write))
    return pipe.read
  })
  const spaces = [...state.spaces.values()]
  return {
    'programs and tasks': system.programs.count,
    'processes in the table': processes,
    'address spaces': spaces.length,
    capabilities: spaces.reduce((sum, space) => sum + space.capabilities.size, 0),
    'the core\'s capabilities': state.root.size,
    accounts: state.accounts.size,
    'processes charged': state.accounts.system.used[2] ?? 0,
    'memory charged': state.accounts.system.used[0] ?? 0,
    'next descriptor of the host': nextDescriptor,
    'threads that could run': state.scheduler.isQuiet ? 0 : 1,
    'processes that the host knows': os.processes.size,
    'connections of the host': os.connections.length,
    'files in /tmp': (await os.fs.readdir('/tmp')).length
  }
}

/** Once what was ending has ended. */
async function atRest (os: OperatingSystem, wanted: Readonly<Record<string, number>> | null): Promise<Record<string, number>> {
  let now = await holdings(os)
  for (let tries = 0; tries < 200; tries++) {
    if (wanted !== null && Object.entries(wanted).every(([what, count]) => now[what] === count)) return now
    await new Promise(resolve => setTimeout(resolve, 5))
    const next = await holdings(os)
    if (wanted === null && Object.entries(next).every(([what, count]) => now[what] === count)) return next
    now = next
  }
  return now
}

function count (read: () => number): number {
  try {
    return read()
  } catch {
    // Not on this host.
    return 0
  }
}

async function measure (os: OperatingSystem): Promise<Held> {
  for (let i = 0; i < 6; i++) {
    globalThis.gc?.()
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return {
    heapBytes: heapUsed, externalBytes: external + arrayBuffers, arenaBytes: os.stats().arenas.reduce((sum, arena) => sum + arena.allocatedBytes, 0),
    descriptors: count(() => readdirSync('/proc/self/fd').length), threads: count(() => readdirSync('/proc/self/task').length),
    maps: count(() => readFileSync('/proc/self/maps', 'utf8').split('\n').length),
    handles: process.getActiveResourcesInfo().filter(name => name !== 'Timeout' && name !== 'Immediate').length
  }
}

function together (measured: readonly Held[]): Held {
  const names = Object.keys(ALLOWED) as (keyof Held)[]
  return Object.fromEntries(names.map(name => [name, [...measured].map(held => held[name]).sort((a, b) => a - b)[Math.floor(measured.length / 2)] ?? 0])) as unknown as Held
}

/** Ends a server of the supervised kernel, drawn from the seed: what follows is the supervision's. */
async function endServer (run: Run): Promise<void> {
  const system = systemOf(run.os)
  const domains = system.host.reach(Domains) as unknown as Domains
  const told = await system.run('supervised', () => settle(domains.supervised())) as SupervisedRecord | number
  if (typeof told === 'number' || told.names.length === 0) return
  run.serversEnded++
  await system.run('end a server', () => settle(domains.kill(run.random.below(told.names.length))))
}

async function within<T> (what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await Promise.race([work, new Promise<never>((_, reject) => { timer = setTimeout(() => { reject(new Error(`${what} hangs`)) }, WORK_MS_MAX) })])
  } finally {
    clearTimeout(timer)
  }
}

export async function soak ({ kernel, seed, ms, progress = () => {}, progressMs = Math.min(5000, Math.max(500, ms / 30)) }: SoakOptions): Promise<SoakResult> {
  const supervised = kernel === 'microkernel-supervised'
  await using os = await boot({ kernel: soakPlans[kernel]!(), executables: userland() })
  await os.fs.mkdir('/tmp', { recursive: true })
  for (const [path, name] of [['/bin/wtrue', 'true'], ['/bin/pingpong', 'pingpong']] as const) {
    await os.fs.writeFile(path, readFileSync(new URL(`../../programs/wasm/${name}.wasm`, import.meta.url)))
  }
  const run = new Run(os, new Random(seed), supervised)
  const names = Object.keys(works)
  const startMs = performance.now()
  const measured: Held[] = []
  const warm: Held[] = []
  let base: Record<string, number> | null = null
  let rounds = 0
  let toldMs = startMs
  let serverMs = startMs + SERVER_KILL_MS
  while (performance.now() - startMs < ms && run.wrong.length === 0) {
    rounds++
    const drawn = Array.from({ length: AT_ONCE }, () => names[run.random.below(names.length)]!)
    let ending = Promise.resolve()
    if (supervised && performance.now() > serverMs) {
      serverMs = performance.now() + SERVER_KILL_MS / 2 + run.random.below(SERVER_KILL_MS)
      const afterMs = run.random.below(40)
      ending = new Promise(resolve => setTimeout(resolve, afterMs)).then(() => endServer(run))
    }
    const failed = await Promise.allSettled(drawn.map(name => {
      run.work.set(name, (run.work.get(name) ?? 0) + 1)
      return within(name, works[name]!(run))
    }))
    await ending
    failed.forEach((each, index) => {
      if (each.status === 'rejected' && !(supervised && /EOWNERDEAD|EIO/.test(String(each.reason)))) run.wrong.push(`${drawn[index]}: ${String(each.reason)}`)
    })
    // Who was killed left its files.
    await os.fs.rm('/tmp', { recursive: true, force: true }).then(() => os.fs.mkdir('/tmp')).catch(() => {})
    const now = await atRest(os, base)
    if (rounds === 3) base = now
    // A server that is made anew has other capabilities; what must not be left there is what programs had.
    else if (base !== null) for (const [what, had] of Object.entries(base)) {
      if (now[what] !== had && !(supervised && /capabilities|address spaces/.test(what) && run.serversEnded > 0)) run.wrong.push(`round ${rounds}: ${what}: ${had} before, ${now[what]} after`)
    }
    if (performance.now() - toldMs < progressMs) continue
    toldMs = performance.now()
    const held = await measure(os)
    const late = performance.now() - startMs > ms * WARM_UP
    if (late && warm.length < TOGETHER) warm.push(held)
    if (late) measured.push(held)
    const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
    progress(`${((performance.now() - startMs) / 1000).toFixed(0).padStart(5)} s  round ${rounds}  begun ${run.begun}  ended ${run.ended}  killed ${run.killed}${supervised ? `  servers ended ${run.serversEnded}` : ''}  heap ${mib(held.heapBytes)} MiB  outside ${mib(held.externalBytes)} MiB  arenas ${mib(held.arenaBytes)} MiB  descriptors ${held.descriptors}  threads ${held.threads}`)
  }
  if (run.begun !== run.ended) run.wrong.push(`processes: ${run.begun} begun, ${run.ended} ended`)
  const first = together(warm)
  const last = together(measured.slice(-TOGETHER))
  if (measured.length >= 2 * TOGETHER) {
    for (const [what, most] of Object.entries(ALLOWED) as [keyof Held, number][]) {
      if (last[what] > first[what] + most) run.wrong.push(`${what} grew: ${first[what]} after the warm-up, ${last[what]} at the end, and ${most} more are allowed`)
    }
  }
  return { rounds, work: run.work, begun: run.begun, ended: run.ended, killed: run.killed, serversEnded: run.serversEnded, calls: os.stats().counters.calls, first, last, wrong: run.wrong }
}

/** A result as a table for people. */
export function describe (result: SoakResult): string {
  const lines = [...result.work].sort().map(([name, times]) => `  ${name.padEnd(46)} ${String(times).padStart(8)}`)
  const held = (Object.keys(ALLOWED) as (keyof Held)[]).map(name => `  ${name.padEnd(46)} ${String(result.first[name]).padStart(12)} ${String(result.last[name]).padStart(12)}  (${ALLOWED[name]} more allowed)`)
  return [
    `${result.rounds} rounds, ${result.begun} processes begun, ${result.ended} ended, ${result.killed} of them killed; ${result.serversEnded} servers ended; ${result.calls} calls`,
    'work, times', ...lines, 'what the host holds, after the warm-up and at the end', ...held
  ].join('\n')
}
