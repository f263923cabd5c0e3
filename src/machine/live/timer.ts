/**
 * The live machine's timer: one timeout of the host, which raises the line `timer` at an instant and not before.
 *
 * The host's timeouts count whole ms from the start of a turn of its event loop, may come early, and wrap beyond
 * 2^31 ms. So a long wait is cut into pieces, and what is left of a wait below the host's grain is spent in turns of
 * the event loop: others get their turn, and a sleep of 100 us is one.
 * An armed timer keeps Node alive.
 */

import type { MachineClock, MachineTimer } from '../machine.ts'
import type { Cancel, EventLoop } from './event-loop.ts'

const TIMEOUT_MS_MAX = 2 ** 31 - 1
const NS_PER_MS = 1e6

export interface LiveTimer extends MachineTimer {
  /** Raises the line now if the deadline is past: a busy kernel asks when it reads the clock anyway. */
  poll (nowNs: number): void
  /** The clock was set: what is armed is waited for anew. */
  again (): void
  close (): void
}

export function liveTimer (clock: MachineClock, loop: EventLoop, raise: () => void): LiveTimer {
  let deadlineNs = Infinity
  let pending: Cancel | null = null

  function arm (at: number): void {
    stop()
    deadlineNs = at
    if (deadlineNs !== Infinity) wait(clock.monotonicNs())
  }

  function poll (nowNs: number): void {
    if (nowNs < deadlineNs) return
    stop()
    deadlineNs = Infinity
    raise()
  }

  /** Also for a deadline that is past: whoever arms the timer is not called back before it has returned. */
  function wait (nowNs: number): void {
    const leftMs = (deadlineNs - nowNs) / NS_PER_MS
    pending = leftMs >= 1 ? loop.after(Math.min(Math.floor(leftMs), TIMEOUT_MS_MAX), look) : loop.turn(look)
  }

  function look (): void {
    pending = null
    const nowNs = clock.monotonicNs()
    if (nowNs < deadlineNs) wait(nowNs)
    else poll(nowNs)
  }

  function stop (): void {
    pending?.()
    pending = null
  }

  function close (): void {
    stop()
    deadlineNs = Infinity
  }

  return { arm, poll, again: () => { arm(deadlineNs) }, close }
}
