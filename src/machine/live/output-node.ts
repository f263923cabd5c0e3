/**
 * One output of the console on Node: a descriptor or a stream of the host.
 *
 * Bytes go straight to the descriptor; nothing is gathered, so nothing is lost when the host ends and the order
 * of two outputs to one file is kept. Only when the host has no room is one piece (at most PENDING_BYTES_MAX) taken and
 * left with the host, and the output says EAGAIN until that has gone: `room` is called then. A stream takes pieces
 * until so many bytes are pending. While something is pending the host is kept alive.
 *
 * What it does not hold: a regular file or a character device other than a terminal is written at once, however long
 * the host takes; so is a terminal where the host cannot open one anew (macOS, Windows).
 */

import { closeSync, constants, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { Errno } from '../../fiber/index.ts'
import { hostError } from './errors-node.ts'
import { kindOf, openAnew } from './descriptors-node.ts'

export interface Output {
  /** Bytes taken, or `-EAGAIN`, `-EPIPE`, or what the host says. */
  write (bytes: Uint8Array, at: number, length: number): number
  writable (): boolean
  hungUp (): boolean
  readonly terminal: boolean
  /** Settles when nothing is pending. */
  flush (): Promise<void>
  close (): void
}

/** Brings a piece to the host in its own time; `done` gets 0 or a negative error number. */
type Drain = (piece: Uint8Array, done: (result: number) => void) => void

const PENDING_BYTES_MAX = 65536
/** How often a full terminal is tried again: the interval doubles from the first to the last. */
const TERMINAL_RETRY_MS = { first: 1, last: 32 } as const

export const noOutput: Output = {
  write: (_bytes, _at, length) => length, writable: () => true, hungUp: () => false, terminal: false, flush: async () => {}, close () {}
}

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
  if (own >= 0) drain = kind === 'terminal' ? retry(own) : lazyStream(() => (stream = new Socket({ fd: own, readable: false, writable: true })))
  return output({
    attempt: (bytes, at, length) => writeSync(target, bytes, at, length), drain, room, terminal: kind === 'terminal',
    // A stream that was made owns the descriptor, and has closed it already when its reader went away.
    close: () => { if (stream !== null) stream.destroy(); else if (own >= 0) closeSync(own) }
  })
}

/** An output to a stream that the caller made: whatever it is, every piece goes through its `write`. */
export function streamOutput (stream: Writable, room: () => void): Output {
  return output({
    attempt: null, drain: streamDrain(stream), room, close () {}, terminal: (stream as { isTTY?: boolean }).isTTY === true
  })
}

interface Way {
  /** Writes what goes at once, and throws what the host says; null when nothing ever does. */
  readonly attempt: ((bytes: Uint8Array, at: number, length: number) => number) | null
  readonly drain: Drain | null
  readonly room: () => void
  readonly terminal: boolean
  close (): void
}

function output (way: Way): Output {
  let broken = false
  let closed = false
  let pendingBytes = 0
  /** Somebody was told that there is no room. */
  let refused = false
  let settle: (() => void)[] = []
  /** What was left with the host must go first; only a stream queues behind it. */
  const pendingMax = way.attempt === null ? PENDING_BYTES_MAX : 1

  function hasRoom (): boolean {
    if (pendingBytes < pendingMax) return true
    refused = true
    return false
  }

  function write (bytes: Uint8Array, at: number, length: number): number {
    if (broken || closed) return -Errno.EPIPE
    if (length === 0) return 0
    if (!hasRoom()) return -Errno.EAGAIN
    if (way.attempt !== null) {
      try {
        return way.attempt(bytes, at, length)
      } catch (thrown) {
        const error = hostError(thrown)
        if (error === -Errno.EPIPE) broken = true
        if (error !== -Errno.EAGAIN || way.drain === null) return error
      }
    }
    return handOver(way.drain!, bytes, at, Math.min(length, PENDING_BYTES_MAX - pendingBytes))
  }

  /** The piece is copied: the arena it lies in goes on changing. */
  function handOver (drain: Drain, bytes: Uint8Array, at: number, length: number): number {
    pendingBytes += length
    drain(bytes.slice(at, at + length), result => {
      pendingBytes -= length
      if (result < 0) broken = true
      if (pendingBytes === 0) gone()
      if (!refused || closed || !(broken || pendingBytes < pendingMax)) return
      refused = false
      way.room()
    })
    return length
  }

  function gone (): void {
    for (const settled of settle) settled()
    settle = []
    if (closed) way.close()
  }

  return {
    write,
    writable: () => broken || hasRoom(),
    hungUp: () => broken,
    terminal: way.terminal,
    flush: () => pendingBytes === 0 ? Promise.resolve() : new Promise(settled => { settle.push(settled) }),
    close () {
      if (closed) return
      closed = true
      // What is pending still goes out: its end closes then.
      if (pendingBytes === 0) way.close()
    }
  }
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
  return new Socket({ fd, readable: false, writable: true })
}
