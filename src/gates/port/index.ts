/**
 * `port`: a message is queued at a port, and whoever holds the receive right takes it when its thread is given the
 * processor. A call is two messages: the request, with the right to send one reply, and the reply.
 * What the core checks, copies, queues and counts is the core's (`core/mach`). It always waits.
 * Source: Mach (Accetta et al., USENIX 1986; Rashid, IEEE Computer 1986).
 */

import type { Implementation, Role } from '../../roles/index.ts'
import { stubsOf } from '../stub.ts'

/** The core's operation: sends a request to the port of which `client` has a send right in `slot`, and waits for the reply. */
export interface RequestOperation<Client> {
  request (client: Client, slot: number, operation: number, args: readonly unknown[]): unknown
}

export function portStubs<Client> (role: Role, core: RequestOperation<Client>, client: Client, slot: number): Implementation {
  return stubsOf(role, (_operation, index) => (...args) => core.request(client, slot, index, args))
}

export { FarPipe, KernelPipe } from './pipe.ts'
