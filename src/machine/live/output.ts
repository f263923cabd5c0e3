/**
 * One output of the console, on any host: what goes at once goes, what does not is left with the host.
 *
 * Nothing is gathered, so nothing is lost when the host ends and the order of two outputs to one file is kept. Only when
 * the host has no room is one piece (at most PENDING_BYTES_MAX) taken and left with the host, and the output says EAGAIN
 * until that has gone: `room` is called then. A stream takes pieces until so many bytes are pending.
 * On Node the host is kept alive while something is pending.
 */

import { Errno } from '../../fiber/index.ts'

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
export type Drain = (piece: Uint8Array, done: (result: number) => void) => void

const PENDING_BYTES_MAX = 65536

export const noOutput: Output = {
  write: (_bytes, _at, length) => length, writable: () => true, hungUp: () => false, terminal: false, flush: async () => {}, close () {}
}

/** How bytes get to the host. */
export interface Way {
  /** Writes what goes at once: bytes taken, or a negative error number; null when nothing ever does. */
  readonly attempt: ((bytes: Uint8Array, at: number, length: number) => number) | null
  readonly drain: Drain | null
  readonly room: () => void
  readonly terminal: boolean
  close (): void
}

/** An output by one way to the host. */
export function outputBy (way: Way): Output {
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
      const result = way.attempt(bytes, at, length)
      if (result === -Errno.EPIPE) broken = true
      if (result !== -Errno.EAGAIN || way.drain === null) return result
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
