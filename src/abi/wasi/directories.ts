/**
 * `fd_readdir`: entries of a directory, as WASI's dirents.
 *
 * The caller's buffer is filled to its last byte, the last entry cut where it ends: less than a full buffer means the
 * end of the directory. An entry's cookie names the place after it, and reading goes on from any cookie. Records come
 * from the files in the form that the FileSystem role gives them, through a buffer in this domain's arena; as the
 * files may be in another domain, what does not make sense in them is an error here (EIO) and nothing worse.
 */

import { Errno, settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { DIRECTORY_RECORD_BYTES, NAME_BYTES_MAX, WRITE, Window, copyBytes } from '../../roles/index.ts'
import type { Arena } from '../../roles/index.ts'
import { DIRECTORY_BYTES_MAX, DIRECTORY_BYTES_MIN } from './limits.ts'
import { inside, offsetOf, put32, put64 } from './memory.ts'
import { begin } from './personality.ts'
import type { Calls, Personality } from './personality.ts'
import { DIRENT_BYTES } from './structures.ts'

export function directoryCalls (personality: Personality): Calls<'fd_readdir'> {
  const { caller, requires, arena, counter } = personality

  function * read (memory: Arena, fd: number, buffer: number, length: number, cookie: number, out: number): Fiber<number> {
    const room = Math.max(DIRECTORY_BYTES_MIN, Math.min(DIRECTORY_BYTES_MAX, 2 * length))
    const scratch = arena.allocate(room)
    if (scratch === 0) return Errno.ENOMEM
    try {
      const window = Window.of(arena, scratch, room, WRITE, counter)!
      const listing = new Listing(memory, buffer, length, cookie)
      do {
        const got = yield * settle(requires.files.readDirectory(fd, listing.cookie, window))
        if (got < 0) return -got
        if (got === 0) break
        if (got > room || !listing.take(arena, scratch, got)) return Errno.EIO
      } while (listing.used < length)
      counter.bytesCopied += listing.used
      put32(memory.view, out, listing.used)
      return Errno.SUCCESS
    } finally {
      arena.free(scratch, room)
    }
  }

  return {
    fd_readdir (fd, buffer, length, cookieLo, cookieHi, out) {
      const memory = caller.memory
      if (memory === null || !inside(memory, out >>> 0, 4) || !inside(memory, buffer >>> 0, length >>> 0)) return Errno.EFAULT
      const cookie = offsetOf(cookieLo, cookieHi)
      // No cookie that was ever given out is as large.
      if (cookie < 0 || cookie === Number.MAX_SAFE_INTEGER) return Errno.EINVAL
      return begin(read(memory, fd, buffer >>> 0, length >>> 0, cookie, out >>> 0))
    }
  }
}

/** A caller's buffer that is being filled with dirents. */
class Listing {
  readonly #memory: Arena
  readonly #buffer: number
  readonly #length: number
  /** Where the next records begin. */
  cookie: number
  /** Bytes that are filled. */
  used = 0
  /** One dirent as it will lie in the caller's memory, where that has no room for all of it. */
  readonly #dirent = new Uint8Array(DIRENT_BYTES)
  readonly #view = new DataView(this.#dirent.buffer)

  constructor (memory: Arena, buffer: number, length: number, cookie: number) {
    this.#memory = memory
    this.#buffer = buffer
    this.#length = length
    this.cookie = cookie
  }

  /** Appends the `got` bytes of records at an address of the arena, until the buffer is full; false when they make no sense. */
  take (arena: Arena, at: number, got: number): boolean {
    const view = arena.view
    const end = at + got
    while (at < end && this.used < this.#length) {
      if (at + DIRECTORY_RECORD_BYTES > end) return false
      const cookie = view.getFloat64(at, true)
      const nameLength = view.getUint32(at + 20, true)
      const name = at + DIRECTORY_RECORD_BYTES
      // An entry that leads back to where its reading began would be read for ever.
      if (cookie === this.cookie || nameLength > NAME_BYTES_MAX || name + nameLength > end) return false
      const whole = this.#length - this.used >= DIRENT_BYTES + nameLength
      const dirent = whole ? this.#memory.view : this.#view
      const to = whole ? this.#buffer + this.used : 0
      put64(dirent, to, cookie)
      put64(dirent, to + 8, view.getFloat64(at + 8, true))
      put32(dirent, to + 16, nameLength)
      // The type, and three bytes that are nothing's.
      put32(dirent, to + 20, view.getUint32(at + 16, true) & 0xff)
      if (whole) {
        copyBytes(this.#memory.bytes, to + DIRENT_BYTES, arena.bytes, name, nameLength)
        this.used += DIRENT_BYTES + nameLength
      } else {
        this.#put(this.#dirent, 0, DIRENT_BYTES)
        this.#put(arena.bytes, name, nameLength)
      }
      this.cookie = cookie
      at = name + Math.ceil(nameLength / 8) * 8
    }
    return true
  }

  /** Appends bytes, as many as there is room for. */
  #put (bytes: Uint8Array, at: number, length: number): void {
    const size = Math.min(length, this.#length - this.used)
    this.#memory.bytes.set(bytes.subarray(at, at + size), this.#buffer + this.used)
    this.used += size
  }
}
