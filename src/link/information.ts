/** What the core tells of the system that the linker made: SystemInformation. It keeps nothing: all is read where it is kept. */

import { INFORMATION_ENTRIES_MAX } from '../roles/index.ts'
import type { SystemInformation } from '../roles/index.ts'
import type { AddressSpace, CoreState } from '../core/index.ts'
import { VERSION } from './version.ts'
import type { DomainPlan, GateName, Plan } from './plan.ts'
import { serviceOf } from './wiring.ts'

/** A way from one service, program, core or host to another, as it was made. */
export interface JoinedGate {
  readonly from: string
  readonly to: string
  readonly toDomain: string
  readonly role: string
  readonly gate: GateName
  /** The object that is invoked, which counts; null where the neighbour itself is called. */
  readonly object: { readonly calls: number } | null
}

/** `domainOf` gives what the plan says of an address space: nothing of the host's. */
export function informationOf (
  plan: Plan, state: CoreState, domainOf: (space: AddressSpace) => DomainPlan | undefined, gates: () => Iterable<JoinedGate>,
  restartsOf: (space: AddressSpace) => number
): SystemInformation {
  return {
    kernel: () => ({ version: VERSION, name: plan.name, core: plan.core }),
    plan: () => JSON.stringify(plan, null, 2),
    times: () => ({ uptimeNs: state.machine.clock.monotonicNs(), busyNs: state.scheduler.busyNs }),
    limits: process => {
      const account = state.accounts.accountOf(process)
      return account.limits.map((_limit, resource) => account.limit(resource))
    },
    counters: () => ({ names: Object.keys(state.counters), values: Object.values(state.counters) }),
    domains: from => {
      const calls = callsByDomain(gates())
      const shown = spacesFrom(state, from)
      const domains = shown.map(domainOf)
      return {
        spaces: shown.map(space => space.id),
        labels: shown.map(space => space.label),
        modes: shown.map(space => space.id === 0 ? 'supervisor' : 'user'),
        walls: domains.map(domain => domain?.wall ?? ''),
        services: domains.map(domain => (domain?.services ?? []).map(placement => serviceOf(placement).as).join(',')),
        states: shown.map(space => !space.alive ? 'dead' : space.id === 0 && state.tainted ? 'tainted' : 'alive'),
        arenaBytes: shown.map(space => space.arena?.sizeBytes ?? 0),
        allocatedBytes: shown.map(space => space.arena?.allocatedBytes ?? 0),
        memoryBytes: shown.map(space => space.memory?.sizeBytes ?? 0),
        // Of a domain that each program has a copy of, nobody calls in by a gate.
        calls: shown.map((space, index) => domains[index]?.programs === 'each' ? 0 : calls.get(space.label) ?? 0),
        restarts: shown.map(restartsOf)
      }
    },
    gates: () => {
      const all = [...gates()]
      return {
        kinds: all.map(each => each.gate),
        from: all.map(each => each.from),
        to: all.map(each => each.to),
        roles: all.map(each => each.role),
        calls: all.map(each => each.object?.calls ?? -1)
      }
    }
  }
}

function spacesFrom (state: CoreState, from: number): AddressSpace[] {
  const found: AddressSpace[] = []
  for (const space of state.spaces.values()) {
    if (space.id >= from && found.push(space) === INFORMATION_ENTRIES_MAX) break
  }
  return found
}

function callsByDomain (gates: Iterable<JoinedGate>): Map<string, number> {
  const calls = new Map<string, number>()
  for (const { toDomain, object } of gates) if (object !== null) calls.set(toDomain, (calls.get(toDomain) ?? 0) + object.calls)
  return calls
}
