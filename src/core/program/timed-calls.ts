/**
 * How programs call, wait and give way where time is modelled: what a program executed is told first, then what it asked for is
 * performed, in the order of virtual time.
 *
 * A call is performed when no other processor can be earlier any more; until then its thread keeps its processor
 * (`ordered`). Who has passed an interrupt takes it before it goes on (`interrupted`).
 */

import type { Fiber, Wait, WaitQueue } from '../../fiber/index.ts'
import { giveWay } from '../../fiber/index.ts'
import type { MachineTiming } from '../../machine/index.ts'
import { Signal } from '../../roles/index.ts'
import { KILLED, WOULD_BLOCK } from '../../walls/wasm/index.ts'
import { Noted } from '../noted.ts'
import { isWaiting } from '../state.ts'
import type { CoreState } from '../state.ts'
import { hostTurn, interrupted, ordered } from '../thread/index.ts'
import type { TimedScheduler } from '../thread/index.ts'
import { PageFaults } from './page-faults.ts'
import type { FaultCosts } from './page-faults.ts'
import type { ProgramThread } from './program-thread.ts'
import { hasStackRoom } from './stack-room.ts'
import { after, afterInterrupt } from './turns.ts'

/** What programs do the same way whether their time is modelled or not. */
export interface ProgramCalls {
  /** Performs a call: its result, or a fiber. */
  perform (thread: ProgramThread, index: number, a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number,
    h?: number, i?: number, j?: number, k?: number): unknown
  /** A call that returned a fiber: runs it to its first wait. */
  begun (thread: ProgramThread, fiber: Fiber<number>): number
  /** Ends what a call of a program that was ended meanwhile came to. */
  abandon (thread: ProgramThread, result: unknown): number
  /** Whether the processor time that a program may have is used up, with so much more. */
  overran (thread: ProgramThread, moreNs: number): boolean
  /** What a program that waited goes on with. */
  resumed (thread: ProgramThread, value: unknown): number
}

export class TimedCalls {
  readonly #state: CoreState
  readonly #scheduler: TimedScheduler
  readonly #timing: MachineTiming
  readonly #programs: ProgramCalls
  /** Null where programs have all their memory from the start. */
  readonly #faults: PageFaults | null

  constructor (state: CoreState, timing: MachineTiming, programs: ProgramCalls, faults: FaultCosts | undefined) {
    this.#state = state
    this.#faults = faults === undefined ? null : new PageFaults(state, timing, faults)
    this.#scheduler = state.scheduler as TimedScheduler
    this.#timing = timing
    this.#programs = programs
  }

  /** A program's code is about to run for the first time. */
  begins (thread: ProgramThread): void {
    this.#faults?.begins(thread)
    thread.grant(this.#timing)
  }

  /** It has got so many bytes of memory, or given them back. It gives way at once, so that it does not run on with fuel for time that they take. */
  grows (thread: ProgramThread, bytes: number): void {
    if (this.#faults === null) return
    this.#faults.grows(thread, bytes)
    if (bytes > 0 && thread.instance !== null) thread.instance.fuel = 0
  }

  /** What it has executed is told, and what it has touched. */
  told (thread: ProgramThread): void {
    this.#faults?.take(thread)
    thread.told(this.#timing)
  }

  /**
   * A system call: what the program executed up to it is told first; then it is performed, when nobody can be earlier any
   * more. An interrupt that came meanwhile is taken before the program goes on.
   */
  call (index: number): (...args: number[]) => number {
    const state = this.#state
    const scheduler = this.#scheduler
    const timing = this.#timing
    const programs = this.#programs
    return (a, b, c, d, e, f, g, h, i, j, k) => {
      const thread = scheduler.current as ProgramThread
      state.counters.calls++
      if (thread.synchronous && !hasStackRoom()) {
        thread.killedBy = Signal.SEGV
        thread.killMessage = 'stack overflow: it called itself too deeply'
        return KILLED
      }
      this.told(thread)
      timing.begin()
      timing.note(Noted.CALL, index)
      if (!thread.synchronous && scheduler.mustWait()) return programs.begun(thread, this.#later(thread, index, [a, b, c, d, e, f, g, h, i, j, k]))
      const result = programs.perform(thread, index, a, b, c, d, e, f, g, h, i, j, k)
      if (thread.killedBy !== 0) return programs.abandon(thread, result)
      if (typeof result !== 'number') return programs.begun(thread, result as Fiber<number>)
      if (!thread.synchronous && scheduler.interruptDue()) return programs.begun(thread, afterInterrupt(result))
      thread.grant(timing)
      return result < 0 ? -result : result
    }
  }

  /** A call that is performed when all other processors have come as far. */
  * #later (thread: ProgramThread, index: number, args: readonly (number | undefined)[]): Fiber<number> {
    const scheduler = this.#scheduler
    do yield ordered
    while (scheduler.mustWait())
    const result = this.#programs.perform(thread, index, ...args as [])
    const value = isWaiting(result) ? yield * result as Fiber<number> : result as number
    if (scheduler.interruptDue()) yield interrupted
    return value
  }

  wait (thread: ProgramThread): Promise<number> {
    const timing = this.#timing
    const promise = new Promise<number>(resolve => {
      thread.continuation = value => {
        if (thread.instance !== null) thread.grant(timing)
        resolve(this.#programs.resumed(thread, value))
      }
    })
    const wait = thread.pendingWait as Wait
    thread.pendingWait = null
    this.#state.scheduler.wait(thread, wait)
    this.#state.scheduler.dispatch()
    return promise
  }

  /** A program has used up its fuel: its slice is over, an event is due, or it has just computed for long. */
  giveWay (thread: ProgramThread): number {
    const { counters } = this.#state
    const scheduler = this.#scheduler
    const timing = this.#timing
    if (thread.killedBy !== 0 || thread.state === 'ended') return KILLED
    this.told(thread)
    const now = timing.nowNs
    if (this.#programs.overran(thread, now - thread.startedNs)) return KILLED
    const sliceOver = now >= thread.sliceEndsNs
    if (thread.synchronous) {
      if (sliceOver) {
        thread.killedBy = Signal.XCPU
        thread.killMessage = 'its time slice ran out, and a program that is called synchronously cannot wait'
        return KILLED
      }
    } else if (scheduler.mustWait()) {
      return yields(thread, after(ordered))
    } else if (scheduler.interruptDue()) {
      return yields(thread, after(interrupted))
    } else if (sliceOver && scheduler.contended(thread.priority)) {
      counters.preemptions++
      timing.note(Noted.PREEMPT, thread.principal)
      return yields(thread, after(giveWay))
    } else if (scheduler.hostTurnDue) {
      return yields(thread, after(hostTurn))
    }
    if (sliceOver) thread.sliceEndsNs = now + scheduler.sliceNs
    thread.grant(timing)
    return 0
  }
}

function yields (thread: ProgramThread, fiber: Generator<Wait, number, WaitQueue>): number {
  thread.fiber = fiber
  thread.pendingWait = fiber.next(undefined as never).value
  return WOULD_BLOCK
}
