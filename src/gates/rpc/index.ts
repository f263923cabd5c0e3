/**
 * `rpc`: synchronous rendezvous in the manner of L4: the caller waits, its arguments are copied into the callee's
 * message buffer, the processor is switched to the callee at once, and back with the reply.
 * What the core checks, copies, grants and counts is the core's (`core/l4`).
 */

import type { Implementation, Role } from '../../roles/index.ts'
import { stubsOf } from '../stub.ts'

export { MESSAGE_BYTES, Message, TOO_LONG } from './message.ts'

/** The core's operation: calls an endpoint capability of `client` in `slot` and waits for the reply. */
export interface CallOperation<Client> {
  call (client: Client, slot: number, operation: number, args: unknown[]): unknown
}

export function rpcStubs<Client> (role: Role, core: CallOperation<Client>, client: Client, slot: number): Implementation {
  return stubsOf(role, (_operation, index) => (...args) => core.call(client, slot, index, args))
}
