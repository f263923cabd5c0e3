/**
 * An operation that waits, on its way through its steps in the domain that serves it.
 *
 * Around each step the domain's address space is current, and its caller register says who called; after it both are what
 * they were. Ended before it is done, the operation gives back what it holds, in its domain; an exception on the way is a
 * fault of that. A gate that has to do something at the end of the call says so by `finished` and `abandoned`. No generator: every wait of every call through a gate goes through here, and stepping an object costs
 * half of it.
 */

import { giveWay } from '../fiber/index.ts'
import type { Fiber, Wait, WaitQueue } from '../fiber/index.ts'
import type { Arena } from '../roles/index.ts'
import type { AddressSpace } from './thread/index.ts'
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
    } else if (this.#home >= 0) {
      step.value = orDeath(step.value, space)
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
      step = last ? fiber.return(undefined) : fiber.next(woken!)
    } catch (error) {
      step = { done: true, value: this.#state.fault(this.#space, error) }
    }
    caller.principal = principal
    caller.immediate = immediate
    caller.memory = memory
    if (this.#home >= 0) scheduler.switchTo(this.#home)
    return step
  }

  #end (fiber: Fiber<unknown>): void {
    this.#fiber = null
    this.#step(fiber, true)
  }
}

function orDeath (wait: Wait, space: AddressSpace): Wait {
  if (wait === giveWay) return wait
  return Array.isArray(wait) ? [...wait as WaitQueue[], space.death] : [wait as WaitQueue, space.death]
}
