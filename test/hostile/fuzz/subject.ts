// A kernel under the fuzzer: a program in it that makes what calls it is told to, synchronously; a witness beside it; and what
// must be as before when the program has ended.

import assert from 'node:assert/strict'
import { settle } from '../../../src/fiber/index.ts'
import { liveMachine } from '../../../src/index.ts'
import type { Connection, OperatingSystem, Process, Reactor } from '../../../src/index.ts'
import type { Machine } from '../../../src/machine/index.ts'
import { systemOf } from '../../../src/os/index.ts'
import { Resource } from '../../../src/roles/index.ts'
import { holdings, install, latin1, everyMultiprogram, program, sleep, start } from '../../system/support.ts'
import type { Holdings, EveryName } from '../../system/support.ts'
import { assemble } from '../assemble.ts'
import { MEMORY_BYTES, signatures } from './draw.ts'
import type { Drawn } from './draw.ts'

/** Exports every system call under its own name. */
export const caller = assemble('wabt', `(module
  ${signatures.map(({ module, name, types }) => `(import "${module}" "${name}" (func $${name} ${types.map(type => `(param ${type})`).join(' ')} (result i32)))`).join('\n')}
  (memory (export "memory") ${MEMORY_BYTES / 65536})
  ${signatures.map(({ name, types }) => `(func (export "${name}") ${types.map(type => `(param ${type})`).join(' ')} (result i32) (call $${name} ${types.map((_, i) => `(local.get ${i})`).join(' ')}))`).join('\n')})`)

/** What a call came to when it ended its program. */
export const ENDED = -1

/** A machine on which the same calls give the same bytes: its clock stands still, and its entropy is none. */
function stillMachine (): Machine {
  const machine = liveMachine()
  return {
    ...machine,
    clock: { monotonicNs: () => 1e9, realtimeNs: () => 1.7e18, resolutionNs: 1 },
    entropy: { fill: bytes => { bytes.fill(0x5a) } },
    addressSpacesMax: { value: 16, reason: 'a small machine' }
  }
}

/** What the tree has of itself. */
const mounted = new Set(['dev', 'proc'])

export class Subject {
  readonly kernel: EveryName
  readonly os: OperatingSystem
  readonly #reactor: Reactor
  readonly #witness: Process | null
  readonly #held: Holdings
  readonly #connections: readonly Connection[]
  readonly #calls: Readonly<Record<string, (...args: (number | bigint)[]) => number>>

  private constructor (kernel: EveryName, os: OperatingSystem, reactor: Reactor, witness: Process | null, held: Holdings, connections: readonly Connection[]) {
    this.kernel = kernel
    this.os = os
    this.#reactor = reactor
    this.#witness = witness
    this.#held = held
    this.#connections = connections
    this.#calls = reactor.instance.exports as never
  }

  static async start (kernel: EveryName): Promise<Subject> {
    const machine = stillMachine()
    const os = await start(kernel, { machine, program: caller })
    await install(os, 'true')
    await os.fs.mkdir('/a')
    await os.fs.writeFile('/b', 'some text\n'.repeat(100))
    await os.fs.symlink('b', '/c')
    await os.fs.symlink('e', '/e')
    const held = await holdings(os)
    // It is the second process under every kernel.
    const reactor = await os.react(caller, {
      args: ['fuzz', 'größe'], env: { A: '1' }, stdin: 'pipe', stdout: 'pipe', stderr: null, listen: ['s'],
      limits: { diskBytes: 2 ** 21, files: 150, pipeBytes: 20 * 65536, descriptors: 60, processes: 4 }
    })
    const connections = [await os.connect('s'), await os.connect('s')]
    for (const { writable } of connections) {
      const writer = writable.getWriter()
      await writer.write(Buffer.from('hello'))
      writer.releaseLock()
    }
    await reactor.process.stdin.getWriter().write(Buffer.from('input\n'.repeat(50)))
    const witness = everyMultiprogram.includes(kernel) ? os.spawn(program('pingpong'), { args: ['pingpong', 'pong'] }) : null
    // Pipes are numbered alike under every kernel: where there is no witness, the host has as many.
    if (witness === null) for (let i = 0; i < 3; i++) await systemOf(os).run('pipe', () => settle(systemOf(os).host.files!.pipe()))
    await witness?.started
    return new Subject(kernel, os, reactor, witness, held, connections)
  }

  get memory (): Uint8Array {
    return new Uint8Array((this.#reactor.instance.exports['memory'] as WebAssembly.Memory).buffer)
  }

  /** Makes a call: its errno, or ENDED. */
  call ({ name, args, pokes }: Drawn): number {
    const { memory } = this
    for (const { at, bytes } of pokes) memory.set(bytes, at)
    try {
      return this.#calls[name]!(...args)
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError || /has ended/.test(String(error))) return ENDED
      throw error
    }
  }

  /** Waits until children have ended: what they do meanwhile is nobody's. */
  async settle (): Promise<void> {
    const wanted = 1 + (this.#witness === null ? 0 : 1)
    for (let tries = 0; this.os.stats().processes > wanted; tries++) {
      assert.ok(tries < 2000, 'a child does not end')
      await sleep(tries < 10 ? 0 : 1)
    }
  }

  /** The kernel is whole, and a program beside the hostile one gets its answers. */
  async check (): Promise<void> {
    const { counters, tainted } = this.os.stats()
    const { panicked, faults } = systemOf(this.os).state
    assert.deepEqual({ faults: counters.faults, tainted, panicked, messages: faults.map(fault => fault.message) }, { faults: 0, tainted: false, panicked: null, messages: [] })
    assert.deepEqual((await this.os.fs.readdir('/')).includes('dev'), true)
    if (this.#witness === null) return
    const writer = this.#witness.stdin.getWriter()
    const reader = this.#witness.stdout.getReader()
    await writer.write(Buffer.from('?'))
    assert.equal(latin1((await reader.read()).value!), '?')
    writer.releaseLock()
    reader.releaseLock()
  }

  /** Ends the program and removes what it left: nothing else of it may be there. */
  async end (): Promise<void> {
    const { os } = this
    await this.#reactor.process.kill('SIGKILL')
    const output = this.#reactor.process.stdout.cancel()
    await this.#reactor.process.wait()
    await output
    for (const { readable, writable } of this.#connections) await Promise.allSettled([readable.cancel(), writable.close()])
    await this.#witness?.kill()
    await this.#witness?.wait()
    await this.#given()
    await os.close()
  }

  async #given (): Promise<void> {
    const { os } = this
    for (const name of await os.fs.readdir('/')) if (!mounted.has(name)) await remove(os, `/${name}`)
    const now = await holdings(os)
    const { accounts } = systemOf(os).state
    // Buffers of servers, and the gates that a first process is joined by, stay for the next; all else is given back.
    for (const what of Object.keys(now) as (keyof Holdings)[]) {
      if (what !== 'arenas' && what !== 'capabilities') assert.equal(JSON.stringify(now[what]), JSON.stringify(this.#held[what]), what)
    }
    for (const [space, count] of Object.entries(this.#held.capabilities)) assert.ok(now.capabilities[space]! <= count + 8, `capabilities of ${space}: ${count}, now ${now.capabilities[space]}`)
    for (const [domain, bytes] of Object.entries(this.#held.arenas)) assert.ok(now.arenas[domain]! <= bytes + 2 ** 18, `bytes of ${domain}: ${bytes}, now ${now.arenas[domain]}`)
    assert.deepEqual(accounts.system.used.map((used, resource) => resource === Resource.CPU ? 0 : used), accounts.system.used.map(() => 0))
  }
}

async function remove (os: OperatingSystem, path: string): Promise<void> {
  const { type } = await os.fs.lstat(path)
  if (type !== 'directory') return os.fs.unlink(path)
  for (const name of await os.fs.readdir(path)) await remove(os, `${path}/${name}`)
  await os.fs.rmdir(path)
}
