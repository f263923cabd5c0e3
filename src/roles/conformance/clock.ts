/** What every Clock does. A subject lets time pass when everything waits (`idle`). */

import { isFiber, settle } from '../../fiber/index.ts'
import { ClockId } from '../index.ts'
import type { Clock } from '../index.ts'
import { equal, fails, holds, works } from './expect.ts'
import { registerCases } from './suite.ts'
import type { Case, Client, Suite } from './suite.ts'

export interface ClockSubject extends Client {
  readonly clock: Clock
}

export type ClockFeature = 'time' | 'sleeping'

export function clockConformance (suite: Suite<ClockSubject, ClockFeature>): void {
  registerCases('Clock', cases, suite)
}

/** Long enough to be told from no sleep, short enough to be waited for. */
const NAP_NS = 2e6
const CLOCKS = [ClockId.MONOTONIC, ClockId.REALTIME]

const cases: readonly Case<ClockSubject, ClockFeature>[] = [
  {
    feature: 'time',
    name: 'goes on, and says how finely',
    * body ({ clock }) {
      for (const id of CLOCKS) {
        let before = works(yield * settle(clock.now(id)), 'now')
        for (let i = 0; i < 100; i++) {
          const now = works(yield * settle(clock.now(id)), 'now')
          holds(Number.isSafeInteger(now) || now > Number.MAX_SAFE_INTEGER, 'an instant is whole ns')
          holds(now >= before, `clock ${id} never goes back`)
          before = now
        }
        holds(works(yield * settle(clock.resolution(id)), 'resolution') >= 1, 'a resolution of at least 1 ns')
      }
      holds((yield * settle(clock.now(ClockId.REALTIME))) > 1.6e18, 'the real time is after 2020')
    }
  },
  {
    feature: 'time',
    name: 'there is none of a clock that there is not',
    * body ({ clock }) {
      for (const id of [-1, 4, 99]) {
        fails(yield * settle(clock.now(id)), 'EINVAL', `now of ${id}`)
        fails(yield * settle(clock.resolution(id)), 'EINVAL', `resolution of ${id}`)
        fails(yield * settle(clock.sleepUntil(id, 1e9)), 'EINVAL', `sleepUntil of ${id}`)
      }
    }
  },
  {
    feature: 'sleeping',
    name: 'lasts until the instant, and what is over takes no time',
    * body ({ clock }) {
      for (const id of CLOCKS) {
        const deadline = works(yield * settle(clock.now(id)), 'now') + NAP_NS
        equal(yield * settle(clock.sleepUntil(id, deadline)), 0, 'sleepUntil')
        holds((yield * settle(clock.now(id))) >= deadline, `clock ${id} shows the instant`)
        equal(yield * settle(clock.sleepUntil(id, deadline)), 0, 'an instant that is over')
      }
    }
  },
  {
    feature: 'sleeping',
    name: 'wakes each sleeper at its own instant',
    * body ({ clock }, _hand, driver) {
      const now = works(yield * settle(clock.now(ClockId.MONOTONIC)), 'now')
      const woken: number[] = []
      function * sleeper (naps: number) {
        const deadline = now + naps * NAP_NS
        equal(yield * settle(clock.sleepUntil(ClockId.MONOTONIC, deadline)), 0, 'sleepUntil')
        holds((yield * settle(clock.now(ClockId.MONOTONIC))) >= deadline, 'not early')
        woken.push(naps)
      }
      const tasks = [3, 1, 2].map(naps => driver.spawn(sleeper(naps)))
      for (const task of tasks) yield * task.join()
      equal(woken.length, 3, 'sleepers woken')
    }
  },
  {
    feature: 'sleeping',
    name: 'can be ended, and the clock goes on',
    * body ({ clock }, _hand, driver) {
      const never = clock.sleepUntil(ClockId.MONOTONIC, Infinity)
      holds(isFiber(never), 'a sleep without end waits')
      const task = driver.spawn(never)
      yield * driver.settleDown()
      holds(!task.done, 'it still waits')
      task.end()
      const now = works(yield * settle(clock.now(ClockId.MONOTONIC)), 'now')
      equal(yield * settle(clock.sleepUntil(ClockId.MONOTONIC, now + NAP_NS)), 0, 'another sleep')
    }
  }
]
