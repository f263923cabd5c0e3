/** The WebAssembly types of a system call's parameters: a pair `xLo`, `xHi` is one i64. */

import type { Operation } from '../../roles/index.ts'

export const I32 = 0x7f
export const I64 = 0x7e

export function typesOf (operation: Operation): number[] {
  return operation.parameters
    .filter(parameter => !parameter.name.endsWith('Hi'))
    .map(parameter => parameter.name.endsWith('Lo') ? I64 : I32)
}
