/**
 * Frames through a pipe of the host, to a process that shares no memory: how many words follow, and those. Many frames
 * go in one write.
 */

import { FRAME_WORDS_MAX, FrameReader, FrameWriter, Malformed } from '../ring/index.ts'
import type { Channel, FarChannel } from '../ring/index.ts'

const BATCH_BYTES = 2 ** 16

/** Frames on their way out, as bytes. */
class Outgoing {
  #bytes = new Uint8Array(BATCH_BYTES)
  #length = 0

  put (frame: FrameWriter): void {
    const size = 8 * (1 + frame.length)
    if (this.#length + size > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#length + size, 2 * this.#bytes.length))
      bytes.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = bytes
    }
    // Frames are whole words, so they lie on word boundaries.
    const words = new Float64Array(this.#bytes.buffer, this.#length, 1 + frame.length)
    words[0] = frame.length
    words.set(frame.words.subarray(0, frame.length), 1)
    this.#length += size
  }

  get isFull (): boolean {
    return this.#length >= BATCH_BYTES
  }

  /** All bytes, which are the taker's. Null when there are none. */
  take (): Uint8Array | null {
    if (this.#length === 0) return null
    const bytes = this.#bytes.slice(0, this.#length)
    this.#length = 0
    return bytes
  }
}

/** Frames out of bytes that come in any portions. */
class Incoming {
  readonly #frame = new FrameReader()
  readonly #chunks: Uint8Array[] = []
  /** Bytes of the first chunk that are taken. */
  #at = 0
  #available = 0
  /** Words of the frame that is under way; -1 before that is known. */
  #expected = -1

  add (bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#chunks.push(bytes)
    this.#available += bytes.length
  }

  next (): FrameReader | null {
    const frame = this.#frame
    if (this.#expected < 0) {
      if (this.#available < 8) return null
      frame.begin(1)
      this.#copy(frame, 8)
      const count = frame.words[0]!
      if (!(Number.isInteger(count) && count > 0 && count <= FRAME_WORDS_MAX)) throw new Malformed(`a frame of ${count} words`)
      this.#expected = count
    }
    if (this.#available < 8 * this.#expected) return null
    frame.begin(this.#expected)
    this.#copy(frame, 8 * this.#expected)
    this.#expected = -1
    return frame
  }

  #copy (frame: FrameReader, length: number): void {
    const target = new Uint8Array(frame.words.buffer, 0, length)
    for (let done = 0; done < length;) {
      const chunk = this.#chunks[0]!
      const count = Math.min(chunk.length - this.#at, length - done)
      target.set(chunk.subarray(this.#at, this.#at + count), done)
      done += count
      this.#at += count
      if (this.#at === chunk.length) {
        this.#chunks.shift()
        this.#at = 0
      }
    }
    this.#available -= length
  }
}

/** The kernel's end. What comes is given to it by whoever hears the host. */
export class KernelPipe implements Channel {
  readonly out = new FrameWriter()
  readonly #outgoing = new Outgoing()
  readonly #incoming = new Incoming()
  readonly #write: (bytes: Uint8Array) => void

  constructor (write: (bytes: Uint8Array) => void) {
    this.#write = write
  }

  received (bytes: Uint8Array): void {
    this.#incoming.add(bytes)
  }

  send (): boolean {
    this.#outgoing.put(this.out)
    return true
  }

  receive (): FrameReader | null {
    return this.#incoming.next()
  }

  flush (): boolean {
    const bytes = this.#outgoing.take()
    if (bytes !== null) this.#write(bytes)
    return bytes !== null
  }
}

/** The end of the process, which does nothing else while it waits. */
export class FarPipe implements FarChannel {
  readonly out = new FrameWriter()
  readonly #outgoing = new Outgoing()
  readonly #incoming = new Incoming()
  readonly #write: (bytes: Uint8Array) => void
  readonly #read: () => Uint8Array | null
  #next: FrameReader | null = null

  constructor (write: (bytes: Uint8Array) => void, read: () => Uint8Array | null) {
    this.#write = write
    this.#read = read
  }

  send (): boolean {
    this.#outgoing.put(this.out)
    if (this.#outgoing.isFull) this.flush()
    return true
  }

  receive (): FrameReader | null {
    const frame = this.#next ?? this.#incoming.next()
    this.#next = null
    return frame
  }

  flush (): boolean {
    const bytes = this.#outgoing.take()
    if (bytes !== null) this.#write(bytes)
    return bytes !== null
  }

  wait (): boolean {
    this.flush()
    while (this.#next === null && (this.#next = this.#incoming.next()) === null) {
      const bytes = this.#read()
      if (bytes === null) return false
      this.#incoming.add(bytes)
    }
    return true
  }
}
