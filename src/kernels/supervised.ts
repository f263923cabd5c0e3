/** Supervision put into a plan of servers: which of them can be made anew, how often, and who does it. */

import type { DomainPlan, Plan, SupervisionPlan } from '../link/index.ts'

/** A server that dies 5 times within a minute stays dead; from the second time on it waits 10 ms, 20 ms … before it comes back. */
const supervision: SupervisionPlan = { restarts: 5, periodMs: 60_000, backoffMs: 10 }

/** By domain of the microkernel. The clock does not wait, since who restarts waits by it. */
const bySupervised: Readonly<Record<string, SupervisionPlan>> = {
  console: supervision,
  clock: { ...supervision, backoffMs: 0 },
  entropy: supervision,
  vfs: { ...supervision, state: 'store' },
  ramfs: { ...supervision, state: 'store' },
  pipefs: { ...supervision, state: 'store' },
  devfs: { ...supervision, state: 'store' },
  procfs: { ...supervision, state: 'store' }
}

const added: readonly DomainPlan[] = [
  { name: 'reincarnation', mode: 'user', wall: 'language', services: ['reincarnation'], threads: 'migrating', devices: ['clock'] },
  { name: 'store', mode: 'user', wall: 'language', services: ['store'], threads: 1 }
]

/** The same plan, in which servers that die are made anew. Throws a TypeError where no server of it could be. */
export function withSupervision (plan: Plan): Plan {
  const domains = plan.domains.map(domain => {
    const found = bySupervised[domain.name]
    return found === undefined ? domain : { ...domain, supervision: found }
  })
  if (domains.every(domain => domain.supervision === undefined)) throw new TypeError(`${plan.name} has no server in a domain of its own that could be made anew`)
  const programs = domains.findIndex(domain => domain.programs !== undefined)
  return { ...plan, name: `${plan.name}-supervised`, domains: [...domains.slice(0, programs), ...added, ...domains.slice(programs)] }
}
