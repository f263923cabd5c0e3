/**
 * The live machine's clock: the host's high-resolution timer, and its wall clock.
 *
 * Rules of use: the monotonic instant counts from the machine's start. The wall clock of the host has ms only, so
 * the real time is an anchor plus the monotonic clock; the anchor is taken anew when the host's clock was set.
 * Invariants: the monotonic clock never goes back. Instants since 1970 are doubles, which are 256 ns apart today.
 * Source: High Resolution Time, W3C; ECMA-262, Date.now.
 */

import type { MachineClock } from '../machine.ts'

export interface LiveClock extends MachineClock {
  /** Goes on from an instant, or stands there until it is set again. The monotonic clock may so go back. */
  set (monotonicNs: number, stands: boolean): void
}

const NS_PER_MS = 1e6
/** How often the wall clock of the host is looked at. */
const ANCHOR_CHECK_NS = 20 * NS_PER_MS
/** How far both may differ before the host's clock counts as set: its own grain, and as much again for reading it late. */
const ANCHOR_TOLERANCE_NS = 2 * NS_PER_MS
/** Steps that the resolution is the smallest of, in a page each of 0.1 ms: one alone may be as long as the host kept us waiting. */
const RESOLUTION_STEPS = 20
/** Readings that are made at least, and at most where the clock stands still. */
const RESOLUTION_SAMPLES = 2000
const RESOLUTION_SAMPLES_MAX = 200_000

/** What a host tells the time with, in ms. */
export interface TimeSource {
  monotonicMs (): number
  wallMs (): number
}

export function liveClock (source: TimeSource): LiveClock {
  // A clock that stands was started when nothing ever is: so only the latest instant counts.
  let startMs = source.monotonicMs()
  // A field and no variable: a number in that would be made anew each time.
  const latest = { ns: -0.5 }
  let anchorNs = source.wallMs() * NS_PER_MS
  let checkedNs = 0

  function monotonicNs (): number {
    const ns = (source.monotonicMs() - startMs) * NS_PER_MS
    if (ns > latest.ns) latest.ns = ns
    return latest.ns
  }

  function realtimeNs (): number {
    const ns = monotonicNs()
    if (ns - checkedNs >= ANCHOR_CHECK_NS) {
      checkedNs = ns
      const wallNs = source.wallMs() * NS_PER_MS
      if (Math.abs(anchorNs + ns - wallNs) > ANCHOR_TOLERANCE_NS) anchorNs = wallNs - ns
    }
    return anchorNs + ns
  }

  function set (ns: number, stands: boolean): void {
    latest.ns = ns
    startMs = stands ? Infinity : source.monotonicMs() - ns / NS_PER_MS
    checkedNs = ns
    anchorNs = source.wallMs() * NS_PER_MS - ns
  }

  let resolutionNs = 0
  return {
    monotonicNs, realtimeNs, set,
    // Taken when somebody asks: reading the clock so often takes longer than a small program does.
    get resolutionNs () { return resolutionNs ||= measureResolutionNs(source) }
  }
}

/** The smallest step that two readings showed. It includes what a reading costs, so it is an upper bound. */
function measureResolutionNs (source: TimeSource): number {
  let smallestMs = Infinity
  let steps = 0
  let before = source.monotonicMs()
  for (let sample = 0; sample < RESOLUTION_SAMPLES_MAX && (sample < RESOLUTION_SAMPLES || steps < RESOLUTION_STEPS); sample++) {
    const now = source.monotonicMs()
    if (now > before) {
      smallestMs = Math.min(smallestMs, now - before)
      steps++
    }
    before = now
  }
  // A clock that did not move is one of whole ms, as Date is.
  return steps === 0 ? NS_PER_MS : Math.max(1, Math.round(smallestMs * NS_PER_MS))
}
