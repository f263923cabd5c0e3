/**
 * The model machine's console: a serial line. Output is taken into a buffer that the line drains byte by byte, in virtual
 * time; input comes with the line's latency. What goes out is given to the host at once, in order; it costs nothing there.
 *
 * Input is known from the beginning, or comes while the machine runs: then when it comes is part of what a run depends on.
 */

import { Errno } from '../../fiber/index.ts'
import type { Line, MachineConsole } from '../machine.ts'
import type { ModelTiming } from './model-timing.ts'
import type { Profile } from './profile.ts'

/** Bytes that wait to go out over the line, at most. */
const BUFFER_BYTES = 4096

/** What stands at the line's other end. What it gives comes when the machine hears the host (`ModelMachineOptions.heard`). */
export interface ModelInput {
  /** Bytes read, 0 at the end, `-EAGAIN` when there is none yet. */
  read (bytes: Uint8Array, at: number, length: number): number
  /** Bytes that `read` would give now; -1 at the end. */
  readable (): number
  /** True: `arrived` is called once, when there is input or its end. False: it is not. */
  await (wanted: boolean): void
  hungUp (): boolean
}

export interface ModelConsoleOptions {
  /** What is typed: bytes, whole; null, the default, for none; or who gives it, made with what is to be called when something has arrived. */
  readonly input?: Uint8Array | null | ((arrived: () => void) => ModelInput)
  /** Takes what goes out; unit 1 or 2. The bytes are its own. */
  readonly output?: (unit: number, bytes: Uint8Array) => void
  /** Whether programs are told that a terminal is at the other end. Default false. */
  readonly terminal?: boolean
}

export interface ConsoleParts {
  readonly timing: ModelTiming
  readonly raise: (line: Line) => void
  /** Lets a machine at rest go on: an event was added from outside. */
  readonly wake: () => void
  readonly profile: Profile
}

export const noConsole: MachineConsole = {
  read: () => 0, readable: () => -1,
  write: (_unit, _bytes, _at, length) => length, writable: () => true,
  hungUp: () => false, terminal: () => false, awaitInput () {}, flush: () => Promise.resolve()
}

export function modelConsole ({ timing, raise, wake, profile }: ConsoleParts, options: ModelConsoleOptions): MachineConsole {
  const { latencyNs, perByteNs } = profile.devices.console
  const given = options.input ?? null
  const input = (typeof given === 'function' ? given : wholeInput(given))(() => {
    timing.after(latencyNs, () => { raise('console-in') })
    wake()
  })
  /** When the line has sent all that it was given. */
  let drainedNs = 0
  let roomAwaited = false

  function room (): number {
    const waiting = Math.max(0, drainedNs - timing.nowNs)
    return BUFFER_BYTES - Math.ceil(waiting / perByteNs)
  }

  return {
    read: (bytes, at, length) => length === 0 ? 0 : input.read(bytes, at, length),
    readable: () => input.readable(),
    write (unit, bytes, at, length) {
      const count = Math.min(length, perByteNs === 0 ? length : room())
      if (count <= 0 && length > 0) {
        if (!roomAwaited) {
          roomAwaited = true
          // Half of it, so that a long text costs an interrupt for many bytes.
          timing.after(BUFFER_BYTES / 2 * perByteNs, () => {
            roomAwaited = false
            raise('console-out')
          })
        }
        return -Errno.EAGAIN
      }
      drainedNs = Math.max(drainedNs, timing.nowNs) + count * perByteNs
      options.output?.(unit, bytes.slice(at, at + count))
      return count
    },
    writable: () => perByteNs === 0 || room() > 0,
    hungUp: unit => unit === 0 && input.hungUp(),
    terminal: () => options.terminal ?? false,
    awaitInput (wanted) { input.await(wanted) },
    flush: () => Promise.resolve()
  }
}

/** Bytes that are there from the beginning, and their end. */
export function wholeInput (given: Uint8Array | null): (arrived: () => void) => ModelInput {
  return arrived => {
    const bytes = given ?? new Uint8Array(0)
    let from = 0
    return {
      read (into, at, length) {
        const count = Math.min(bytes.length - from, length)
        into.set(bytes.subarray(from, from + count), at)
        from += count
        return count
      },
      readable: () => from === bytes.length ? -1 : bytes.length - from,
      await (wanted) { if (wanted) arrived() },
      hungUp: () => from === bytes.length
    }
  }
}

/** Pieces as they come, at most one for each read. */
export class FedInput implements ModelInput {
  readonly #arrived: () => void
  readonly #pieces: Uint8Array[] = []
  #ended = false
  #awaited = false

  constructor (arrived: () => void) {
    this.#arrived = arrived
  }

  /** More input; null ends it. */
  feed (bytes: Uint8Array | null): void {
    if (bytes === null) this.#ended = true
    else if (bytes.length > 0) this.#pieces.push(bytes.slice())
    this.#tell()
  }

  read (bytes: Uint8Array, at: number, length: number): number {
    const first = this.#pieces[0]
    if (first === undefined) return this.#ended ? 0 : -Errno.EAGAIN
    const count = Math.min(first.length, length)
    bytes.set(first.subarray(0, count), at)
    if (count === first.length) this.#pieces.shift()
    else this.#pieces[0] = first.subarray(count)
    return count
  }

  readable (): number {
    return this.#pieces[0]?.length ?? (this.#ended ? -1 : 0)
  }

  await (wanted: boolean): void {
    this.#awaited = wanted
    this.#tell()
  }

  hungUp (): boolean {
    return this.#ended && this.#pieces.length === 0
  }

  #tell (): void {
    if (!this.#awaited || this.readable() === 0) return
    this.#awaited = false
    this.#arrived()
  }
}
