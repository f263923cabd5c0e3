/**
 * `fd_read`, `fd_write` and their kin: vectors of buffers, handed on as one window.
 *
 * A vector with one buffer that is not empty, which is nearly every vector there is, makes one plain window. What may
 * be wrong with the caller's pointers is found before anything happens.
 */

import { Errno } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { IOVECS_MAX, READ, WRITE, Window } from '../../roles/index.ts'
import type { Arena } from '../../roles/index.ts'
import { TRANSFER_BYTES_MAX } from './limits.ts'
import { offsetOf } from './memory.ts'
import { begin, raisePipe } from './personality.ts'
import type { Calls, Personality } from './personality.ts'
import { IOVEC_BYTES } from './structures.ts'

export function transferCalls (personality: Personality): Calls<'fd_read' | 'fd_write' | 'fd_pread' | 'fd_pwrite'> {
  const { caller, requires } = personality
  return {
    fd_read (fd, iovs, count, out) {
      const memory = caller.memory
      if (memory === null) return Errno.EFAULT
      const window = vectorOf(personality, memory, iovs >>> 0, count >>> 0, out >>> 0, WRITE)
      if (typeof window === 'number') return window
      return report(memory, out >>> 0, requires.files.read(fd, window))
    },

    fd_write (fd, iovs, count, out) {
      const memory = caller.memory
      if (memory === null) return Errno.EFAULT
      const window = vectorOf(personality, memory, iovs >>> 0, count >>> 0, out >>> 0, READ)
      if (typeof window === 'number') return window
      return reportWrite(personality, memory, out >>> 0, requires.files.write(fd, window))
    },

    fd_pread (fd, iovs, count, offsetLo, offsetHi, out) {
      const memory = caller.memory
      if (memory === null) return Errno.EFAULT
      const window = vectorOf(personality, memory, iovs >>> 0, count >>> 0, out >>> 0, WRITE)
      if (typeof window === 'number') return window
      const offset = offsetOf(offsetLo, offsetHi)
      if (offset < 0) return Errno.EINVAL
      return report(memory, out >>> 0, requires.files.pread(fd, offset, window))
    },

    fd_pwrite (fd, iovs, count, offsetLo, offsetHi, out) {
      const memory = caller.memory
      if (memory === null) return Errno.EFAULT
      const window = vectorOf(personality, memory, iovs >>> 0, count >>> 0, out >>> 0, READ)
      if (typeof window === 'number') return window
      const offset = offsetOf(offsetLo, offsetHi)
      if (offset < 0) return Errno.EINVAL
      return reportWrite(personality, memory, out >>> 0, requires.files.pwrite(fd, offset, window))
    }
  }
}

/** The window on a vector of buffers, or the errno. `out`, where the count will be written, is checked with it. */
export function vectorOf (
  personality: Personality, memory: Arena, iovs: number, count: number, out: number, access: number
): Window | number {
  const view = memory.view
  const size = view.byteLength
  if (out + 4 > size) return Errno.EFAULT
  if (count > IOVECS_MAX) return Errno.EINVAL
  if (iovs + IOVEC_BYTES * count > size) return Errno.EFAULT
  if (count === 1) {
    const length = view.getUint32(iovs + 4, true)
    if (length <= TRANSFER_BYTES_MAX) {
      return Window.of(memory, view.getUint32(iovs, true), length, access, personality.counter) ?? Errno.EFAULT
    }
  }
  return piecesOf(personality, memory, view, iovs, count, access)
}

function piecesOf (
  personality: Personality, memory: Arena, view: DataView, iovs: number, count: number, access: number
): Window | number {
  const size = view.byteLength
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
    ? Window.ofPieces(memory, pieces, access, personality.counter)
    : Window.of(memory, pieces[0] ?? 0, pieces[1] ?? 0, access, personality.counter)
  return window ?? Errno.EFAULT
}

/** Writes the count of a transfer and returns the errno. */
export function report (memory: Arena, out: number, result: Eventual<number>): Eventual<number> {
  if (typeof result !== 'number') return reportSlowly(memory, out, result)
  if (result < 0) return -result
  memory.view.setUint32(out, result, true)
  return Errno.SUCCESS
}

function * reportSlowly (memory: Arena, out: number, fiber: Fiber<number>): Fiber<number> {
  return report(memory, out, yield * fiber) as number
}

/** The same for what was written: EPIPE raises SIGPIPE. */
export function reportWrite (personality: Personality, memory: Arena, out: number, result: Eventual<number>): Eventual<number> {
  if (typeof result !== 'number') return reportWriteSlowly(personality, memory, out, result)
  if (result === -Errno.EPIPE) return begin(raisePipe(personality))
  return report(memory, out, result)
}

function * reportWriteSlowly (personality: Personality, memory: Arena, out: number, fiber: Fiber<number>): Fiber<number> {
  const result = yield * fiber
  return result === -Errno.EPIPE ? yield * raisePipe(personality) : report(memory, out, result) as number
}
