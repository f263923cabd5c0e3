/**
 * `clock_*`: what time it is. The clocks of processor time are the process server's: a process has one thread, so both
 * show the same.
 */

import { Errno } from '../../fiber/index.ts'
import { ClockId } from '../../roles/index.ts'
import { inside, put64 } from './memory.ts'
import { deliver, deliverSlowly } from './personality.ts'
import type { Calls, Personality } from './personality.ts'

/** The last `clockid` that there is. */
export const CLOCK_LAST = ClockId.THREAD_CPU

export function clockCalls (personality: Personality): Calls<'clock_res_get' | 'clock_time_get'> {
  const { caller, requires } = personality
  return {
    clock_res_get (clock, out) {
      const memory = caller.memory
      const at = out >>> 0
      if (memory === null || !inside(memory, at, 8)) return Errno.EFAULT
      if (clock < 0 || clock > CLOCK_LAST) return Errno.EINVAL
      // Processor time is counted by the monotonic clock.
      return deliver(memory, at, requires.clock.resolution(Math.min(clock, ClockId.MONOTONIC)), put64)
    },

    // The precision is a permission to answer from a coarser clock, which nobody has to take.
    clock_time_get (clock, _precisionLo, _precisionHi, out) {
      const memory = caller.memory
      const at = out >>> 0
      if (memory === null || !inside(memory, at, 8)) return Errno.EFAULT
      if (clock < 0 || clock > CLOCK_LAST) return Errno.EINVAL
      const now = clock >= ClockId.PROCESS_CPU ? requires.processes.cpuTime() : requires.clock.now(clock)
      if (typeof now !== 'number') return deliverSlowly(memory, at, now, put64)
      if (now < 0) return -now
      put64(memory.view, at, now)
      return Errno.SUCCESS
    }
  }
}
