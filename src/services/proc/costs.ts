/** What the work of the process server is. Threads and address spaces are made by the core, which has its own table. */

import { CALL, SUCCESS, Steps, WAIT, assumed, byte, element, row, times } from '../../roles/index.ts'
import type { CostRow, CostTable, Lock, RoleCosts } from '../../roles/index.ts'

const { ALLOCATE_BLOCK, CHECK, FIELD, FIELDS, FRAME, LINK, LOCK, NOBODY, PROBE, RELEASE_BLOCK, SCAN, UNLINK, WAIT: QUEUE, WAKE } = Steps

/** Who is whose child, who has ended, who is in which group: one lock, as the lists go across processes (Linux's tasklist_lock). */
const table: Lock = { name: 'process table' }

/** A record found by its number: one's own is at hand, and is read without a lock. */
const own = (reason: string, ...more: Parameters<typeof row>[2]): CostRow => row(CALL, `the caller's record; ${reason}`, [FRAME, FIELDS, ...more])
const other = (reason: string, ...more: Parameters<typeof row>[2]): CostRow => row(CALL, `a process by its number; ${reason}`, [FRAME, PROBE, CHECK, LOCK, ...more], table)

/** Whether one descends from another: up the tree, assumed two parents. */
const DESCENDS = times(2, { ...PROBE, instructions: PROBE.instructions + FIELDS.instructions })

const start: readonly CostRow[] = [
  own('that what it is started with is right', times(5, CHECK)),
  row(byte('args'), 'a byte of the arguments: looked at for NUL, counted, kept', [{ ...SCAN, range: [1, 10.4] }]),
  row(byte('env'), 'a byte of the environment: the same', [{ ...SCAN, range: [1, 10.4] }]),
  row(element('args'), 'an argument', [FIELDS, CHECK]),
  row(element('env'), 'a variable', [FIELDS, CHECK]),
  row(CALL, 'who pays: an account entered and charged; descriptors inherited, a thread made and started: five neighbours called', [times(5, FRAME), times(3, CHECK)]),
  row(CALL, 'a record made, its number, its parent\'s list and the table', [FRAME, ALLOCATE_BLOCK, times(6, FIELDS), LINK, LINK, LOCK], table)
]

/** Its parent's list, the table, its record and its arguments are done with. */
const reaped: readonly CostRow[] = [
  row(SUCCESS, 'taken out of the table and freed, who paid credited, its times added to its parent\'s', [UNLINK, UNLINK, RELEASE_BLOCK, FIELDS, FIELDS, FRAME, FRAME, LOCK], table)
]

const signal = other('whether it may be sent one, up the tree; ignored or not; the core called to end it', CHECK, CHECK, DESCENDS, FIELDS, FRAME)

const processes: RoleCosts = {
  spawn: start,
  spawnFile: [
    ...start,
    row(CALL, 'the file opened, looked at, read (assumed in one read), closed; an image made and given back: six neighbours called; room for it', [times(6, FRAME), times(4, CHECK), ALLOCATE_BLOCK, RELEASE_BLOCK])
  ],
  spawnBytes: [...start, row(CALL, 'an image made and given back: two neighbours called', [FRAME, FRAME, CHECK])],
  wait: [
    row(CALL, 'children looked through for one that has ended: assumed two', [FRAME, CHECK, times(2, PROBE), times(2, CHECK), LOCK], table),
    ...reaped,
    row(WAIT, 'a place on the queue; children looked through again', [QUEUE, UNLINK, times(2, PROBE), times(2, CHECK), LOCK], table)
  ],
  kill: [signal],
  raise: [signal],
  signalAction: [own('a bit of it set', CHECK, CHECK, FIELDS)],
  group: [other('its group', FIELDS)],
  setGroup: [other('whose child it is, who is in the group: assumed four processes looked at', CHECK, CHECK, FIELDS, times(4, FIELDS))],
  foreground: [row(CALL, 'the group', [FRAME, FIELDS])],
  setForeground: [row(CALL, 'who is in the group: assumed four processes looked at', [FRAME, CHECK, FIELDS, times(4, FIELDS), LOCK], table)],
  directory: [own('its directory')],
  setDirectory: [own('another one', CHECK), row(byte('path'), 'a byte of it looked at and kept', [{ ...SCAN, range: [1, 10.4] }])],
  identity: [own('two words of it'), row(SUCCESS, 'two words', [FIELD, FIELD])],
  args: [own('its arguments'), row(element('result'), 'an argument', [FIELDS])],
  env: [own('its environment'), row(element('result'), 'a variable', [FIELDS])],
  cpuTime: [own('its thread; the core called', CHECK, FRAME)],
  name: [other('its first argument', FIELDS)],
  list: [row(CALL, 'the table', [FRAME, LOCK], table), row(element('result'), 'a process', [FIELDS, FIELD, FIELD], table)]
}

const information: RoleCosts = {
  processes: [row(CALL, 'the table', [FRAME, CHECK, LOCK], table), row(element('result'), 'a process', [FIELDS, CHECK, FIELD], table)],
  process: [other('eleven words of it; the core asked what its thread has used', times(11, FIELD), FRAME)],
  environment: [other('its environment'), row(element('result'), 'a variable', [FIELDS])]
}

const events: RoleCosts = {
  ended: [
    row(CALL, 'its descriptors released, what it used told, its thread given back: three neighbours called', [FRAME, times(3, FRAME), times(3, CHECK), FIELDS, FIELDS]),
    row(CALL, 'a zombie now; children (assumed none, at most a few) given to init; who waits woken, in one of two', [
      PROBE, FIELDS, FIELDS, FRAME, assumed((WAKE.instructions + NOBODY.instructions) / 2, NOBODY.range[0], 200, 4), LOCK
    ], table)
  ]
}

export const costs: CostTable = { Processes: processes, ProcessInformation: information, ThreadEvents: events }
