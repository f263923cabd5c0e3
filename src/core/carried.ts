/**
 * An operation that waits, on its way through its steps in the domain that serves it.
 *
 * Around each step the domain's address space is current, and its caller register says who called; after it both are what
 * they were. Ended before it is done, the operation gives back what it holds, in its domain; an exception on the way is a
 * fault of that. A gate that has to do something at the end of the call says so by `finished` and `abandoned`. No generator: every wait of every call through a gate goes through here, and stepping an object costs
 * half of it.
 */

import { WaitQueue, giveWay } from '../fiber/index.ts'
import type { Fiber, Wait } from '../fiber/index.ts'
import type { Arena } from '../roles/index.ts'
import type { AddressSpace } from './thread/index.ts'
import { WAITS_MAX } from './limits.ts'
import { Lost } from './state.ts'
import type { CoreState } from './state.ts'

type Step = IteratorResult<Wait, unknown>

export class Carried implements Fiber<unknown> {
  readonly #state: CoreState
  readonly #space: AddressSpace
  /** The space to be in between the steps; -1 where the domain is mapped everywhere and none changes. */
  readonly #home: number
  readonly #principal: number
  readonly #immediate: number
  readonly #memory: Arena | null
  /** Null once it is done. */
  #fiber: Fiber<unknown> | null
  #begun = false

  constructor (state: CoreState, space: AddressSpace, home: number, principal: number, immediate: number, memory: Arena | null, fiber: Fiber<unknown>) {
    this.#state = state
    this.#space = space
    this.#home = space.id === 0 ? -1 : home
    this.#principal = principal
    this.#immediate = immediate
    this.#memory = memory
    this.#fiber = fiber
  }

  [Symbol.iterator] (): this {
    return this
  }

  next (woken: WaitQueue): Step {
    const fiber = this.#fiber
    if (fiber === null) return { done: true, value: undefined }
    const space = this.#space
    // Whoever made the call has just looked whether the domain lives.
    if (this.#begun && !space.alive) {
      this.#end(fiber)
      return { done: true, value: this.finished(this.#state.lost(Lost.BEGUN)) }
    }
    this.#begun = true
    const step = this.#step(fiber, false, woken)
    if (step.done) {
      this.#fiber = null
      step.value = this.finished(step.value)
    }
    return step
  }

  return (value: unknown): Step {
    this.#abandon()
    return { done: true, value }
  }

  throw (error: unknown): Step {
    this.#abandon()
    throw error
  }

  /** What the caller gets of what the operation came to. Once, unless it was abandoned. */
  protected finished (value: unknown): unknown {
    return value
  }

  /** It was ended before it was done, and has given back what it held. */
  protected abandoned (): void {}

  #abandon (): void {
    if (this.#fiber === null) return
    this.#end(this.#fiber)
    this.abandoned()
  }

  /** One step in the domain, or the end of the fiber there. What is thrown is a fault of the domain. */
  #step (fiber: Fiber<unknown>, last: boolean, woken?: WaitQueue): Step {
    const { scheduler } = this.#state
    const caller = this.#space.caller
    const { principal, immediate, memory } = caller
    if (this.#home >= 0) scheduler.switchTo(this.#space.id)
    caller.principal = this.#principal
    caller.immediate = this.#immediate
    caller.memory = this.#memory
    let step: Step
    try {
      step = last ? fiber.return(undefined) : this.#taken(fiber.next(woken!))
    } catch (error) {
      step = { done: true, value: this.#state.fault(this.#space, error) }
    }
    caller.principal = principal
    caller.immediate = immediate
    caller.memory = memory
    if (this.#home >= 0) scheduler.switchTo(this.#home)
    return step
  }

  /**
   * A step as a copy, of which nothing is the domain's any more: it may be any object, and is looked at once. Throws, as a
   * fault of the domain, where it is none, or waits for what is no queue: the scheduler would come to harm by that.
   */
  #taken (step: Step): Step {
    if (step.done) return { done: true, value: step.value }
    const wait = step.value
    const death = this.#home < 0 ? null : this.#space.death
    if (WaitQueue.is(wait)) return { done: false, value: death === null || wait === giveWay ? wait : [wait, death] }
    if (!Array.isArray(wait) || wait.length > WAITS_MAX) throw new TypeError('a thread waits for what is no wait queue')
    const all: WaitQueue[] = []
    for (let at = 0; at < wait.length; at++) {
      const queue: unknown = wait[at]
      if (!WaitQueue.is(queue)) throw new TypeError('a thread waits for what is no wait queue')
      all.push(queue)
    }
    if (death !== null) all.push(death)
    return { done: false, value: all }
  }

  #end (fiber: Fiber<unknown>): void {
    this.#fiber = null
    this.#step(fiber, true)
  }
}
