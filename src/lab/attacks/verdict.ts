/** What an attack's reach means: behind which wall it was, what that claims, and whether the claim was broken. */

import type { Plan, WallName } from '../../link/index.ts'
import { serviceOf } from '../../link/index.ts'
import { walls } from '../../walls/index.ts'
import type { Property } from '../../walls/index.ts'
import type { Attack, Fate, Reach } from './attack.ts'

/** One attack under one kernel, as it came out. */
export interface Outcome {
  readonly attack: string
  readonly kernel: string
  /** Behind which the attacker stood. */
  readonly wall: WallName
  /** What it reached, once each; none: held. */
  readonly reached: readonly Reach[]
  /** What was reached although the wall claims to hold it. */
  readonly broken: readonly Property[]
  /** Why it was not tried; null when it was. */
  readonly untried: string | null
  readonly ms: number
}

/** The wall of the domain in which the attacker stands. */
export function wallOf (attack: Attack, plan: Plan): WallName {
  if (attack.by === 'task') return plan.domains.some(domain => domain.programs === 'one') ? 'none' : 'language'
  return domainOf(attack, plan).wall
}

/** The domain in which a program or a server stands. */
function domainOf (attack: Attack, plan: Plan): Plan['domains'][number] {
  return (attack.by === 'program' ? plan.domains.find(other => other.programs !== undefined)
    : plan.domains.find(other => other.services.some(placement => serviceOf(placement).service === attack.server)))!
}

/** What a wall claims to hold against an attack of this kind. */
export function claims (attack: Pick<Attack, 'through' | 'by'>, wall: WallName): readonly Property[] {
  const { holds, holdsFaults } = walls[wall]
  return attack.by === 'server' && attack.through === 'gate' ? [...new Set([...holds, ...holdsFaults])] : holds
}

export function outcomeOf (attack: Attack, plan: Plan, reached: readonly Reach[], ms: number): Outcome {
  const wall = wallOf(attack, plan)
  const claimed = claims(attack, wall)
  const once = reached.filter((reach, at) => reached.findIndex(other => other.property === reach.property && other.of === reach.of && other.seen === reach.seen) === at)
  // What a plan maps into a domain, the programs that it pages, lies on that domain's side of its wall.
  const mapped = attack.by === 'server' && domainOf(attack, plan).pagerOf !== undefined
  const across = once.filter(({ of }) => !mapped || of !== 'its clients')
  const broken = [...new Set(across.map(({ property }) => property))].filter((property): property is Property => claimed.includes(property as Property))
  return { attack: attack.name, kernel: plan.name, wall, reached: once, broken, untried: null, ms }
}

export function untried (attack: Attack, plan: Plan, reason: string): Outcome {
  return { attack: attack.name, kernel: plan.name, wall: wallOf(attack, plan), reached: [], broken: [], untried: reason, ms: 0 }
}

/** What it means that the process which ran an attack did not come to its end. */
export function reachOfFate (fate: Fate, said: string): Reach {
  if (/heap out of memory|Array buffer allocation failed|invalid (array|table) length/i.test(said)) return { property: 'heap', of: 'the host', seen: 'the host has no heap left, and has ended' }
  switch (fate.kind) {
    case 'exit': return { property: 'availability', of: 'the host', seen: `the host has ended, with status ${fate.status}` }
    case 'signal': return { property: 'availability', of: 'the host', seen: `the host has ended, by ${fate.signal}` }
    case 'silent': return { property: 'processor', of: 'the host', seen: `the host had no turn for ${Math.round(fate.ms / 1000)} s` }
  }
}
