/** How programs are read that are to run under a plan: by the wall that they stand behind, and by whether time is modelled. */

import type { Metering } from '../walls/wasm/index.ts'
import type { Plan } from './plan.ts'

export function meteringFor (plan: Plan, modelled: boolean): Metering {
  const wall = plan.domains.find(domain => domain.programs !== undefined)?.wall
  if (wall === 'thread' || wall === 'process') return wall
  return modelled ? 'exact' : 'live'
}
