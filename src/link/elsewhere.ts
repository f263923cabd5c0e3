/**
 * Domains that stand elsewhere, in another thread or process of the host: which they are, what a plan may not ask of one,
 * and plans with other walls.
 */

import { SystemCalls } from '../roles/index.ts'
import type { DomainPlan, GateName, GatePlan, Plan, WallName } from './plan.ts'
import { CORE } from './wiring.ts'
import type { Connection, Wiring } from './wiring.ts'

/** What a service elsewhere can drive: the rest of the machine is where the kernel's thread is. */
const devicesElsewhere: readonly string[] = ['entropy']

/** The gate through which a wall is crossed from any other domain. */
const gateThrough: Partial<Record<WallName, GateName>> = { thread: 'ring', process: 'port' }

/** Whether a domain's services run in another thread or process. */
export function standsElsewhere ({ wall, programs }: DomainPlan): boolean {
  return (wall === 'thread' || wall === 'process') && programs === undefined
}

/** Every error in it, each in one sentence. */
export function elsewhereErrors (plan: Plan, wiring: Wiring): string[] {
  return plan.domains.filter(standsElsewhere).flatMap(domain => [...domainErrors(plan, domain), ...serviceErrors(domain, wiring)])
}

function domainErrors (plan: Plan, { name, mode, wall, pagerOf }: DomainPlan): string[] {
  const where = `domain ${name} is behind the wall '${wall}'`
  return [
    ...(mode === 'user' ? [] : [`${where}, and the supervisor is where the kernel's thread is; let its wall be 'none'`]),
    ...(pagerOf === undefined ? [] : [`${where}, and is to be the pager of ${pagerOf}, whose memories it could not address there`]),
    ...(plan.core === 'none' ? [`${where}, and without a core nobody can call it`] : [])
  ]
}

function serviceErrors ({ name, wall }: DomainPlan, wiring: Wiring): string[] {
  const where = `domain ${name} is behind the wall '${wall}'`
  const own = wiring.instances.filter(instance => instance.domain.name === name)
  return [
    ...own.flatMap(({ name: instance, definition }) => {
      const missing = (definition.devices ?? []).filter(device => !devicesElsewhere.includes(device))
      return missing.length === 0 ? [] : [`${where}, and ${instance} drives ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} where the kernel's thread is; let its wall be 'language'`]
    }),
    ...wiring.connections.filter(connection => connection.toDomain === name && connection.fromDomain !== name).flatMap(connection => callErrors(where, connection))
  ]
}

function callErrors (where: string, { from, to, role }: Connection): string[] {
  if (role === SystemCalls) return [`${where}, and ${from} -> ${to}: programs' calls take addresses in their memories, which it could not address there`]
  const plain = Object.entries(role.operations).filter(([, operation]) => !operation.blocks).map(([name]) => name)
  return plain.length === 0 || to === CORE ? []
    : [`${where}, and ${from} -> ${to}: a call to it always waits, and of ${role.name} ${plain.join(', ')} never ${plain.length === 1 ? 'does' : 'do'}`]
}

/** Domains of a plan that can be put behind a wall of the host as they are: with services, and no device that is not there. */
export function movable (plan: Plan): string[] {
  return plan.domains.filter(({ mode, programs, guest, pagerOf, devices = [] }) =>
    mode === 'user' && programs === undefined && guest === undefined && pagerOf === undefined && devices.every(device => devicesElsewhere.includes(device))).map(({ name }) => name)
}

/**
 * The same plan with other walls around domains of these names, and with the gates that cross those. Throws for a domain that
 * the plan does not have. `link` says what of it cannot be.
 */
export function withWalls (plan: Plan, walls: Readonly<Record<string, WallName>>): Plan {
  for (const name of Object.keys(walls)) {
    if (!plan.domains.some(domain => domain.name === name)) throw new TypeError(`walls: ${plan.name} has no domain '${name}'; it has ${plan.domains.map(domain => domain.name).join(', ')}`)
  }
  // Programs keep their gates: their calls are made by threads of the kernel's, in their place.
  const changed = Object.entries(walls).filter(([name]) => plan.domains.some(domain => domain.name === name && domain.programs === undefined))
  // A process first: it has no ring, and a thread can have a port.
  const gates = (['process', 'thread'] as const).flatMap(wall => changed.filter(([, each]) => each === wall)
    .flatMap(([name]): GatePlan[] => [{ from: name, to: '*', gate: gateThrough[wall]! }, { from: '*', to: name, gate: gateThrough[wall]! }]))
  return {
    ...plan,
    domains: plan.domains.map(domain => walls[domain.name] === undefined ? domain : { ...domain, wall: walls[domain.name]! }),
    gates: [...gates, ...plan.gates.filter(({ from, to }) => !changed.some(([name]) => (from === name && to === '*') || (from === '*' && to === name)))]
  }
}
