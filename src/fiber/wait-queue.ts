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
  /** Who came first; mostly there is no other. */
  #first: Waiter | null = null
  /** The others in order of arrival; a Set, so that a killed waiter leaves in constant time. */
  #others: Set<Waiter> | null = null
  /** How often it was woken, whoever waited: who waits for several things sees by it which may have come about. */
  wakes = 0

  constructor (name: string) {
    this.name = name
  }

  get length (): number {
    return (this.#first === null ? 0 : 1) + (this.#others?.size ?? 0)
  }

  enter (waiter: Waiter): void {
    if (this.#first === null) this.#first = waiter
    else if (this.#first !== waiter) (this.#others ??= new Set()).add(waiter)
  }

  leave (waiter: Waiter): void {
    if (this.#first === waiter) this.#first = this.#takeOther()
    else this.#others?.delete(waiter)
  }

  /** Takes the first of the others. */
  #takeOther (): Waiter | null {
    const others = this.#others
    if (others === null) return null
    for (const waiter of others) {
      others.delete(waiter)
      return waiter
    }
    return null
  }

  /** Lets the first waiter go; false when nobody waited. */
  wakeOne (): boolean {
    this.wakes++
    const waiter = this.#first
    if (waiter === null) return false
    this.#first = this.#takeOther()
    waiter.wake(this)
    return true
  }

  /** Lets everybody go who waits now; returns how many. */
  wakeAll (): number {
    this.wakes++
    const first = this.#first
    if (first === null) return 0
    const others = this.#others === null ? [] : [...this.#others]
    this.#first = null
    this.#others?.clear()
    first.wake(this)
    for (const waiter of others) waiter.wake(this)
    return 1 + others.length
  }
}
