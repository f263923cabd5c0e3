/** Checksums of what a store keeps: over words of 32 bits, so that a page costs about a thousand multiplications. It finds damage, not malice. */

const SEED = 0x811c9dc5 | 0
const PRIME = 0x01000193

/** Of `length` bytes at an address that is a multiple of 4; bytes beyond the last whole word count alone. */
export function checksum (bytes: Uint8Array<ArrayBufferLike>, at: number, length: number): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, length >> 2)
  // Two sums take turns, so that the one multiplication need not wait for the other.
  let even = SEED
  let odd = ~SEED
  let i = 0
  for (; i + 1 < words.length; i += 2) {
    even = Math.imul(even ^ words[i]!, PRIME)
    even ^= even >>> 15
    odd = Math.imul(odd ^ words[i + 1]!, PRIME)
    odd ^= odd >>> 13
  }
  if (i < words.length) even = Math.imul(even ^ words[i]!, PRIME)
  for (let rest = at + (length & ~3); rest < at + length; rest++) odd = Math.imul(odd ^ bytes[rest]!, PRIME)
  return Math.imul(even ^ (odd >>> 16), PRIME) ^ odd ^ length
}
