/** The architectures by name, as commands take them. */

import { kernels, presets } from '../kernels/index.ts'
import type { Plan } from '../link/index.ts'
import { CommandError } from './exit.ts'
import { suggestion } from './suggestion.ts'

/** The architectures, by name. */
export function allKernels (): ReadonlyMap<string, Plan> {
  return new Map(Object.values(kernels).map(kernel => kernel()).map(plan => [plan.name, plan]))
}

/** Plans that stand for a known system, by its name; one may be an architecture under another name. */
export function allPresets (): ReadonlyMap<string, Plan> {
  return new Map(Object.entries(presets).map(([name, preset]) => [name, preset()]))
}

/** An architecture or a preset. */
export function kernelNamed (name: string): Plan {
  const plans = new Map([...allPresets(), ...allKernels()])
  const plan = plans.get(name)
  if (plan !== undefined) return plan
  const names = [...plans.keys()]
  throw new CommandError(`no kernel is named ${name}`, `${suggestion(name, names)}There are: ${[...allKernels().keys(), ...allPresets().keys()].join(', ')}.`)
}
