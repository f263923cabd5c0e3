/** Options of services, put into a plan: what a person says of a system, and a plan leaves to its services' defaults. */

import type { Plan } from './plan.ts'
import { serviceOf } from './wiring.ts'

/** The plan with these options of the services of these names, wherever they stand. */
export function withOptions (plan: Plan, added: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Plan {
  if (Object.keys(added).length === 0) return plan
  return {
    ...plan,
    domains: plan.domains.map(domain => ({
      ...domain,
      services: domain.services.map(placement => {
        const { service, as, options } = serviceOf(placement)
        return added[service] === undefined ? placement : { service, as, options: { ...options, ...added[service] } }
      })
    }))
  }
}
