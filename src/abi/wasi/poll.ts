/**
 * `poll_oneoff`: waits until one of many subscriptions holds, on clocks and on descriptors.
 *
 * A subscription that is not well-formed fails the whole call (EINVAL); one that cannot be served, a bad descriptor or
 * a clock of processor time, is an event with its own errno. All subscriptions are taken before the first event is
 * written, so that the two arrays may overlap.
 *
 * Every deadline becomes one on the monotonic clock. A relative one does so on whatever clock, as POSIX has it that
 * setting the clock does not change a relative sleep.
 */

import { Errno, settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { ClockId, Ready, SUBSCRIPTIONS_MAX } from '../../roles/index.ts'
import type { Arena } from '../../roles/index.ts'
import { CLOCK_LAST } from './clocks.ts'
import { inside, instantOf, put32, put64 } from './memory.ts'
import { begin } from './personality.ts'
import type { Calls, Personality } from './personality.ts'
import { EVENT_BYTES, EventType, SUBSCRIPTION_BYTES } from './structures.ts'

/** `subclockflags`: the timeout is an instant, not a duration. */
const ABSOLUTE = 1
/** `eventrwflags`: the other side has closed. */
const HANGUP = 1

interface Subscription {
  readonly userdataLo: number
  readonly userdataHi: number
  readonly type: number
  /** The clock or the descriptor. */
  readonly id: number
  readonly absolute: boolean
  readonly timeoutNs: number
  /** An instant of the monotonic clock, for a clock; 0, which has passed, for a clock that cannot be served. */
  deadlineNs: number
  /** The event: an errno, or -1 while it has not come; bytes and flags for a descriptor. */
  error: number
  bytes: number
  flags: number
}

export function pollCalls (personality: Personality): Calls<'poll_oneoff'> {
  const { caller, requires } = personality

  function * poll (memory: Arena, subscriptions: readonly Subscription[], events: number, out: number): Fiber<number> {
    const failed = yield * setDeadlines(subscriptions)
    if (failed !== 0) return failed
    const descriptors = subscriptions.filter(one => one.type !== EventType.CLOCK)
    let deadlineNs = Infinity
    for (const one of subscriptions) if (one.type === EventType.CLOCK) deadlineNs = Math.min(deadlineNs, one.deadlineNs)
    if (descriptors.length > 0) {
      const requests = descriptors.flatMap(one => [one.id, one.type === EventType.FD_READ ? Ready.READABLE : Ready.WRITABLE])
      const results = yield * settle(requires.files.poll(requests, deadlineNs))
      if (typeof results === 'number') return -results
      descriptors.forEach((one, index) => { settleDescriptor(one, results[2 * index] ?? 0, results[2 * index + 1] ?? 0) })
    } else if (deadlineNs > 0) {
      const slept = yield * settle(requires.clock.sleepUntil(ClockId.MONOTONIC, deadlineNs))
      if (slept < 0) return -slept
    }
    const error = yield * settleClocks(subscriptions, deadlineNs)
    if (error !== 0) return error
    put32(memory.view, out, putEvents(memory.view, events, subscriptions))
    return Errno.SUCCESS
  }

  function * setDeadlines (subscriptions: readonly Subscription[]): Fiber<number> {
    let monotonic = -1
    for (const one of subscriptions) {
      if (one.type !== EventType.CLOCK || one.error >= 0) continue
      one.deadlineNs = one.timeoutNs
      let ahead = one.timeoutNs
      if (one.absolute) {
        if (one.id === ClockId.MONOTONIC) continue
        const realtime = yield * settle(requires.clock.now(ClockId.REALTIME))
        if (realtime < 0) return -realtime
        ahead = Math.max(0, one.timeoutNs - realtime)
      }
      if (monotonic < 0) monotonic = yield * settle(requires.clock.now(ClockId.MONOTONIC))
      if (monotonic < 0) return -monotonic
      one.deadlineNs = ahead === 0 ? 0 : monotonic + ahead
    }
    return 0
  }

  /** Marks the clocks whose time has come. What a descriptor did not end, the deadline that was waited for did. */
  function * settleClocks (subscriptions: readonly Subscription[], waitedNs: number): Fiber<number> {
    const clocks = subscriptions.filter(one => one.type === EventType.CLOCK && one.error < 0)
    if (clocks.length === 0) return 0
    const now = yield * settle(requires.clock.now(ClockId.MONOTONIC))
    if (now < 0) return -now
    const ended = subscriptions.some(one => one.error >= 0)
    const reached = ended ? now : Math.max(now, waitedNs)
    for (const one of clocks) if (one.deadlineNs <= reached) one.error = Errno.SUCCESS
    return 0
  }

  return {
    poll_oneoff (subscriptions, events, count, out) {
      const memory = caller.memory
      const number = count >>> 0
      if (memory === null || !inside(memory, out >>> 0, 4)) return Errno.EFAULT
      if (number === 0 || number > SUBSCRIPTIONS_MAX) return Errno.EINVAL
      if (!inside(memory, subscriptions >>> 0, number * SUBSCRIPTION_BYTES)) return Errno.EFAULT
      if (!inside(memory, events >>> 0, number * EVENT_BYTES)) return Errno.EFAULT
      const taken = takeSubscriptions(memory.view, subscriptions >>> 0, number)
      return typeof taken === 'number' ? taken : begin(poll(memory, taken, events >>> 0, out >>> 0))
    }
  }
}

/** The subscriptions of the caller's array, or EINVAL when one is not well-formed. */
function takeSubscriptions (view: DataView, at: number, count: number): Subscription[] | number {
  const taken: Subscription[] = []
  for (let i = 0; i < count; i++, at += SUBSCRIPTION_BYTES) {
    const type = view.getUint8(at + 8)
    const id = type === EventType.CLOCK ? view.getUint32(at + 16, true) : view.getInt32(at + 16, true)
    const flags = type === EventType.CLOCK ? view.getUint16(at + 40, true) : 0
    if (type > EventType.FD_WRITE || (flags & ~ABSOLUTE) !== 0) return Errno.EINVAL
    if (type === EventType.CLOCK && id > CLOCK_LAST) return Errno.EINVAL
    const served = type !== EventType.CLOCK || id === ClockId.REALTIME || id === ClockId.MONOTONIC
    taken.push({
      userdataLo: view.getUint32(at, true),
      userdataHi: view.getUint32(at + 4, true),
      type,
      id,
      absolute: flags === ABSOLUTE,
      timeoutNs: type === EventType.CLOCK ? instantOf(view.getUint32(at + 24, true), view.getUint32(at + 28, true)) : 0,
      deadlineNs: 0,
      error: served ? -1 : Errno.EINVAL,
      bytes: 0,
      flags: 0
    })
  }
  return taken
}

function settleDescriptor (one: Subscription, events: number, available: number): void {
  if (events === 0) return
  one.error = events < 0 ? -events : Errno.SUCCESS
  if (events < 0) return
  one.bytes = available
  one.flags = (events & Ready.HANGUP) !== 0 ? HANGUP : 0
}

/** Writes the events that came, in the order of their subscriptions; returns how many. */
function putEvents (view: DataView, at: number, subscriptions: readonly Subscription[]): number {
  let count = 0
  for (const one of subscriptions) {
    if (one.error < 0) continue
    const to = at + EVENT_BYTES * count++
    put32(view, to, one.userdataLo)
    put32(view, to + 4, one.userdataHi)
    view.setUint16(to + 8, one.error, true)
    view.setUint8(to + 10, one.type)
    put64(view, to + 16, one.bytes)
    view.setUint16(to + 24, one.flags, true)
  }
  return count
}
