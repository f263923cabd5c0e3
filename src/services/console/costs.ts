/** What the work of the console is. Bytes go between the window and the device, which has its own costs. */

import { CALL, Steps, WAIT, block, row } from '../../roles/index.ts'
import type { CostRow, CostTable, Lock, RoleCosts } from '../../roles/index.ts'

const { CHECK, FIELDS, FRAME, LOCK, REGISTER, UNLINK, WAIT: QUEUE } = Steps

/** One reads, one writes: lines of two programs do not mix. */
const unit: Lock = { name: 'unit', of: 'unit' }

const looked = (reason: string): readonly CostRow[] => [row(CALL, reason, [FRAME, CHECK, CHECK, REGISTER, REGISTER])]
const waits = row(WAIT, 'a place on the queue of the unit, the device told that somebody waits; left again', [FRAME, FIELDS, QUEUE, UNLINK, REGISTER, LOCK], unit)

const console: RoleCosts = {
  read: [row(CALL, 'which unit; the device looked at, the window called', [FRAME, CHECK, FRAME, REGISTER, LOCK], unit), waits],
  write: [
    row(CALL, 'which unit; whether the device takes more; the window called', [FRAME, CHECK, CHECK, FRAME, REGISTER, LOCK], unit),
    row(block('result', 64), '64 bytes handed to the device', [FRAME, REGISTER, REGISTER, FIELDS], unit),
    waits
  ],
  ready: looked('which unit, what holds now'),
  awaitReady: [...looked('which unit, what holds now'), waits],
  terminal: looked('which unit')
}

export const costs: CostTable = { Console: console }
