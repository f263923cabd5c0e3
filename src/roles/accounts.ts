/**
 * Accounts: what processes may use, and what they have used.
 *
 * A process that is started with limits begins an account below that of its parent; all that descends from it uses the
 * same, unless it is given less. What is charged to an account is charged to all above it, and refused when one of them
 * has no more: so a limit bounds a process and its descendants together. What is credited comes back to all of them.
 * A service charges on behalf of the process that its caller register names, keeps the account that was charged beside
 * the thing, and credits that account when the thing is gone, whoever let it go.
 *
 * Source: resource containers, Banga, Druschel and Mogul, OSDI 1999; control groups, Linux.
 */

import { count, number, numbers, operation, parameter, role, status } from './role.ts'
import type { RoleOf } from './role.ts'

/** What accounts count. */
export const Resource = {
  /** Bytes of programs' memories, and of their arguments. */
  MEMORY: 0,
  /** ns that programs have had the processor. Never given back. */
  CPU: 1,
  /** Processes, zombies too. */
  PROCESSES: 2,
  /** Inodes of file systems in memory. */
  FILES: 3,
  /** Bytes of file systems in memory. */
  DISK: 4,
  /** Bytes that pipes hold room for. */
  PIPES: 5
} as const
export const RESOURCES = 6

const resource = parameter('resource', number)
const account = parameter('account', number)
const amount = parameter('amount', number)

export const Accounts = role('Accounts', 'keeps what processes may use and have used', {
  enter: operation('begins a process below another: in the account of that, or in a new one with these limits (by Resource, Infinity for none; an empty list for no new one); -EAGAIN when there may be no more processes',
    [parameter('process', number), parameter('parent', number), parameter('limits', numbers)], status, { blocks: false, idempotent: false }),
  leave: operation('a process is gone, its zombie too', [parameter('process', number)], status, { blocks: false, idempotent: false }),
  of: operation('the account that a process charges for a resource; 0 when nothing limits it in that', [parameter('process', number), resource], count,
    { blocks: false, idempotent: true }),
  charge: operation('takes so much; -EDQUOT when there is not that much left', [account, resource, amount], status, { blocks: false, idempotent: false }),
  credit: operation('gives so much back', [account, resource, amount], status, { blocks: false, idempotent: false })
})
export type Accounts = RoleOf<typeof Accounts>
