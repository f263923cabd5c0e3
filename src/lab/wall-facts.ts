/** What the walls of a plan hold, as the walls themselves declare it. */

import type { Plan, WallName } from '../link/index.ts'
import { walls } from '../walls/index.ts'
import type { WallFacts } from './results.ts'

/** Each wall of a plan once, with the domains behind it; strongest claims last. */
export function wallFacts (plan: Plan): WallFacts[] {
  const behind = new Map<WallName, string[]>()
  for (const domain of plan.domains) behind.set(domain.wall, [...(behind.get(domain.wall) ?? []), domain.name])
  return [...behind].map(([name, domains]) => {
    const { holds, doesNotHold, summary } = walls[name]
    return { name, domains, holds: [...holds], doesNotHold: [...doesNotHold], summary }
  })
}
