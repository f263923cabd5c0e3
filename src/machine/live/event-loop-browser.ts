/**
 * The event loop of a page or worker.
 *
 * A turn is a task of the Prioritized Task Scheduling API where there is one, else a message. Measured in a worker of
 * Chromium 156 that computed 4 ms between turns and had a timeout of 10 ms, a message and a fetch due: by tasks they came
 * after 18, 3 and 25 ms, by messages after 31, 4 and 70; `scheduler.yield` and tasks of priority `user-blocking` kept all
 * three off for ever; a timeout of 0 took 4.8 ms a turn.
 *
 * A timeout that is set in the callback of a timeout waits 4 ms at least, from the fifth on. One that is set in a turn of
 * its own is nobody's child: 1.1 ms in place of 4.2 for 1 ms.
 * Source: HTML, timer initialization steps; Prioritized Task Scheduling, W3C.
 */

import type { Cancel, EventLoop } from './event-loop.ts'

/** Shorter timeouts than this are made longer when they are nested. */
const NESTED_MS_MIN = 4

interface TaskScheduler {
  postTask (task: () => void): Promise<void>
}

export function browserEventLoop (): EventLoop {
  const { scheduler } = globalThis as { scheduler?: TaskScheduler }
  const post = scheduler?.postTask === undefined ? postMessages() : (task: () => void) => { scheduler.postTask(task).catch(report) }
  const turn = (callback: () => void): Cancel => {
    let wanted = true
    post(() => { if (wanted) callback() })
    return () => { wanted = false }
  }
  return {
    turn,
    after (ms, callback) {
      if (ms >= NESTED_MS_MIN) return timeout(ms, callback)
      let cancel = turn(() => { cancel = timeout(ms, callback) })
      return () => cancel()
    }
  }
}

/** Tells the page of an error as one that nobody caught. */
export function report (error: unknown): void {
  setTimeout(() => { throw error })
}

function timeout (ms: number, callback: () => void): Cancel {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}

/** Tasks as messages to oneself, in order. */
function postMessages (): (task: () => void) => void {
  const { port1, port2 } = new MessageChannel()
  const tasks: (() => void)[] = []
  port1.onmessage = () => tasks.shift()!()
  return task => {
    tasks.push(task)
    port2.postMessage(null)
  }
}
