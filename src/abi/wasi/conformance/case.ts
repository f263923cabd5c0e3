/** Cases of the suite, by what they are about. */

import type { Fiber } from '../../../fiber/index.ts'
import type { Guest } from './guest.ts'

export type WasiFeature = 'arguments' | 'clocks' | 'random' | 'polling' | 'files' | 'positions' | 'rights' | 'flags' | 'times' |
  'listing' | 'paths' | 'symbolic links' | 'hard links' | 'rename' | 'preopened' | 'renumber' | 'pipes' | 'processes' | 'sockets'

/** What a case may ask about the program that it runs in. */
export interface Surroundings {
  readonly args: readonly string[]
  readonly env: readonly string[]
  /** The path of the preopened directory in which the cases' own directories are made. */
  readonly directoryPath: string
  readonly directory: number
}

export interface WasiCase {
  readonly feature: WasiFeature
  readonly name: string
  readonly body: (guest: Guest, surroundings: Surroundings) => Fiber<void>
}

export function cases (feature: WasiFeature, bodies: Record<string, WasiCase['body']>): WasiCase[] {
  return Object.entries(bodies).map(([name, body]) => ({ feature, name, body }))
}
