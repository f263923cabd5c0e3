/** The architectures, each a function that gives its plan. */

import { microkernel } from './microkernel/index.ts'
import { monolithic } from './monolithic/index.ts'
import { unikernel } from './unikernel/index.ts'

export const kernels = { monolithic, microkernel, unikernel } as const
