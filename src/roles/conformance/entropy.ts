/** What every Entropy does. */

import { settle } from '../../fiber/index.ts'
import type { Entropy } from '../index.ts'
import { equal, fails, holds } from './expect.ts'
import { registerCases, sameBytes } from './suite.ts'
import type { Case, Client, Suite } from './suite.ts'

export interface EntropySubject extends Client {
  readonly entropy: Entropy
}

export type EntropyFeature = 'random bytes'

export function entropyConformance (suite: Suite<EntropySubject, EntropyFeature>): void {
  registerCases('Entropy', cases, suite)
}

const cases: readonly Case<EntropySubject, EntropyFeature>[] = [
  {
    feature: 'random bytes',
    name: 'fill a window of any length, and nothing beside it',
    * body ({ entropy }, hand) {
      for (const length of [0, 1, 7, 256, 65_536, 100_000]) {
        const around = hand.room(length + 2, 0)
        equal(yield * settle(entropy.fill(around.slice(1, length))), length, `fill of ${length}`)
        const bytes = hand.see(around)
        equal(bytes[0], 0, 'the byte before')
        equal(bytes[length + 1], 0, 'the byte behind')
      }
    }
  },
  {
    feature: 'random bytes',
    name: 'are never the same twice, and have every value',
    * body ({ entropy }, hand) {
      const one = hand.room(16_384)
      const other = hand.room(16_384)
      equal(yield * settle(entropy.fill(one)), 16_384, 'fill')
      equal(yield * settle(entropy.fill(other)), 16_384, 'fill')
      holds(!sameBytes(hand.see(one), hand.see(other)), 'two fills differ')
      // That one of 256 values is missing among so many bytes has a chance below 10^-25.
      equal(new Set(hand.see(one)).size, 256, 'values that occur')
    }
  },
  {
    feature: 'random bytes',
    name: 'a window that was revoked stays as it is',
    * body ({ entropy }, hand) {
      const window = hand.room(64)
      window.revoke()
      fails(yield * settle(entropy.fill(window)), 'EFAULT', 'fill')
      holds(hand.see(window).every(byte => byte === 0), 'nothing was written')
    }
  }
]
