/**
 * The stage of an attack: a system with secrets in it, and the watch that sees from outside what became of them.
 *
 * A secret is 32 random bytes in a place that the attacker has no business in: the memory of a program, the arena of each
 * server, a file. It is lost when it is found in the loot, or when its place does not hold it any more. A neighbour answers
 * the same question again and again; new programs must start, and timers come. What the host's own objects are is noted
 * before and compared after.
 */

import { randomBytes } from 'node:crypto'
import { KaleidosError, TaskEnded, boot, services as builtIn } from '../../index.ts'
import type { Limits, OperatingSystem, Process, SpawnOptions, Task } from '../../index.ts'
import type { Plan, Registry, System } from '../../link/index.ts'
import { serviceOf } from '../../link/index.ts'
import { systemOf } from '../../os/index.ts'
import { settle } from '../../fiber/index.ts'
import { INIT, Signal } from '../../roles/index.ts'
import type { Arena } from '../../roles/index.ts'
import type { Machine } from '../../machine/index.ts'
import type { Reach, Victim } from './attack.ts'
import { severalPrograms } from './attack.ts'
import { HostObjects } from './host-objects.ts'

const SECRET_BYTES = 32
/** How long the watch waits for what has to come. */
const PATIENCE_MS = 5000
/** Where files are that the attacker has no directory of, and the one that it has. */
export const VAULT = '/vault'
export const JAIL = '/jail'
/** What an attacker writes where it may not: `MARK` in `programs/attack.c`. */
export const MARK = new TextEncoder().encode('MARKED-BY-THE-ATTACKER-0123456789')

interface Secret {
  readonly bytes: Uint8Array
  readonly of: Victim
  readonly where: string
  /** What its place holds now; null where nobody can say any more. */
  readonly now: () => Promise<Uint8Array | null>
}

export interface StageOptions {
  readonly plan: Plan
  /** The service that is hostile, where one is; its domain's arena holds no secret: it is its own. */
  readonly hostile?: string
  readonly services?: Registry
  readonly machine?: Machine
  readonly program: (name: string) => Uint8Array
  /** Whether the attacker, or the client of a hostile server, is the one program that there can be. */
  readonly limits?: Limits
}

export class Stage implements AsyncDisposable {
  readonly os: OperatingSystem
  readonly system: System
  readonly plan: Plan
  readonly #program: (name: string) => Uint8Array
  readonly #secrets: Secret[] = []
  readonly #loot: Uint8Array[] = []
  readonly #own: string | null
  /** What was seen to be lost before the end. */
  readonly #lost: Reach[] = []
  readonly #host = HostObjects.noted()
  /** The neighbour that answers; null where only one program can run. */
  #neighbour: { readonly process: Process, readonly number: number, readonly writer: WritableStreamDefaultWriter<Uint8Array | string>, readonly reader: ReadableStreamDefaultReader<Uint8Array> } | null = null

  private constructor (os: OperatingSystem, options: StageOptions) {
    this.os = os
    this.system = systemOf(os)
    this.plan = options.plan
    this.#program = options.program
    this.#own = options.hostile === undefined ? null : domainOf(options.plan, options.hostile)
  }

  /** Boots a system and hides the secrets. */
  static async set (options: StageOptions): Promise<Stage> {
    const os = await boot({
      kernel: options.plan, services: options.services ?? builtIn,
      ...(options.machine === undefined ? {} : { machine: options.machine }), ...(options.limits === undefined ? {} : { limits: options.limits })
    })
    const stage = new Stage(os, options)
    await stage.#hide()
    return stage
  }

  /** Whether the attacker is no server but a program: files are then not its own either. */
  get #byProgram (): boolean {
    return this.#own === null
  }

  async #hide (): Promise<void> {
    const { os } = this
    await os.fs.mkdir(JAIL)
    await os.fs.mkdir(VAULT)
    if (this.#byProgram) {
      const bytes = secretBytes()
      await os.fs.writeFile(`${VAULT}/secret`, bytes)
      this.#secrets.push({ bytes, of: 'its neighbours', where: 'a file that it was not given', now: () => within(os.fs.readFile(`${VAULT}/secret`)).catch(() => new Uint8Array(0)) })
    }
    for (const [domain, space] of this.system.domains) {
      if (space.arena === null || domain === this.#own) continue
      const of = space.id === 0 ? 'the kernel' : 'its neighbours'
      const address = space.arena.allocate(SECRET_BYTES)
      if (address > 0) this.#hideIn(space.arena, address, of, `the memory of ${domain}`)
    }
    if (severalPrograms(this.plan) === null) await this.#startNeighbour()
  }

  /** Hides a secret in the memory of a process: at an address, in so many bytes at most. */
  hide (process: number, address: number, where: string, sizeBytes = SECRET_BYTES): void {
    const memory = this.memoryOf(process)
    if (memory === null || address < 0) throw new RangeError(`there is no place for a secret at ${address} of process ${process}`)
    const bytes = secretBytes().subarray(0, sizeBytes)
    memory.bytes.set(bytes, address)
    this.#secrets.push({ bytes, of: 'its clients', where, now: async () => this.memoryOf(process) === memory ? memory.bytes.slice(address, address + bytes.length) : null })
  }

  /** Looks at the secrets while they are there: the memory of a client is gone with it. */
  async look (): Promise<void> {
    this.#lost.push(...(await this.#secretsLost()).filter(({ property }) => property === 'integrity'))
  }

  /** `owner`: whose memory it is, where it is a process's; with that the secret is gone, and nobody's to change. */
  #hideIn (arena: Arena, address: number, of: Victim, where: string, owner = 0): void {
    const bytes = secretBytes()
    arena.bytes.set(bytes, address)
    this.#secrets.push({ bytes, of, where, now: async () => owner === 0 || this.memoryOf(owner) === arena ? arena.bytes.slice(address, address + SECRET_BYTES) : null })
  }

  async #startNeighbour (): Promise<void> {
    const process = this.os.spawn(this.#program('pingpong'), { args: ['pingpong', 'pong'], env: { SECRET: this.#secretText('the environment of a process') }, preopens: {} })
    const number = await process.started
    this.#neighbour = { process, number, writer: process.stdin.getWriter(), reader: process.stdout.getReader() }
    await this.#answers()
    const memory = this.memoryOf(number)!
    // The end of its memory is its heap's, and it takes none.
    this.#hideIn(memory, memory.sizeBytes - 2 * SECRET_BYTES, this.#byProgram ? 'its neighbours' : 'its clients', 'the memory of another program', number)
  }

  /** A secret that is text, for where text is kept. */
  #secretText (where: string): string {
    const text = randomBytes(SECRET_BYTES / 2).toString('hex')
    const bytes = new TextEncoder().encode(text)
    this.#secrets.push({ bytes, of: this.#byProgram ? 'its neighbours' : 'its clients', where, now: async () => null })
    return text
  }

  /** A text that the host tells the system, and nobody else: it counts as secret. */
  get told (): string {
    return this.#secretText('what the host told another part of the system')
  }

  /** The number of the neighbour's process; 0 where there is none. */
  get neighbour (): number {
    return this.#neighbour?.number ?? 0
  }

  /** A file of the vault with these contents; what is in it counts as secret. */
  async hideFile (name: string, make: (secret: string) => string | Uint8Array): Promise<string> {
    const path = `${VAULT}/${name}`
    await this.os.fs.writeFile(path, make(this.#secretText(`what ${path} says`)))
    return path
  }

  /** The memory of a process; null when it has ended. */
  memoryOf (process: number): Arena | null {
    const { state, programs } = this.system
    if (severalPrograms(this.plan) !== null) return state.supervisor.memory
    // A task's is found by the address space that has its number.
    return programs.thread(process)?.home.memory ?? [...state.spaces.values()].find(space => space.label.endsWith(` (${process})`))?.memory ?? null
  }

  /** Something that the attacker's code got hold of. */
  keep (loot: Uint8Array | string): void {
    this.#loot.push(typeof loot === 'string' ? new TextEncoder().encode(loot) : loot)
  }

  /** Starts the attacking program in its jail. */
  start (args: readonly string[], options: SpawnOptions = {}): Process {
    return this.os.spawn(this.#program('attack'), { args: ['attack', ...args], stdin: null, preopens: { '/': JAIL }, ...options })
  }

  /** Runs it to its end, or so long; what it wrote is loot. */
  async attack (args: readonly string[], options: SpawnOptions & { readonly ms?: number } = {}): Promise<{ status: number, text: string }> {
    const { ms = 20_000, ...given } = options
    const process = this.start(args, given)
    const timer = setTimeout(() => { void process.kill('SIGKILL').catch(() => {}) }, ms)
    try {
      const { status, stdout, stderr, text } = await process.output()
      this.keep(stdout)
      this.keep(stderr)
      return { status, text }
    } finally {
      clearTimeout(timer)
    }
  }

  /** The bytes of a program that comes along. */
  programBytes (name: string): Uint8Array {
    return this.#program(name)
  }

  /** Kills every process but the neighbour, as often as it takes. */
  async killOthers (): Promise<void> {
    const { host } = this.system
    const neighbour = this.neighbour
    for (let left = 1, rounds = 0; left > 0 && rounds < 100; rounds++) {
      left = await within(this.system.run('kill all', function * () {
        const list = yield * settle(host.processes.list())
        if (typeof list === 'number') return 0
        const others = list.processes.filter((process, at) => list.states[at] === 0 && process !== neighbour && process !== INIT)
        for (const process of others) yield * settle(host.processes.kill(process, Signal.KILL))
        return others.length
      }))
      await sleep(1)
    }
  }

  /** Runs a task that calls the hostile server. How it ended; after so long it is killed. */
  async client (task: Task, ms = PATIENCE_MS): Promise<{ status: number, message: string, waited: boolean }> {
    let mistake: unknown = null
    const careful: Task = async calls => {
      try {
        await task(calls)
      } catch (error) {
        // Calls may fail in every way; what else is thrown is a mistake of the attack's own, and would hide what it does not do.
        if (!(error instanceof KaleidosError || error instanceof TaskEnded)) mistake = error
        throw error
      }
    }
    const process = this.os.spawn(careful, { args: ['client'], stdin: null, stdout: null, stderr: null })
    // What ends the process server is seen by the watch.
    const ended = process.wait().catch((error: Error) => ({ status: -1, message: error.message }))
    let waited = false
    const timer = setTimeout(() => {
      waited = true
      void process.kill('SIGKILL').catch(() => {})
    }, ms)
    try {
      const { status, message } = await ended
      if (mistake !== null) throw mistake
      return { status, message, waited }
    } finally {
      clearTimeout(timer)
    }
  }

  /** What the watch sees, now that the attack has been tried. */
  async seen (): Promise<Reach[]> {
    const lost = [...this.#lost, ...await this.#secretsLost()]
    return [...lost.filter(({ property, seen }, at) => lost.findIndex(other => other.property === property && other.seen === seen) === at), ...this.#faults(), ...await this.#unanswered(), ...this.#host.changes().map(seen => ({ property: 'integrity', of: 'the host', seen }) as const)]
  }

  async #secretsLost (): Promise<Reach[]> {
    const lost: Reach[] = []
    for (const { bytes, of, where, now } of this.#secrets) {
      if (this.#loot.some(loot => includes(loot, bytes))) lost.push({ property: 'confidentiality', of, seen: `it read ${where}` })
      const there = await now()
      if (there !== null && !equal(there, bytes)) lost.push({ property: 'integrity', of, seen: `${where} changed` })
    }
    return lost
  }

  /** Faults of others than the attacker, and the end of the system. */
  #faults (): Reach[] {
    const { state } = this.system
    const own = this.#own === null ? null : this.system.domains.get(this.#own)!
    if (state.panicked !== null) return own?.id === 0 ? [] : [{ property: 'availability', of: 'the kernel', seen: `the system stopped: ${state.panicked}` }]
    return state.faults.filter(fault => fault.domain !== own?.label)
      .map(({ domain, message }) => ({ property: 'availability', of: this.system.domains.get(domain)?.id === 0 ? 'the kernel' : 'its neighbours', seen: `a fault of ${domain}: ${message}` }))
  }

  get #ownDied (): boolean {
    return this.#own !== null && !this.system.domains.get(this.#own)!.alive
  }

  async #unanswered (): Promise<Reach[]> {
    if (this.system.state.panicked !== null) return []
    const late: Reach[] = []
    // Who needs a server that has died is told so. It is not served; that is what it relied on.
    const tell = (seen: string): void => { late.push(/EOWNERDEAD|has ended/.test(seen) && this.#ownDied ? { property: 'service', of: 'its clients', seen } : { property: 'availability', of: 'its neighbours', seen }) }
    if (this.#neighbour !== null) {
      await within(this.#answers()).catch((error: Error) => { tell(`a program that was there before does not answer: ${error.message}`) })
      await within(this.os.spawn(this.#program('true'), { stdin: null, stdout: null, stderr: null, preopens: {} }).wait()).then(
        ({ status, message }) => { if (status !== 0) tell(`a new program ends with status ${status} ${message}`) },
        (error: Error) => { tell(`a new program does not end: ${error.message}`) })
      await within(this.os.spawn(async calls => { await calls.sleep(5) }, { args: ['sleeper'], stdin: null, stdout: null, stderr: null, preopens: {} }).wait()).then(
        ({ status, message }) => { if (status !== 0) tell(`a program that sleeps ends with status ${status} ${message}`) },
        (error: Error) => { tell(`a program that sleeps is not woken: ${error.message}`) })
    } else {
      await within(this.system.run('ask', () => settle(0))).catch((error: Error) => { tell(`the host's call does not return: ${error.message}`) })
    }
    return late
  }

  /** One question to the neighbour, and its answer. */
  async #answers (): Promise<void> {
    const { writer, reader } = this.#neighbour!
    await writer.write(new Uint8Array([63]))
    const { value, done } = await reader.read()
    if (done || value[0] !== 63) throw new Error('it has ended')
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    this.#host.restore()
    await within(this.os.close()).catch(() => {})
  }
}

/** The domain in which a service stands. */
export function domainOf (plan: Plan, service: string): string {
  return plan.domains.find(domain => domain.services.some(placement => serviceOf(placement).service === service))!.name
}

export function sleep (ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** What comes in time. */
export async function within<T> (promise: Promise<T>, ms = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => { reject(new Error(`nothing for ${ms / 1000} s`)) }, ms) })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

function secretBytes (): Uint8Array {
  return new Uint8Array(randomBytes(SECRET_BYTES))
}

function includes (bytes: Uint8Array, wanted: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(wanted)
}

function equal (a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
