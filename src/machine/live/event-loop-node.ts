/** Node's event loop. `setImmediate` is a turn: a MessageChannel starves timers there. Both keep the host alive. */

import type { EventLoop } from './event-loop.ts'

export const nodeEventLoop: EventLoop = {
  turn (callback) {
    const turn = setImmediate(callback)
    return () => clearImmediate(turn)
  },
  after (ms, callback) {
    const timeout = setTimeout(callback, ms)
    return () => clearTimeout(timeout)
  }
}
