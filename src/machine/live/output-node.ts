/**
 * One output of the console on Node: a descriptor or a stream of the host.
 *
 * Bytes go straight to the descriptor; only when the host has no room is a piece left to a stream of Node's, or tried
 * again. A stream that the caller made takes every piece.
 *
 * What it does not hold: a regular file or a character device other than a terminal is written at once, however long
 * the host takes; so is a terminal where the host cannot open one anew (macOS, Windows).
 */

import { closeSync, constants, writeSync } from 'node:fs'
import type { Socket, SocketConstructorOpts } from 'node:net'
import type { Writable } from 'node:stream'
import { Errno } from '../../fiber/index.ts'
import { attempt, hostError } from './errors-node.ts'
import { kindOf, openAnew } from './descriptors-node.ts'
import { noOutput, outputBy } from './output.ts'
import type { Drain, Output } from './output.ts'

/** How often a full terminal is tried again: the interval doubles from the first to the last. */
const TERMINAL_RETRY_MS = { first: 1, last: 32 } as const

/** `room` is called when there is room again after somebody was told that there is none. */
export function descriptorOutput (fd: number, room: () => void): Output {
  const kind = kindOf(fd)
  if (kind === 'closed') return { ...noOutput, write: () => -Errno.EBADF }
  const own = kind === 'pipe' || kind === 'terminal' ? openAnew(fd, constants.O_WRONLY) : -1
  if (own < 0 && (kind === 'pipe' || kind === 'socket')) {
    // Opening a pipe to write fails so when its reader has gone already.
    if (own === -Errno.ENXIO) return { ...noOutput, write: () => -Errno.EPIPE, hungUp: () => true }
    return streamOutput(standardStream(fd), room)
  }
  const target = own >= 0 ? own : fd
  let drain: Drain | null = null
  let stream: Socket | null = null
  if (own >= 0) drain = kind === 'terminal' ? retry(own) : lazyStream(() => (stream = socketOf({ fd: own, readable: false, writable: true })))
  return outputBy({
    attempt: (bytes, at, length) => attempt(() => writeSync(target, bytes, at, length)), drain, room, terminal: kind === 'terminal',
    // A stream that was made owns the descriptor, and has closed it already when its reader went away.
    close: () => { if (stream !== null) stream.destroy(); else if (own >= 0) closeSync(own) }
  })
}

/** An output to a stream that the caller made: whatever it is, every piece goes through its `write`. */
export function streamOutput (stream: Writable, room: () => void): Output {
  return outputBy({
    attempt: null, drain: streamDrain(stream), room, close () {}, terminal: (stream as { isTTY?: boolean }).isTTY === true
  })
}

/** Tries again and again: Node's own terminal streams would wait for a stopped terminal, and everything with them. */
function retry (fd: number): Drain {
  return (piece, done) => {
    let at = 0
    let delayMs: number = TERMINAL_RETRY_MS.first
    const step = (): void => {
      try {
        at += writeSync(fd, piece, at, piece.length - at)
        delayMs = TERMINAL_RETRY_MS.first
      } catch (thrown) {
        const error = hostError(thrown)
        if (error !== -Errno.EAGAIN) return done(error)
        delayMs = Math.min(delayMs * 2, TERMINAL_RETRY_MS.last)
      }
      if (at === piece.length) done(0)
      else setTimeout(step, delayMs)
    }
    setTimeout(step, delayMs)
  }
}

/** Leaves the waiting to a stream that is made when the host is full for the first time. */
function lazyStream (make: () => Writable): Drain {
  let drain: Drain | null = null
  return (piece, done) => {
    drain ??= streamDrain(make())
    drain(piece, done)
  }
}

function streamDrain (stream: Writable): Drain {
  const waiting = new Set<(result: number) => void>()
  const finish = (done: (result: number) => void, result: number): void => {
    if (waiting.delete(done)) done(result)
  }
  const finishAll = (result: number): void => {
    for (const done of [...waiting]) finish(done, result)
  }
  stream.on('error', error => finishAll(hostError(error)))
  stream.on('close', () => finishAll(-Errno.EPIPE))
  return (piece, done) => {
    waiting.add(done)
    // One that has ended answers a write with an error, but not always to the writer.
    if (stream.destroyed || stream.writableEnded) setImmediate(finish, done, -Errno.EPIPE)
    else stream.write(piece, error => finish(done, error ? hostError(error) : 0))
  }
}

/** The stream of a descriptor that cannot be opened anew. The host's loop knows each only once, so Node's own where it has one. */
function standardStream (fd: number): Writable {
  if (fd === 1) return process.stdout
  if (fd === 2) return process.stderr
  return socketOf({ fd, readable: false, writable: true })
}

/** Node's streams are loaded when the host takes no more at once: most programs have written all before. */
function socketOf (options: SocketConstructorOpts): Socket {
  return new (process.getBuiltinModule('node:net').Socket)(options)
}
