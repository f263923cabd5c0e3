// fd_read and fd_seek as one would write them by hand for one kind of file: no personality, no VFS, no file system, no window.
// What they check and do for the program is what the services do: memory bounds, descriptor, right, position, copy, count.

import { Errno } from '../src/fiber/index.ts'
import { IOVECS_MAX, Rights, RIGHTS_ALL, Whence, type Arena, type CopyCounter } from '../src/roles/index.ts'

interface OpenFile {
  readonly rights: number
  position: number
  size: number
  pages: Uint8Array
}

const iovecBytes = 8

export class FusedReads {
  readonly #memory: () => Arena
  readonly #counter: CopyCounter
  readonly #files: (OpenFile | undefined)[] = []

  constructor (memory: () => Arena, counter: CopyCounter) {
    this.#memory = memory
    this.#counter = counter
  }

  readonly read = (fd: number, iovs: number, count: number, out: number): number => {
    const memory = this.#memory()
    const view = memory.view
    const vector = iovs >>> 0
    const countOut = out >>> 0
    if (countOut + 4 > view.byteLength) return Errno.EFAULT
    if (count >>> 0 > IOVECS_MAX) return Errno.EINVAL
    if (vector + iovecBytes * count > view.byteLength) return Errno.EFAULT
    const file = this.#files[fd]
    if (file === undefined) return Errno.EBADF
    if ((file.rights & Rights.FD_READ) === 0) return Errno.ENOTCAPABLE
    let total = 0
    for (let at = vector; at < vector + iovecBytes * count; at += iovecBytes) {
      const to = view.getUint32(at, true)
      const length = view.getUint32(at + 4, true)
      if (to + length > view.byteLength) return Errno.EFAULT
      const size = Math.min(length, file.size - file.position)
      if (size <= 0) break
      copy(memory.bytes, to, file.pages, file.position, size)
      file.position += size
      total += size
    }
    this.#counter.bytesCopied += total
    view.setUint32(countOut, total, true)
    return Errno.SUCCESS
  }

  readonly seek = (fd: number, offsetLo: number, offsetHi: number, whence: number, out: number): number => {
    const view = this.#memory().view
    const positionOut = out >>> 0
    if (positionOut + 8 > view.byteLength) return Errno.EFAULT
    const file = this.#files[fd]
    if (file === undefined) return Errno.EBADF
    if ((file.rights & Rights.FD_SEEK) === 0) return Errno.ENOTCAPABLE
    const base = whence === Whence.SET ? 0 : whence === Whence.CURRENT ? file.position : file.size
    const position = base + offsetHi * 2 ** 32 + (offsetLo >>> 0)
    if (position < 0) return Errno.EINVAL
    file.position = position
    view.setUint32(positionOut, position >>> 0, true)
    view.setUint32(positionOut + 4, Math.floor(position / 2 ** 32), true)
    return Errno.SUCCESS
  }

  /** What the program writes to a file is there to be read. */
  append (fd: number, bytes: Uint8Array): void {
    const file = this.#files[fd] ??= { rights: RIGHTS_ALL, position: 0, size: 0, pages: new Uint8Array(2 ** 16) }
    while (file.pages.length < file.size + bytes.length) {
      const larger = new Uint8Array(file.pages.length * 2)
      larger.set(file.pages)
      file.pages = larger
    }
    file.pages.set(bytes, file.size)
    file.size += bytes.length
  }

  /** A copy of the bytes that a vector names. */
  gather (iovs: number, count: number): Uint8Array {
    const { view, bytes } = this.#memory()
    const parts: number[] = []
    for (let at = iovs >>> 0; at < (iovs >>> 0) + iovecBytes * count; at += iovecBytes) {
      const from = view.getUint32(at, true)
      parts.push(...bytes.subarray(from, from + view.getUint32(at + 4, true)))
    }
    return Uint8Array.from(parts)
  }
}

/** Below this a loop is faster than making a view. */
const loopBytes = 24

function copy (target: Uint8Array, to: number, source: Uint8Array, from: number, length: number): void {
  if (length <= loopBytes) for (let n = 0; n < length; n++) target[to + n] = source[from + n]!
  else target.set(source.subarray(from, from + length), to)
}
