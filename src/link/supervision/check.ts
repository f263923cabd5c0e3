/** What a plan says of supervision, checked: words and numbers, who is supervised, and that what it keeps outlives it. */

import { DomainEvents, Store } from '../../roles/index.ts'
import type { DomainPlan, Plan, SupervisionPlan } from '../plan.ts'
import { CORE, provides } from '../wiring.ts'
import type { Instance, Wiring } from '../wiring.ts'

/** Every error in it, each in one sentence. */
export function supervisionErrors (plan: Plan, wiring: Wiring): string[] {
  const supervised = plan.domains.filter(domain => domain.supervision !== undefined)
  if (supervised.length === 0) return []
  const watchers = wiring.instances.filter(instance => provides(instance, DomainEvents))
  return [
    ...watcherErrors(plan, supervised, watchers),
    ...supervised.flatMap(domain => [...numberErrors(domain.name, domain.supervision!), ...domainErrors(domain, wiring), ...waitErrors(domain, wiring, watchers)])
  ]
}

function watcherErrors (plan: Plan, supervised: readonly DomainPlan[], watchers: readonly Instance[]): string[] {
  const [watcher, ...more] = watchers
  if (watcher === undefined) return [`domain ${supervised[0]!.name} is supervised, and nobody provides ${DomainEvents.name}; place the service 'reincarnation'`]
  if (more.length > 0) return [`${watchers.map(each => each.name).join(' and ')} provide ${DomainEvents.name}, and only one may`]
  const { domain } = watcher
  return [
    ...(domain.supervision === undefined ? [] : [`domain ${domain.name} makes others anew, and nobody can do that for it; it cannot be supervised`]),
    ...(domain.mode === 'user' && domain.services.length === 1 ? [] : [`${watcher.name} needs a user domain of its own, since what stands beside it could take it along`])
  ]
}

function numberErrors (name: string, { restarts, periodMs, backoffMs, heartbeatMs, state }: SupervisionPlan): string[] {
  const where = `domain ${name}: supervision.`
  return [
    ...(Number.isInteger(restarts) && restarts > 0 ? [] : [`${where}restarts is a whole number from 1 up, not ${restarts}`]),
    ...(periodMs > 0 && Number.isFinite(periodMs) ? [] : [`${where}periodMs is a number of ms above 0, not ${periodMs}`]),
    ...(backoffMs >= 0 && Number.isFinite(backoffMs) ? [] : [`${where}backoffMs is a number of ms from 0 up, not ${backoffMs}`]),
    ...(heartbeatMs === undefined || (heartbeatMs > 0 && Number.isFinite(heartbeatMs)) ? [] : [`${where}heartbeatMs is a number of ms above 0, or left out, not ${heartbeatMs}`]),
    ...(state === undefined || (state as string) === 'store' ? [] : [`${where}state is 'store' or left out, not '${String(state)}'`])
  ]
}

function domainErrors ({ name, mode, programs, guest, supervision }: DomainPlan, wiring: Wiring): string[] {
  const where = `domain ${name} is supervised`
  if (mode !== 'user') return [`${where}, and a supervisor cannot be made anew below what runs on it; let it be a user domain`]
  if (programs !== undefined) return [`${where}, and holds programs; only those who started them know what is to become of them`]
  if (guest !== undefined) return [`${where}, and holds a guest, which keeps what it keeps to itself`]
  const own = wiring.instances.filter(instance => instance.domain.name === name)
  const stored = supervision!.state === 'store'
  const stores = wiring.instances.filter(instance => provides(instance, Store))
  return [
    ...own.filter(({ definition }) => definition.keeps === undefined)
      .map(instance => `${where}, and ${instance.name} keeps what its clients refer to and cannot find it again`),
    ...own.filter(({ definition }) => definition.keeps === 'store' && !stored)
      .map(instance => `${where}, and ${instance.name} keeps what its clients refer to; let supervision.state be 'store'`),
    ...(stored && !own.some(({ definition }) => definition.keeps === 'store') ? [`${where} with state 'store', and keeps nothing; leave that out`] : []),
    ...(stored && stores.length === 0 ? [`${where} with state 'store', and nobody provides ${Store.name}; place the service 'store'`] : []),
    ...stores.filter(store => store.domain.name === name).map(store => `${where}, and holds ${store.name}, which has to outlive others`),
    ...wiring.connections.filter(connection => connection.toDomain === name && connection.fromDomain !== name && (connection.gate === 'reflect' || connection.gate === 'trap'))
      .map(connection => `${where}, and ${connection.from} reaches it through '${connection.gate}', which cannot be repeated`)
  ]
}

/** Who waits by a clock cannot make that clock wait. */
function waitErrors ({ name, supervision }: DomainPlan, wiring: Wiring, watchers: readonly Instance[]): string[] {
  const needed = wiring.connections.some(connection => connection.toDomain === name && connection.to !== CORE && watchers.some(watcher => watcher.name === connection.from))
  return needed && supervision!.backoffMs > 0
    ? [`domain ${name}: who makes it anew waits by it, so it cannot wait with that; let supervision.backoffMs be 0`]
    : []
}
