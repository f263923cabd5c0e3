/**
 * Bytes as text and back, without loss: what is no UTF-8 becomes lone surrogates, byte 0x80 U+DC80 and so on.
 *
 * Source: Python PEP 383 ("surrogateescape").
 */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

export function decodeText (bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    return decodeSlowly(bytes)
  }
}

function decodeSlowly (bytes: Uint8Array): string {
  let out = ''
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at)
    if (length === 0) out += String.fromCharCode(0xdc00 + bytes[at++]!)
    else {
      out += strict.decode(bytes.subarray(at, at + length))
      at += length
    }
  }
  return out
}

/** Bytes of the valid sequence that begins here; 0 when none does. */
function sequenceLength (bytes: Uint8Array, at: number): number {
  const first = bytes[at]!
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  if (length === 0 || at + length > bytes.length) return 0
  try {
    strict.decode(bytes.subarray(at, at + length))
    return length
  } catch {
    return 0
  }
}

export function encodeText (text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text)
  const out: number[] = []
  for (const char of text) {
    const code = char.codePointAt(0)!
    if (code >= 0xdc80 && code <= 0xdcff) out.push(code - 0xdc00)
    else for (const byte of encoder.encode(char)) out.push(byte)
  }
  return Uint8Array.from(out)
}

/** One piece of several. */
export function concatenated (pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
