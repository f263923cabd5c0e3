/** Entropy: random bytes fit for keys. */

import { bytesOut, count, operation, parameter, role } from './role.ts'
import type { RoleOf } from './role.ts'

export const Entropy = role('Entropy', 'gives random bytes', {
  fill: operation('fills the window with random bytes; returns how many', [parameter('into', bytesOut)], count,
    { blocks: true, idempotent: true })
})
export type Entropy = RoleOf<typeof Entropy>
