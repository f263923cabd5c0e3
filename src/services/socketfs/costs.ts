/**
 * What the work of the socketfs is: a connection is two pipes, one each way. Bytes are copied through windows, which count
 * them themselves. That the two ends of a connection want one lock is not seen: each handle counts as one of its own.
 */

import { CALL, SUCCESS, Steps, WAIT, byte, row, times } from '../../roles/index.ts'
import type { CostRow, CostTable, Lock, RoleCosts } from '../../roles/index.ts'

const { ALLOCATE, CHECK, FIELD, FIELDS, FRAME, LINK, LOCK, NOBODY, PROBE, REFERENCE, RELEASE, RING, SCAN, SLOT, UNLINK, WAIT: QUEUE, WAKE } = Steps

const socket: Lock = { name: 'socket', of: 'handle' }
const slots: Lock = { name: 'slots' }
const names: Lock = { name: 'names' }

const handle = (reason: string, ...more: Parameters<typeof row>[2]): CostRow => row(CALL, `the socket, and that it is of that kind; ${reason}`, [FRAME, SLOT, REFERENCE, CHECK, ...more])

/** Whoever waits on the other side is woken in one of two transfers, as in a pipe. */
const wakes = { ...WAKE, instructions: (WAKE.instructions + NOBODY.instructions) / 2, range: [NOBODY.range[0], WAKE.range[1]] } as const

/** Two pipes with their queues, two ends. */
const connection = (count: number): CostRow =>
  row(SUCCESS, 'two pipes and two ends made', [times(4, ALLOCATE), times(8, FIELDS), times(count, FIELDS), LOCK], slots)

const transfer = (reason: string): readonly CostRow[] => [
  handle('its flags', CHECK),
  row(CALL, reason, [RING, FRAME, CHECK, CHECK, FIELDS, wakes, LOCK], socket),
  row(WAIT, 'a place in the line, left again', [FRAME, FIELDS, QUEUE, LINK, UNLINK, LOCK], socket)
]
const receiving = transfer('bytes taken from the ring, in one piece or two: the window called; room told to who waits for it')
const sending = transfer('bytes put into the ring, in one piece or two: the window called; bytes told to who waits for them')

const sockets: RoleCosts = {
  pair: [row(CALL, 'begun', [FRAME, CHECK]), connection(2), row(SUCCESS, 'two numbers', [FIELD, FIELD])],
  listen: [
    row(byte('name'), 'the name hashed', [SCAN]),
    row(CALL, 'that nobody listens there', [FRAME, PROBE, CHECK, LOCK], names),
    row(SUCCESS, 'a socket made, its number, its name entered', [ALLOCATE, FIELDS, FIELDS, LINK, LOCK], names)
  ],
  connect: [
    row(byte('name'), 'the name hashed', [SCAN]),
    row(CALL, 'who listens there, and whether there is room', [FRAME, PROBE, CHECK, CHECK, LOCK], names),
    connection(1),
    row(SUCCESS, 'put in the line of those to be accepted; who waits for it woken, in one of two', [LINK, FIELDS, wakes, LOCK], names),
    row(WAIT, 'a place on the queue, left again', [FRAME, QUEUE, UNLINK])
  ],
  accept: [
    handle('whether there is a connection', CHECK),
    row(SUCCESS, 'the first taken from the line, who waits to connect woken, in one of two', [UNLINK, FIELDS, wakes, LOCK], socket),
    row(SUCCESS, 'its number', [ALLOCATE, FIELDS, LOCK], slots),
    row(WAIT, 'a place on the queue, left again', [FRAME, QUEUE, UNLINK])
  ],
  receive: receiving,
  send: sending,
  shutdown: [handle('directions'), row(SUCCESS, 'one or two ends closed, who waits there woken', [FIELDS, FIELDS, wakes, LOCK], socket)],
  close: [
    handle('both ends closed'),
    row(SUCCESS, 'who waits there woken', [FIELDS, FIELDS, wakes, LOCK], socket),
    row(SUCCESS, 'its number freed; with the other end the pipes, in one of two', [RELEASE, RELEASE, FIELDS, LOCK], slots)
  ],
  read: receiving,
  write: sending,
  ready: [handle('bytes, room, whether the other end is there', CHECK, CHECK, FIELDS)],
  awaitReady: [handle('bytes, room, whether the other end is there', CHECK, CHECK, FIELDS), row(WAIT, 'a place on two queues, left again', [FRAME, QUEUE, QUEUE, UNLINK, UNLINK, LOCK], socket)],
  available: [handle('bytes in the ring', FIELDS)]
}

export const costs: CostTable = { Sockets: sockets }
