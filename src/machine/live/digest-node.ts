/** SHA-256 of bytes, as hexadecimal text: what caches of programs are keyed by. */

import { createHash } from 'node:crypto'

export function sha256 (bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
