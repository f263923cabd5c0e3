/**
 * States as bytes: values of plain data, each by a letter and what follows it.
 *
 *     n f t         null, false, true
 *     i w           a whole number of 32 bits with its sign; any other number, 64 bits
 *     s b           a text (UTF-8) and bytes: their length, and they
 *     l             a list: how many, and they
 *     r             a record: how many, and for each a text and a value
 *
 * Numbers are little endian. One value has one sequence of bytes, so that equal states are equal files. Reading takes nothing for
 * granted: every length is looked at before anything is made, and nothing that is read becomes anything but data.
 */

import { StateError } from '../../roles/index.ts'
import type { StateValue } from '../../roles/index.ts'

/** Lists and records within one another. */
const DEPTH_MAX = 64

const letter = (text: string): number => text.charCodeAt(0)
const NULL = letter('n')
const FALSE = letter('f')
const TRUE = letter('t')
const WHOLE = letter('i')
const NUMBER = letter('w')
const TEXT = letter('s')
const BYTES = letter('b')
const LIST = letter('l')
const RECORD = letter('r')

class Writer {
  #bytes = new Uint8Array(4096)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get bytes (): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #take (size: number): number {
    const at = this.#length
    this.#length += size
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    return at
  }

  byte (value: number): void {
    const at = this.#take(1)
    this.#view.setUint8(at, value)
  }

  word (value: number): void {
    const at = this.#take(4)
    this.#view.setUint32(at, value, true)
  }

  number (value: number): void {
    const at = this.#take(8)
    this.#view.setFloat64(at, value, true)
  }

  block (bytes: Uint8Array): void {
    this.word(bytes.length)
    const at = this.#take(bytes.length)
    this.#bytes.set(bytes, at)
  }

  text (text: string): void {
    this.block(new TextEncoder().encode(text))
  }

  value (value: StateValue): void {
    if (value === null) this.byte(NULL)
    else if (typeof value === 'boolean') this.byte(value ? TRUE : FALSE)
    else if (typeof value === 'number') {
      const whole = (value | 0) === value && !Object.is(value, -0)
      this.byte(whole ? WHOLE : NUMBER)
      if (whole) this.word(value)
      else this.number(value)
    } else if (typeof value === 'string') {
      this.byte(TEXT)
      this.text(value)
    } else if (value instanceof Uint8Array) {
      this.byte(BYTES)
      this.block(value)
    } else if (Array.isArray(value)) {
      this.byte(LIST)
      this.word(value.length)
      for (const item of value as readonly StateValue[]) this.value(item)
    } else {
      // What is undefined is not there: a plan's options may say so.
      const entries = Object.entries(value).filter(([, item]) => item !== undefined)
      this.byte(RECORD)
      this.word(entries.length)
      for (const [name, item] of entries) {
        this.text(name)
        this.value(item)
      }
    }
  }
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #at = 0

  constructor (bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd (): boolean {
    return this.#at === this.#bytes.length
  }

  #take (size: number): number {
    const at = this.#at
    if (at + size > this.#bytes.length) throw new StateError('it ends too early')
    this.#at += size
    return at
  }

  #word (): number {
    return this.#view.getUint32(this.#take(4), true)
  }

  #block (): Uint8Array {
    const length = this.#word()
    const at = this.#take(length)
    return this.#bytes.slice(at, at + length)
  }

  #text (): string {
    try {
      return this.#decoder.decode(this.#block())
    } catch (error) {
      throw error instanceof StateError ? error : new StateError('a text in it is no UTF-8')
    }
  }

  /** How many things follow, each of `least` bytes at least. */
  #count (least: number): number {
    const count = this.#word()
    if (count * least > this.#bytes.length - this.#at) throw new StateError('it ends too early')
    return count
  }

  value (depth = 0): StateValue {
    if (depth > DEPTH_MAX) throw new StateError(`it has more than ${DEPTH_MAX} lists within one another`)
    const kind = this.#view.getUint8(this.#take(1))
    switch (kind) {
      case NULL: return null
      case FALSE: return false
      case TRUE: return true
      case WHOLE: return this.#view.getInt32(this.#take(4), true)
      case NUMBER: return this.#view.getFloat64(this.#take(8), true)
      case TEXT: return this.#text()
      case BYTES: return this.#block()
      case LIST: return Array.from({ length: this.#count(1) }, () => this.value(depth + 1))
      case RECORD: {
        // Names are anybody's: an object of the language has some of its own.
        const record = Object.create(null) as Record<string, StateValue>
        for (let left = this.#count(5); left > 0; left--) {
          const name = this.#text()
          record[name] = this.value(depth + 1)
        }
        return record
      }
      default: throw new StateError(`it has a value of no kind (${kind})`)
    }
  }
}

export function encodeState (value: StateValue): Uint8Array {
  const writer = new Writer()
  writer.value(value)
  return writer.bytes
}

/** The opposite. Throws a StateError for what `encodeState` does not give. */
export function decodeState (bytes: Uint8Array): StateValue {
  const reader = new Reader(bytes)
  const value = reader.value()
  if (!reader.isAtEnd) throw new StateError('something follows its end')
  return value
}
