/**
 * SHA-256 of bytes, as hexadecimal text, from the language alone: for pages.
 *
 * A page has it in `crypto.subtle` too, but as a promise, and only in secure contexts.
 * Source: FIPS 180-4, sections 4.1.2, 5.1.1 and 6.2.
 */

const BLOCK_BYTES = 64
/** Where the length stands in the last block. */
const LENGTH_AT = 56

const primes = firstPrimes(64)
/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of eight. */
const roundConstants = Int32Array.from(primes, prime => fraction(Math.cbrt(prime)))
const initialState = Int32Array.from(primes.slice(0, 8), prime => fraction(Math.sqrt(prime)))

export function sha256 (bytes: Uint8Array): string {
  const state = initialState.slice()
  const schedule = new Int32Array(64)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = bytes.length - bytes.length % BLOCK_BYTES
  for (let at = 0; at < whole; at += BLOCK_BYTES) compress(state, schedule, view, at)
  const tail = padded(bytes, whole)
  for (let at = 0; at < tail.byteLength; at += BLOCK_BYTES) compress(state, schedule, tail, at)
  return Array.from(state, word => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

/** What is left after whole blocks, a one bit, zeros, and the length in bits. */
function padded (bytes: Uint8Array, whole: number): DataView {
  const left = bytes.length - whole
  const tail = new Uint8Array(left < LENGTH_AT ? BLOCK_BYTES : 2 * BLOCK_BYTES)
  tail.set(bytes.subarray(whole))
  tail[left] = 0x80
  const view = new DataView(tail.buffer)
  view.setUint32(tail.length - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(tail.length - 4, bytes.length << 3)
  return view
}

function compress (state: Int32Array, schedule: Int32Array, view: DataView, at: number): void {
  for (let t = 0; t < 16; t++) schedule[t] = view.getInt32(at + 4 * t)
  for (let t = 16; t < 64; t++) {
    const x = schedule[t - 15]!
    const y = schedule[t - 2]!
    const small0 = rotated(x, 7) ^ rotated(x, 18) ^ (x >>> 3)
    const small1 = rotated(y, 17) ^ rotated(y, 19) ^ (y >>> 10)
    schedule[t] = (schedule[t - 16]! + small0 + schedule[t - 7]! + small1) | 0
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!, e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!
  for (let t = 0; t < 64; t++) {
    const big1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
    const one = (h + big1 + ((e & f) ^ (~e & g)) + roundConstants[t]! + schedule[t]!) | 0
    const big0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
    const two = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
  state[5]! += f
  state[6]! += g
  state[7]! += h
}

function rotated (word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

function fraction (root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32) | 0
}

function firstPrimes (count: number): number[] {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every(prime => candidate % prime !== 0)) found.push(candidate)
  }
  return found
}
