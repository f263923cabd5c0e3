/** The architectures by name, as commands take them. */

import { kernels } from '../kernels/index.ts'
import type { Plan } from '../link/index.ts'
import { CommandError } from './exit.ts'
import { suggestion } from './suggestion.ts'

/** Every architecture there is, by name. */
export function allKernels (): ReadonlyMap<string, Plan> {
  return new Map(Object.values(kernels).map(kernel => kernel()).map(plan => [plan.name, plan]))
}

export function kernelNamed (name: string): Plan {
  const plans = allKernels()
  const plan = plans.get(name)
  if (plan !== undefined) return plan
  const names = [...plans.keys()]
  throw new CommandError(`no kernel is named ${name}`, `${suggestion(name, names)}There are: ${names.join(', ')}.`)
}
