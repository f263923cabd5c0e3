/**
 * `rpc`: synchronous rendezvous in the manner of L4: the caller waits, its arguments are copied into the callee's
 * message buffer, the processor is switched to the callee at once, and back with the reply.
 * What the core checks, copies, grants and counts is the core's (`core/l4`).
 */

import type { Implementation, Role } from '../../roles/index.ts'
import { stubsOf } from '../stub.ts'

export { Message, TOO_LONG } from './message.ts'
export { RecordLayout } from './record-layout.ts'

/** The core's operation: calls an endpoint capability of `client` in `slot` and waits for the reply. Up to 12 arguments. */
export interface CallOperation<Client> {
  call (client: Client, slot: number, operation: number,
    a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, f?: unknown,
    g?: unknown, h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): unknown
}

export function rpcStubs<Client> (role: Role, core: CallOperation<Client>, client: Client, slot: number): Implementation {
  return stubsOf(role, (operation, index) => operation.parameters.length <= 4
    ? (a, b, c, d) => core.call(client, slot, index, a, b, c, d)
    : (a, b, c, d, e, f, g, h, i, j, k, l) => core.call(client, slot, index, a, b, c, d, e, f, g, h, i, j, k, l))
}
