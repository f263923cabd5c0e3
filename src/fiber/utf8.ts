/**
 * UTF-8, from the language alone: names and paths as they lie in arenas. Source: RFC 3629.
 * ASCII strings that are not too long are interned by their bytes, so that a path that was seen lately makes no string:
 * each hash has one place, which the latest string takes. What lies there is compared byte by byte, so that a string
 * that was made to collide costs time and nothing else.
 */

import { packedArray } from './packed-array.ts'

/** A power of two. */
const INTERNED_MAX = 4096
const INTERNED_BYTES_MAX = 256
/** Arguments of one call; engines bound them. */
const PIECE_BYTES = 4096

const internedHashes = new Int32Array(INTERNED_MAX)
const internedTexts = packedArray(INTERNED_MAX, '')

/** The string that `length` bytes at `at` spell; null when they are not well-formed UTF-8. */
export function decodeUtf8 (bytes: Uint8Array, at: number, length: number): string | null {
  if (length > INTERNED_BYTES_MAX) return decodeSlowly(bytes, at, length)
  let hash = length
  let all = 0
  const end = at + length
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!
    hash = (Math.imul(hash, 31) + byte) | 0
    all |= byte
  }
  if (all >= 0x80) return decodeSlowly(bytes, at, length)
  const place = (hash ^ hash >>> 13) & (INTERNED_MAX - 1)
  const known = internedTexts[place]!
  if (internedHashes[place] === hash && known.length === length && spells(known, bytes, at)) return known
  const text = decodeAscii(bytes, at, end)
  internedHashes[place] = hash
  internedTexts[place] = text
  return text
}

/** One character for each byte. */
export function textOfBytes (bytes: Uint8Array): string {
  let text = ''
  // Applied and not spread: what is spread goes through an iterator, byte by byte.
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) text += String.fromCharCode.apply(null, bytes.subarray(at, at + PIECE_BYTES) as unknown as number[])
  return text
}

/** Eight at a time: of one character at a time, each makes a string. */
function decodeAscii (bytes: Uint8Array, at: number, end: number): string {
  const { fromCharCode } = String
  let text = ''
  let i = at
  for (; i + 8 <= end; i += 8) {
    text += fromCharCode(bytes[i]!, bytes[i + 1]!, bytes[i + 2]!, bytes[i + 3]!, bytes[i + 4]!, bytes[i + 5]!, bytes[i + 6]!, bytes[i + 7]!)
  }
  for (; i < end; i++) text += fromCharCode(bytes[i]!)
  return text
}

function spells (text: string, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[at + i]) return false
  return true
}

function decodeSlowly (bytes: Uint8Array, at: number, length: number): string | null {
  let text = ''
  const end = at + length
  for (let i = at; i < end;) {
    const lead = bytes[i++]!
    if (lead < 0x80) {
      text += String.fromCharCode(lead)
      continue
    }
    const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1
    if (lead < 0xc2 || lead > 0xf4 || i + more > end) return null
    let point = lead & (0x3f >> more)
    for (let k = 0; k < more; k++) {
      const next = bytes[i++]!
      if ((next & 0xc0) !== 0x80) return null
      point = point << 6 | next & 0x3f
    }
    // Overlong forms, surrogates and what is beyond Unicode.
    if (point < (more === 1 ? 0x80 : more === 2 ? 0x800 : 0x10000) || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return null
    text += String.fromCodePoint(point)
  }
  return text
}

/** Bytes that a string takes. */
export function utf8Length (text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) length += 1
    else if (isPair(text, i)) {
      length += 2
      i++
    } else length += 2
  }
  return length
}

/** Writes a string at `at`; returns how many bytes. There must be room for `utf8Length`. A lone surrogate becomes U+FFFD. */
export function encodeUtf8 (text: string, bytes: Uint8Array, at: number): number {
  let to = at
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) {
      bytes[to++] = unit
      continue
    }
    if (unit < 0x800) {
      bytes[to++] = 0xc0 | unit >> 6
      bytes[to++] = 0x80 | unit & 0x3f
      continue
    }
    let point = unit
    if (isPair(text, i)) point = text.codePointAt(i++)!
    else if (unit >= 0xd800 && unit < 0xe000) point = 0xfffd
    if (point >= 0x10000) {
      bytes[to++] = 0xf0 | point >> 18
      bytes[to++] = 0x80 | point >> 12 & 0x3f
    } else {
      bytes[to++] = 0xe0 | point >> 12
    }
    bytes[to++] = 0x80 | point >> 6 & 0x3f
    bytes[to++] = 0x80 | point & 0x3f
  }
  return to - at
}

function isPair (text: string, i: number): boolean {
  return (text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00
}
