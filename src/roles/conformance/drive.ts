/**
 * A small scheduler for tests: runs fibers round robin until none can run.
 *
 * Rules of use: `spawn` starts a thread of control, `run` runs until a given one has ended. Where everything waits,
 * `idle` may let the world outside move (a timer of the host); without it, waiting for ever is a failure that names
 * the queues. A suite is itself a fiber and meets the scheduler through `Driver` only, so that a kernel can run it on
 * its own threads.
 */

import { Bug, WaitQueue, giveWay, isFiber } from '../../fiber/index.ts'
import type { Eventual, Fiber, Waiter } from '../../fiber/index.ts'

/** A thread of control that a suite has started. */
export interface Task<T = unknown> {
  readonly done: boolean
  /** What it came to, once it is done. */
  readonly value: T | undefined
  /** Waits for its end and returns what it came to; throws what it threw. */
  join (): Fiber<T>
  /** Ends it where it stands. */
  end (): void
}

/** What a suite needs of whoever runs it. */
export interface Driver {
  spawn<T> (fiber: Fiber<T>): Task<T>
  /** Lets all others run until each of them waits or has ended. */
  settleDown (): Fiber<void>
}

class Thread<T> implements Task<T>, Waiter {
  readonly #scheduler: TestScheduler
  readonly fiber: Fiber<T>
  readonly ended = new WaitQueue('end of a test thread')
  done = false
  value: T | undefined = undefined
  error: unknown = undefined
  queues: readonly WaitQueue[] = []
  woken: WaitQueue | null = null

  constructor (scheduler: TestScheduler, fiber: Fiber<T>) {
    this.#scheduler = scheduler
    this.fiber = fiber
  }

  wake (queue: WaitQueue): void {
    for (const other of this.queues) if (other !== queue) other.leave(this)
    this.queues = []
    this.woken = queue
    this.#scheduler.ready.push(this as Thread<unknown>)
  }

  * join (): Fiber<T> {
    while (!this.done) yield this.ended
    if (this.error !== undefined) throw this.error
    return this.value as T
  }

  end (): void {
    if (this.done) return
    for (const queue of this.queues) queue.leave(this)
    const index = this.#scheduler.ready.indexOf(this as Thread<unknown>)
    if (index >= 0) this.#scheduler.ready.splice(index, 1)
    this.fiber.return(undefined as never)
    this.done = true
    this.ended.wakeAll()
  }
}

export class TestScheduler implements Driver {
  readonly ready: Thread<unknown>[] = []
  readonly #quiet = new WaitQueue('everybody else waits')

  spawn<T> (fiber: Fiber<T>): Task<T> {
    const thread = new Thread(this, fiber)
    this.ready.push(thread as Thread<unknown>)
    return thread
  }

  * settleDown (): Fiber<void> {
    // Whoever wakes the quiet queue does it when the run queue is empty.
    yield this.#quiet
  }

  /** Runs until the value is there. */
  async run<T> (value: Eventual<T>, idle?: () => Promise<void>): Promise<T> {
    if (!isFiber(value)) return value
    const thread = this.#start(value)
    while (!thread.done) {
      if (this.#runReady()) continue
      if (idle === undefined) throw new Bug(`everything waits: ${thread.queues.map(queue => queue.name).join(', ')}`)
      await idle()
    }
    return this.#result(thread)
  }

  /** The same where the world outside need not move. */
  runNow<T> (value: Eventual<T>): T {
    if (!isFiber(value)) return value
    const thread = this.#start(value)
    while (!thread.done) {
      if (!this.#runReady()) throw new Bug(`everything waits: ${thread.queues.map(queue => queue.name).join(', ')}`)
    }
    return this.#result(thread)
  }

  #start<T> (fiber: Fiber<T>): Thread<T> {
    const thread = new Thread(this, fiber)
    this.ready.push(thread as Thread<unknown>)
    return thread
  }

  #result<T> (thread: Thread<T>): T {
    if (thread.error !== undefined) throw thread.error
    return thread.value as T
  }

  /** Runs what is ready; false when nothing was. */
  #runReady (): boolean {
    let ran = false
    for (let thread = this.ready.shift(); thread !== undefined; thread = this.ready.shift()) {
      ran = true
      this.#step(thread)
      if (this.ready.length === 0) this.#quiet.wakeOne()
    }
    return ran
  }

  #step (thread: Thread<unknown>): void {
    try {
      const step = thread.fiber.next(thread.woken as WaitQueue)
      if (!step.done) {
        this.#park(thread, Array.isArray(step.value) ? step.value as readonly WaitQueue[] : [step.value as WaitQueue])
        return
      }
      thread.value = step.value
    } catch (error) {
      thread.error = error ?? new Bug('threw nothing')
    }
    thread.done = true
    thread.ended.wakeAll()
  }

  #park (thread: Thread<unknown>, queues: readonly WaitQueue[]): void {
    if (queues.includes(giveWay)) {
      thread.woken = giveWay
      this.ready.push(thread)
      return
    }
    thread.queues = queues
    for (const queue of queues) queue.enter(thread)
  }
}
