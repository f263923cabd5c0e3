/** Clock: what time it is, and waiting until it is later. Instants are in ns. */

import { count, number, operation, parameter, role, status } from './role.ts'
import type { RoleOf } from './role.ts'

/** Which clock: the numbers are those of WASI's `clockid`. */
export const ClockId = { REALTIME: 0, MONOTONIC: 1, PROCESS_CPU: 2, THREAD_CPU: 3 } as const

export const Clock = role('Clock', 'tells the time and waits for it', {
  now: operation('the clock\'s instant in ns', [parameter('clock', number)], count, { blocks: true, idempotent: true }),
  resolution: operation('the clock\'s resolution in ns', [parameter('clock', number)], count, { blocks: true, idempotent: true }),
  sleepUntil: operation('waits until the clock shows an instant', [parameter('clock', number), parameter('deadlineNs', number)],
    status, { blocks: true, idempotent: true })
})
export type Clock = RoleOf<typeof Clock>
