/** What the linker knows of cores, gates and walls: which core performs which gate, and what each gate can cross. */

import { walls } from '../walls/index.ts'
import type { CoreName, GateName, Plan, WallName } from './plan.ts'

/** The gates that each core performs; `direct` needs none. */
export const coreGates: Readonly<Record<CoreName, readonly GateName[]>> = {
  none: ['direct'],
  trap: ['direct', 'trap'],
  l4: ['direct', 'trap', 'rpc', 'reflect'],
  mach: ['direct', 'trap', 'port', 'reflect']
}

/** What can cross each wall. `direct` crosses none. */
export const gatesThrough: Readonly<Record<WallName, readonly GateName[]>> = {
  none: ['direct', 'trap', 'rpc', 'port', 'reflect', 'hypercall'],
  language: ['trap', 'rpc', 'port', 'ring', 'reflect', 'hypercall', 'wire'],
  wasm: ['trap', 'rpc', 'port', 'ring', 'reflect', 'hypercall', 'wire'],
  thread: ['ring', 'port', 'wire'],
  process: ['ring', 'port', 'wire'],
  node: ['wire']
}

/** Gates whose caller waits for the callee's thread. */
export const synchronous: ReadonlySet<GateName> = new Set(['rpc', 'port', 'reflect'])

const builtGates: ReadonlySet<GateName> = new Set(['direct', 'trap', 'rpc', 'port', 'reflect'])

/** What a plan needs that this build does not have yet, one line each. A plan that needs nothing more boots. */
export function unmetBy (plan: Plan): string[] {
  const unmet: string[] = []
  for (const domain of plan.domains) {
    if (!walls[domain.wall].built) unmet.push(`domain ${domain.name}: the wall '${domain.wall}' is not built yet`)
    if (domain.guest !== undefined) unmet.push(`domain ${domain.name}: a guest needs the virtual machine, which is not built yet`)
  }
  for (const gate of new Set(plan.gates.map(rule => rule.gate))) {
    if (!builtGates.has(gate)) unmet.push(`the gate '${gate}' is not built yet`)
  }
  if (plan.scheduler.policy !== 'round-robin') unmet.push(`the scheduler policy '${plan.scheduler.policy}' is not built yet`)
  return unmet
}
