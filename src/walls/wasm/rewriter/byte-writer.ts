// A growing byte buffer with the primitive encodings of the WebAssembly binary format.
// Source: WebAssembly Core Specification, 5.2 Values.

/** Below this a loop is faster than a call of `set`. */
const copyLoopMax = 64

export class ByteWriter {
  private buffer: Uint8Array<ArrayBuffer>
  length = 0

  constructor(capacity: number) {
    this.buffer = new Uint8Array(capacity)
  }

  u8(byte: number): void {
    this.reserve(1)
    this.buffer[this.length++] = byte
  }

  u32(value: number): void {
    this.reserve(5)
    let rest = value >>> 0
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.buffer[this.length++] = rest
  }

  /** An unsigned number of up to 53 bits. */
  u64(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.u8((rest % 128) | 0x80)
      rest = Math.floor(rest / 128)
    }
    this.u8(rest)
  }

  /** A signed number of up to 53 bits; the same bytes serve for 32 and 64 bits. */
  signed(value: number): void {
    let rest = value
    for (;;) {
      const low = ((rest % 128) + 128) % 128
      rest = Math.floor(rest / 128)
      if ((rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40)) {
        this.u8(low)
        return
      }
      this.u8(low | 0x80)
    }
  }

  /** A signed number of 64 bits by its halves: the upper one signed, the lower one not. */
  signed64(upper: number, lower: number): void {
    let [high, low] = [upper | 0, lower | 0]
    for (;;) {
      const byte = low & 0x7f
      low = (low >>> 7) | (high << 25)
      high >>= 7
      if ((high === 0 && low === 0 && byte < 0x40) || (high === -1 && low === -1 && byte >= 0x40)) {
        this.u8(byte)
        return
      }
      this.u8(byte | 0x80)
    }
  }

  /** Appends source[start, end). */
  copy(source: Uint8Array, start: number, end: number): void {
    const count = end - start
    this.reserve(count)
    if (count < copyLoopMax) {
      for (let at = start; at < end; at++) this.buffer[this.length++] = source[at]!
      return
    }
    this.buffer.set(source.subarray(start, end), this.length)
    this.length += count
  }

  append(other: ByteWriter): void {
    this.copy(other.buffer, 0, other.length)
  }

  name(bytes: Uint8Array): void {
    this.u32(bytes.length)
    this.copy(bytes, 0, bytes.length)
  }

  clear(): void {
    this.length = 0
  }

  /** What was written, valid until more is written. */
  view(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.length)
  }

  /** Leaves bytes to be written by `after`. */
  leave(count: number): void {
    this.reserve(count)
    this.length += count
  }

  /** What was written from byte `from` on, after what another has written: a view, if that fits in before it. */
  after(before: ByteWriter, from: number): Uint8Array<ArrayBuffer> {
    const start = from - before.length
    if (start >= 0) {
      this.buffer.set(before.view(), start)
      return this.buffer.subarray(start, this.length)
    }
    const whole = new Uint8Array(before.length + this.length - from)
    whole.set(before.view())
    whole.set(this.buffer.subarray(from, this.length), before.length)
    return whole
  }

  /** What was written, in a buffer of exactly its size. */
  take(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length)
  }

  private reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.buffer.length) return
    const grown = new Uint8Array(Math.max(needed, this.buffer.length * 2))
    grown.set(this.buffer.subarray(0, this.length))
    this.buffer = grown
  }
}

/** The bytes of a text of plain ASCII, as all names that the rewriter adds are. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
