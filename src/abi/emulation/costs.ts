/** What the work of the emulation library is: the stub of a C library, which puts arguments into a message and takes the result. */

import { CALL, Steps, SystemCalls, row } from '../../roles/index.ts'
import type { CostRow, CostTable } from '../../roles/index.ts'

const { CHECK, FIELDS, FRAME } = Steps

const stub: readonly CostRow[] = [
  row(CALL, 'the library\'s function, and that which makes the call; the message\'s place of this thread, the call\'s number; whether the server answered, the result, errno', [FRAME, FRAME, FIELDS, FIELDS, CHECK, CHECK, FIELDS])
]

export const costs: CostTable = { SystemCalls: Object.fromEntries(Object.keys(SystemCalls.operations).map(name => [name, stub])) }
