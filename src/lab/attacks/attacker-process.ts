/** What a process that runs attacks does: one after the other, under one kernel, and tells of each. */

import type { Plan } from '../../link/index.ts'
import { catalogue } from './catalogue.ts'
import { BEAT_MS } from './protocol.ts'
import type { Told } from './protocol.ts'
import { Stage } from './stage.ts'

/** Runs attacks by name. `tell` must not be lost when the process ends in the next moment. */
export async function runAttacks (names: readonly string[], plan: Plan, program: (name: string) => Uint8Array, tell: (told: Told) => void): Promise<void> {
  const beat = setInterval(() => { tell({ what: 'beats' }) }, BEAT_MS)
  try {
    for (const name of names) {
      const attack = catalogue.find(other => other.name === name)
      if (attack === undefined) throw new RangeError(`there is no attack ${name}`)
      tell({ what: 'begins', attack: name })
      const from = performance.now()
      try {
        const reached = await attack.run({ stage: options => Stage.set(options), program }, plan)
        tell({ what: 'ended', attack: name, reached, ms: Math.round(performance.now() - from) })
      } catch (error) {
        tell({ what: 'failed', attack: name, error: error instanceof Error ? error.stack ?? error.message : 'something that is no error was thrown' })
      }
    }
  } finally {
    clearInterval(beat)
  }
}
