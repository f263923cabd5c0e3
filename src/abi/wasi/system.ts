/** `random_get` and `sched_yield`. */

import { Errno, giveWay, settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { WRITE, Window } from '../../roles/index.ts'
import { RANDOM_CHUNK_BYTES } from './limits.ts'
import { begin } from './personality.ts'
import type { Calls, Personality } from './personality.ts'

export function systemCalls (personality: Personality): Calls<'random_get' | 'sched_yield'> {
  const { caller, requires, counter } = personality

  function * fill (window: Window): Fiber<number> {
    for (let done = 0; done < window.length;) {
      // A program may ask for gigabytes: others run in between.
      if (done > 0) yield giveWay
      const filled = yield * settle(requires.entropy.fill(window.slice(done, RANDOM_CHUNK_BYTES)))
      if (filled < 0) return -filled
      // No progress, or no number: it would be asked for ever.
      if (!(filled > 0)) return Errno.EIO
      done += filled
    }
    return Errno.SUCCESS
  }

  return {
    random_get (buffer, length) {
      const memory = caller.memory
      if (memory === null) return Errno.EFAULT
      const window = Window.of(memory, buffer >>> 0, length >>> 0, WRITE, counter)
      if (window === null) return Errno.EFAULT
      return begin(fill(window))
    },

    * sched_yield () {
      yield giveWay
      return Errno.SUCCESS
    }
  }
}
