/**
 * Wiring: who is joined to whom, worked out from a plan before anything starts.
 *
 * An instance is a service placed in a domain. A connection is a requirement with its provider and the gate between
 * their domains. The core stands as a provider of Threads, Accounts, SystemInformation and Domains, and as what tells the process
 * server of threads that ended, and who looks after domains of deaths.
 */

import { Accounts, DomainEvents, Domains, Processes, SystemCalls, SystemInformation, ThreadEvents, Threads } from '../roles/index.ts'
import type { AnyService, Role } from '../roles/index.ts'
import { gatesFor } from './gates.ts'
import type { DomainPlan, GateName, GatePlan, Placement, Plan } from './plan.ts'
import type { Registry } from './registry.ts'

/** The name of the core where an instance's name is asked for. */
export const CORE = 'core'
/** The name of the programs' end of a connection. */
export const PROGRAMS = 'programs'

/** A service placed in a domain. */
export interface Instance {
  readonly name: string
  readonly definition: AnyService
  readonly domain: DomainPlan
  readonly options: Readonly<Record<string, unknown>>
}

/** A requirement with its provider and the gate between their domains. */
export interface Connection {
  /** The requiring instance, CORE or PROGRAMS. */
  readonly from: string
  readonly fromDomain: string
  /** The name under which it requires. */
  readonly requires: string
  /** The route's name where the requirement takes many; else null. */
  readonly route: string | null
  readonly role: Role
  /** The providing instance, or CORE. */
  readonly to: string
  readonly toDomain: string
  readonly gate: GateName
  /** Whether the provider may start after who requires it. */
  readonly late: boolean
}

/** All instances and connections of a plan, and what is wrong with them. */
export interface Wiring {
  readonly instances: readonly Instance[]
  readonly connections: readonly Connection[]
  /** Where programs run. */
  readonly programs: readonly DomainPlan[]
  readonly errors: readonly string[]
}

/** A placement with all that it leaves out. */
export function serviceOf (placement: Placement): { service: string, as: string, options: Readonly<Record<string, unknown>> } {
  if (typeof placement === 'string') return { service: placement, as: placement, options: {} }
  return { service: placement.service, as: placement.as ?? placement.service, options: placement.options ?? {} }
}

/** The supervisor domain of a plan; undefined when it has none. */
export function supervisorOf (plan: Plan): DomainPlan | undefined {
  return plan.domains.find(domain => domain.mode === 'supervisor')
}

/** The gate from one domain to another as the plan says; null when it says none. Traps that are reflected are programs' alone. */
export function gateBetween (plan: Plan, from: string, to: string): GateName | null {
  if (from === to) return 'direct'
  return plan.gates.find(rule => rule.gate !== 'reflect' && fits(rule, from, to))?.gate ?? null
}

/** The gate from a domain to a provider: the core itself is entered by a trap, whatever leads to the services beside it. */
export function gateTo (plan: Plan, from: string, to: Provider): GateName | null {
  const gate = gateBetween(plan, from, to.domain)
  const elsewhere = plan.domains.some(domain => domain.name === from && (domain.wall === 'thread' || domain.wall === 'process') && domain.programs === undefined)
  return to.name === CORE && gate !== null && gate !== 'direct' && !elsewhere ? 'trap' : gate
}

/** The gate by which programs of a domain make their system calls. Only by name do they trap to what stands in the same domain. */
function callsBetween (plan: Plan, from: string, to: string): GateName | null {
  if (from !== to) return plan.gates.find(rule => fits(rule, from, to))?.gate ?? null
  return plan.gates.some(rule => rule.gate === 'reflect' && rule.from === from && rule.to === to) ? 'reflect' : 'direct'
}

function fits (rule: GatePlan, from: string, to: string): boolean {
  return (rule.from === '*' || rule.from === from) && (rule.to === '*' || rule.to === to)
}

/** Works out who is joined to whom. What cannot be joined is an error in the result; nothing is thrown. */
export function wire (plan: Plan, registry: Registry): Wiring {
  const errors: string[] = []
  const instances = placeInstances(plan, registry, errors)
  const programs = plan.domains.filter(domain => domain.programs !== undefined)
  const connections: Connection[] = []
  const joinable = (from: DomainPlan, to: Provider): boolean => {
    const gate = gateTo(plan, from.name, to)
    return to.name !== CORE || gate === 'direct' || (gate !== null && gatesFor(from).includes(gate))
  }
  const connect = (from: string, fromDomain: string, requires: string, route: string | null, role: Role, to: Provider, late = false): void => {
    const gate = from === PROGRAMS ? callsBetween(plan, fromDomain, to.domain) : gateTo(plan, fromDomain, to)
    if (gate === null) errors.push(`no gate from domain ${fromDomain} to ${to.domain}: ${from} needs ${role.name} of ${to.name}`)
    else connections.push({ from, fromDomain, requires, route, role, to: to.name, toDomain: to.domain, gate, late })
  }
  for (const instance of instances) {
    for (const [name, requirement] of Object.entries(instance.definition.requires)) {
      const label = `${instance.name} requires ${requirement.role.name} as '${name}'`
      // A library OS has no gate to the core, and a domain elsewhere none that leads there: they do without what they can.
      const providers = providersOf(plan, instances, instance, requirement.role)
        .filter(provider => !requirement.optional || joinable(instance.domain, provider))
      const routes = (plan.routes ?? []).filter(route => route.from === instance.name && route.requires === name)
      if (requirement.many) {
        const chosen = routes.length > 0 ? routes.map(route => ({ route: route.as ?? route.to, to: route.to })) : providers.map(p => ({ route: p.name, to: p.name }))
        for (const { route, to } of chosen) {
          const provider = providers.find(candidate => candidate.name === to)
          if (provider === undefined) errors.push(`${label}: the route to ${to} leads to nobody who provides it`)
          else connect(instance.name, instance.domain.name, name, route, requirement.role, provider, requirement.late)
        }
        continue
      }
      if (routes.length > 1) errors.push(`${label}, of one provider, and the plan has ${routes.length} routes for it`)
      const wanted = routes[0]?.to
      const fitting = wanted === undefined ? providers : providers.filter(candidate => candidate.name === wanted)
      if (wanted !== undefined && fitting.length === 0) errors.push(`${label}: the route to ${wanted} leads to nobody who provides it`)
      else if (fitting.length === 0 && !requirement.optional) errors.push(`${label}, and nobody provides it`)
      else if (fitting.length > 1) errors.push(`${label}; ${fitting.map(p => p.name).join(' and ')} provide it, and no route says which`)
      else if (fitting.length === 1) connect(instance.name, instance.domain.name, name, null, requirement.role, fitting[0]!, requirement.late)
    }
  }
  for (const domain of programs) {
    const own = instances.filter(instance => provides(instance, SystemCalls) && instance.domain === domain)
    const shared = instances.filter(instance => provides(instance, SystemCalls) && instance.domain.programs !== 'each')
    const [provider, ...more] = own.length > 0 ? own : shared
    if (provider === undefined) errors.push(`programs of domain ${domain.name} need ${SystemCalls.name}, and nobody provides it`)
    else if (more.length > 0) errors.push(`programs of domain ${domain.name}: ${[provider, ...more].map(p => p.name).join(' and ')} provide ${SystemCalls.name}, and only one may`)
    else connect(PROGRAMS, domain.name, 'calls', null, SystemCalls, { name: provider.name, domain: provider.domain.name })
  }
  const supervisor = supervisorOf(plan)
  const listeners = instances.filter(instance => provides(instance, ThreadEvents))
  if (programs.length > 0 && listeners.length === 0) errors.push(`the core needs ${ThreadEvents.name} (the process server), and nobody provides it`)
  if (supervisor !== undefined && listeners[0] !== undefined) {
    connect(CORE, supervisor.name, 'events', null, ThreadEvents, { name: listeners[0].name, domain: listeners[0].domain.name })
  }
  const watcher = instances.find(instance => provides(instance, DomainEvents))
  if (supervisor !== undefined && watcher !== undefined) {
    connect(CORE, supervisor.name, 'deaths', null, DomainEvents, { name: watcher.name, domain: watcher.domain.name })
  }
  if (programs.length > 0 && !instances.some(instance => provides(instance, Processes))) errors.push(`nobody provides ${Processes.name}`)
  return { instances, connections, programs, errors }
}

export interface Provider { readonly name: string, readonly domain: string }

function placeInstances (plan: Plan, registry: Registry, errors: string[]): Instance[] {
  const instances: Instance[] = []
  for (const domain of plan.domains) {
    for (const placement of domain.services) {
      const { service, as, options } = serviceOf(placement)
      const definition = registry.get(service)
      if (definition === undefined) errors.push(`domain ${domain.name}: there is no service '${service}'; there are ${[...registry.keys()].join(', ')}`)
      else if (as === CORE || as === PROGRAMS) errors.push(`domain ${domain.name}: an instance may not be called '${as}'`)
      else if (instances.some(other => other.name === as)) errors.push(`two instances are called '${as}'; name one with 'as'`)
      else instances.push({ name: as, definition, domain, options })
    }
  }
  return instances
}

/** Whether an instance fills a role. */
export function provides (instance: Instance, role: Role): boolean {
  return Object.values(instance.definition.provides).includes(role)
}

/** Who could fill a requirement: never the instance itself, and what stands in each program's domain only for that domain. `requiring` is null for the host. */
export function providersOf (plan: Plan, instances: readonly Instance[], requiring: Instance | null, role: Role): Provider[] {
  if (role === Threads || role === Accounts || role === SystemInformation || role === Domains) {
    const supervisor = supervisorOf(plan)
    return supervisor === undefined ? [] : [{ name: CORE, domain: supervisor.name }]
  }
  return instances
    .filter(instance => instance !== requiring && provides(instance, role))
    .filter(instance => instance.domain.programs !== 'each' || instance.domain === requiring?.domain)
    .map(instance => ({ name: instance.name, domain: instance.domain.name }))
}
