/** Staging: how the host's bytes come into the system and out: through the host's arena, by windows on it. */

import { Errno, settle } from '../fiber/index.ts'
import type { Eventual, Fiber } from '../fiber/index.ts'
import { READ, WRITE, Window } from '../roles/index.ts'
import type { System } from '../link/index.ts'

/** Bytes that host code gives: a text as UTF-8, any view or buffer as it is. Throws a TypeError for anything else. */
export function bytesOf (given: unknown, what: string): Uint8Array {
  if (typeof given === 'string') return new TextEncoder().encode(given)
  if (given instanceof Uint8Array) return given
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
  if (given instanceof ArrayBuffer) return new Uint8Array(given)
  throw new TypeError(`${what} takes bytes or a text, not ${given === null ? 'null' : typeof given}`)
}

/** Bytes moved at a time. */
export const STAGING_BYTES = 64 * 1024

/** Calls `receive` with a window that it may fill; the bytes that it says it filled, or a negative error number. */
export function * receiving (system: System, size: number, receive: (into: Window) => Eventual<number>): Fiber<Uint8Array<ArrayBuffer> | number> {
  const { arena } = system.host
  const address = arena.allocate(size)
  if (address === 0) return -Errno.ENOMEM
  try {
    const count = yield * settle(receive(Window.of(arena, address, size, WRITE, system.state.counters)!))
    return count < 0 ? count : new Uint8Array(arena.bytes.subarray(address, address + count))
  } finally {
    arena.free(address, size)
  }
}

/** The same into bytes of the host's own, from `at` on, as many as one call gives; how many, or a negative error number. */
export function * receivingInto (system: System, target: Uint8Array, at: number, receive: (into: Window) => Eventual<number>): Fiber<number> {
  const { arena } = system.host
  const size = Math.min(STAGING_BYTES, target.length - at)
  const address = arena.allocate(size)
  if (address === 0) return -Errno.ENOMEM
  try {
    const count = yield * settle(receive(Window.of(arena, address, size, WRITE, system.state.counters)!))
    if (count > 0) target.set(arena.bytes.subarray(address, address + count), at)
    return count
  } finally {
    arena.free(address, size)
  }
}

/** Calls `send` with windows on the bytes until it has taken them all; 0, or a negative error number. */
export function * sending (system: System, bytes: Uint8Array, send: (from: Window) => Eventual<number>): Fiber<number> {
  const { arena } = system.host
  const size = Math.min(STAGING_BYTES, bytes.length)
  if (size === 0) return 0
  const address = arena.allocate(size)
  if (address === 0) return -Errno.ENOMEM
  try {
    for (let at = 0; at < bytes.length;) {
      const n = Math.min(size, bytes.length - at)
      arena.bytes.set(bytes.subarray(at, at + n), address)
      const taken = yield * settle(send(Window.of(arena, address, n, READ, system.state.counters)!))
      if (taken < 0) return taken
      at += taken
    }
    return 0
  } finally {
    arena.free(address, size)
  }
}
