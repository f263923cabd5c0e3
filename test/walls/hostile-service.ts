// A hostile service in the place of the one that gives random bytes, for the tests of walls: what it does when it is asked is
// an option. Both the kernel's side (its definition) and the other one (`occupy`) take it from here.

import { runDomain } from '../../src/core/place/index.ts'
import type { PlacedDomain } from '../../src/gates/index.ts'
import type { PlaceEnd } from '../../src/machine/index.ts'
import { Entropy, service } from '../../src/roles/index.ts'
import type { Window } from '../../src/roles/index.ts'

export type Behaviour = 'busy' | 'hoard' | 'exit' | 'throw' | 'late' | 'garbage' | 'look' | 'none'

/** What the service has of its channel, where memory is shared. */
let channel: SharedArrayBuffer | null = null
let grants: SharedArrayBuffer | null = null

export const hostile = service<{ entropy: typeof Entropy }, Record<string, never>, unknown, { behaviour: Behaviour }>({
  name: 'hostile', summary: 'does harm', provides: { entropy: Entropy }, requires: {}, options: { behaviour: 'none' },
  start: ({ options: { behaviour } }) => {
    const kept: Window[] = []
    const hoard: unknown[] = []
    return {
      entropy: {
        fill (into) {
          switch (behaviour) {
            case 'busy': for (;;);
            case 'hoard': for (;;) hoard.push(Array.from({ length: 1000 }, (_, i) => ({ i })))
            case 'exit': (globalThis as unknown as { process: { exit (): void } }).process.exit()
              break
            case 'throw': throw new Error('broken')
            case 'garbage':
              // Nobody is told, and it answers no more: the kernel has to look for itself.
              new Int32Array(channel!).fill(0x7fff_fff1)
              for (;;);
            case 'late': {
              // What the call before was granted: the window, and the pages themselves.
              const late = kept.map(window => window.fill(0, window.length, 0x55))
              if (late.some(result => result >= 0)) throw new Error(`a window that ended can be written: ${late.join(', ')}`)
              if (grants !== null) new Uint8Array(grants).fill(0x55)
              kept.push(into)
              break
            }
            case 'look': {
              const seen = [typeof (globalThis as Record<string, unknown>)['secretOfTheKernel'] !== 'undefined', ([] as unknown as { evil?: number }).evil !== undefined]
              if (seen.some(Boolean)) throw new Error('the kernel\'s globals are seen')
              ;(Array.prototype as unknown as { evil: number }).evil = 1
              ;(Object.prototype as unknown as { polluted: number }).polluted = 1
            }
          }
          return into.fill(0, into.length, 0x21)
        }
      }
    }
  }
})

export function occupy (data: unknown, end: PlaceEnd): void {
  const domain = data as PlacedDomain
  channel = domain.channel
  grants = domain.grants
  runDomain(domain, end, new Map([['hostile', hostile]]))
}
