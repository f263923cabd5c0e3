/** What the work of the clock is. */

import { CALL, Steps, WAIT, row } from '../../roles/index.ts'
import type { CostTable, Lock, RoleCosts } from '../../roles/index.ts'

const { CHECK, FIELDS, FRAME, LOCK, REGISTER, SIFT, TIME, UNLINK, WAIT: QUEUE } = Steps

/** Sleepers in the order in which they are due, and what the timer is set to. */
const sleepers: Lock = { name: 'sleepers' }

const clock: RoleCosts = {
  // A counter read, scaled and added to a base under a sequence count (Linux's ktime_get).
  now: [row(CALL, 'which clock; a counter read, multiplied, shifted, added to a base, read again if that has changed', [FRAME, CHECK, REGISTER, TIME, FIELDS, FIELDS])],
  resolution: [row(CALL, 'which clock; a word', [FRAME, CHECK, FIELDS])],
  sleepUntil: [
    row(CALL, 'which clock, and whether the time has come', [FRAME, CHECK, REGISTER, TIME, FIELDS, FIELDS, CHECK]),
    row(WAIT, 'a place among the sleepers, the timer set where it is the first; taken out again, the next one\'s time set', [
      FRAME, SIFT, QUEUE, CHECK, REGISTER, UNLINK, SIFT, CHECK, REGISTER, FIELDS, LOCK
    ], sleepers)
  ]
}

export const costs: CostTable = { Clock: clock }
