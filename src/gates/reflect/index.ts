/**
 * `reflect`: a program traps with a call that is not the core's own, and the core sends it on: it makes a message of the
 * trapped registers for whoever is registered as the handler of the program's calls, and the reply sets the result register.
 *
 * The handler is a server (then the core's own message to it is a call), or the emulation library in the program's own
 * domain. What the core checks, copies and counts is the core's (`core/l4`, `core/mach`, `core/reflect`).
 * Source: Mach's exceptions (Black et al., "The Mach Exception Handling Facility", 1988) as MkLinux serves system calls;
 * L4's exception IPC and its emulation in the program's address space, for L4Linux.
 */

import type { Implementation, Role } from '../../roles/index.ts'
import { PARAMETERS_MAX, stubsOf } from '../stub.ts'

/** Words of a frame: the call's number, and all registers in which arguments are. */
export const FRAME_WORDS = 1 + PARAMETERS_MAX

/** The core's operation: the program of `client` traps with this call, and `slot` holds the capability to its handler. */
export interface ReflectOperation<Client> {
  reflect (client: Client, slot: number, operation: number,
    a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, f?: unknown,
    g?: unknown, h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): unknown
}

export function reflectStubs<Client> (role: Role, core: ReflectOperation<Client>, client: Client, slot: number): Implementation {
  return stubsOf(role, (operation, index) => operation.parameters.length <= 4
    ? (a, b, c, d) => core.reflect(client, slot, index, a, b, c, d)
    : (a, b, c, d, e, f, g, h, i, j, k, l) => core.reflect(client, slot, index, a, b, c, d, e, f, g, h, i, j, k, l))
}
