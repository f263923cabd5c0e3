/**
 * What is done about domains that die: they are made anew, at once the first time, later and later when they die again, and not
 * any more when they have died too often (the restart intensity of Erlang/OTP). What a domain needs to serve comes first.
 * Domains that are to be asked whether they serve are called now and then, and ended when they do not answer.
 *
 * It has no state that would be missed, but nobody looks after it: when it dies, dead domains stay dead.
 * A loop that never waits, in a domain that shares this one's thread of the host, stops everything, this too.
 *
 * Source: Herder et al., "Failure resilience for device drivers", DSN 2007; Erlang/OTP `supervisor`.
 */

import { giveUp, isFiber, race, settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import type { MachineClock } from '../../machine/index.ts'
import { ClockId, DomainState } from '../../roles/index.ts'
import type { Clock, DomainEvents, Domains } from '../../roles/index.ts'

const MS = 1e6
/** No delay is more than so many times the first. */
const BACKOFF_FACTOR_MAX = 64

export interface ReincarnationNeeds {
  readonly domains: Domains
  readonly clock: Clock
}

export class Reincarnation implements DomainEvents {
  readonly #needs: ReincarnationNeeds
  readonly #clock: MachineClock
  /** When each domain was made anew, of late. */
  readonly #restarted = new Map<number, number[]>()

  /** `clock` is read and never waited for: the service that waits may be the one that is dead. */
  constructor (needs: ReincarnationNeeds, clock: MachineClock) {
    this.#needs = needs
    this.#clock = clock
  }

  * died (domain: number): Fiber<number> {
    const { domains, clock } = this.#needs
    const all = domains.supervised()
    if (typeof all === 'number') return all
    const nowNs = this.#clock.monotonicNs()
    const periodNs = all.periodsMs[domain]! * MS
    const recent = (this.#restarted.get(domain) ?? []).filter(thenNs => nowNs - thenNs < periodNs)
    if (recent.length >= all.restartsMax[domain]!) return domains.abandon(domain)
    const delayMs = recent.length === 0 ? 0 : all.backoffsMs[domain]! * Math.min(2 ** (recent.length - 1), BACKOFF_FACTOR_MAX)
    this.#restarted.set(domain, [...recent, nowNs])
    if (delayMs > 0) yield * settle(clock.sleepUntil(ClockId.MONOTONIC, nowNs + delayMs * MS))
    this.#providersFirst(domain)
    return domains.restart(domain)
  }

  /** What a domain needs to serve, and is dead too, has its own death told: where that needs no delay, it is made anew before. */
  #providersFirst (domain: number): void {
    const { domains } = this.#needs
    const all = domains.supervised()
    const providers = domains.providers(domain)
    if (typeof all === 'number' || typeof providers === 'number') return
    for (const provider of providers) {
      if (all.states[provider] === DomainState.DEAD && this.#restartedOnce(provider)) domains.restart(provider)
    }
  }

  /** Whether a domain has been made anew once at most within its period: then it waits for nothing. */
  #restartedOnce (domain: number): boolean {
    return (this.#restarted.get(domain) ?? []).length <= 1
  }

  * watch (): Fiber<number> {
    const { domains } = this.#needs
    const all = domains.supervised()
    if (typeof all === 'number') return all
    const looks = all.heartbeatsMs.map((everyMs, domain) => ({ everyMs, domain })).filter(each => each.everyMs > 0)
    const { value } = yield * race(looks.map(({ domain, everyMs }) => this.#look(domain, everyMs * MS)))
    return value
  }

  /** Asks a domain again and again, as long as it is there to be asked. */
  * #look (domain: number, everyNs: number): Fiber<number> {
    const { domains, clock } = this.#needs
    for (;;) {
      const nowNs = this.#clock.monotonicNs()
      const sleep = clock.sleepUntil(ClockId.MONOTONIC, nowNs + everyNs)
      const beat = domains.beat(domain)
      if (isFiber(beat)) {
        if (!isFiber(sleep)) {
          giveUp(beat)
          continue
        }
        const first = yield * race([tagged(beat, 'beat'), tagged(sleep, 'sleep')])
        if (first.value === 'sleep') domains.kill(domain)
      } else {
        yield * settle(sleep)
      }
      const left = nowNs + everyNs - this.#clock.monotonicNs()
      if (left > 0) yield * settle(clock.sleepUntil(ClockId.MONOTONIC, nowNs + everyNs))
    }
  }
}

function * tagged<T extends string> (fiber: Fiber<number>, tag: T): Fiber<T> {
  yield * fiber
  return tag
}

