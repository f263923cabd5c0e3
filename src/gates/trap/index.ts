/**
 * `trap`: the caller enters the supervisor. Arguments stay in registers; the supervisor reads and writes the caller's
 * memory itself. What the entry checks and counts is the core's.
 */

import type { Implementation, Role } from '../../roles/index.ts'
import { stubsOf } from '../stub.ts'

/** The core's operation: invokes an entry capability of `client` in `slot`. Up to 12 arguments. */
export interface TrapOperation<Client> {
  trap (client: Client, slot: number, operation: number,
    a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, f?: unknown,
    g?: unknown, h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): unknown
}

export function trapStubs<Client> (role: Role, core: TrapOperation<Client>, client: Client, slot: number): Implementation {
  return stubsOf(role, (operation, index) => operation.parameters.length <= 4
    ? (a, b, c, d) => core.trap(client, slot, index, a, b, c, d)
    : (a, b, c, d, e, f, g, h, i, j, k, l) => core.trap(client, slot, index, a, b, c, d, e, f, g, h, i, j, k, l))
}
