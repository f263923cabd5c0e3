/**
 * Fibers: threads of control inside the kernel that have to wait.
 *
 * A fiber is a generator; `yield` is the only way to block, and what it yields is the queue it waits on (or several:
 * it is woken by the first). It is resumed with the queue that woke it. An operation that may block returns its
 * value, or a fiber only if it must wait (`Eventual`); callers test with `isFiber` and take their plain path when they
 * can. A fiber that nobody will finish is ended by `fiber.return()`: what it holds is given back in `finally` blocks,
 * and those must not yield.
 */

import { Bug } from './assert.ts'
import type { WaitQueue } from './wait-queue.ts'

export type Wait = WaitQueue | readonly WaitQueue[]
export type Fiber<T> = Generator<Wait, T, WaitQueue>
export type Eventual<T> = T | Fiber<T>

/** Whether an operation must wait. No value of a role has a property `next`. */
export function isFiber<T> (value: Eventual<T>): value is Fiber<T> {
  return typeof value === 'object' && value !== null && typeof (value as { next?: unknown }).next === 'function'
}

/** Inside a fiber: the value of an eventual, waiting only if it must. `const n = yield* settle(fs.read(…))`. */
export function * settle<T> (value: Eventual<T>): Fiber<T> {
  return isFiber(value) ? yield * value : value
}

/** The value of an eventual passed through `next`, which stays plain when nothing has to wait. */
export function chain<T, U> (value: Eventual<T>, next: (value: T) => Eventual<U>): Eventual<U> {
  return isFiber(value) ? chainSlowly(value, next) : next(value)
}

function * chainSlowly<T, U> (fiber: Fiber<T>, next: (value: T) => Eventual<U>): Fiber<U> {
  return yield * settle(next(yield * fiber))
}

/**
 * Runs several fibers until the first one ends, then ends the others. Returns the index and the value of the one
 * that came first. The fibers share the caller's thread: it waits on all their queues at once.
 */
export function * race<T> (fibers: readonly Fiber<T>[]): Fiber<{ index: number, value: T }> {
  const waits: Wait[] = []
  try {
    for (let index = 0; index < fibers.length; index++) {
      const step = fibers[index]!.next(undefined as never)
      if (step.done) return { index, value: step.value }
      waits.push(step.value)
    }
    for (;;) {
      const woken = yield waits.flat() as WaitQueue[]
      for (let index = 0; index < fibers.length; index++) {
        const wait = waits[index]!
        if (wait !== woken && !(Array.isArray(wait) && wait.includes(woken))) continue
        const step = fibers[index]!.next(woken)
        if (step.done) return { index, value: step.value }
        waits[index] = step.value
      }
    }
  } finally {
    for (const fiber of fibers) fiber.return(undefined as never)
  }
}

/**
 * Runs a fiber that must not wait (for code that has no thread to park, such as boot and tests).
 * Throws a Bug naming the queue if it does.
 */
export function runPlain<T> (value: Eventual<T>): T {
  if (!isFiber(value)) return value
  const step = value.next(undefined as never)
  if (step.done) return step.value
  value.return(undefined as never)
  const wait = step.value
  throw new Bug(`would wait on ${Array.isArray(wait) ? wait.map((queue: WaitQueue) => queue.name).join(', ') : (wait as WaitQueue).name}`)
}
