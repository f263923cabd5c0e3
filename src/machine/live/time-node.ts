/**
 * The time in Node. Its `performance` is loaded when it is first asked for, which takes 3 ms: as long as a good part of a start. So the
 * first readings go by `process.hrtime`, which tells the same clock and costs more each time.
 *
 * Invariant: going over from one to the other, time does not go back; it may go on by what a reading takes.
 */

import type { TimeSource } from './clock.ts'

/** A program that says a word and ends reads the clock some thirty times. */
const PLAIN_READINGS = 200
const MS_PER_S = 1e3
const NS_PER_MS = 1e6

let timer: Performance | null = null
/** Of `process.hrtime` over `timer`. */
let aheadMs = 0
let readings = 0

export const nodeTime: TimeSource = {
  monotonicMs: () => timer === null ? plainMs() : timer.now() + aheadMs,
  wallMs: () => Date.now()
}

function plainMs (): number {
  if (++readings > PLAIN_READINGS) {
    timer = globalThis.performance
    const beforeMs = timer.now()
    aheadMs = hrtimeMs() - beforeMs
    return beforeMs + aheadMs
  }
  return hrtimeMs()
}

function hrtimeMs (): number {
  const [seconds, ns] = process.hrtime()
  return seconds * MS_PER_S + ns / NS_PER_MS
}
