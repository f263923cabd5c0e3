/**
 * A task's memory as its library uses it: room for the time of a call, texts and bytes put in, structures read out.
 * Source of the layouts: `typenames.witx` of WASI preview 1, as in abi/wasi/structures.ts.
 */

import { Errno, SystemError } from '../../fiber/index.ts'
import { FileType } from '../../roles/index.ts'
import type { Arena } from '../../roles/index.ts'
import type { FileStat } from './task-calls.ts'

/** Room in the memory, given back by `free`. */
export class Room {
  readonly #arena: Arena
  readonly #taken: [at: number, size: number][] = []

  constructor (arena: Arena) {
    this.#arena = arena
  }

  get view (): DataView {
    return this.#arena.view
  }

  /** The address of `size` bytes, zeroed. */
  take (size: number): number {
    if (!Number.isInteger(size) || size < 0) throw new TypeError(`a size is a whole number of bytes from 0 up, and not ${String(size)}`)
    const at = this.#arena.allocate(size)
    if (at === 0) throw new SystemError(Errno.ENOMEM, 'allocate', `${size} bytes of the task's memory`)
    this.#taken.push([at, size])
    return at
  }

  /** The address and length of bytes, copied in. */
  bytes (bytes: Uint8Array): [at: number, length: number] {
    const at = this.take(bytes.length)
    this.#arena.bytes.set(bytes, at)
    return [at, bytes.length]
  }

  text (text: string): [at: number, length: number] {
    return this.bytes(encoder.encode(text))
  }

  /** A block of NUL-terminated strings. */
  block (texts: readonly string[]): [at: number, length: number] {
    return this.text(texts.map(text => `${text}\0`).join(''))
  }

  /** A copy of bytes. */
  see (at: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#arena.bytes.subarray(at, at + length))
  }

  textAt (at: number, length: number): string {
    return decoder.decode(this.see(at, length))
  }

  u32 (at: number): number {
    return this.view.getUint32(at, true)
  }

  u64 (at: number): number {
    return this.u32(at) + this.u32(at + 4) * 2 ** 32
  }

  free (): void {
    for (const [at, size] of this.#taken) this.#arena.free(at, size)
    this.#taken.length = 0
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Bytes, or those of a text. Throws a TypeError for anything else, for those who write JavaScript. */
export function bytesOf (data: Uint8Array | string): Uint8Array {
  if (typeof data === 'string') return encoder.encode(data)
  if (data instanceof Uint8Array) return data
  throw new TypeError(`data is a string or a Uint8Array, and not ${typeof data}`)
}

/** The two words of a 64-bit argument. */
export function words (value: number): [low: number, high: number] {
  return [value >>> 0, Math.floor(value / 2 ** 32)]
}

const types: Readonly<Record<number, FileStat['type']>> = {
  [FileType.REGULAR]: 'file', [FileType.DIRECTORY]: 'directory', [FileType.SYMBOLIC_LINK]: 'symlink',
  [FileType.CHARACTER_DEVICE]: 'device', [FileType.BLOCK_DEVICE]: 'device'
}

export function typeName (type: number): FileStat['type'] {
  return types[type] ?? 'other'
}

export const FILESTAT_BYTES = 64

export function takeFilestat (room: Room, at: number): FileStat {
  // Exact to the microsecond: ns since 1970 are too many for a number.
  const ms = (from: number): number => Math.round(room.u64(from) / 1000) / 1000
  return {
    device: room.u64(at), inode: room.u64(at + 8), type: typeName(room.view.getUint8(at + 16)), links: room.u64(at + 24), size: room.u64(at + 32),
    accessedMs: ms(at + 40), modifiedMs: ms(at + 48), changedMs: ms(at + 56)
  }
}
