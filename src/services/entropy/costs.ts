/** What the work of the entropy service is: a stream cipher's output, its key changed with each call (as in Linux since 5.18). */

import { CALL, Steps, block, row } from '../../roles/index.ts'
import type { CostTable, Lock, RoleCosts } from '../../roles/index.ts'

const { CHECK, CIPHER, FIELDS, FRAME, LOCK } = Steps

const key: Lock = { name: 'key' }

const entropy: RoleCosts = {
  fill: [
    row(CALL, 'the window called', [FRAME, CHECK, FRAME]),
    row(CALL, 'the key taken, and changed by one block', [CIPHER, FIELDS, FIELDS, LOCK], key),
    row(block('into', 64), 'a block of ChaCha20 and its bytes put', [CIPHER, FIELDS])
  ]
}

export const costs: CostTable = { Entropy: entropy }
