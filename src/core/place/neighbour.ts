/** Stubs of a domain elsewhere: what a service there has in place of a neighbour that is not beside it. */

import { WaitQueue } from '../../fiber/index.ts'
import type { Fiber, Wait } from '../../fiber/index.ts'
import type { Implementation, Operation, Role } from '../../roles/index.ts'
import { stubsOf } from '../../gates/index.ts'
import type { PlaceRuntime } from './runtime.ts'

/** A request that was sent: as a fiber, what it comes to. No generator, since nearly every call of a service is one of these. */
export class Request implements Fiber<unknown> {
  readonly id: number
  readonly operation: Operation
  readonly #runtime: PlaceRuntime
  readonly #answer = new WaitQueue('answer of a neighbour')
  #answered = false
  #result: unknown

  constructor (runtime: PlaceRuntime, id: number, operation: Operation) {
    this.#runtime = runtime
    this.id = id
    this.operation = operation
  }

  get answered (): boolean {
    return this.#answered
  }

  get result (): unknown {
    return this.#result
  }

  answer (result: unknown): void {
    this.#result = result
    this.#answered = true
    this.#answer.wakeAll()
  }

  [Symbol.iterator] (): this {
    return this
  }

  next (): IteratorResult<Wait, unknown> {
    return this.#answered ? { done: true, value: this.#result } : { done: false, value: this.#answer }
  }

  return (value: unknown): IteratorResult<Wait, unknown> {
    if (!this.#answered) this.#runtime.forget(this)
    return { done: true, value }
  }

  throw (error: unknown): IteratorResult<Wait, unknown> {
    this.return(undefined)
    throw error
  }
}

/** An operation that may wait gives a fiber always; one that never does has its answer before anything else runs here. */
export function neighbourStubs (runtime: PlaceRuntime, role: Role, neighbour: number): Implementation {
  return stubsOf(role, (operation, index) => (...args) => {
    const request = runtime.request(neighbour, operation, index, args)
    if (!(request instanceof Request)) return request
    return operation.blocks ? request : runtime.answerNow(request)
  })
}
