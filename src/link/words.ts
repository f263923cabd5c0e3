/**
 * The words and numbers of a plan, before it is worked out what they come to: a plan can be typed by hand or read from JSON,
 * where no compiler looks. What has no meaning is told alone, since nothing can be said of the rest.
 */

import { coreGates, gatesThrough } from './gates.ts'
import type { DomainPlan, GateName, Plan, SchedulerPlan } from './plan.ts'

const gateNames: readonly GateName[] = [...new Set(Object.values(gatesThrough).flat())]

/** Everything in a plan that is no word of the plan language, each in one sentence. */
export function wordErrors (plan: Plan): string[] {
  return [
    ...word('the core', plan.core, Object.keys(coreGates)),
    ...plan.domains.flatMap(domainErrors),
    ...plan.gates.flatMap(({ from, to, gate }) => word(`gate ${from} -> ${to}: the gate`, gate, gateNames)),
    ...schedulerErrors(plan.scheduler)
  ]
}

function domainErrors (domain: DomainPlan): string[] {
  const where = `domain ${domain.name}:`
  return [
    ...word(`${where} the mode`, domain.mode, ['supervisor', 'user']),
    ...word(`${where} the wall`, domain.wall, Object.keys(gatesThrough)),
    ...(domain.programs === undefined ? [] : word(`${where} programs`, domain.programs, ['one', 'each'])),
    ...(Array.isArray(domain.services) ? [] : [`${where} services is a list, empty where there are none`])
  ]
}

function schedulerErrors (scheduler: SchedulerPlan | undefined): string[] {
  if (scheduler === undefined) return ['a plan says how processor time is shared: { policy: \'round-robin\', sliceUs, priorities }']
  const unknown = word('the scheduler policy', scheduler.policy, ['round-robin', 'time-triggered'])
  if (unknown.length > 0 || scheduler.policy !== 'round-robin') return unknown
  return [
    ...(scheduler.sliceUs > 0 ? [] : [`the scheduler's sliceUs is a number of µs above 0, not ${scheduler.sliceUs}`]),
    ...(Number.isInteger(scheduler.priorities) && scheduler.priorities > 0 ? []
      : [`the scheduler's priorities are a whole number from 1 up, not ${scheduler.priorities}`])
  ]
}

function word (what: string, given: string, known: readonly string[]): string[] {
  return known.includes(given) ? [] : [`${what} '${given}' is unknown; known are ${known.join(', ')}`]
}
