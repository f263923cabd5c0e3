/**
 * The identity of bytes: a text that no two different sequences of bytes share. What caches of programs are keyed by.
 *
 * Of little it is the bytes themselves, one character (below U+0100) for each: making a text of them, and comparing it, is the
 * language's own work, where a digest takes longer than a small program takes to start. Of much it is their SHA-256.
 */

import { textOfBytes } from '../../fiber/index.ts'

/** Up to so many bytes are their own identity. */
const LITTLE_BYTES = 64 * 1024

export function identityOf (bytes: Uint8Array, sha256: (bytes: Uint8Array) => string): string {
  if (bytes.length > LITTLE_BYTES) return `sha256 ${sha256(bytes)}`
  return `bytes ${textOfBytes(bytes)}`
}
