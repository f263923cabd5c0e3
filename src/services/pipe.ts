/**
 * Pipes: bytes in a ring, first in, first out, between those who hold its reading and its writing ends.
 *
 * A write of up to PIPE_ATOMIC_BYTES waits until it fits and goes in whole; a larger one goes in as room comes. Those who
 * wait are served in their turn among themselves, so that none is kept out by another that waits again and again; who
 * finds bytes or room when it asks does not wait.
 * Invariant: `length` bytes from `head` on, around the end of the ring, were written and not read.
 */

import { Errno, Turns, WaitQueue } from '../fiber/index.ts'
import type { Fiber } from '../fiber/index.ts'
import { Access, PIPE_ATOMIC_BYTES, PIPE_BYTES, Ready } from '../roles/index.ts'
import type { Arena, Window } from '../roles/index.ts'

export class Pipe {
  readonly number: number
  readonly #arena: Arena
  readonly #ring: number
  #head = 0
  #length = 0
  readers = 0
  writers = 0
  /** Something for readers has changed: bytes came, or the last writer went. */
  readonly filled = new WaitQueue('pipe: bytes')
  /** Something for writers has changed: room came, or the last reader went. */
  readonly drained = new WaitQueue('pipe: room')
  readonly #readings = new Turns('pipe: bytes')
  readonly #writings = new Turns('pipe: room')

  /** `ring`: PIPE_BYTES of the arena, which are its own until its last end is closed. */
  constructor (number: number, arena: Arena, ring: number) {
    this.number = number
    this.#arena = arena
    this.#ring = ring
  }

  get length (): number {
    return this.#length
  }

  /** Bytes that would fit. */
  get room (): number {
    return PIPE_BYTES - this.#length
  }

  /** Gives the ring back: it is used no more. */
  free (): void {
    this.#arena.free(this.#ring, PIPE_BYTES)
    this.#length = 0
  }

  open (access: number): void {
    if ((access & Access.READ) !== 0) this.readers++
    if ((access & Access.WRITE) !== 0) this.writers++
  }

  /** Closes an end; the last one gives the ring back. */
  close (access: number): void {
    if ((access & Access.READ) !== 0 && --this.readers === 0) this.#room()
    if ((access & Access.WRITE) !== 0 && --this.writers === 0) this.#bytes()
    if (this.readers === 0 && this.writers === 0) this.free()
  }

  /** Bytes read, 0 at the end, `-EAGAIN` when there are none yet. */
  tryRead (into: Window): number {
    const count = this.peek(into)
    if (count <= 0) return count
    this.#head = (this.#head + count) % PIPE_BYTES
    this.#length -= count
    this.#room()
    return count
  }

  /** The same, but what was read stays. */
  peek (into: Window): number {
    if (into.length === 0) return 0
    if (this.#length === 0) return this.writers === 0 ? 0 : -Errno.EAGAIN
    const count = Math.min(into.length, this.#length)
    const first = Math.min(count, PIPE_BYTES - this.#head)
    const put = into.put(0, this.#arena.bytes, this.#ring + this.#head, first)
    if (put < 0) return put
    if (count > first) {
      const rest = into.put(first, this.#arena.bytes, this.#ring, count - first)
      if (rest < 0) return rest
    }
    return count
  }

  * read (into: Window): Fiber<number> {
    let turn: WaitQueue | null = null
    try {
      for (;;) {
        const count = turn === null || this.#readings.isFirst(turn) ? this.tryRead(into) : -Errno.EAGAIN
        if (count !== -Errno.EAGAIN) return count
        turn ??= this.#readings.enter()
        yield turn
      }
    } finally {
      if (turn !== null) this.#readings.leave(turn)
    }
  }

  /** Bytes written, fewer than asked for only where that is more than PIPE_ATOMIC_BYTES; `-EAGAIN` when none would fit. */
  tryWrite (from: Window, offset: number): number {
    if (this.readers === 0) return -Errno.EPIPE
    const left = from.length - offset
    if (left === 0) return 0
    const room = PIPE_BYTES - this.#length
    if (room === 0 || (room < left && from.length <= PIPE_ATOMIC_BYTES)) return -Errno.EAGAIN
    const count = Math.min(left, room)
    const tail = (this.#head + this.#length) % PIPE_BYTES
    const first = Math.min(count, PIPE_BYTES - tail)
    const took = from.take(offset, this.#arena.bytes, this.#ring + tail, first)
    if (took < 0) return took
    if (count > first) {
      const rest = from.take(offset + first, this.#arena.bytes, this.#ring, count - first)
      if (rest < 0) return rest
    }
    this.#length += count
    this.#bytes()
    return count
  }

  /** Goes on writing until all is in the ring; what went in before an error counts as written. */
  * write (from: Window, written: number): Fiber<number> {
    let done = written
    let turn: WaitQueue | null = null
    try {
      while (done < from.length) {
        const count = turn === null || this.#writings.isFirst(turn) ? this.tryWrite(from, done) : -Errno.EAGAIN
        if (count === -Errno.EAGAIN) {
          turn ??= this.#writings.enter()
          yield turn
        } else if (count < 0) {
          return done > 0 ? done : count
        } else {
          done += count
        }
      }
      return done
    } finally {
      if (turn !== null) this.#writings.leave(turn)
    }
  }

  /** Something for readers has changed. */
  #bytes (): void {
    this.filled.wakeAll()
    this.#readings.wakeFirst()
  }

  /** Something for writers has changed. */
  #room (): void {
    this.drained.wakeAll()
    this.#writings.wakeFirst()
  }

  ready (access: number, events: number): number {
    let now = 0
    if ((access & Access.READ) !== 0) {
      if (this.#length > 0 || this.writers === 0) now |= Ready.READABLE
      if (this.writers === 0) now |= Ready.HANGUP
    }
    if ((access & Access.WRITE) !== 0) {
      if (PIPE_BYTES - this.#length >= PIPE_ATOMIC_BYTES || this.readers === 0) now |= Ready.WRITABLE
      if (this.readers === 0) now |= Ready.HANGUP
    }
    return now & (events | Ready.HANGUP)
  }

  * awaitReady (access: number, events: number): Fiber<number> {
    for (;;) {
      const now = this.ready(access, events)
      if (now !== 0) return now
      yield [this.filled, this.drained]
    }
  }
}
