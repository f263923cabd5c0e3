/** Runs a conformance suite's fibers on a kernel's own threads. */

import { WaitQueue, giveWay } from '../../src/fiber/index.ts'
import type { Fiber } from '../../src/fiber/index.ts'
import type { Driver, Task } from '../../src/roles/conformance/index.ts'
import type { System } from '../../src/link/index.ts'

/** How often everybody else is let run before they are taken to wait: more than any chain of wakings in a suite. */
const TURNS = 50

export function driverOf (system: System): Driver {
  return {
    spawn<T> (fiber: Fiber<T>): Task<T> {
      const ended = new WaitQueue('end of a task')
      let failure: { error: unknown } | null = null
      const task = { done: false, value: undefined as T | undefined }
      const finish = (): void => {
        task.done = true
        ended.wakeAll()
      }
      const guarded = function * (): Fiber<void> {
        try {
          task.value = yield * fiber
        } catch (error) {
          failure = { error }
        }
      }
      const thread = system.asHost('task', guarded(), finish)
      return Object.assign(task, {
        * join (): Fiber<T> {
          while (!task.done) yield ended
          if (failure !== null) throw failure.error
          return task.value as T
        },
        end () {
          if (task.done) return
          system.state.scheduler.remove(thread)
          finish()
        }
      })
    },
    * settleDown () {
      for (let turn = 0; turn < TURNS; turn++) yield giveWay
    }
  }
}

