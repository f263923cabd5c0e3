/**
 * The host's event loop, as the live machine uses it: to let others have a turn, and to be called back later.
 *
 * What differs between hosts: event-loop-node.ts, event-loop-browser.ts.
 */

export interface EventLoop {
  /** Calls back in a turn of its own: timers, input and whatever else of the host is due get theirs. */
  turn (callback: () => void): Cancel
  /** Calls back after `ms`, or a little before or later: whole ms, below 2^31. */
  after (ms: number, callback: () => void): Cancel
}

/** Takes the call back: it will not come. After it came, nothing. */
export type Cancel = () => void
