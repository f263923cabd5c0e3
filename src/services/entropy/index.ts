/** The entropy service: the machine's random bytes. */

import { Entropy, WRITE, service } from '../../roles/index.ts'
import type { Devices } from '../../machine/index.ts'

export const entropy = service<{ entropy: typeof Entropy }, Record<never, never>, Pick<Devices, 'entropy'>>({
  name: 'entropy',
  summary: 'gives the machine\'s random bytes',
  provides: { entropy: Entropy },
  requires: {},
  devices: ['entropy'],
  keeps: 'nothing',
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ devices }) => ({
    entropy: {
      fill: into => into.transfer(WRITE, 0, into.length, (bytes, at, length) => {
        devices.entropy.fill(bytes.subarray(at, at + length))
        return length
      })
    }
  })
})
