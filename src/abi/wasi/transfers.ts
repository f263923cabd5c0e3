/**
 * `fd_read`, `fd_write` and their kin: vectors of buffers, handed on as one window.
 *
 * A vector with one buffer that is not empty, which is nearly every vector there is, makes one plain window. What may
 * be wrong with the caller's pointers is found before anything happens.
 */

import { Errno } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { IOVECS_MAX, READ, WRITE, Window } from '../../roles/index.ts'
import type { Arena, CopyCounter } from '../../roles/index.ts'
import { TRANSFER_BYTES_MAX } from './limits.ts'
import { offsetOf } from './memory.ts'
import { begin, raisePipe } from './personality.ts'
import type { Calls, Personality } from './personality.ts'
import { IOVEC_BYTES } from './structures.ts'

export function transferCalls (personality: Personality): Calls<'fd_read' | 'fd_write' | 'fd_pread' | 'fd_pwrite'> {
  const { caller, requires } = personality
  const windows = new Windows(personality)
  return {
    fd_read (fd, iovs, count, out) {
      const memory = caller.memory
      if (memory === null) return Errno.EFAULT
      const window = vectorOf(windows, memory, iovs >>> 0, count >>> 0, out >>> 0, WRITE)
      if (typeof window === 'number') return window
      const got = requires.files.read(fd, window)
      const most = window.length
      if (typeof got !== 'number') return reportSlowly(memory, out >>> 0, got, most)
      windows.give(window)
      return report(memory, out >>> 0, got, most)
    },

    fd_write (fd, iovs, count, out) {
      const memory = caller.memory
      if (memory === null) return Errno.EFAULT
      const window = vectorOf(windows, memory, iovs >>> 0, count >>> 0, out >>> 0, READ)
      if (typeof window === 'number') return window
      const put = requires.files.write(fd, window)
      const most = window.length
      if (typeof put !== 'number') return reportWriteSlowly(personality, memory, out >>> 0, put, most)
      windows.give(window)
      return put < 0 ? failedWrite(personality, put) : report(memory, out >>> 0, put, most)
    },

    fd_pread (fd, iovs, count, offsetLo, offsetHi, out) {
      const memory = caller.memory
      if (memory === null) return Errno.EFAULT
      const window = vectorOf(windows, memory, iovs >>> 0, count >>> 0, out >>> 0, WRITE)
      if (typeof window === 'number') return window
      const offset = offsetOf(offsetLo, offsetHi)
      if (offset < 0) return Errno.EINVAL
      const got = requires.files.pread(fd, offset, window)
      const most = window.length
      if (typeof got !== 'number') return reportSlowly(memory, out >>> 0, got, most)
      windows.give(window)
      return report(memory, out >>> 0, got, most)
    },

    fd_pwrite (fd, iovs, count, offsetLo, offsetHi, out) {
      const memory = caller.memory
      if (memory === null) return Errno.EFAULT
      const window = vectorOf(windows, memory, iovs >>> 0, count >>> 0, out >>> 0, READ)
      if (typeof window === 'number') return window
      const offset = offsetOf(offsetLo, offsetHi)
      if (offset < 0) return Errno.EINVAL
      const put = requires.files.pwrite(fd, offset, window)
      const most = window.length
      if (typeof put !== 'number') return reportWriteSlowly(personality, memory, out >>> 0, put, most)
      windows.give(window)
      return put < 0 ? failedWrite(personality, put) : report(memory, out >>> 0, put, most)
    }
  }
}

/**
 * The windows of one personality's transfers. One that is given back, because the call that it was made for is over and
 * did not wait, is used again for the next: making one costs as much as a short transfer.
 */
export class Windows {
  readonly counter: CopyCounter
  #spare: Window | null = null

  constructor (personality: Personality) {
    this.counter = personality.counter
  }

  /** A window of one piece; null when it is not inside the memory. */
  take (memory: Arena, at: number, length: number, access: number): Window | null {
    const spare = this.#spare
    if (spare === null) return Window.of(memory, at, length, access, this.counter)
    if (!spare.reuse(memory, at, length, access)) return null
    this.#spare = null
    return spare
  }

  /** Takes back what `vectorOf` gave. */
  give (window: Window): void {
    if (window.rest()) this.#spare = window
  }
}

/** The window on a vector of buffers, or the errno. `out`, where the count will be written, is checked with it. */
export function vectorOf (
  windows: Windows, memory: Arena, iovs: number, count: number, out: number, access: number
): Window | number {
  const size = memory.sizeBytes
  if (out + 4 > size) return Errno.EFAULT
  if (count > IOVECS_MAX) return Errno.EINVAL
  if (iovs + IOVEC_BYTES * count > size) return Errno.EFAULT
  const view = memory.view
  if (count === 1) {
    const length = view.getUint32(iovs + 4, true)
    if (length <= TRANSFER_BYTES_MAX) {
      return windows.take(memory, view.getUint32(iovs, true), length, access) ?? Errno.EFAULT
    }
  }
  return piecesOf(windows.counter, memory, view, iovs, count, access)
}

function piecesOf (
  counter: CopyCounter, memory: Arena, view: DataView, iovs: number, count: number, access: number
): Window | number {
  const size = memory.sizeBytes
  const pieces: number[] = []
  let left = TRANSFER_BYTES_MAX
  for (let i = 0; i < count; i++) {
    const at = view.getUint32(iovs + IOVEC_BYTES * i, true)
    const length = view.getUint32(iovs + IOVEC_BYTES * i + 4, true)
    if (at + length > size) return Errno.EFAULT
    const piece = Math.min(length, left)
    if (piece === 0) continue
    pieces.push(at, piece)
    left -= piece
  }
  const window = pieces.length > 2
    ? Window.ofPieces(memory, pieces, access, counter)
    : Window.of(memory, pieces[0] ?? 0, pieces[1] ?? 0, access, counter)
  return window ?? Errno.EFAULT
}

/**
 * Writes the count of a transfer of so many bytes at most, and returns the errno. A count beyond them is not for the program
 * to go by: whoever says that has lost count.
 */
export function report (memory: Arena, out: number, result: number, most: number): number {
  if (result < 0) return -result
  if (!(result <= most)) return Errno.EIO
  memory.view.setUint32(out, result, true)
  return Errno.SUCCESS
}

function * reportSlowly (memory: Arena, out: number, fiber: Fiber<number>, most: number): Fiber<number> {
  return report(memory, out, yield * fiber, most)
}

/** The same for what was written: EPIPE raises SIGPIPE. */
export function reportWrite (personality: Personality, memory: Arena, out: number, result: Eventual<number>, most: number): Eventual<number> {
  if (typeof result !== 'number') return reportWriteSlowly(personality, memory, out, result, most)
  return result < 0 ? failedWrite(personality, result) : report(memory, out, result, most)
}

function failedWrite (personality: Personality, error: number): Eventual<number> {
  return error === -Errno.EPIPE ? begin(raisePipe(personality)) : -error
}

function * reportWriteSlowly (personality: Personality, memory: Arena, out: number, fiber: Fiber<number>, most: number): Fiber<number> {
  const result = yield * fiber
  return result === -Errno.EPIPE ? yield * raisePipe(personality) : report(memory, out, result, most)
}
