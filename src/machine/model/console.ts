/**
 * The model machine's console: a serial line. Output is taken into a buffer that the line drains byte by byte, in virtual
 * time; input comes with the line's latency. What goes out is given to the host at once, in order; it costs nothing there.
 *
 * Input is known from the beginning, or is fed while the machine runs: then it is part of what a run depends on.
 */

import { Errno } from '../../fiber/index.ts'
import type { Line, MachineConsole } from '../machine.ts'
import type { ModelTiming } from './model-timing.ts'
import type { Profile } from './profile.ts'

/** Bytes that wait to go out over the line, at most. */
const BUFFER_BYTES = 4096

export interface ModelConsoleOptions {
  /** What is typed: all of it, or null for none. Default null. */
  readonly input?: Uint8Array | null
  /** Whether more is fed later, and its end. Default false: after `input` comes the end. */
  readonly open?: boolean
  /** Takes what goes out; unit 1 or 2. The bytes are its own. */
  readonly output?: (unit: number, bytes: Uint8Array) => void
  /** Whether programs are told that a terminal is at the other end. Default false. */
  readonly terminal?: boolean
}

export interface ModelConsole extends MachineConsole {
  /** More input; null ends it. */
  feed (bytes: Uint8Array | null): void
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

export function modelConsole ({ timing, raise, wake, profile }: ConsoleParts, options: ModelConsoleOptions): ModelConsole {
  const { latencyNs, perByteNs } = profile.devices.console
  const pieces: Uint8Array[] = options.input === undefined || options.input === null ? [] : [options.input]
  let from = 0
  let ended = options.open !== true
  let awaited = false
  /** When the line has sent all that it was given. */
  let drainedNs = 0
  let roomAwaited = false

  function there (): number {
    while (pieces.length > 0 && from === pieces[0]!.length) {
      pieces.shift()
      from = 0
    }
    return pieces.length === 0 ? 0 : pieces[0]!.length - from
  }

  function tell (): void {
    if (!awaited || (there() === 0 && !ended)) return
    awaited = false
    timing.after(latencyNs, () => { raise('console-in') })
  }

  function room (): number {
    const waiting = Math.max(0, drainedNs - timing.nowNs)
    return BUFFER_BYTES - Math.ceil(waiting / perByteNs)
  }

  return {
    read (bytes, at, length) {
      const count = Math.min(there(), length)
      if (count === 0) return length === 0 || ended ? 0 : -Errno.EAGAIN
      bytes.set(pieces[0]!.subarray(from, from + count), at)
      from += count
      return count
    },
    readable () {
      const count = there()
      return count === 0 && ended ? -1 : count
    },
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
    hungUp: unit => unit === 0 && ended && there() === 0,
    terminal: () => options.terminal ?? false,
    awaitInput (wanted) {
      awaited = wanted
      tell()
    },
    flush: () => Promise.resolve(),
    feed (bytes) {
      if (bytes === null) ended = true
      else pieces.push(bytes)
      tell()
      wake()
    }
  }
}
