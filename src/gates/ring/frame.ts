/**
 * Frames: what crosses to another thread or process of the host, as words of 8 bytes. A number is a word; a string its
 * length in bytes and its UTF-8, filled up to whole words; a list its count and what it lists.
 *
 * A frame is written in memory of the writer's own and copied into the channel, and copied out of it before any of it is
 * looked at. So nothing that is checked can change afterwards, whoever writes to the shared memory (time of check, time of
 * use). The reader believes nothing: whatever does not fit in the frame, or is not what was asked for, is `Malformed`.
 */

import { decodeUtf8, encodeUtf8, utf8Length } from '../../fiber/index.ts'
import type { KindName, ResultKind } from '../../roles/index.ts'
import { put, putResult, takeResult } from '../marshal.ts'
import { FRAME_WORDS_MAX } from './limits.ts'

/** What came from the other side cannot be what that side is to send: its fault. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}

const FIRST_WORDS = 64

/** Puts frames together. One for each sender: a frame is sent before the next is begun. */
export class FrameWriter {
  words = new Float64Array(FIRST_WORDS)
  #bytes = new Uint8Array(this.words.buffer)
  /** Words so far. */
  length = 0

  begin (): void {
    this.length = 0
  }

  /** False when the frame grows too long; it is of no use then. */
  putNumber (value: number): boolean {
    if (typeof value !== 'number') throw new TypeError(`a number is to cross, and this is none: ${typeof value}`)
    if (this.length === this.words.length && !this.#grow(1)) return false
    this.words[this.length++] = value
    return true
  }

  /** Overwrites a word that was put before: what is known only later. */
  setNumber (at: number, value: number): void {
    this.words[at] = value
  }

  putString (value: string): boolean {
    if (typeof value !== 'string') throw new TypeError(`a string is to cross, and this is none: ${typeof value}`)
    // No shorter as UTF-8, and looked through from end to end to know that.
    if (value.length > 8 * FRAME_WORDS_MAX) return false
    const length = utf8Length(value)
    const words = 1 + Math.ceil(length / 8)
    if (this.length + words > this.words.length && !this.#grow(words)) return false
    this.words[this.length] = length
    encodeUtf8(value, this.#bytes, (this.length + 1) * 8)
    this.length += words
    return true
  }

  putBytes (bytes: Uint8Array, at: number, length: number): boolean {
    const words = 1 + Math.ceil(length / 8)
    if (this.length + words > this.words.length && !this.#grow(words)) return false
    this.words[this.length] = length
    this.#bytes.set(bytes.subarray(at, at + length), (this.length + 1) * 8)
    this.length += words
    return true
  }

  /** An argument that is no window and no capability. Throws when it is not what the kind says. */
  put (kind: KindName, value: unknown): boolean {
    return put(this, kind, value)
  }

  /** A result: its value, or the negative error number in its place. Throws what is neither. */
  putResult (result: ResultKind, value: unknown): boolean {
    return putResult(this, result, value)
  }

  #grow (more: number): boolean {
    const needed = this.length + more
    if (needed > FRAME_WORDS_MAX) return false
    const words = new Float64Array(Math.min(FRAME_WORDS_MAX, Math.max(needed, this.words.length * 2)))
    words.set(this.words.subarray(0, this.length))
    this.words = words
    this.#bytes = new Uint8Array(words.buffer)
    return true
  }
}

/** Takes frames apart. What it reads is a copy that nobody else can write. */
export class FrameReader {
  words = new Float64Array(FIRST_WORDS)
  #bytes = new Uint8Array(this.words.buffer)
  /** Words of the frame. */
  length = 0
  #at = 0

  /** Makes room for a frame of so many words, to be copied into `words` from 0 on. */
  begin (length: number): void {
    if (length > this.words.length) {
      this.words = new Float64Array(Math.max(length, this.words.length * 2))
      this.#bytes = new Uint8Array(this.words.buffer)
    }
    this.length = length
    this.#at = 0
  }

  /** Makes room for more of the same frame. */
  extend (more: number): void {
    const length = this.length + more
    if (length > this.words.length) {
      const words = new Float64Array(Math.max(length, this.words.length * 2))
      words.set(this.words.subarray(0, this.length))
      this.words = words
      this.#bytes = new Uint8Array(words.buffer)
    }
    this.length = length
  }

  takeNumber (): number {
    if (this.#at >= this.length) throw new Malformed('a frame ends before what it is to hold')
    return this.words[this.#at++]!
  }

  /** A whole number from 0 up, below `limit`: a count, an index, a length. */
  takeCount (limit: number): number {
    const value = this.takeNumber()
    if (!(Number.isInteger(value) && value >= 0 && value < limit)) throw new Malformed(`${value} where a whole number below ${limit} is to be`)
    return value
  }

  takeString (): string {
    const length = this.#takeLength()
    const value = decodeUtf8(this.#bytes, this.#at * 8, length)
    this.#at += Math.ceil(length / 8)
    if (value === null || value === undefined) throw new Malformed('a string that is not UTF-8')
    return value
  }

  /** Copies bytes out, to `target` at `to`; how many there were, at most `room`. */
  takeBytes (target: Uint8Array, to: number, room: number): number {
    const length = this.#takeLength()
    if (length > room) throw new Malformed(`${length} bytes where ${room} have room`)
    target.set(this.#bytes.subarray(this.#at * 8, this.#at * 8 + length), to)
    this.#at += Math.ceil(length / 8)
    return length
  }

  /** The length of bytes that are in the frame. */
  #takeLength (): number {
    return this.takeCount((this.length - this.#at - 1) * 8 + 1)
  }

  take (kind: KindName): unknown {
    switch (kind) {
      case 'string': return this.takeString()
      case 'numbers': return Array.from({ length: this.takeCount(this.length) }, () => this.takeNumber())
      case 'strings': return Array.from({ length: this.takeCount(this.length) }, () => this.takeString())
      default: return this.takeNumber()
    }
  }

  takeResult (result: ResultKind): unknown {
    return takeResult(this, result)
  }

  /** Nothing may be left. */
  end (): void {
    if (this.#at !== this.length) throw new Malformed(`${this.length - this.#at} words more than a frame is to hold`)
  }
}
