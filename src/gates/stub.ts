/**
 * Stubs: for each operation of a role a function that passes its arguments to a gate. Derived from the descriptor:
 * the same operations in the same order as the role's, so that an index names an operation on both sides.
 */

import { assert } from '../fiber/index.ts'
import type { Implementation, Operation, Role } from '../roles/index.ts'

/** Most parameters of an operation: a trap has so many registers for them. */
export const PARAMETERS_MAX = 12

export type Target = (...args: unknown[]) => unknown

/** Makes the stub of each operation with `make(operation, index)`. */
export function stubsOf (role: Role, make: (operation: Operation, index: number) => Target): Implementation {
  const stubs: Record<string, Target> = {}
  let index = 0
  for (const [name, operation] of Object.entries(role.operations)) {
    assert(operation.parameters.length <= PARAMETERS_MAX, `${role.name}: ${name} has more than ${PARAMETERS_MAX} parameters`)
    stubs[name] = make(operation, index++)
  }
  return stubs as Implementation
}

/** The functions of an implementation in the order of its role's operations. */
export function targetsOf (role: Role, implementation: Implementation): Target[] {
  return Object.keys(role.operations).map(name => {
    const target = implementation[name] as Target | undefined
    if (target === undefined) throw new TypeError(`${role.name}: ${name} is not implemented`)
    return target
  })
}
