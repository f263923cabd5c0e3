/**
 * How long a loop takes, on a host that does other things too: the best of many short runs.
 *
 * What disturbs a run only adds to it, so the least is nearest to what the processor takes; the median says how much it was
 * disturbed. Runs are short, so that some fit between two interruptions.
 */

export interface Timing {
  /** Of one round. */
  readonly bestNs: number
  readonly medianNs: number
}

const runNs = 400_000
const runsLeast = 24
/** Until the compiler has done its best: it does that beside, when a loop has been called often enough. */
const warmNs = 60_000_000

/** One round of `loop`, which does as many as it is asked to. `budgetNs` is spent on measuring; a loop that was measured before is warm. */
export function timed (loop: (rounds: number) => void, budgetNs: number, warm = false): Timing {
  let rounds = 1
  const once = (): number => {
    const start = performance.now()
    loop(rounds)
    return (performance.now() - start) * 1e6
  }
  const warmUntil = performance.now() + (warm ? 0 : warmNs / 1e6)
  do {
    if (once() < runNs) rounds *= 2
  } while (performance.now() < warmUntil)
  // In optimized code the same rounds take less.
  while (once() < runNs / 2) rounds *= 2

  const runs: number[] = []
  const until = performance.now() + budgetNs / 1e6
  while (runs.length < runsLeast || performance.now() < until) runs.push(once() / rounds)
  runs.sort((a, b) => a - b)
  return { bestNs: runs[0]!, medianNs: runs[runs.length >> 1]! }
}
