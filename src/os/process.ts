/**
 * A process as the host sees it: streams at the ends of kernel pipes, its end, and signals.
 */

import { Errno, settle } from '../fiber/index.ts'
import type { Fiber } from '../fiber/index.ts'
import { Ending, PIPE_BYTES, signalName, signalNumber } from '../roles/index.ts'
import type { EndingRecord } from '../roles/index.ts'
import type { System } from '../link/index.ts'
import type { Exit, Output, Process } from './api.ts'
import { linesOf } from './lines.ts'
import { SystemError } from './errors.ts'
import { joined } from './file-access.ts'
import { STAGING_BYTES, bytesOf, receiving, sending } from './staging.ts'

/** What the kernel's part of spawning gives: descriptors of the host, negative where there is no pipe. */
export interface Spawned {
  readonly process: number
  readonly stdin: number
  readonly stdout: number
  readonly stderr: number
}

export function exitOf (ending: EndingRecord): Exit {
  if (ending.kind === Ending.EXIT) return { kind: 'exit', status: ending.code, signal: null, message: '' }
  const signal = signalName(ending.code)
  return { kind: 'signal', status: 128 + ending.code, signal, message: ending.message || signal }
}

export class HostedProcess implements Process {
  readonly started: Promise<number>
  readonly #system: System
  readonly #spawned: Promise<Spawned>
  readonly #ended: Promise<Exit>
  /** What its end is to who waits for it: a failure where it was aborted. */
  readonly #told: Promise<Exit>
  #output: Promise<Output> | null = null
  /** A signal to one that has ended goes nowhere, also when the system has been closed and answers no more. */
  #exited = false
  /** The host's end of its input; -1 when there is none, or no more. */
  #stdin: Promise<number>
  /** What of it the host has now; null until it is started. */
  #held: { process: number, stdin: number, stdout: number, stderr: number } | null = null
  /** Writes to its input that have not come back. */
  #feeds = 0
  #input: WritableStream<Uint8Array | string> | null = null
  readonly #outputs: { stdout: ReadableStream<Uint8Array> | null, stderr: ReadableStream<Uint8Array> | null } = { stdout: null, stderr: null }

  /** `piped` are the outputs that come to the host; `signal` ends it when it aborts. */
  constructor (system: System, spawned: Promise<Spawned>, piped: readonly ('stdout' | 'stderr')[], signal: AbortSignal | null) {
    this.#system = system
    this.#spawned = spawned
    this.started = spawned.then(parts => (this.#held = { ...parts }).process)
    this.#ended = spawned.then(parts => this.#waitFor(parts.process)).finally(() => { this.#exited = true })
    this.#told = signal === null ? this.#ended : this.#until(signal)
    // Whoever asks gets the error; nobody need ask.
    for (const promise of [this.started, this.#ended, this.#told]) promise.catch(() => {})
    this.#stdin = spawned.then(parts => parts.stdin, () => -1)
    // A pipe is taken over when the process ends, whether somebody asked for its stream or not.
    for (const which of piped) this.#outputs[which] = this.#reading(which)
    // Nobody reads its input any more.
    this.#ended.finally(() => this.#closeInput()).catch(() => {})
  }

  wait (): Promise<Exit> {
    return this.#told
  }

  /** Its number, and descriptors of the host's ends of its pipes, -1 for none: what it is taken up by in another system. Null when there is none yet, or no more. */
  get held (): Spawned | null {
    return this.#exited ? null : this.#held
  }

  /** Whether the host waits for it to read its input. */
  get isBeingFed (): boolean {
    return this.#feeds > 0
  }

  /** Its end; the reason of the abort when that is what ended it. */
  async #until (signal: AbortSignal): Promise<Exit> {
    let aborted = false
    const abort = (): void => {
      aborted = true
      this.kill('SIGKILL').catch(() => {})
    }
    signal.addEventListener('abort', abort, { once: true })
    try {
      const exit = await this.#ended
      if (aborted && exit.signal === 'SIGKILL') throw signal.reason
      return exit
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  async kill (signal: string | number = 'SIGTERM'): Promise<void> {
    const number = signalNumber(signal)
    const { process } = await this.#spawned
    if (this.#exited) return
    const result = await this.#call('kill', () => settle(this.#system.host.processes.kill(process, number)))
    if (result < 0 && result !== -Errno.ESRCH) throw new SystemError(result, 'kill', String(process))
  }

  output (): Promise<Output> {
    this.#output ??= this.#collect()
    return this.#output
  }

  async #collect (): Promise<Output> {
    for (const name of ['stdout', 'stderr'] as const) {
      if (this[name].locked) throw new TypeError(`output: ${name} of this process is being read already; take from there what it writes, and wait() for its end`)
    }
    const [exit, stdout, stderr] = await Promise.all([this.#told, collect(this.stdout), collect(this.stderr)])
    return { ...exit, stdout, stderr, text: new TextDecoder().decode(stdout) }
  }

  lines (stream: 'stdout' | 'stderr' = 'stdout'): AsyncGenerator<string, void, undefined> {
    return linesOf(this[stream])
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    if (!this.#exited) await this.kill('SIGKILL').catch(() => {})
    await this.#ended.catch(() => {})
  }

  // Streams are made when somebody asks: the host takes its time to load them, and a process on the console has no use for them.
  get stdin (): WritableStream<Uint8Array | string> {
    return this.#input ??= this.#writing()
  }

  get stdout (): ReadableStream<Uint8Array> {
    return this.#outputs.stdout ??= this.#reading('stdout')
  }

  get stderr (): ReadableStream<Uint8Array> {
    return this.#outputs.stderr ??= this.#reading('stderr')
  }

  async #waitFor (process: number): Promise<Exit> {
    const ending = await this.#call('wait', () => settle(this.#system.host.processes.wait(process, 0)))
    if (typeof ending === 'number') throw new SystemError(ending, 'wait', String(process))
    return exitOf(ending)
  }

  #writing (): WritableStream<Uint8Array | string> {
    return new WritableStream<Uint8Array | string>({
      write: async given => {
        const chunk = bytesOf(given, 'stdin')
        const stdin = await this.#stdin
        if (stdin < 0) throw new TypeError('stdin of this process is not a pipe, or has ended')
        this.#feeds++
        const result = await this.#call('stdin', () => sending(this.#system, chunk, from => this.#system.host.files!.write(stdin, from))).finally(() => { this.#feeds-- })
        if (result < 0) throw new SystemError(result, 'write', 'stdin')
      },
      close: () => this.#closeInput(),
      abort: () => this.#closeInput()
    })
  }

  async #closeInput (): Promise<void> {
    const stdin = this.#stdin
    this.#stdin = Promise.resolve(-1)
    const fd = await stdin
    if (this.#held !== null) this.#held.stdin = -1
    await this.#close(fd)
  }

  /**
   * What comes out at the host's end of a pipe. Read when somebody asks; once the process has ended, what the pipe
   * still holds is taken over, so that output that nobody reads keeps no descriptor.
   */
  #reading (which: 'stdout' | 'stderr'): ReadableStream<Uint8Array> {
    let fd = this.#spawned.then(parts => parts[which], () => -1)
    /** One read after the other; false once there is no more. */
    let last: Promise<boolean> = Promise.resolve(true)
    let taken = 0
    const end = async (): Promise<void> => {
      const open = fd
      fd = Promise.resolve(-1)
      const at = await open
      if (this.#held !== null) this.#held[which] = -1
      await this.#close(at)
    }
    const read = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<boolean> => {
      await this.#spawned
      const from = await fd
      const piece = from < 0
        ? new Uint8Array(0)
        : await this.#call('output', () => receiving(this.#system, STAGING_BYTES, into => this.#system.host.files!.read(from, into)))
      if (typeof piece === 'number') throw new SystemError(piece, 'read', 'output')
      // It was cancelled meanwhile.
      if (await fd !== from) return false
      if (piece.length === 0) {
        await end()
        controller.close()
        return false
      }
      taken += piece.length
      controller.enqueue(piece)
      return true
    }
    const next = (controller: ReadableStreamDefaultController<Uint8Array>): Promise<boolean> => {
      last = last.then(more => more && read(controller))
      return last
    }
    const takeOver = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      await this.#ended
      const before = taken
      // Others may hold the pipe too, and go on: no more than it can have held, and the end behind that.
      while (taken - before <= PIPE_BYTES && await next(controller)) { /* the next piece */ }
    }
    return new ReadableStream<Uint8Array>({
      start: controller => { takeOver(controller).catch(error => { controller.error(error) }) },
      pull: async controller => { await next(controller) },
      cancel: end
    }, { highWaterMark: 0 })
  }

  async #close (fd: number): Promise<void> {
    if (fd >= 0) await this.#call('close', () => settle(this.#system.host.files!.close(fd)))
  }

  #call<T> (label: string, body: () => Fiber<T>): Promise<T> {
    return this.#system.run(label, body)
  }
}

async function collect (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return joined(pieces)
    pieces.push(value)
  }
}
