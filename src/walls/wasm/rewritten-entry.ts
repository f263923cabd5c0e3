/**
 * Rewritten modules as bytes, to be kept from one run of the host to the next: what the rewriter found out, as JSON in
 * ASCII, and the module after it.
 *
 * What is read back is believed, as the rewriter's own answer would be: whoever can write a store decides what runs without
 * being checked. A store is to be as well guarded as the code of KaleidOS itself.
 */

import { encodeUtf8, textOfBytes } from '../../fiber/index.ts'
import type { Rewritten } from './rewriter/index.ts'

const LENGTH_BYTES = 4

/** An entry, in parts that follow one another. */
export function encodeEntry ({ bytes, ...facts }: Rewritten): Uint8Array[] {
  const json = JSON.stringify(facts).replace(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const text = new Uint8Array(json.length)
  encodeUtf8(json, text, 0)
  const length = new Uint8Array(LENGTH_BYTES)
  new DataView(length.buffer).setUint32(0, text.length, true)
  return [length, text, bytes]
}

/** What an entry holds, its module a view of it; null if it is none. */
export function decodeEntry (entry: Uint8Array<ArrayBuffer>): Rewritten | null {
  if (entry.length < LENGTH_BYTES) return null
  const length = new DataView(entry.buffer, entry.byteOffset).getUint32(0, true)
  if (length > entry.length - LENGTH_BYTES) return null
  const text = textOfBytes(entry.subarray(LENGTH_BYTES, LENGTH_BYTES + length))
  try {
    return { ...JSON.parse(text) as Omit<Rewritten, 'bytes'>, bytes: entry.subarray(LENGTH_BYTES + length) }
  } catch {
    return null
  }
}
