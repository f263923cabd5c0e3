/**
 * A program's memory as its calls see it: addresses that are checked before use, integers of 64 bits, times, strings.
 *
 * Addresses come as signed words and are made unsigned with `>>> 0`; sums of them are exact, for numbers are exact to
 * 2^53. 64-bit integers are pairs of words, low word first, and never become BigInts. Misaligned pointers are served,
 * as x86 and WebAssembly itself serve them. Bytes of strings that are put or taken count as copied; structures of
 * fixed size do not, as registers do not.
 * Source: `typenames.witx` of WASI preview 1.
 */

import { Errno, decodeUtf8, encodeUtf8, utf8Length } from '../../fiber/index.ts'
import { PATH_BYTES_MAX } from '../../roles/index.ts'
import type { Arena, CopyCounter } from '../../roles/index.ts'

const WORD = 2 ** 32
/** A product with it is exact, and costs less than a quotient. */
const PER_WORD = 1 / WORD
/** High words from here on are beyond 2^53. */
const HIGH_MAX = 2 ** 21
const NS_PER_SEC = 1e9
const HALF = 65536

/** Whether `size` bytes at an unsigned address lie in the memory. */
export function inside (memory: Arena, at: number, size: number): boolean {
  return at + size <= memory.sizeBytes
}

export function put32 (view: DataView, at: number, value: number): void {
  view.setUint32(at, value, true)
}

/** A whole number from 0 up; what is exact as a number is exact in memory. */
export function put64 (view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true)
  view.setUint32(at + 4, value < WORD ? 0 : Math.floor(value * PER_WORD), true)
}

/**
 * A timespec as ns since 1970. The product has up to 64 bits and a number only 53, so it is made of halves.
 * A time before 1970 is 0 and one after 2554 the last that there is, because a `timestamp` holds no other.
 */
export function putTime (view: DataView, at: number, sec: number, nsec: number): void {
  if (sec < 0) return put64(view, at, 0)
  const secLow = sec & 0xffff
  const low = secLow * NS_PER_SEC + nsec
  const high = (sec - secLow) / HALF * NS_PER_SEC
  const lowWord = low >>> 0
  const highLow = high & 0xffff
  // Masks, where a remainder would do as well: those of numbers that are no small integers are slow.
  const sum = highLow * HALF + lowWord
  const words = (high - highLow) / HALF + (low - lowWord) / WORD + (sum < WORD ? 0 : 1)
  const fits = words < WORD
  view.setUint32(at, fits ? sum >>> 0 : WORD - 1, true)
  view.setUint32(at + 4, fits ? words : WORD - 1, true)
}

/** The seconds of an instant in ns: long division by halves, exact. */
export function secondsOf (low: number, high: number): number {
  const a = high >>> 0
  const b = (a % NS_PER_SEC) * HALF + (low >>> 16)
  const c = (b % NS_PER_SEC) * HALF + (low & 0xffff)
  return Math.floor(a / NS_PER_SEC) * WORD + Math.floor(b / NS_PER_SEC) * HALF + Math.floor(c / NS_PER_SEC)
}

/** The ns within the second of an instant in ns. */
export function nanosecondsOf (low: number, high: number): number {
  const b = ((high >>> 0) % NS_PER_SEC) * HALF + (low >>> 16)
  return ((b % NS_PER_SEC) * HALF + (low & 0xffff)) % NS_PER_SEC
}

/**
 * A file offset or size: exact to 2^53, and what is beyond is 2^53 - 1, about which every file has the same to say.
 * -1 when it is negative as an offset (2^63 and more).
 */
export function offsetOf (low: number, high: number): number {
  if (high === 0) return low >>> 0
  if (high < 0) return -1
  return high >= HIGH_MAX ? Number.MAX_SAFE_INTEGER : high * WORD + (low >>> 0)
}

/** A signed distance, in the same way. */
export function deltaOf (low: number, high: number): number {
  if (high === 0) return low >>> 0
  if (high >= HIGH_MAX) return Number.MAX_SAFE_INTEGER
  return high < -HIGH_MAX ? Number.MIN_SAFE_INTEGER : high * WORD + (low >>> 0)
}

/** An instant or a duration in ns, rounded up where a number is not exact: nobody wakes too early. */
export function instantOf (low: number, high: number): number {
  const word = high >>> 0
  // Numbers below 2^64 are at most 2048 apart.
  return word < HIGH_MAX ? word * WORD + (low >>> 0) : word * WORD + Math.ceil((low >>> 0) / 2048) * 2048
}

/** A path of the caller's memory, or the errno: EFAULT, ENAMETOOLONG, EILSEQ. */
export function takePath (memory: Arena, pointer: number, length: number, counter: CopyCounter): string | number {
  const at = pointer >>> 0
  const size = length >>> 0
  const bytes = memory.bytes
  if (at + size > bytes.length) return Errno.EFAULT
  if (size > PATH_BYTES_MAX) return Errno.ENAMETOOLONG
  counter.bytesCopied += size
  return decodeUtf8(bytes, at, size) ?? Errno.EILSEQ
}

/** Writes a string at an address where there is `room`; cuts it there, in the middle of a character if need be. Returns the bytes. */
export function putString (memory: Arena, at: number, room: number, text: string, counter: CopyCounter): number {
  const length = utf8Length(text)
  const size = Math.min(length, room)
  counter.bytesCopied += size
  if (length <= room) {
    encodeUtf8(text, memory.bytes, at)
  } else {
    const whole = new Uint8Array(length)
    encodeUtf8(text, whole, 0)
    memory.bytes.set(whole.subarray(0, size), at)
  }
  return size
}
