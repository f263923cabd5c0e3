/** The live machine's doorbells: a write to a device's register, which is a plain call on this host. */

import { assert } from '../../fiber/index.ts'
import type { Line, MachineDoorbells } from '../machine.ts'

export function liveDoorbells (): MachineDoorbells {
  const rings = new Map<Line, () => void>()
  return {
    connect (line, ring) {
      assert(!rings.has(line), `the doorbell ${line} is connected`)
      rings.set(line, ring)
    },
    ring (line) {
      const ring = rings.get(line)
      assert(ring !== undefined, `the doorbell ${line} is not connected`)
      ring()
    }
  }
}
