/**
 * Digests of bytes. Little is digested here: Node's own are a hundred times as fast, and take longer to load than a small
 * program takes to start.
 */

import { sha256 as sha256Here } from './sha256.ts'

/** Up to so many bytes the host's libraries are not loaded for it. */
const LITTLE_BYTES = 64 * 1024
const POLYNOMIAL = 0xedb88320

/** SHA-256 as hexadecimal text: what caches of programs are keyed by. */
export function sha256 (bytes: Uint8Array): string {
  if (bytes.length <= LITTLE_BYTES) return sha256Here(bytes)
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(bytes).digest('hex')
}

/** CRC-32 (ISO 3309) of parts that follow one another: a checksum against accidents. */
export function crc32 (parts: readonly Uint8Array[]): number {
  let sum = 0
  for (const part of parts) sum = part.length <= LITTLE_BYTES ? crc32Here(part, sum) : process.getBuiltinModule('node:zlib').crc32(part, sum)
  return sum
}

function crc32Here (bytes: Uint8Array, before: number): number {
  let sum = ~before
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? POLYNOMIAL : 0)
  }
  return ~sum >>> 0
}
