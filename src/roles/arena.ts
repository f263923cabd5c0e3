/**
 * Arenas: the byte memory of a domain.
 *
 * Whatever is bytes in a real system is bytes here: buffers, caches, rings, message buffers. Only `direct` neighbours
 * share an arena. A service allocates from its domain's arena and keeps addresses, never views: growing the arena
 * moves it (`bytes` is another array afterwards), so `bytes` and `view` are read anew after anything that may grow it.
 * A program's arena is its WebAssembly memory, which the program itself grows; `bytes` follows.
 *
 * Address 0 is never given out. Free lists are kept by powers of two (the buddy sizes, without joining).
 */

import { assert } from '../fiber/index.ts'

const SMALLEST = 16
const FIRST_ADDRESS = 4096
/** A page of WebAssembly, and how many of them a memory can have. */
const PAGE_BYTES = 65536
const PAGES_MAX = 65536
/**
 * An arena that grows to this is from then on the memory of a WebAssembly.Memory: that grows where it stands, and the host gives
 * its pages when they are touched, where a buffer is made anew and written full of zeros. A small one is a buffer: the
 * host has few of those memories, and programs want them.
 */
const STANDING_BYTES = 4 * 1024 * 1024
/** Views kept of parts that were copied from lately; a power of two. */
const PARTS_KEPT = 16
/** Programs' buffers and pages of files mostly differ from here on. */
const PART_SHIFT = 12

/** What an arena has as `bytes` that is to look anew. */
const noBytes = new Uint8Array(0)

export interface ArenaOptions {
  readonly name: string
  /** Bytes at the start. */
  readonly sizeBytes?: number
  /** Where growth ends; an allocation beyond fails with address 0. */
  readonly sizeBytesMax: number
  /** Asked before it grows by so many bytes; without it, it may. */
  readonly mayGrow?: (bytes: number) => boolean
}

export class Arena {
  readonly name: string
  readonly sizeBytesMax: number
  #bytes: Uint8Array<ArrayBufferLike>
  #view: DataView
  #memory: WebAssembly.Memory | null
  /** Bytes that a program's had when it ended; -1 before, and of every other. */
  #retiredBytes = -1
  readonly #mayGrow: ((bytes: number) => boolean) | undefined
  /**
   * The bytes of a shared memory, whose buffer keeps its length when the memory grows: `#bytes` is empty then, as that
   * of a memory is that has grown, so that each look takes the way that follows it.
   */
  #shared: Uint8Array<ArrayBufferLike> | null = null
  /** What a large arena grows in. */
  #standing: WebAssembly.Memory | null = null
  /** Memory that another thread looks at too. */
  readonly #growable: SharedArrayBuffer | null
  #top = FIRST_ADDRESS
  #allocated = 0
  /** Free addresses by log2 of their size, where there were any: every program's memory is an arena, and has none. */
  readonly #free: (number[] | undefined)[] = []
  /** Views and their addresses, by a few bits of the address. One of bytes that have moved has no length any more. */
  readonly #parts: Uint8Array<ArrayBufferLike>[] = []
  readonly #partAddresses: number[] = []

  constructor (options: ArenaOptions, memory: WebAssembly.Memory | null = null, growable: SharedArrayBuffer | null = null) {
    this.name = options.name
    this.sizeBytesMax = options.sizeBytesMax
    this.#memory = memory
    this.#growable = growable
    this.#mayGrow = options.mayGrow
    const buffer = memory?.buffer ?? growable ?? new ArrayBuffer(options.sizeBytes ?? 64 * 1024)
    this.#bytes = new Uint8Array(buffer)
    this.#view = new DataView(buffer)
    if (memory !== null && !(buffer instanceof ArrayBuffer)) {
      this.#shared = this.#bytes
      this.#bytes = noBytes
    }
  }

  /** The arena of a program: its linear memory. Nothing can be allocated in it: the program's own allocator knows nothing of that. */
  static ofMemory (name: string, memory: WebAssembly.Memory): Arena {
    return new Arena({ name, sizeBytesMax: 2 ** 32 }, memory)
  }

  /**
   * An arena in memory that another thread looks at too. Its bytes grow where they stand, and with them whatever view of
   * them there is, in every thread at the same moment.
   */
  static inShared (options: ArenaOptions, buffer: SharedArrayBuffer): Arena {
    return new Arena(options, null, buffer)
  }

  /** The arena of a domain in another thread, as it is seen here: nothing can be allocated in it. */
  static ofShared (name: string, buffer: SharedArrayBuffer): Arena {
    return new Arena({ name, sizeBytesMax: 0 }, null, buffer)
  }

  /** Makes sure that it has so many bytes, for who writes at addresses that somebody else has given out; false when it cannot. */
  cover (sizeBytes: number): boolean {
    return sizeBytes <= this.#bytes.length || (sizeBytes <= this.sizeBytesMax && this.#grow(sizeBytes))
  }

  /**
   * The program has ended, and its memory may become another's. Who still names bytes of it by a window, as nobody should,
   * finds zeros and writes nowhere.
   */
  retire (): void {
    this.#retiredBytes = this.sizeBytes
    this.#memory = null
    this.#shared = null
    this.#bytes = noBytes
    this.#parts.length = 0
    this.#partAddresses.length = 0
  }

  /** All bytes now. Not to be kept. */
  get bytes (): Uint8Array<ArrayBufferLike> {
    return this.#bytes.length === 0 ? this.#follow() : this.#bytes
  }

  /** All bytes now, as a DataView. Not to be kept. */
  get view (): DataView {
    if (this.#bytes.length === 0) this.#follow()
    return this.#view
  }

  get sizeBytes (): number {
    return this.bytes.length
  }

  /**
   * Some bytes now, as an array of no more than them: what a copy by the host's `set` wants for its source, and costs as
   * much as the copy of a page to make anew. Not to be kept.
   */
  part (at: number, length: number): Uint8Array<ArrayBufferLike> {
    const index = (at >>> PART_SHIFT) & (PARTS_KEPT - 1)
    if (this.#partAddresses[index] === at) {
      const kept = this.#parts[index]!
      if (kept.length === length) return kept
    }
    const part = this.bytes.subarray(at, at + length)
    while (this.#parts.length <= index) {
      this.#parts.push(part)
      this.#partAddresses.push(-1)
    }
    this.#parts[index] = part
    this.#partAddresses[index] = at
    return part
  }

  /** Bytes given out by `allocate` and not freed. */
  get allocatedBytes (): number {
    return this.#allocated
  }

  /** The address of `size` bytes, zeroed, aligned to 16; 0 when the arena may not grow that far, or the host has no memory. */
  allocate (size: number): number {
    if (this.#memory !== null || this.#retiredBytes >= 0 || !(size >= 0 && size <= this.sizeBytesMax)) return 0
    const order = orderOf(size)
    const block = 2 ** order
    let address = this.#free[order]?.pop() ?? 0
    if (address === 0) {
      const top = this.#top + block
      if (top > this.sizeBytesMax || (top > this.#bytes.length && !this.#grow(top))) return 0
      address = this.#top
      this.#top = top
    } else {
      this.#bytes.fill(0, address, address + block)
    }
    this.#allocated += block
    return address
  }

  /** Gives back what `allocate(size)` gave; `size` is the same. */
  free (address: number, size: number): void {
    assert(address >= FIRST_ADDRESS && address < this.#top, `arena ${this.name}: free of address ${address}`)
    const order = orderOf(size)
    this.#allocated -= 2 ** order
    const free = this.#free[order]
    if (free === undefined) this.#free[order] = [address]
    else free.push(address)
  }

  /** False when the host has no memory for that. */
  #grow (needed: number): boolean {
    const wanted = Math.min(this.sizeBytesMax, Math.max(needed, this.#bytes.length * 2))
    const stands = wanted >= STANDING_BYTES && wanted <= PAGES_MAX * PAGE_BYTES
    const size = stands ? Math.ceil(wanted / PAGE_BYTES) * PAGE_BYTES : wanted
    if (this.#mayGrow?.(size - this.#bytes.length) === false) return false
    if (this.#growable !== null) return growTo(this.#growable, size)
    const buffer = (stands ? this.#stand(size) : null) ?? this.#move(size)
    if (buffer === null) return false
    this.#bytes = new Uint8Array(buffer)
    this.#view = new DataView(buffer)
    return true
  }

  /** Grows where it stands, having moved there the first time; null when the host has no such memory, or no more of it. */
  #stand (size: number): ArrayBuffer | null {
    const moved = this.#bytes.buffer as ArrayBuffer
    const known = this.#standing
    const pages = size / PAGE_BYTES
    try {
      if (known !== null) {
        known.grow(pages - moved.byteLength / PAGE_BYTES)
        return known.buffer
      }
      const memory = new WebAssembly.Memory({ initial: pages, maximum: Math.min(PAGES_MAX, Math.ceil(this.sizeBytesMax / PAGE_BYTES)) })
      new Uint8Array(memory.buffer).set(this.#bytes)
      this.#standing = memory
      // Whoever has kept a view of the old bytes must see that they are gone.
      moved.transfer(0)
      return memory.buffer
    } catch (error) {
      if (error instanceof RangeError) return null
      throw error
    }
  }

  #move (size: number): ArrayBuffer | null {
    if (this.#standing !== null) return null
    try {
      return (this.#bytes.buffer as ArrayBuffer).transfer(size)
    } catch (error) {
      if (error instanceof RangeError) return null
      throw error
    }
  }

  /** The bytes of a memory that has grown, or may have. */
  #follow (): Uint8Array<ArrayBufferLike> {
    const memory = this.#memory
    if (this.#retiredBytes > 0) {
      this.#bytes = new Uint8Array(this.#retiredBytes)
      this.#view = new DataView(this.#bytes.buffer)
    }
    if (memory === null) return this.#bytes
    const known = this.#shared ?? this.#bytes
    if (known.buffer === memory.buffer) return known
    const bytes = new Uint8Array(memory.buffer)
    this.#view = new DataView(memory.buffer)
    if (this.#shared === null) this.#bytes = bytes
    else this.#shared = bytes
    return bytes
  }
}

function growTo (buffer: SharedArrayBuffer, size: number): boolean {
  try {
    buffer.grow(Math.min(buffer.maxByteLength, size))
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function orderOf (size: number): number {
  let order = 4
  for (let block = SMALLEST; block < size; block *= 2) order++
  return order
}
