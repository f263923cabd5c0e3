/**
 * A program of the suite: it makes calls as one compiled for WASI would, through its own memory, and says what it
 * expects. Errors are named by their errno; where the real systems differ a list names all that are right.
 */

import { errnoName, settle } from '../../../fiber/index.ts'
import type { ErrnoName, Eventual, Fiber } from '../../../fiber/index.ts'
import { OpenFlags, RIGHTS_ALL } from '../../../roles/index.ts'
import type { Arena, SystemCalls } from '../../../roles/index.ts'

export class Unexpected extends Error {
  override name = 'Unexpected'
}

/** One errno, or several that are all right. */
export type Expected = ErrnoName | readonly ErrnoName[]

/** Bytes of the program's memory that a case uses, from the subject's `scratch` on. */
export const SCRATCH_BYTES = 65536
/** What untouched memory of a case holds. */
export const FILL = 0xee

export interface OpenOptions {
  readonly from?: number
  readonly follow?: boolean
  readonly create?: boolean
  readonly directory?: boolean
  readonly exclusive?: boolean
  readonly truncate?: boolean
  readonly rights?: number
  readonly inheriting?: number
  readonly flags?: number
}

/** What a filestat says; times in ns. */
export interface Filestat {
  readonly device: bigint
  readonly inode: bigint
  readonly type: number
  readonly links: bigint
  readonly size: bigint
  readonly access: bigint
  readonly modify: bigint
  readonly change: bigint
}

type Call = (...args: number[]) => Eventual<number>

export class Guest {
  readonly memory: Arena
  readonly #calls: Record<string, Call>
  readonly #scratch: number
  #top: number
  /** The directory that the case has to itself. */
  readonly directory: number

  constructor (calls: SystemCalls, memory: Arena, scratch: number, directory: number) {
    this.#calls = calls as unknown as Record<string, Call>
    this.memory = memory
    this.#scratch = scratch
    this.#top = scratch
    this.directory = directory
    memory.bytes.fill(FILL, scratch, scratch + SCRATCH_BYTES)
  }

  // ---- memory

  /** The address of `size` bytes of memory. */
  room (size: number): number {
    const at = this.#top
    this.#top += Math.ceil(size / 8) * 8
    if (this.#top > this.#scratch + SCRATCH_BYTES) throw new Unexpected('the case uses more memory than it has')
    return at
  }

  /** Puts a text, one byte for each character up to U+00FF, and returns its address and length. */
  bytes (text: string): [at: number, length: number] {
    const at = this.room(text.length)
    for (let i = 0; i < text.length; i++) this.memory.bytes[at + i] = text.charCodeAt(i)
    return [at, text.length]
  }

  /** Puts a vector of buffers. */
  vector (pieces: readonly (readonly [at: number, length: number])[]): [at: number, count: number] {
    const at = this.room(8 * pieces.length)
    pieces.forEach(([address, length], i) => {
      this.memory.view.setUint32(at + 8 * i, address, true)
      this.memory.view.setUint32(at + 8 * i + 4, length, true)
    })
    return [at, pieces.length]
  }

  text (at: number, length: number): string {
    return String.fromCharCode(...this.memory.bytes.subarray(at, at + length))
  }

  u32 (at: number): number {
    return this.memory.view.getUint32(at, true)
  }

  u64 (at: number): bigint {
    return this.memory.view.getBigUint64(at, true)
  }

  // ---- calls

  /** Makes a call; the name of its errno. */
  * call (name: keyof SystemCalls, ...args: number[]): Fiber<ErrnoName> {
    return errnoName(yield * settle(this.#calls[name]!(...args))) as ErrnoName
  }

  /** Makes a call that has to come out as expected. */
  * expect (expected: Expected, name: keyof SystemCalls, ...args: number[]): Fiber<ErrnoName> {
    return check(yield * this.call(name, ...args), expected, `${name}(${args.join(', ')})`)
  }

  /** A call on a path of the case's directory. */
  * #onPath (name: keyof SystemCalls, path: string, expected: Expected, from = this.directory): Fiber<void> {
    check(yield * this.call(name, from, ...this.bytes(path)), expected, `${name} '${path}'`)
  }

  mkdir (path: string, expected: Expected = 'SUCCESS'): Fiber<void> {
    return this.#onPath('path_create_directory', path, expected)
  }

  rmdir (path: string, expected: Expected = 'SUCCESS'): Fiber<void> {
    return this.#onPath('path_remove_directory', path, expected)
  }

  unlink (path: string, expected: Expected = 'SUCCESS', from = this.directory): Fiber<void> {
    return this.#onPath('path_unlink_file', path, expected, from)
  }

  * symlink (target: string, path: string, expected: Expected = 'SUCCESS'): Fiber<void> {
    const errno = yield * this.call('path_symlink', ...this.bytes(target), this.directory, ...this.bytes(path))
    check(errno, expected, `path_symlink '${target}' '${path}'`)
  }

  * rename (from: string, to: string, expected: Expected = 'SUCCESS'): Fiber<void> {
    const errno = yield * this.call('path_rename', this.directory, ...this.bytes(from), this.directory, ...this.bytes(to))
    check(errno, expected, `path_rename '${from}' '${to}'`)
  }

  * link (from: string, to: string, expected: Expected = 'SUCCESS', follow = false): Fiber<void> {
    const errno = yield * this.call('path_link', this.directory, follow ? 1 : 0, ...this.bytes(from), this.directory, ...this.bytes(to))
    check(errno, expected, `path_link '${from}' '${to}'`)
  }

  /** The target of a link, as far as it fits in `room` bytes. */
  * readlink (path: string, room = 256): Fiber<string> {
    const buffer = this.room(room)
    const used = this.room(4)
    check(yield * this.call('path_readlink', this.directory, ...this.bytes(path), buffer, room, used), 'SUCCESS', `path_readlink '${path}'`)
    return this.text(buffer, this.u32(used))
  }

  /** Opens a path; its descriptor, or -1 where an error was expected and came. */
  * open (path: string, options: OpenOptions = {}, expected: Expected = 'SUCCESS'): Fiber<number> {
    const out = this.room(4)
    const openFlags = (options.create ? OpenFlags.CREATE : 0) | (options.directory ? OpenFlags.DIRECTORY : 0) |
      (options.exclusive ? OpenFlags.EXCLUSIVE : 0) | (options.truncate ? OpenFlags.TRUNCATE : 0)
    const from = options.from ?? this.directory
    const rights = options.rights ?? (yield * this.rights(from)).inheriting
    const errno = yield * this.call('path_open', from, options.follow ? 1 : 0, ...this.bytes(path), openFlags,
      rights, 0, options.inheriting ?? rights, 0, options.flags ?? 0, out)
    check(errno, expected, `path_open '${path}' ${JSON.stringify(options)}`)
    return errno === 'SUCCESS' ? this.u32(out) : -1
  }

  /** Makes a file with these contents. */
  * file (path: string, text = ''): Fiber<void> {
    const fd = yield * this.open(path, { create: true, truncate: true })
    if (text !== '') equal(yield * this.write(fd, text), text.length, `write '${path}'`)
    yield * this.close(fd)
  }

  * close (fd: number, expected: Expected = 'SUCCESS'): Fiber<void> {
    yield * this.expect(expected, 'fd_close', fd)
  }

  /** Bytes that were written, or the errno. */
  * write (fd: number, text: string): Fiber<number | ErrnoName> {
    const out = this.room(4)
    const errno = yield * this.call('fd_write', fd, ...this.vector([this.bytes(text)]), out)
    return errno === 'SUCCESS' ? this.u32(out) : errno
  }

  /** What one read gives, or `errno:` and the errno. */
  * read (fd: number, length: number): Fiber<string> {
    const out = this.room(4)
    const buffer = this.room(length)
    const errno = yield * this.call('fd_read', fd, ...this.vector([[buffer, length]]), out)
    return errno === 'SUCCESS' ? this.text(buffer, this.u32(out)) : `errno:${errno}`
  }

  /** The new position, or the errno. */
  * seek (fd: number, offset: bigint, whence: number): Fiber<bigint | ErrnoName> {
    const out = this.room(8)
    const errno = yield * this.call('fd_seek', fd, ...words(offset), whence, out)
    return errno === 'SUCCESS' ? this.u64(out) : errno
  }

  * rights (fd: number): Fiber<{ type: number, flags: number, base: number, inheriting: number }> {
    const out = this.room(24)
    check(yield * this.call('fd_fdstat_get', fd, out), 'SUCCESS', `fd_fdstat_get ${fd}`)
    return {
      type: this.memory.bytes[out]!, flags: this.memory.view.getUint16(out + 2, true),
      base: Number(this.u64(out + 8)) & RIGHTS_ALL, inheriting: Number(this.u64(out + 16)) & RIGHTS_ALL
    }
  }

  * stat (path: string, follow = false, expected: Expected = 'SUCCESS'): Fiber<Filestat> {
    const out = this.room(64)
    check(yield * this.call('path_filestat_get', this.directory, follow ? 1 : 0, ...this.bytes(path), out), expected, `stat '${path}'`)
    return this.#filestat(out)
  }

  * fstat (fd: number): Fiber<Filestat> {
    const out = this.room(64)
    check(yield * this.call('fd_filestat_get', fd, out), 'SUCCESS', `fstat ${fd}`)
    return this.#filestat(out)
  }

  #filestat (at: number): Filestat {
    return {
      device: this.u64(at), inode: this.u64(at + 8), type: this.memory.bytes[at + 16]!, links: this.u64(at + 24), size: this.u64(at + 32),
      access: this.u64(at + 40), modify: this.u64(at + 48), change: this.u64(at + 56)
    }
  }
}

/** The two words of a 64-bit argument, signed as WebAssembly hands them over. */
export function words (value: bigint): [low: number, high: number] {
  return [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))]
}

export function equal (actual: unknown, expected: unknown, what: string): void {
  if (!Object.is(actual, expected)) throw new Unexpected(`${what}: ${String(actual)} instead of ${String(expected)}`)
}

export function holds (condition: boolean, what: string): asserts condition {
  if (!condition) throw new Unexpected(what)
}

function check (errno: ErrnoName, expected: Expected, what: string): ErrnoName {
  const right = typeof expected === 'string' ? errno === expected : expected.includes(errno)
  if (!right) throw new Unexpected(`${what}: ${errno} instead of ${String(expected)}`)
  return errno
}
