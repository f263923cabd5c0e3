/**
 * Wait queues: where threads of control wait for a condition.
 *
 * Rules of use: a fiber waits with `while (!condition) yield queue`, as with a condition variable; whoever makes the
 * condition true calls `wakeOne` or `wakeAll`. Waking is a hint: the waiter looks at its condition again.
 * Order is first come, first served. What waits (`Waiter`) is the core's thread; this file knows no core.
 */

import { Line } from './line.ts'

export interface Waiter {
  /** Called once by the queue that lets the waiter go; the waiter has left that queue already. */
  wake (queue: WaitQueue): void
}

export class WaitQueue extends Line<Waiter> {
  readonly name: string
  /** How often it was woken, whoever waited: who waits for several things sees by it which may have come about. */
  wakes = 0

  constructor (name: string) {
    super()
    this.name = name
  }

  /** Lets the first waiter go; false when nobody waited. */
  wakeOne (): boolean {
    this.wakes++
    const waiter = this.first
    if (waiter === null) return false
    this.leave(waiter)
    waiter.wake(this)
    return true
  }

  /** Lets everybody go who waits now; returns how many. */
  wakeAll (): number {
    this.wakes++
    const waiter = this.first
    if (waiter === null) return 0
    if (this.length > 1) return this.#wakeMany()
    this.leave(waiter)
    waiter.wake(this)
    return 1
  }

  /** Whether a value is a queue that does what queues do: what code that is wrong waits for may be anything. */
  static is (value: unknown): value is WaitQueue {
    return typeof value === 'object' && value !== null && #wakeMany in value && value.enter === enter && value.leave === leave
  }

  #wakeMany (): number {
    const waiters = this.empty()
    for (const waiter of waiters) waiter.wake(this)
    return waiters.length
  }
}

const { enter, leave } = WaitQueue.prototype
