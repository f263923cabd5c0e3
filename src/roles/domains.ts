/**
 * Domains: ends protection domains and makes them anew; and who is told of their deaths.
 *
 * The mechanism is the core's, the policy a service's: the core tells of a death, and does nothing about it by itself. A domain
 * that is made anew has a new address space, arena and capability space; it stands behind the same endpoints, so what its
 * clients hold stays good. Until then those who call it wait; once it is abandoned, they are told that it is lost.
 * Domains are named by their place among those that the plan supervises, from 0.
 * Source: the reincarnation server of MINIX 3 (Herder et al., DSN 2007); supervisors of Erlang/OTP (Armstrong, 2003).
 */

import { count, list, number, numbers, operation, parameter, record, role, status, string, strings } from './role.ts'
import type { RecordOf, RoleOf } from './role.ts'

/** What a supervised domain is. */
export const DomainState = { ALIVE: 0, DEAD: 1, ABANDONED: 2 } as const

const domain = parameter('domain', number)

export const supervisedFields = {
  names: strings,
  /** A DomainState each. */
  states: numbers,
  /** How often it was made anew. */
  restarts: numbers,
  /** What the plan says of each: so many restarts within a period, the first delay before another, how often it is asked whether it serves (0: never). */
  restartsMax: numbers,
  periodsMs: numbers,
  backoffsMs: numbers,
  heartbeatsMs: numbers
} as const
export type SupervisedRecord = RecordOf<typeof supervisedFields>

export const Domains = role('Domains', 'ends domains and makes them anew', {
  supervised: operation('the domains that the plan supervises: columns', [], record(supervisedFields), { blocks: false, idempotent: true }),
  providers: operation('the supervised domains that a domain needs to serve', [domain], list, { blocks: false, idempotent: true }),
  restart: operation('makes a dead domain anew; 0 too when it lives', [domain], status, { blocks: false, idempotent: true }),
  kill: operation('ends a domain, as a fault of its own would', [domain], status, { blocks: false, idempotent: true }),
  abandon: operation('a dead domain stays dead: who waits for it is told that it is lost', [domain], status, { blocks: false, idempotent: true }),
  beat: operation('calls into a domain, through its queue as any call; the number of its life', [domain], count, { blocks: true, idempotent: false })
})
export type Domains = RoleOf<typeof Domains>

/** Provided by the service that decides what is done about a death. */
export const DomainEvents = role('DomainEvents', 'is told of deaths of domains', {
  died: operation('a domain has died; the core calls once for each death, in a thread of its own', [domain, parameter('message', string)], status,
    { blocks: true, idempotent: false }),
  watch: operation('called once, when the system has started: looks after the domains as long as it lives', [], status, { blocks: true, idempotent: false })
})
export type DomainEvents = RoleOf<typeof DomainEvents>

/** What the linker puts into a domain that is asked whether it serves. */
export const Heart = role('Heart', 'answers', {
  beat: operation('answers', [], count, { blocks: true, idempotent: true })
})
export type Heart = RoleOf<typeof Heart>
