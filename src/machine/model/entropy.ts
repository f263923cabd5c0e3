/** The model machine's entropy: drawn from the seed, so that a run that asks for randomness can be repeated. It is no secret. */

import type { MachineEntropy } from '../machine.ts'
import type { Random } from './random.ts'

export function modelEntropy (random: Random): MachineEntropy {
  return {
    fill (bytes) {
      for (let at = 0; at < bytes.length; at++) bytes[at] = random.below(256)
    }
  }
}
