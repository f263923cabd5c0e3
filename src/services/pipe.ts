/**
 * Pipes: bytes in a ring, first in, first out, between those who hold its reading and its writing ends.
 *
 * A write of up to PIPE_ATOMIC_BYTES waits until it fits and goes in whole; a larger one goes in as room comes. Those who
 * wait are served in their turn among themselves, so that none is kept out by another that waits again and again; who
 * finds bytes or room when it asks does not wait.
 *
 * While the ring is empty bytes go straight between the window of who asks and that of who waits, in one copy. A read that
 * is ended after it was handed bytes, and before it could tell, takes them with it, as on Linux.
 * The ring grows with what is in it, up to PIPE_BYTES, so that a pipe in which nobody writes costs no memory.
 *
 * Invariants: `length` bytes from `head` on, around the end of the ring, were written and not read. While a read waits that
 * has not been woken, the ring is empty.
 */

import { Errno, Line, WaitQueue } from '../fiber/index.ts'
import type { Fiber, Wait } from '../fiber/index.ts'
import { Access, PIPE_ATOMIC_BYTES, PIPE_BYTES, Ready, StateError, bytesOf, fieldOf, itemsOf, listOf, wholeOf } from '../roles/index.ts'
import type { Arena, StateValue, Window } from '../roles/index.ts'

/** How much larger the ring becomes when it has to. */
const RING_GROWTH = 4

export class Pipe {
  readonly number: number
  readonly #arena: Arena
  /** Address and bytes of the ring; 0 while there is none. */
  #ring = 0
  #size = 0
  #head = 0
  #length = 0
  readers = 0
  writers = 0
  /** Something for readers has changed: bytes came, or the last writer went. */
  readonly filled = new WaitQueue('pipe: bytes')
  /** Something for writers has changed: room came, or the last reader went. */
  readonly drained = new WaitQueue('pipe: room')
  readonly #readings = new Line<Reading>()
  readonly #writings = new Line<Writing>()
  /** Writes that waited in a saved state, in their turn, until each is made again and takes its place: its bytes and how many are done. */
  #begun: { readonly length: number, readonly done: number }[] | null = null
  #entering = false

  /** The ring lies in the arena; it is given back when the last end is closed. */
  constructor (number: number, arena: Arena) {
    this.number = number
    this.#arena = arena
  }

  get length (): number {
    return this.#length
  }

  /** The ring as a window takes it: address and length of what comes first, and of what lies around its end. */
  get pieces (): number[] {
    const first = Math.min(this.#length, this.#size - this.#head)
    return [this.#ring + this.#head, first, this.#ring, this.#length - first]
  }

  /** Where what is in the ring begins. */
  get head (): number {
    return this.#head
  }

  /** A new pipe's ring with so many bytes in it, which the caller puts there; its address, or 0. */
  refill (length: number): number {
    this.#grow(length)
    if (this.#size < length) return 0
    this.#length = length
    return this.#ring
  }

  /** The bytes in it, and how far those are who wait to write more; who holds its ends is told by whoever keeps it. */
  save (): StateValue {
    const bytes = new Uint8Array(this.#length)
    const [at, first, around, rest] = this.pieces as [number, number, number, number]
    bytes.set(this.#arena.bytes.subarray(at, at + first))
    bytes.set(this.#arena.bytes.subarray(around, around + rest), first)
    return { bytes, writings: [...this.#writings].map(({ from, done }) => [from.length, done]) }
  }

  /** Takes up what `save` told. Whoever waited makes the same write again, in the order in which they did, before anybody else does. */
  takeUp (saved: StateValue): void {
    const bytes = bytesOf(fieldOf(saved, 'bytes'), 'what is in a pipe')
    const begun = listOf(fieldOf(saved, 'writings'), 'writes that wait', each => {
      const [length, done] = itemsOf(each, 'a write that waits', 2)
      return { length: wholeOf(length!, 'the bytes of a write'), done: wholeOf(done!, 'the bytes that are written') }
    })
    if (bytes.length > PIPE_BYTES) throw new StateError(`a pipe holds ${PIPE_BYTES} bytes`)
    if (bytes.length > 0) {
      const ring = this.refill(bytes.length)
      if (ring === 0) throw new StateError('there is no room for what is in a pipe')
      this.#arena.bytes.set(bytes, ring)
    }
    if (begun.length > 0) this.#begun = begun
  }

  /** A write that waited is made again: how much of it is done. It takes its place among those that wait, whatever room there is. */
  #resume (from: Window): number {
    const begun = this.#begun!.shift()!
    if (this.#begun!.length === 0) this.#begun = null
    this.#entering = begun.length === from.length && begun.done < from.length
    return this.#entering ? begun.done : -Errno.EIO
  }

  /** Bytes that would fit. */
  get room (): number {
    return PIPE_BYTES - this.#length
  }

  open (access: number): void {
    if ((access & Access.READ) !== 0) this.readers++
    if ((access & Access.WRITE) !== 0) this.writers++
  }

  /** Closes an end; the last one gives the ring back. */
  close (access: number): void {
    if ((access & Access.READ) !== 0 && --this.readers === 0) this.#drain()
    if ((access & Access.WRITE) !== 0 && --this.writers === 0) this.#fill()
    if (this.readers === 0 && this.writers === 0) this.#free()
  }

  /** Bytes read, 0 at the end, `-EAGAIN` when there are none yet. */
  tryRead (into: Window): number {
    if (this.#length === 0 && into.length > 0) {
      const writing = this.#writings.first
      if (writing !== null) return this.#takeFrom(writing, into)
    }
    const count = this.peek(into)
    if (count <= 0) return count
    this.#head = (this.#head + count) % this.#size
    this.#length -= count
    this.#drain()
    return count
  }

  /** Bytes that are in the ring, which stay there; else the same. */
  peek (into: Window): number {
    if (into.length === 0) return 0
    if (this.#length === 0) return this.writers === 0 ? 0 : -Errno.EAGAIN
    const count = Math.min(into.length, this.#length)
    const first = Math.min(count, this.#size - this.#head)
    const put = into.put(0, this.#arena.bytes, this.#ring + this.#head, first)
    if (put < 0) return put
    if (count > first) {
      const rest = into.put(first, this.#arena.bytes, this.#ring, count - first)
      if (rest < 0) return rest
    }
    return count
  }

  /** Reads when there is something. */
  read (into: Window): Fiber<number> {
    return new Reading(this, this.#readings, into)
  }

  /** Bytes written, fewer than asked for only where that is more than PIPE_ATOMIC_BYTES; `-EAGAIN` when none would fit. */
  tryWrite (from: Window, offset: number): number {
    if (this.#begun !== null) return this.#resume(from)
    if (this.readers === 0) return -Errno.EPIPE
    let done = 0
    while (this.#length === 0 && offset + done < from.length) {
      const reading = this.#readings.first
      if (reading === null) break
      const given = this.#giveTo(reading, from, offset + done)
      if (given < 0) return done > 0 ? done : given
      done += given
    }
    if (offset + done === from.length) return done
    const put = this.#put(from, offset + done, from.length <= PIPE_ATOMIC_BYTES)
    return put < 0 && done > 0 ? done : done + put
  }

  /** Goes on writing until all is out of the window; what was written before an error counts. */
  write (from: Window, written: number): Fiber<number> {
    const entering = this.#entering
    this.#entering = false
    return new Writing(this, this.#writings, from, written, entering)
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

  /** Copies into the window of a read that waits, which is over with it; the count, or the writer's error. */
  #giveTo (reading: Reading, from: Window, offset: number): number {
    const { into } = reading
    const count = Math.min(into.length, from.length - offset)
    const given = from.copy(offset, into, 0, count)
    // Whose fault it is: a reader whose window is no more has nothing, and the next one is asked.
    if (given < 0 && from.live) {
      reading.finish(given)
      return 0
    }
    if (given > 0) reading.finish(given)
    return given
  }

  /** Copies out of the window of a write that waits; the count, or the reader's error. */
  #takeFrom (writing: Writing, into: Window): number {
    const { from } = writing
    const count = Math.min(into.length, from.length - writing.done)
    const taken = from.copy(writing.done, into, 0, count)
    if (taken < 0 && into.live) {
      writing.finish(taken)
      return -Errno.EAGAIN
    }
    if (taken < 0) return taken
    writing.done += taken
    // A write that goes in whole has no other between its parts.
    if (writing.done < from.length && from.length <= PIPE_ATOMIC_BYTES) {
      const put = this.#put(from, writing.done, true)
      if (put > 0) writing.done += put
    }
    if (writing.done === from.length) writing.finish(writing.done)
    return taken
  }

  /** Puts into the ring what fits, or all if it has to be `whole`; `-EAGAIN` when it would have to wait. */
  #put (from: Window, offset: number, whole: boolean): number {
    const left = from.length - offset
    const room = PIPE_BYTES - this.#length
    if (room === 0 || (whole && room < left)) return -Errno.EAGAIN
    const wanted = Math.min(left, room)
    if (this.#length + wanted > this.#size) this.#grow(this.#length + wanted)
    const count = Math.min(wanted, this.#size - this.#length)
    if (count === 0 || (whole && count < left)) return this.#length > 0 ? -Errno.EAGAIN : -Errno.ENOMEM
    const tail = (this.#head + this.#length) % this.#size
    const first = Math.min(count, this.#size - tail)
    const took = from.take(offset, this.#arena.bytes, this.#ring + tail, first)
    if (took < 0) return took
    if (count > first) {
      const rest = from.take(offset + first, this.#arena.bytes, this.#ring, count - first)
      if (rest < 0) return rest
    }
    this.#length += count
    this.#fill()
    return count
  }

  /** A larger ring, for `needed` bytes at least; the same one when the arena has no room for it. */
  #grow (needed: number): void {
    let size = Math.max(this.#size * RING_GROWTH, PIPE_ATOMIC_BYTES)
    while (size < needed) size *= RING_GROWTH
    size = Math.min(size, PIPE_BYTES)
    const ring = this.#arena.allocate(size)
    if (ring === 0) return
    const { bytes } = this.#arena
    const first = Math.min(this.#length, this.#size - this.#head)
    bytes.copyWithin(ring, this.#ring + this.#head, this.#ring + this.#head + first)
    bytes.copyWithin(ring + first, this.#ring, this.#ring + this.#length - first)
    if (this.#size > 0) this.#arena.free(this.#ring, this.#size)
    this.#ring = ring
    this.#size = size
    this.#head = 0
  }

  #free (): void {
    if (this.#size > 0) this.#arena.free(this.#ring, this.#size)
    this.#ring = this.#size = this.#head = this.#length = 0
  }

  /** Something for readers has changed. */
  #fill (): void {
    this.filled.wakeAll()
    this.#readings.first?.turn?.wakeAll()
  }

  /** Something for writers has changed. */
  #drain (): void {
    this.drained.wakeAll()
    this.#writings.first?.turn?.wakeAll()
  }
}

/** A read that waits in its turn, or until it is handed bytes. */
class Reading implements Fiber<number> {
  readonly into: Window
  /** Where it waits, once it does. */
  turn: WaitQueue | null = null
  readonly #pipe: Pipe
  readonly #line: Line<Reading>
  #result: number = -Errno.EAGAIN

  constructor (pipe: Pipe, line: Line<Reading>, into: Window) {
    this.#pipe = pipe
    this.#line = line
    this.into = into
  }

  [Symbol.iterator] (): this {
    return this
  }

  next (): IteratorResult<Wait, number> {
    if (this.#result === -Errno.EAGAIN && (this.turn === null || this.#line.first === this)) {
      this.#result = this.#pipe.tryRead(this.into)
    }
    if (this.#result !== -Errno.EAGAIN) return this.return(this.#result)
    if (this.turn === null) {
      this.turn = new WaitQueue('pipe: bytes')
      this.#line.enter(this)
    }
    return { done: false, value: this.turn }
  }

  /** It is served, by whoever writes. */
  finish (result: number): void {
    this.#result = result
    this.#line.leave(this)
    this.turn!.wakeAll()
  }

  return (value: number): IteratorResult<Wait, number> {
    if (this.#line.first === this) {
      this.#line.leave(this)
      this.#line.first?.turn!.wakeAll()
    } else {
      this.#line.leave(this)
    }
    return { done: true, value }
  }

  throw (error: unknown): IteratorResult<Wait, number> {
    this.return(0)
    throw error
  }
}

/** A write that waits in its turn, or until its bytes are taken. */
class Writing implements Fiber<number> {
  readonly from: Window
  /** Bytes that are out of the window. */
  done: number
  /** Where it waits, once it does. */
  turn: WaitQueue | null = null
  readonly #pipe: Pipe
  readonly #line: Line<Writing>
  #result: number = -Errno.EAGAIN
  /** It waited before, and waits on without a try. */
  #enters: boolean

  constructor (pipe: Pipe, line: Line<Writing>, from: Window, done: number, enters: boolean) {
    this.#enters = enters
    this.#pipe = pipe
    this.#line = line
    this.from = from
    this.done = done
  }

  [Symbol.iterator] (): this {
    return this
  }

  next (): IteratorResult<Wait, number> {
    while (!this.#enters && this.#result === -Errno.EAGAIN && (this.turn === null || this.#line.first === this)) {
      const count = this.#pipe.tryWrite(this.from, this.done)
      if (count === -Errno.EAGAIN) break
      if (count > 0) this.done += count
      if (count < 0 && this.done === 0) this.#result = count
      else if (count < 0 || this.done === this.from.length) this.#result = this.done
    }
    this.#enters = false
    if (this.#result !== -Errno.EAGAIN) return this.return(this.#result)
    if (this.turn === null) {
      this.turn = new WaitQueue('pipe: room')
      this.#line.enter(this)
    }
    return { done: false, value: this.turn }
  }

  /** It is over, by whoever reads. */
  finish (result: number): void {
    this.#result = result
    this.#line.leave(this)
    this.turn!.wakeAll()
    // There may be room for the next one too.
    this.#line.first?.turn!.wakeAll()
  }

  return (value: number): IteratorResult<Wait, number> {
    if (this.#line.first === this) {
      this.#line.leave(this)
      this.#line.first?.turn!.wakeAll()
    } else {
      this.#line.leave(this)
    }
    return { done: true, value }
  }

  throw (error: unknown): IteratorResult<Wait, number> {
    this.return(0)
    throw error
  }
}
