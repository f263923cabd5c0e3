/**
 * Checking a plan: everything that is wrong with it, at once, each in one sentence.
 *
 * Nothing is started by a check. What a plan may say and this build can't do yet is another list (`unmetBy`).
 */

import type { DomainPlan, Plan } from './plan.ts'
import { elsewhereErrors, standsElsewhere } from './elsewhere.ts'
import { coreGates, gatesFor, synchronous } from './gates.ts'
import type { Registry } from './registry.ts'
import { SystemCalls } from '../roles/index.ts'
import { supervisionErrors } from './supervision/index.ts'
import { CORE, wire } from './wiring.ts'
import { wordErrors } from './words.ts'
import type { Connection, Wiring } from './wiring.ts'

/** All errors of a plan; none when it can be linked. */
export function checkPlan (plan: Plan, registry: Registry): string[] {
  const words = wordErrors(plan)
  if (words.length > 0) return words
  const wiring = wire(plan, registry)
  return [
    ...domainErrors(plan),
    ...wiring.errors,
    ...elsewhereErrors(plan, wiring),
    ...wiring.connections.flatMap(connection => gateErrors(plan, connection)),
    ...unusedRoutes(plan, wiring),
    ...privilegeErrors(wiring),
    ...supervisionErrors(plan, wiring),
    ...deadlocks(plan, wiring),
    ...startCycles(wiring),
    ...scheduleErrors(plan),
    ...plan.domains.flatMap(domain => domain.guest === undefined ? [] : checkPlan(domain.guest, registry).map(error => `guest ${domain.name}: ${error}`))
  ]
}

function domainErrors (plan: Plan): string[] {
  const errors: string[] = []
  const names = new Set<string>()
  for (const domain of plan.domains) {
    if (names.has(domain.name)) errors.push(`two domains are called '${domain.name}'`)
    names.add(domain.name)
    if (domain.programs === 'one' && domain.wall !== 'none') errors.push(`domain ${domain.name} shares itself with its program; its wall is 'none', not '${domain.wall}'`)
    if (domain.programs === 'each' && domain.wall === 'none') errors.push(`domain ${domain.name}: programs need a wall; 'none' would join them all`)
    if (domain.mode === 'user' && domain.wall === 'none') errors.push(`domain ${domain.name} is a user domain and needs a wall`)
    if (domain.wall === 'node' && domain.place === undefined) errors.push(`domain ${domain.name}: the wall 'node' needs a 'place' to run`)
    if (domain.heapBytesMax !== undefined && !(standsElsewhere(domain) || domain.programs === 'each')) errors.push(`domain ${domain.name}: its objects are on the heap of the kernel's thread, which heapBytesMax cannot cap; let its wall be 'thread' or 'process'`)
    errors.push(...threadErrors(plan, domain), ...pagerErrors(plan, domain))
    if (domain.guest !== undefined && domain.services.length > 0) errors.push(`domain ${domain.name} holds a guest, and services too; give those a domain of their own`)
  }
  const supervisors = plan.domains.filter(domain => domain.mode === 'supervisor')
  if (supervisors.length !== 1) errors.push(`a plan has one supervisor domain; this has ${supervisors.length === 0 ? 'none' : supervisors.map(domain => domain.name).join(' and ')}`)
  if (plan.core === 'none' && plan.domains.length > 1) errors.push('without a core there is one domain: there is nobody to switch between two')
  if (!plan.domains.some(domain => domain.programs !== undefined || domain.guest !== undefined)) errors.push('no domain runs programs')
  for (const rule of plan.gates) {
    for (const end of [rule.from, rule.to]) {
      if (end !== '*' && !names.has(end)) errors.push(`gate ${rule.from} -> ${rule.to}: there is no domain '${end}'`)
    }
    const elsewhere = rule.gate === 'port' && plan.domains.some(domain => standsElsewhere(domain) && (domain.name === rule.from || domain.name === rule.to))
    if (!coreGates[plan.core].includes(rule.gate) && ['trap', 'rpc', 'port', 'reflect'].includes(rule.gate) && !elsewhere) {
      errors.push(`gate ${rule.from} -> ${rule.to}: the core '${plan.core}' has no operation for '${rule.gate}'`)
    }
  }
  return errors
}

/** Whose threads serve is the core's way of calling: those of the callers, or the domain's own. */
function threadErrors (plan: Plan, { name, threads }: DomainPlan): string[] {
  if (threads === undefined || (typeof threads === 'number' && Number.isInteger(threads) && threads > 0)) return []
  if (threads !== 'migrating' && threads !== 'on-demand') return [`domain ${name}: threads is a whole number from 1 up, 'migrating' or 'on-demand'`]
  if (threads === 'migrating' && plan.core === 'mach') return [`domain ${name}: under the core 'mach' a domain's own threads receive; let threads be a number or 'on-demand', not 'migrating'`]
  if (threads === 'on-demand' && plan.core !== 'mach') return [`domain ${name}: threads 'on-demand' receive messages, which only the core 'mach' queues; let them be a number or 'migrating'`]
  return []
}

function pagerErrors (plan: Plan, { name, mode, pagerOf }: DomainPlan): string[] {
  if (pagerOf === undefined) return []
  const where = `domain ${name} is to be the pager of ${pagerOf}`
  const paged = plan.domains.find(other => other.name === pagerOf)
  if (paged === undefined) return [`${where}, and there is no such domain`]
  return [
    ...(paged.programs === 'each' ? [] : [`${where}, which has no programs of its own memory`]),
    ...(mode === 'user' ? [] : [`${where}; a supervisor has all memories mapped anyway`]),
    ...(plan.domains.some(other => other.pagerOf === pagerOf && other.name !== name) ? [`${where}, and so is another`] : [])
  ]
}

function gateErrors (plan: Plan, connection: Connection): string[] {
  if (connection.fromDomain === connection.toDomain) return []
  // Who stands elsewhere can be made to wait, and has errors of its own.
  const elsewhere = plan.domains.some(domain => standsElsewhere(domain) && (domain.name === connection.fromDomain || domain.name === connection.toDomain))
  return [...crossingErrors(plan, connection), ...addressErrors(plan, connection), ...elsewhere ? [] : waitErrors(connection)]
}

/** The calls of programs take addresses: who serves them has to reach what is there. */
function addressErrors (plan: Plan, { from, to, fromDomain, toDomain, role }: Connection): string[] {
  if (role !== SystemCalls) return []
  const server = plan.domains.find(domain => domain.name === toDomain)!
  if (server.mode === 'supervisor' || server.pagerOf === fromDomain) return []
  return [`${from} -> ${to}: programs' calls take addresses in their memories, which domain ${toDomain} cannot address; let it be their pager (pagerOf: '${fromDomain}')`]
}

/** A message through a port always waits for its receiver's thread. */
function waitErrors ({ from, to, role, gate }: Connection): string[] {
  if (gate !== 'port') return []
  const plain = Object.entries(role.operations).filter(([, operation]) => !operation.blocks).map(([name]) => name)
  return plain.length === 0 ? []
    : [`${from} -> ${to}: a call through a port always waits, and of ${role.name} ${plain.join(', ')} never ${plain.length === 1 ? 'does' : 'do'}; put both in one domain`]
}

function crossingErrors (plan: Plan, connection: Connection): string[] {
  const { fromDomain, toDomain, gate } = connection
  const where = `${connection.from} -> ${connection.to}`
  if (gate === 'direct') return [`${where}: 'direct' joins neighbours of one domain; ${fromDomain} and ${toDomain} are two`]
  const from = plan.domains.find(domain => domain.name === fromDomain)!
  const to = plan.domains.find(domain => domain.name === toDomain)!
  const errors: string[] = []
  for (const domain of [from, to]) {
    if (!gatesFor(domain).includes(gate)) errors.push(`${where}: the gate '${gate}' cannot cross the wall '${domain.wall}' of domain ${domain.name}`)
  }
  if (gate === 'trap' && to.mode !== 'supervisor') errors.push(`${where}: a trap leads into the supervisor, and ${toDomain} is a user domain`)
  return errors
}

function unusedRoutes (plan: Plan, wiring: Wiring): string[] {
  return (plan.routes ?? [])
    .filter(route => !wiring.connections.some(connection => connection.from === route.from && connection.requires === route.requires && connection.to === route.to))
    .filter(route => !wiring.errors.some(error => error.includes(route.to)))
    .map(route => `route ${route.from}.${route.requires} -> ${route.to}: ${route.from} has no such requirement`)
}

function privilegeErrors (wiring: Wiring): string[] {
  return wiring.instances
    .filter(instance => instance.domain.mode === 'user')
    .flatMap(instance => (instance.definition.devices ?? [])
      .filter(device => !(instance.domain.devices ?? []).includes(device))
      .map(device => `${instance.name} drives the device '${device}', and the user domain ${instance.domain.name} was not given it`))
}

/** What the core does itself it does at once. A cycle of synchronous calls in which a domain has only so many threads: each can wait for the next, for ever. */
function deadlocks (plan: Plan, wiring: Wiring): string[] {
  const finite = (name: string): boolean => typeof (plan.domains.find(domain => domain.name === name)?.threads ?? 1) === 'number'
  const edges = wiring.connections.filter(({ gate, to, fromDomain, toDomain }) => synchronous.has(gate) && fromDomain !== toDomain && to !== CORE).map(connection => [connection.fromDomain, connection.toDomain] as const)
  return cyclesOf(edges)
    .filter(cycle => cycle.some(finite))
    .map(cycle => `synchronous calls go in a circle and can deadlock: ${[...cycle, cycle[0]].join(' -> ')}; let the domains' threads be 'migrating', or break the circle`)
}

function startCycles (wiring: Wiring): string[] {
  const edges = wiring.connections.filter(connection => connection.from !== CORE && connection.to !== CORE && !connection.late).map(connection => [connection.from, connection.to] as const)
  return cyclesOf(edges).map(cycle => `services require each other in a circle, so none can start first: ${[...cycle, cycle[0]].join(' -> ')}`)
}

/** One cycle for each knot of a directed graph, as the names on it in order. */
export function cyclesOf (edges: readonly (readonly [string, string])[]): string[][] {
  const next = new Map<string, string[]>()
  for (const [from, to] of edges) next.set(from, [...next.get(from) ?? [], to])
  const cycles: string[][] = []
  const finished = new Set<string>()
  const path: string[] = []
  const visit = (name: string): void => {
    const at = path.indexOf(name)
    if (at >= 0) {
      cycles.push(path.slice(at))
      return
    }
    if (finished.has(name)) return
    path.push(name)
    for (const to of next.get(name) ?? []) visit(to)
    path.pop()
    finished.add(name)
  }
  for (const name of next.keys()) visit(name)
  return cycles
}

function scheduleErrors (plan: Plan): string[] {
  const scheduler = plan.scheduler
  const partitions = plan.domains.filter(domain => domain.partition !== undefined)
  if (scheduler.policy !== 'time-triggered') {
    return partitions.map(domain => `domain ${domain.name} names a partition, and the scheduler has no time schedule`)
  }
  const errors: string[] = []
  let end = 0
  for (const frame of scheduler.minorFrames) {
    if (frame.startUs < end) errors.push(`minor frame of ${frame.partition} starts at ${frame.startUs} µs, before the one before it ends`)
    end = frame.startUs + frame.lengthUs
    if (end > scheduler.majorFrameUs) errors.push(`minor frame of ${frame.partition} ends at ${end} µs, after the major frame of ${scheduler.majorFrameUs} µs`)
    if (!partitions.some(domain => domain.partition === frame.partition)) errors.push(`minor frame of ${frame.partition}: no domain is that partition`)
  }
  const unscheduled = (domain: DomainPlan): boolean => !scheduler.minorFrames.some(frame => frame.partition === domain.partition)
  return [...errors, ...partitions.filter(unscheduled).map(domain => `partition ${domain.partition} of domain ${domain.name} has no minor frame`)]
}

