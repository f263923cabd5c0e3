/**
 * SHA-256 of bytes, as hexadecimal text: what caches of programs are keyed by, and what tells that a file is whole.
 *
 * Little is digested here: Node's own is a hundred times as fast, and takes longer to load than a small program takes to start.
 */

import { sha256 as sha256Here } from './sha256.ts'

/** Up to so many bytes the host's library is not loaded for it. */
const LITTLE_BYTES = 64 * 1024

export function sha256 (bytes: Uint8Array): string {
  return bytes.length <= LITTLE_BYTES ? sha256Here(bytes) : process.getBuiltinModule('node:crypto').hash('sha256', bytes)
}
