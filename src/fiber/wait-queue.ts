/**
 * Wait queues: where threads of control wait for a condition.
 *
 * Rules of use: a fiber waits with `while (!condition) yield queue`, as with a condition variable; whoever makes the
 * condition true calls `wakeOne` or `wakeAll`. Waking is a hint: the waiter looks at its condition again.
 * Order is first come, first served. What waits (`Waiter`) is the core's thread; this file knows no core.
 */

export interface Waiter {
  /** Called once by the queue that lets the waiter go; the waiter has left that queue already. */
  wake (queue: WaitQueue): void
}

export class WaitQueue {
  readonly name: string
  /** In order of arrival; a Set, so that a killed waiter leaves in constant time. */
  readonly #waiters = new Set<Waiter>()
  /** How often it was woken, whoever waited: who waits for several things sees by it which may have come about. */
  wakes = 0

  constructor (name: string) {
    this.name = name
  }

  get length (): number {
    return this.#waiters.size
  }

  enter (waiter: Waiter): void {
    this.#waiters.add(waiter)
  }

  leave (waiter: Waiter): void {
    this.#waiters.delete(waiter)
  }

  /** Lets the first waiter go; false when nobody waited. */
  wakeOne (): boolean {
    this.wakes++
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter)
      waiter.wake(this)
      return true
    }
    return false
  }

  /** Lets everybody go who waits now; returns how many. */
  wakeAll (): number {
    this.wakes++
    if (this.#waiters.size === 0) return 0
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const waiter of waiters) waiter.wake(this)
    return waiters.length
  }
}
