/** The systems that published ones are compared with: plans by the names that targets use. */

import { kernels, presets } from '../../kernels/index.ts'
import type { DomainPlan, Plan } from '../../link/index.ts'

/** The microkernel, with its servers reached by messages through ports in the place of synchronous calls. */
function mach (): Plan {
  const plan = kernels.microkernel()
  const ownThreads = (domain: DomainPlan): DomainPlan => domain.threads === 'migrating' ? { ...domain, threads: 'on-demand' } : domain
  return {
    ...plan, name: 'mach', summary: 'each server a user domain, reached by messages through ports', core: 'mach',
    domains: plan.domains.map(ownThreads),
    gates: plan.gates.map(rule => rule.gate === 'rpc' ? { ...rule, gate: 'port' } : rule)
  }
}

const systems: Readonly<Record<string, () => Plan>> = { ...presets, L4: kernels.microkernel, Mach: mach, unikernel: kernels.unikernel }

export function systemNamed (name: string): Plan {
  const plan = systems[name]
  if (plan === undefined) throw new RangeError(`no plan stands for ${name}`)
  return plan()
}
