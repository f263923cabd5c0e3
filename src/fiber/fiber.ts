/**
 * Fibers: threads of control inside the kernel that have to wait.
 *
 * A fiber is a generator, or an object that steps like one; `yield` is the only way to block, and what it yields is the queue it waits on (or several:
 * it is woken by the first). It is resumed with the queue that woke it. An operation that may block returns its
 * value, or a fiber only if it must wait (`Eventual`); callers test with `isFiber` and take their plain path when they
 * can. A fiber that nobody will finish is ended by `fiber.return()`: what it holds is given back in `finally` blocks,
 * and those must not yield. One that has not begun runs none of them, so that is given up by `giveUp`.
 */

import { Bug } from './assert.ts'
import type { WaitQueue } from './wait-queue.ts'

export type Wait = WaitQueue | readonly WaitQueue[]
/** What a generator is, or an object that steps as one. */
export interface Fiber<T> extends Iterator<Wait, T, WaitQueue> {
  next (woken: WaitQueue): IteratorResult<Wait, T>
  return (value: T): IteratorResult<Wait, T>
  throw (error: unknown): IteratorResult<Wait, T>
  [Symbol.iterator] (): Fiber<T>
}
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
 * Gives up a fiber that has not begun. Its operation may have taken something before it returned the fiber (a thread of
 * a server, a grant), which only what has begun gives back: so it goes on to its first wait, and ends there. Its value,
 * if it never waits; else undefined.
 */
export function giveUp<T> (fiber: Fiber<T>): T | undefined {
  const step = fiber.next(undefined as never)
  if (step.done) return step.value
  fiber.return(undefined as never)
  return undefined
}

/**
 * Runs several fibers until the first one ends, then ends the others. Returns the index and the value of the one
 * that came first. The fibers share the caller's thread: it waits on all their queues at once.
 */
export function * race<T> (fibers: readonly Fiber<T>[]): Fiber<{ index: number, value: T }> {
  const waits: Wait[] = []
  const wakes: number[] = []
  try {
    for (const [index, fiber] of fibers.entries()) {
      const step = fiber.next(undefined as never)
      if (step.done) return { index, value: step.value }
      waits.push(step.value)
      wakes.push(wakesOf(step.value))
    }
    for (let woken: WaitQueue | null = null; ;) {
      let stepped = false
      for (const [index, fiber] of fibers.entries()) {
        // Woken by one queue, the thread has left them all: another may have been woken before it ran.
        if (wakesOf(waits[index]!) === wakes[index] && (woken === null || !includes(waits[index]!, woken))) continue
        stepped = true
        const step = fiber.next(woken as WaitQueue)
        if (step.done) return { index, value: step.value }
        waits[index] = step.value
        wakes[index] = wakesOf(step.value)
      }
      woken = stepped ? null : yield waits.flat() as WaitQueue[]
    }
  } finally {
    fibers.forEach((fiber, index) => {
      if (index < waits.length) fiber.return(undefined as never)
      else giveUp(fiber)
    })
  }
}

function includes (wait: Wait, queue: WaitQueue): boolean {
  return wait === queue || (Array.isArray(wait) && wait.includes(queue))
}

/** How often the queues of a wait were woken, together. */
function wakesOf (wait: Wait): number {
  return Array.isArray(wait) ? (wait as readonly WaitQueue[]).reduce((sum, queue) => sum + queue.wakes, 0) : (wait as WaitQueue).wakes
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
