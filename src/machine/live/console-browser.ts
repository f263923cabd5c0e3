/**
 * The console in a page: three units, each a stream, a function, or nothing.
 *
 * A function is given each piece as it is written, before the program's write returns: the bytes are its own to keep. A
 * stream takes pieces until 64 KiB are pending, then the program waits. What a function throws is the page's mistake: it is
 * reported there, and the program gets EIO.
 */

import { Errno } from '../../fiber/index.ts'
import type { Line } from '../machine.ts'
import { consoleOf } from './console.ts'
import type { LiveConsole } from './console.ts'
import { report } from './event-loop-browser.ts'
import { noInput } from './input.ts'
import type { Input } from './input.ts'
import { noOutput, outputBy } from './output.ts'
import type { Output } from './output.ts'

/** Where output goes. */
export type Sink = WritableStream<Uint8Array> | ((bytes: Uint8Array<ArrayBuffer>) => void)

export interface ConsoleOptions {
  /** Bytes of what a person types, or of a file; null, the default, has ended. It is locked until the machine is closed. */
  readonly stdin?: ReadableStream<Uint8Array> | null
  /** Null, the default, goes nowhere. */
  readonly stdout?: Sink | null
  readonly stderr?: Sink | null
  /** Whether programs are told that a terminal is at the other end. Default false. */
  readonly terminal?: boolean
}

export function browserConsole (options: ConsoleOptions, raise: (line: Line) => void): LiveConsole {
  const { stdin = null, stdout = null, stderr = null, terminal = false } = options
  return consoleOf(raise, arrived => stdin === null ? noInput : streamInput(stdin, terminal, arrived), room => {
    const standardOutput = openOutput(stdout, terminal, room)
    return [standardOutput, stdout === stderr ? standardOutput : openOutput(stderr, terminal, room)]
  })
}

function openOutput (sink: Sink | null, terminal: boolean, room: () => void): Output {
  if (sink === null) return noOutput
  return typeof sink === 'function' ? calledOutput(sink, terminal, room) : streamOutput(sink, terminal, room)
}

function calledOutput (sink: (bytes: Uint8Array<ArrayBuffer>) => void, terminal: boolean, room: () => void): Output {
  return outputBy({
    attempt (bytes, at, length) {
      try {
        sink(new Uint8Array(bytes.subarray(at, at + length)))
        return length
      } catch (error) {
        report(error)
        return -Errno.EIO
      }
    },
    drain: null, room, terminal, close () {}
  })
}

function streamOutput (stream: WritableStream<Uint8Array>, terminal: boolean, room: () => void): Output {
  const writer = stream.getWriter()
  // Each write tells of it too.
  writer.closed.catch(() => {})
  return outputBy({
    attempt: null,
    drain (piece, done) { writer.write(piece).then(() => done(0), () => done(-Errno.EPIPE)) },
    room, terminal,
    close: () => writer.releaseLock()
  })
}

/** Takes a piece from the stream when somebody reads and none is there. */
function streamInput (stream: ReadableStream<Uint8Array>, terminal: boolean, arrived: () => void): Input {
  const reader = stream.getReader()
  let piece = new Uint8Array(0)
  let from = 0
  let state: 'there' | 'asked' | 'ended' | 'failed' = 'there'
  let awaited = false

  function wake (): void {
    if (!awaited) return
    awaited = false
    arrived()
  }

  function ask (): void {
    if (state !== 'there') return
    state = 'asked'
    reader.read().then(({ done, value }) => {
      state = done ? 'ended' : 'there'
      if (!done) [piece, from] = [new Uint8Array(value), 0]
      // An empty piece is not the end.
      if (!done && piece.length === 0 && awaited) ask()
      else wake()
    }, () => {
      state = 'failed'
      wake()
    })
  }

  /** Bytes that are there, 0 at the end, or a negative error number. */
  function there (): number {
    if (from < piece.length) return piece.length - from
    if (state === 'ended') return 0
    if (state === 'failed') return -Errno.EIO
    ask()
    return -Errno.EAGAIN
  }

  return {
    read (bytes, at, length) {
      if (length === 0) return 0
      const count = Math.min(there(), length)
      if (count <= 0) return count
      bytes.set(piece.subarray(from, from + count), at)
      from += count
      return count
    },
    readable () {
      const count = there()
      if (count === -Errno.EAGAIN) return 0
      // An error is something to read: reading says which.
      return count === 0 ? -1 : Math.max(count, 1)
    },
    await (wanted) {
      awaited = wanted
      // Whoever awaits is not called back before this has returned.
      if (wanted && there() !== -Errno.EAGAIN) Promise.resolve().then(wake, report)
    },
    hungUp: () => state === 'ended' && from === piece.length,
    terminal,
    close () {
      awaited = false
      reader.releaseLock()
    }
  }
}
