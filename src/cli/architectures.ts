/** The architectures by name, as commands take them. */

import { kernels, presets, withSupervision } from '../kernels/index.ts'
import { movable, withWalls } from '../link/index.ts'
import type { Plan } from '../link/index.ts'
import { CommandError } from './exit.ts'
import { suggestion } from './suggestion.ts'
import type { Walls } from './wall-option.ts'

/** The architectures, by name. */
export function allKernels (): ReadonlyMap<string, Plan> {
  return new Map(Object.values(kernels).map(kernel => kernel()).map(plan => [plan.name, plan]))
}

/** Plans that stand for a known system, by its name; one may be an architecture under another name. */
export function allPresets (): ReadonlyMap<string, Plan> {
  return new Map(Object.entries(presets).map(([name, preset]) => [name, preset()]))
}

/** An architecture or a preset, with servers that are made anew and with other walls, where that is asked for. */
export function kernelNamed (name: string, walls?: Walls, supervised = false): Plan {
  const plan = planNamed(name)
  return walled(supervised ? supervisedOf(plan) : plan, walls)
}

function supervisedOf (plan: Plan): Plan {
  try {
    return withSupervision(plan)
  } catch (error) {
    throw new CommandError(`--supervised: ${(error as Error).message}`, 'The microkernel has such: --kernel microkernel.')
  }
}

function planNamed (name: string): Plan {
  const plans = new Map([...allPresets(), ...allKernels()])
  const plan = plans.get(name)
  if (plan !== undefined) return plan
  const names = [...plans.keys()]
  throw new CommandError(`no kernel is named ${name}`, `${suggestion(name, names)}There are: ${[...allKernels().keys(), ...allPresets().keys()].join(', ')}.`)
}

/** The plan with those walls, and a name that says so. */
function walled (plan: Plan, given: Walls | undefined): Plan {
  if (given === undefined) return plan
  const { '*': all, ...named } = given
  const chosen = { ...all === undefined ? {} : Object.fromEntries(movable(plan).map(name => [name, all])), ...named }
  for (const name of Object.keys(chosen)) {
    const names = plan.domains.map(domain => domain.name)
    if (!names.includes(name)) throw new CommandError(`--wall ${name}: ${plan.name} has no such domain`, `${suggestion(name, names)}It has: ${names.join(', ')}.`)
  }
  return { ...withWalls(plan, chosen), name: [plan.name, ...Object.entries(given).map(([domain, wall]) => `${domain}=${wall}`)].join(' ') }
}

/** Each plan, and beside it the same with those walls, where it has the domains. */
export function besideWalled (plans: readonly Plan[], given: Walls | undefined): Plan[] {
  if (given === undefined) return [...plans]
  const domains = Object.keys(given).filter(name => name !== '*')
  const fits = (plan: Plan): boolean => domains.every(name => plan.domains.some(domain => domain.name === name)) && (domains.length > 0 || movable(plan).length > 0)
  if (!plans.some(fits)) throw new CommandError(`--wall ${domains.join(', ') || '*'}: none of ${plans.map(plan => plan.name).join(', ')} has such domains`, 'See `kaleidos kernels show NAME`.')
  return plans.flatMap(plan => fits(plan) ? [plan, walled(plan, given)] : [plan])
}
