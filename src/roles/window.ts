/**
 * Windows: bulk arguments. A window names bytes of somebody's arena that the holder may read or write while it lives.
 *
 * The owner makes one on its own arena (`Window.of`); a core that carries it across a gate hands the callee a derived
 * one and revokes that when the call ends (a grant, as in MINIX 3). Who holds a window can reach nothing else of the
 * arena: every access is checked for life, direction and bounds, and answers `-EFAULT` if one fails. Bytes that go
 * through a window are counted as copied.
 *
 * A window can be a list of pieces (an iovec); its offsets run through them in order.
 */

import { Errno } from '../fiber/index.ts'
import { Arena } from './arena.ts'
import type { Extents } from './extents.ts'

/** What counts the bytes copied: the counters of a system, or anything like them. */
export interface CopyCounter { bytesCopied: number }

/** Up to here a loop is faster than `set`. */
export const LOOP_BYTES = 24

export const READ = 1
export const WRITE = 2

/** The arena of windows that rest. */
const nowhere = new Arena({ name: 'nowhere', sizeBytes: 0, sizeBytesMax: 0 })

export class Window {
  #arena: Arena
  #at: number
  /** Pieces as [address, length, address, length …], or null when the window is one piece. */
  readonly #pieces: readonly number[] | null
  #access: number
  readonly #parent: Window | null
  readonly #counter: CopyCounter
  #live = true
  #length: number
  /** What is told of each write through it or what derives from it; null where nobody has to know. */
  #watch: Extents | null

  private constructor (
    arena: Arena, at: number, length: number, pieces: readonly number[] | null, access: number,
    counter: CopyCounter, parent: Window | null
  ) {
    this.#watch = parent === null ? null : parent.#watch
    this.#arena = arena
    this.#at = at
    this.#length = length
    this.#pieces = pieces
    this.#access = access
    this.#counter = counter
    this.#parent = parent
  }

  /** A window on `length` bytes at `at` of an arena; null when they are not inside it. Access: READ, WRITE or both. */
  static of (arena: Arena, at: number, length: number, access: number, counter: CopyCounter): Window | null {
    if (!isWithin(at, length, arena.sizeBytes)) return null
    return new Window(arena, at, length, null, access, counter, null)
  }

  /** A window on several pieces, [address, length, …]; null when one is not inside the arena. */
  static ofPieces (arena: Arena, pieces: readonly number[], access: number, counter: CopyCounter): Window | null {
    let length = 0
    for (let i = 0; i < pieces.length; i += 2) {
      if (!isWithin(pieces[i]!, pieces[i + 1]!, arena.sizeBytes)) return null
      length += pieces[i + 1]!
    }
    return new Window(arena, 0, length, pieces, access, counter, null)
  }

  /** Bytes. */
  get length (): number {
    return this.#length
  }

  /**
   * Lets a window that `of` made name nothing, because the call that it was made for is over: for who made it, to use it
   * again. False for one that cannot be used again, being a list of pieces or derived from another.
   */
  rest (): boolean {
    this.#arena = nowhere
    this.#length = 0
    return this.#pieces === null && this.#parent === null
  }

  /** Lets a window that rests name other bytes; false, and it rests on, when they are not inside the arena. */
  reuse (arena: Arena, at: number, length: number, access: number): boolean {
    if (!isWithin(at, length, arena.sizeBytes)) return false
    this.#arena = arena
    this.#at = at
    this.#length = length
    this.#access = access
    return true
  }

  /** A window that dies with this one, with no more access than it. */
  derive (access: number): Window {
    return new Window(
      this.#arena, this.#at, this.length, this.#pieces, this.#access & access, this.#counter, this)
  }

  /** The part from `from` on, at most `length` bytes; empty where that is not inside. It dies with this one. */
  slice (from: number, length = this.length - from): Window {
    const inside = from >= 0 && from < this.length && length > 0
    const size = inside ? Math.min(length, this.length - from) : 0
    if (this.#pieces === null) {
      return new Window(this.#arena, this.#at + from, size, null, this.#access, this.#counter, this)
    }
    const pieces: number[] = []
    eachPiece(this.#pieces, from, size, (at, _offset, n) => { pieces.push(at, n) })
    return new Window(this.#arena, 0, size, pieces, this.#access, this.#counter, this)
  }

  /** Tells of every write from now on, through this window and those that are derived from it from now on. */
  watch (extents: Extents): void {
    this.#watch = extents
  }

  /** What it names, for a core that takes it to where the arena is not: the arena, and address and length of each piece. */
  where (): { readonly arena: Arena, readonly pieces: readonly number[] } {
    return { arena: this.#arena, pieces: this.#pieces ?? [this.#at, this.#length] }
  }

  /** What may be done with it, as long as it lives. */
  get access (): number {
    return this.#access
  }

  /** Ends this window and all derived from it. */
  revoke (): void {
    this.#live = false
  }

  /** Whether it still names bytes: neither it nor a window it derives from was revoked. */
  get live (): boolean {
    for (let window: Window | null = this; window !== null; window = window.#parent) if (!window.#live) return false
    return true
  }

  /** Writes `length` bytes of `source` from `from` into the window at `offset`; the count, or `-EFAULT`. */
  put (offset: number, source: Uint8Array, from: number, length: number): number {
    if (!this.#may(WRITE, offset, length)) return -Errno.EFAULT
    this.#counter.bytesCopied += length
    const bytes = this.#arena.bytes
    if (this.#watch !== null) this.#noteWrite(offset, length)
    if (this.#pieces === null) {
      copyBytes(bytes, this.#at + offset, source, from, length)
    } else {
      eachPiece(this.#pieces, offset, length, (at, done, n) => copyBytes(bytes, at, source, from + done, n))
    }
    return length
  }

  /** Reads `length` bytes of the window at `offset` into `target` at `to`; the count, or `-EFAULT`. */
  take (offset: number, target: Uint8Array, to: number, length: number): number {
    if (!this.#may(READ, offset, length)) return -Errno.EFAULT
    this.#counter.bytesCopied += length
    const bytes = this.#arena.bytes
    if (this.#pieces === null) {
      if (length > LOOP_BYTES) target.set(this.#arena.part(this.#at + offset, length), to)
      else copyBytes(target, to, bytes, this.#at + offset, length)
    } else {
      eachPiece(this.#pieces, offset, length, (at, done, n) => copyBytes(target, to + done, bytes, at, n))
    }
    return length
  }

  /** Copies `length` bytes at `offset` straight into another window at `at`, which is one copy; the count, or `-EFAULT`. */
  copy (offset: number, into: Window, at: number, length: number): number {
    if (!this.#may(READ, offset, length) || !into.#may(WRITE, at, length)) return -Errno.EFAULT
    this.#counter.bytesCopied += length
    const source = this.#arena.bytes
    const target = into.#arena.bytes
    if (into.#watch !== null) into.#noteWrite(at, length)
    if (this.#pieces === null && into.#pieces === null) {
      copyBytes(target, into.#at + at, source, this.#at + offset, length)
    } else {
      eachPiece(this.#pieces ?? [this.#at, this.length], offset, length, (from, done, n) => {
        eachPiece(into.#pieces ?? [into.#at, into.length], at + done, n, (to, more, m) => { copyBytes(target, to, source, from + more, m) })
      })
    }
    return length
  }

  /** Sets `length` bytes at `offset` to `value`; the count, or `-EFAULT`. */
  fill (offset: number, length: number, value: number): number {
    if (!this.#may(WRITE, offset, length)) return -Errno.EFAULT
    this.#counter.bytesCopied += length
    const bytes = this.#arena.bytes
    if (this.#watch !== null) this.#noteWrite(offset, length)
    if (this.#pieces === null) bytes.fill(value, this.#at + offset, this.#at + offset + length)
    else eachPiece(this.#pieces, offset, length, (at, _done, n) => { bytes.fill(value, at, at + n) })
    return length
  }

  /**
   * The bytes themselves, for a device that moves them by DMA (a host read or write): calls `move` with each piece, as
   * an array that is that piece and no more, from 0. `move(bytes, at, n)` returns how many it moved or a negative error
   * number; a short move ends it. Returns the total, or the error of the first piece.
   */
  transfer (access: number, offset: number, length: number, move: (bytes: Uint8Array, at: number, length: number) => number): number {
    if (!this.#may(access, offset, length)) return -Errno.EFAULT
    if (length === 0) return 0
    let total = 0
    let failed = 0
    const bytes = this.#arena.bytes
    const step = (at: number, _done: number, n: number): boolean => {
      const moved = move(bytes.subarray(at, at + n), 0, n)
      if (moved < 0) failed = moved
      else total += moved
      return moved === n
    }
    if (this.#pieces === null) step(this.#at + offset, 0, length)
    else eachPiece(this.#pieces, offset, length, step)
    this.#counter.bytesCopied += total
    if (this.#watch !== null && (access & WRITE) !== 0) this.#noteWrite(offset, total)
    return total === 0 && failed < 0 ? failed : total
  }

  #noteWrite (offset: number, length: number): void {
    if (length === 0) return
    if (this.#pieces === null) this.#watch!.note(this.#at + offset, length)
    else eachPiece(this.#pieces, offset, length, (at, _done, n) => { this.#watch!.note(at, n) })
  }

  #may (access: number, offset: number, length: number): boolean {
    return this.#live && (this.#access & access) === access && offset >= 0 && length >= 0 && offset + length <= this.#length &&
      (this.#parent === null || this.#parent.live)
  }
}

/** Whether a range of bytes lies inside so many. False for what is no number too. */
function isWithin (at: number, length: number, size: number): boolean {
  return at >= 0 && length >= 0 && at + length <= size
}

/** Copies bytes, in the way that is fastest for so many. */
export function copyBytes (target: Uint8Array, to: number, source: Uint8Array, from: number, length: number): void {
  if (length <= LOOP_BYTES) {
    for (let i = 0; i < length; i++) target[to + i] = source[from + i]!
  } else {
    target.set(from === 0 && length === source.length ? source : source.subarray(from, from + length), to)
  }
}

/** Calls `visit(address, done, n)` for each part of the pieces that `length` bytes at `offset` touch. */
function eachPiece (
  pieces: readonly number[], offset: number, length: number, visit: (at: number, done: number, n: number) => boolean | void
): void {
  let skip = offset
  let done = 0
  for (let i = 0; i < pieces.length && done < length; i += 2) {
    const size = pieces[i + 1]!
    if (skip >= size) {
      skip -= size
      continue
    }
    const n = Math.min(size - skip, length - done)
    if (visit(pieces[i]! + skip, done, n) === false) return
    done += n
    skip = 0
  }
}
