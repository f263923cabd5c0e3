/** What the work of deciding about a death is. */

import { CALL, Steps, row, times } from '../../roles/index.ts'
import type { CostTable, RoleCosts } from '../../roles/index.ts'

const { ALLOCATE, CHECK, FIELDS, FRAME, PROBE, TIME } = Steps

const events: RoleCosts = {
  died: [row(CALL, 'the plan of the domain, the times of its last restarts (assumed four), and what it needs (assumed two)', [
    FRAME, TIME, PROBE, times(4, CHECK), FIELDS, ALLOCATE, times(2, CHECK)
  ])],
  watch: [row(CALL, 'which are to be asked: assumed ten', [FRAME, times(10, CHECK), ALLOCATE])]
}

export const costs: CostTable = { DomainEvents: events }
