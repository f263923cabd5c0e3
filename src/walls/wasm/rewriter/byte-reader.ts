// Reads the primitive encodings of the WebAssembly binary format: bytes, LEB128 numbers, names, counts.
//
// Invariants: never reads at or beyond `end`; a count is believed only if that many bytes are left, so no length
// field can make a caller loop or allocate beyond the size of the input; a number of more bytes than the engine reads
// is refused here, so both agree on where the next field begins.
// Source: WebAssembly Core Specification, 5.2 Values.

import { decodeUtf8 } from '../../../fiber/index.ts'
import { malformed } from './fault.ts'

export class ByteReader {
  readonly bytes: Uint8Array
  /** The next byte to read. */
  pos: number
  /** One past the last byte that may be read. */
  end: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes
    this.pos = start
    this.end = end
  }

  u8(): number {
    if (this.pos >= this.end) throw malformed('unexpected end', this.pos)
    return this.bytes[this.pos++]!
  }

  u32(): number {
    const first = this.u8()
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.u8()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    const last = this.u8()
    if (last > 0x0f) throw malformed('number too long for 32 bits', this.pos - 1)
    return (value | (last << 28)) >>> 0
  }

  /** A 64-bit unsigned number as a double: exact up to 2 ** 53, which is far above every limit it is compared with. */
  u64(): number {
    let value = 0
    let scale = 1
    for (let index = 0; index < 9; index++) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    const last = this.u8()
    if (last > 1) throw malformed('number too long for 64 bits', this.pos - 1)
    return value + last * scale
  }

  /** A signed number of at most `bytesMax` bytes as a double (32 bits: 5 bytes, 64 bits: 10 bytes). */
  signed(bytesMax: number): number {
    let value = 0
    let scale = 1
    for (let index = 0; index < bytesMax; index++) {
      const byte = this.u8()
      value += (byte & 0x7f) * scale
      scale *= 128
      if (byte < 0x80) return byte & 0x40 ? value - scale : value
    }
    throw malformed('number too long', this.pos - 1)
  }

  /** Passes over a number without its value. */
  skipNumber(bytesMax: number): void {
    for (let index = 0; index < bytesMax; index++) if (this.u8() < 0x80) return
    throw malformed('number too long', this.pos - 1)
  }

  skip(count: number): void {
    if (count > this.end - this.pos) throw malformed('unexpected end', this.end)
    this.pos += count
  }

  /** The number of entries of a vector; each entry takes at least one byte, so a larger count is a lie. */
  count(): number {
    const at = this.pos
    const count = this.u32()
    if (count > this.end - this.pos) throw malformed(`${count} entries do not fit`, at)
    return count
  }

  name(): string {
    const at = this.pos
    const length = this.count()
    const text = decodeUtf8(this.bytes, this.pos, length)
    if (text === null) throw malformed('name is not UTF-8', at)
    this.pos += length
    return text
  }

  expectEnd(what: string): void {
    if (this.pos !== this.end) throw malformed(`${what} has ${this.end - this.pos} bytes too many`, this.pos)
  }
}
