/** All attacks, in the order in which they are shown. */

import type { Attack } from './attack.ts'
import { languageAttacks } from './language.ts'
import { programAttacks } from './programs.ts'
import { serverAttacks } from './servers.ts'

export const catalogue: readonly Attack[] = [...programAttacks, ...serverAttacks, ...languageAttacks]
