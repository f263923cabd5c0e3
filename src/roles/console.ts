/**
 * Console: the byte streams of the machine's terminal. Unit 0 is read, units 1 and 2 are written
 * (standard input, output and error of the machine).
 */

import { bytesIn, bytesOut, count, number, operation, parameter, role, status } from './role.ts'
import type { RoleOf } from './role.ts'

export const Console = role('Console', 'reads and writes the machine\'s terminal', {
  read: operation('reads at least one byte, 0 at the end of input; waits for it', [parameter('unit', number), parameter('into', bytesOut)],
    count, { blocks: true, idempotent: false, waitsFirst: true }),
  write: operation('writes at least one byte, waiting for room; -EPIPE when nobody reads', [parameter('unit', number), parameter('from', bytesIn)],
    count, { blocks: true, idempotent: false }),
  ready: operation('which of the events (1 readable, 2 writable, 4 hung up) hold now', [parameter('unit', number), parameter('events', number)],
    count, { blocks: true, idempotent: true }),
  awaitReady: operation('waits until one of the events holds, and returns those that do', [parameter('unit', number), parameter('events', number)],
    status, { blocks: true, idempotent: true }),
  terminal: operation('1 when the unit is a terminal, else 0', [parameter('unit', number)], count, { blocks: true, idempotent: true })
})
export type Console = RoleOf<typeof Console>
