/** What the linker knows of cores, gates and walls: which core performs which gate, and what each gate can cross. */

import type { Machine } from '../machine/index.ts'
import { walls } from '../walls/index.ts'
import { standsElsewhere } from './elsewhere.ts'
import type { CoreName, DomainPlan, GateName, Plan, WallName } from './plan.ts'

/** The gates that each core performs; `direct` needs none. */
export const coreGates: Readonly<Record<CoreName, readonly GateName[]>> = {
  none: ['direct'],
  trap: ['direct', 'trap'],
  l4: ['direct', 'trap', 'rpc', 'reflect'],
  mach: ['direct', 'trap', 'port', 'reflect']
}

/** What can cross each wall. `direct` crosses none. */
export const gatesThrough: Readonly<Record<WallName, readonly GateName[]>> = {
  none: ['direct', 'trap', 'rpc', 'port', 'ring', 'reflect', 'hypercall'],
  language: ['trap', 'rpc', 'port', 'ring', 'reflect', 'hypercall', 'wire'],
  wasm: ['trap', 'rpc', 'port', 'ring', 'reflect', 'hypercall', 'wire'],
  thread: ['ring', 'port'],
  process: ['port'],
  node: ['wire']
}

/**
 * What can cross the wall of a domain. A program on a thread of its own makes its calls by a thread of the kernel's that goes
 * through the gates in its place, with its memory at hand: to them it is one behind the wall `wasm`.
 */
export function gatesFor (domain: DomainPlan): readonly GateName[] {
  return gatesThrough[domain.wall === 'thread' && domain.programs !== undefined ? 'wasm' : domain.wall]
}

/** Gates whose caller waits for the callee's thread. */
export const synchronous: ReadonlySet<GateName> = new Set(['rpc', 'port', 'ring', 'reflect'])

const builtGates: ReadonlySet<GateName> = new Set(['direct', 'trap', 'rpc', 'port', 'ring', 'reflect'])

/** What a plan needs that this build does not have yet, or that machine, one line each. A plan that needs nothing more boots. */
export function unmetBy (plan: Plan, machine: Machine | null = null, hasOccupant = true): string[] {
  const unmet: string[] = []
  for (const domain of plan.domains) {
    if (standsElsewhere(domain) || (domain.programs === 'each' && domain.wall === 'thread')) {
      if (machine !== null && machine.timing !== null) unmet.push(`domain ${domain.name}: behind the wall '${domain.wall}' it runs in the host's own time, and the time of ${machine.name} is modelled; leave that wall out there`)
      else if (machine?.places === null) unmet.push(`domain ${domain.name}: the wall '${domain.wall}' needs memory that threads share, which this host does not give; a page has to be cross-origin isolated`)
      else if (!hasOccupant && domain.programs === undefined) unmet.push(`domain ${domain.name}: the wall '${domain.wall}' needs a module that runs there (occupant)`)
    } else if (domain.programs === 'each' && domain.wall === 'process') {
      unmet.push(`domain ${domain.name}: programs behind the wall 'process' are not built yet; let it be 'thread', which has a heap of its own and ends by a kill, too`)
    } else if (!walls[domain.wall].built || domain.wall === 'thread' || domain.wall === 'process') { unmet.push(`domain ${domain.name}: the wall '${domain.wall}' is not built yet`)
    }
    if (domain.guest !== undefined) unmet.push(`domain ${domain.name}: a guest needs the virtual machine, which is not built yet`)
  }
  for (const gate of new Set(plan.gates.map(rule => rule.gate))) {
    if (!builtGates.has(gate)) unmet.push(`the gate '${gate}' is not built yet`)
  }
  if (plan.scheduler.policy !== 'round-robin') unmet.push(`the scheduler policy '${plan.scheduler.policy}' is not built yet`)
  return unmet
}
