/**
 * Only what is needed: which services of a plan a program's imports lead to.
 *
 * The program's system calls name the requirements of the service that serves them; from those on, whatever a needed
 * service cannot do without is needed, and what it can do without only if somebody else needs it.
 */

import { SystemCalls } from '../roles/index.ts'
import type { Plan } from './plan.ts'
import type { Wiring } from './wiring.ts'
import { CORE, PROGRAMS, serviceOf } from './wiring.ts'

/** The instances that these system calls need. */
export function neededInstances (wiring: Wiring, systemCalls: readonly string[]): ReadonlySet<string> {
  const needed = new Set<string>()
  const need = (name: string): void => {
    if (name === CORE || needed.has(name)) return
    needed.add(name)
    const instance = wiring.instances.find(candidate => candidate.name === name)!
    const { uses, provides } = instance.definition
    const servesPrograms = Object.values(provides).includes(SystemCalls) && uses !== undefined
    const used = servesPrograms ? new Set(systemCalls.flatMap(call => [...uses(call)])) : null
    for (const connection of wiring.connections.filter(candidate => candidate.from === name)) {
      const requirement = instance.definition.requires[connection.requires]!
      const wanted = used === null ? !requirement.optional || requirement.many : used.has(connection.requires)
      if (wanted) need(connection.to)
    }
  }
  for (const connection of wiring.connections) if (connection.from === PROGRAMS || connection.from === CORE) need(connection.to)
  return needed
}

/** The plan without the services that these system calls do not need. */
export function onlyNeeded (plan: Plan, wiring: Wiring, systemCalls: readonly string[]): Plan {
  const needed = neededInstances(wiring, systemCalls)
  return {
    ...plan,
    domains: plan.domains.map(domain => ({ ...domain, services: domain.services.filter(placement => needed.has(serviceOf(placement).as)) })),
    routes: (plan.routes ?? []).filter(route => needed.has(route.from) && needed.has(route.to))
  }
}
