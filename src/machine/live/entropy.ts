/**
 * The live machine's entropy: the host's cryptographic generator.
 *
 * Source: Web Cryptography API, `getRandomValues`, which fills 65,536 bytes at a time and none that are shared.
 */

import type { MachineEntropy } from '../machine.ts'

const FILL_BYTES_MAX = 65536

export function liveEntropy (): MachineEntropy {
  return {
    fill (bytes) {
      for (let at = 0; at < bytes.length; at += FILL_BYTES_MAX) {
        const part = bytes.subarray(at, at + FILL_BYTES_MAX)
        if (part.buffer instanceof ArrayBuffer) crypto.getRandomValues(part as Uint8Array<ArrayBuffer>)
        else part.set(crypto.getRandomValues(new Uint8Array(part.length)))
      }
    }
  }
}
