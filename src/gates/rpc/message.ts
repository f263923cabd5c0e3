/**
 * Messages: how small arguments and results cross an `rpc` gate. The core copies them into a message buffer in the
 * receiver's arena, and the receiver's stub takes them from there: numbers as 8-byte words, strings as UTF-8 behind
 * their length, lists behind their count. Windows become grants and capabilities are derived: those are the core's.
 *
 * A message that does not fit its buffer moves to a larger one for the time of the call; beyond MESSAGE_BYTES_MAX it
 * is refused. Every byte written here is counted as copied, once.
 */

import { Errno, decodeUtf8, encodeUtf8, spellingOf, utf8Length } from '../../fiber/index.ts'
import { MESSAGE_BYTES_MAX } from '../../roles/index.ts'
import type { Arena, CopyCounter, KindName, ResultKind } from '../../roles/index.ts'
import { put, putResult, takeResult } from '../marshal.ts'
import { MESSAGE_BYTES } from './limits.ts'
import type { RecordLayout } from './record-layout.ts'

export class Message {
  readonly #arena: Arena
  readonly #counter: CopyCounter
  readonly #home: number
  #words: Float64Array<ArrayBufferLike>
  #base: number
  #size = MESSAGE_BYTES
  /** Where the next byte is put or taken, from the base. */
  #at = 0

  private constructor (arena: Arena, home: number, counter: CopyCounter) {
    this.#arena = arena
    this.#home = home
    this.#words = wordsAt(arena, home)
    this.#base = home
    this.#counter = counter
  }

  /** A message buffer in an arena; null when the arena is full. */
  static in (arena: Arena, counter: CopyCounter): Message | null {
    const address = arena.allocate(MESSAGE_BYTES)
    return address === 0 ? null : new Message(arena, address, counter)
  }

  /** Starts at the beginning: of the arguments, or of the reply. */
  rewind (): void {
    this.#at = 0
  }

  /** Back to its own buffer after a long message. */
  reset (): void {
    if (this.#base !== this.#home) {
      this.#arena.free(this.#base, this.#size)
      this.#base = this.#home
      this.#size = MESSAGE_BYTES
    }
    this.#at = 0
  }

  /** Its own buffer as words, as the arena is now. Not to be kept. */
  get words (): Float64Array<ArrayBufferLike> {
    // An arena that grew has moved.
    if (this.#words.length === 0) this.#words = wordsAt(this.#arena, this.#home)
    return this.#words
  }

  /** Counts `words` numbers as copied that were written there by whoever knows that they fit an ordinary buffer. */
  countWords (words: number): void {
    this.#counter.bytesCopied += 8 * words
  }

  /** A result that is a number: put, and what the caller takes. */
  exchangeNumber (value: number): number {
    const words = this.words
    words[0] = value
    this.#counter.bytesCopied += 8
    return words[0]
  }

  /**
   * A result that is a record of numbers, put behind a word that says it is one, and what the caller takes; null for
   * what does not have the layout's fields in order.
   */
  exchangeInOrder (layout: RecordLayout, result: unknown): Record<string, number> | null {
    if (typeof result !== 'object' || result === null) return null
    const words = this.words
    const record = layout.exchangeInOrder(result as Readonly<Record<string, number>>, words, 1)
    if (record === null) return null
    words[0] = 0
    this.#counter.bytesCopied += 8 + 8 * layout.names.length
    return record
  }

  /** Copies all that was put, from the beginning, into another buffer, to be taken from there; false when that cannot hold it. */
  copyTo (other: Message): boolean {
    other.#at = 0
    if (!other.#room(this.#at)) return false
    other.#arena.bytes.set(this.#arena.part(this.#base, this.#at), other.#base)
    this.#counter.bytesCopied += this.#at
    return true
  }

  /** Counts as copied what was taken from the beginning on: by who has it nowhere else than here. */
  countTaken (): void {
    this.#counter.bytesCopied += this.#at
  }

  /**
   * Any argument: put, and what the receiver takes; undefined when the message grew too long. Throws when it is not what
   * the kind says.
   */
  exchange (kind: KindName, value: unknown): unknown {
    if (kind === 'number' && typeof value === 'number' && this.#at + 8 <= this.#size) return this.#exchangeNumber(value)
    return kind === 'string' ? this.#exchangeString(value as string) : this.#exchangeSlowly(kind, value)
  }

  #exchangeNumber (value: number): number {
    const view = this.#arena.view
    const at = this.#base + this.#at
    this.#at += 8
    this.#counter.bytesCopied += 8
    view.setFloat64(at, value, true)
    return view.getFloat64(at, true)
  }

  #exchangeString (value: string): string | undefined {
    const spelling = typeof value === 'string' ? spellingOf(value) : null
    if (spelling === null) return this.#exchangeSlowly('string', value) as string | undefined
    const length = value.length
    if (!this.#room(8 + length)) return undefined
    const view = this.#arena.view
    const at = this.#base + this.#at
    view.setFloat64(at, length, true)
    spelling.put(view, at + 8)
    this.#at += 8 + length
    this.#counter.bytesCopied += 8 + length
    // What the receiver finds there, it finds by comparing with what it is likely to be.
    if (view.getFloat64(at, true) === length && spelling.isAt(view, at + 8)) return spelling.text
    this.#at -= 8 + length
    return this.takeString()
  }

  #exchangeSlowly (kind: KindName, value: unknown): unknown {
    const from = this.#at
    if (!this.put(kind, value)) return undefined
    this.#at = from
    return this.take(kind)
  }

  /** False when the message grew too long. */
  putNumber (value: number): boolean {
    if (typeof value !== 'number') throw new TypeError(`a number is to cross, and this is none: ${typeof value}`)
    if (!this.#room(8)) return false
    this.#arena.view.setFloat64(this.#base + this.#at, value, true)
    this.#at += 8
    this.#counter.bytesCopied += 8
    return true
  }

  takeNumber (): number {
    const value = this.#arena.view.getFloat64(this.#base + this.#at, true)
    this.#at += 8
    return value
  }

  putString (value: string): boolean {
    if (typeof value !== 'string') throw new TypeError(`a string is to cross, and this is none: ${typeof value}`)
    // No shorter as UTF-8, and looked through from end to end to know that.
    if (value.length > MESSAGE_BYTES_MAX) return false
    const length = utf8Length(value)
    if (!this.#room(8 + length)) return false
    this.#arena.view.setFloat64(this.#base + this.#at, length, true)
    encodeUtf8(value, this.#arena.bytes, this.#base + this.#at + 8)
    this.#at += 8 + length
    this.#counter.bytesCopied += 8 + length
    return true
  }

  takeString (): string {
    const length = this.takeNumber()
    const value = decodeUtf8(this.#arena.bytes, this.#base + this.#at, length)
    this.#at += length
    return value ?? ''
  }

  put (kind: KindName, value: unknown): boolean {
    return put(this, kind, value)
  }

  take (kind: KindName): unknown {
    switch (kind) {
      case 'string': return this.takeString()
      case 'numbers': return Array.from({ length: this.takeNumber() }, () => this.takeNumber())
      case 'strings': return Array.from({ length: this.takeNumber() }, () => this.takeString())
      default: return this.takeNumber()
    }
  }

  /** A result: its value, or the negative error number in its place. Throws what is neither. */
  putResult (result: ResultKind, value: unknown): boolean {
    return putResult(this, result, value)
  }

  takeResult (result: ResultKind): unknown {
    return takeResult(this, result)
  }

  /** Makes sure of `length` more bytes, in a larger buffer if need be. */
  #room (length: number): boolean {
    const needed = this.#at + length
    if (needed <= this.#size) return true
    if (needed > MESSAGE_BYTES_MAX) return false
    const size = Math.min(MESSAGE_BYTES_MAX, Math.max(needed, this.#size * 2))
    const base = this.#arena.allocate(size)
    if (base === 0) return false
    this.#arena.bytes.copyWithin(base, this.#base, this.#base + this.#at)
    if (this.#base !== this.#home) this.#arena.free(this.#base, this.#size)
    this.#base = base
    this.#size = size
    return true
  }
}

function wordsAt (arena: Arena, address: number): Float64Array<ArrayBufferLike> {
  return new Float64Array(arena.bytes.buffer, address, MESSAGE_BYTES / 8)
}

export const TOO_LONG = -Errno.EMSGSIZE
