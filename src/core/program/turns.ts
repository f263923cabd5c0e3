/** Fibers of programs' threads that only wait once, and what they are left with. */

import type { Fiber, Wait, WaitQueue } from '../../fiber/index.ts'
import { interrupted } from '../thread/index.ts'

/** Lets others have their turn. */
export function * after (turn: WaitQueue): Generator<Wait, number, WaitQueue> {
  yield turn
  return 0
}

/** A call that has its result, and an interrupt to be taken before the program has it. */
export function * afterInterrupt (result: number): Fiber<number> {
  yield interrupted
  return result
}
