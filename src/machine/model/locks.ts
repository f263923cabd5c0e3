/**
 * Locks of the modelled kernel, in virtual time: who holds which when.
 *
 * Operations take effect in the order in which they begin, and their time is worked out then. So a critical section that
 * begins later in virtual time may be worked out before one that begins earlier: each lock keeps the intervals in which
 * it is held, and a section takes the first gap that is long enough.
 *
 * A lock costs an atomic operation; one that another processor held last costs that its line, and the lines that it
 * guards, come from there (Elphinstone et al. 2016, `A020`-`A024`).
 */

import { LOCK_INTERVALS_MAX } from './limits.ts'

export class ModelLock {
  readonly name: string
  /** Busy intervals, in order: start and end in turn. */
  readonly #intervals: number[] = []
  /** Whose processor's cache its lines are in; -1 before anybody had it. */
  owner = -1
  /** How often it was taken, and how long it was waited for, in cycles. */
  taken = 0
  waitedCycles = 0

  constructor (name: string) {
    this.name = name
  }

  /** When a section of this length that wants to begin at `from` begins. Intervals before `oldest` are forgotten. */
  reserve (from: number, length: number, oldest: number): number {
    const intervals = this.#intervals
    let drop = 0
    while (drop + 1 < intervals.length && (intervals[drop + 1]! <= oldest || intervals.length - drop > 2 * LOCK_INTERVALS_MAX)) drop += 2
    if (drop > 0) intervals.splice(0, drop)
    let begin = from
    let at = 0
    for (; at < intervals.length; at += 2) {
      if (intervals[at]! - begin >= length) break
      if (intervals[at + 1]! > begin) begin = intervals[at + 1]!
    }
    // Joined to a neighbour that it touches, so that a lock that is always held is one interval.
    if (at > 0 && intervals[at - 1] === begin) intervals[at - 1] = begin + length
    else intervals.splice(at, 0, begin, begin + length)
    this.taken++
    this.waitedCycles += begin - from
    return begin
  }

  /** When a section that begins at `from`, and whose end is not known yet, may begin: when all that were reserved are over. */
  enter (from: number): number {
    const end = this.#intervals.at(-1) ?? 0
    const begin = Math.max(from, end)
    this.taken++
    this.waitedCycles += begin - from
    return begin
  }

  /** It ends: it was held from `begin` until now. */
  leave (begin: number, now: number): void {
    const intervals = this.#intervals
    if (now <= begin) return
    if (intervals.at(-1) === begin) intervals[intervals.length - 1] = now
    else intervals.push(begin, now)
    if (intervals.length > 2 * LOCK_INTERVALS_MAX) intervals.splice(0, 2)
  }
}

/** Locks of one name, one for each key (an inode, a process …). */
export class LockFamily {
  readonly name: string
  readonly byKey = new Map<number, ModelLock>()

  constructor (name: string) {
    this.name = name
  }

  at (key: number): ModelLock {
    let lock = this.byKey.get(key)
    if (lock === undefined) this.byKey.set(key, lock = new ModelLock(this.name))
    return lock
  }
}
