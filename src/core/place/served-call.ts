/** A call that a domain elsewhere serves: a thread of control there. */

import { giveWay } from '../../fiber/index.ts'
import type { Fiber, Wait, WaitQueue, Waiter } from '../../fiber/index.ts'
import type { Extents, Window } from '../../roles/index.ts'
import type { Operation } from '../../roles/index.ts'
import type { PlaceRuntime } from './runtime.ts'

/** A window that the call was given: which grant it is, and where it lies in the grant pages. */
export interface GrantedWindow {
  readonly id: number
  readonly address: number
  readonly length: number
  readonly window: Window
  readonly written: Extents
}

export class ServedCall implements Waiter {
  readonly id: number
  readonly operation: Operation
  readonly target: (...args: unknown[]) => unknown
  readonly args: readonly unknown[]
  readonly principal: number
  readonly immediate: number
  readonly granted: readonly GrantedWindow[]
  readonly #runtime: PlaceRuntime
  /** Null before it is begun. */
  fiber: Fiber<unknown> | null = null
  /** Nobody waits for it. */
  cancelled = false
  /** What it waits on; null when it does not. */
  #waitsOn: Wait | null = null
  woken: WaitQueue | null = null

  constructor (runtime: PlaceRuntime, id: number, operation: Operation, target: (...args: unknown[]) => unknown, args: readonly unknown[],
    principal: number, immediate: number, granted: readonly GrantedWindow[]) {
    this.#runtime = runtime
    this.id = id
    this.operation = operation
    this.target = target
    this.args = args
    this.principal = principal
    this.immediate = immediate
    this.granted = granted
  }

  wait (wait: Wait): void {
    if (wait === giveWay || (Array.isArray(wait) && wait.includes(giveWay))) {
      this.woken = giveWay
      this.#runtime.makeReady(this)
      return
    }
    this.#waitsOn = wait
    if (Array.isArray(wait)) for (const queue of wait as readonly WaitQueue[]) queue.enter(this)
    else (wait as WaitQueue).enter(this)
  }

  wake (queue: WaitQueue): void {
    if (this.#waitsOn === null) return
    this.#leave(queue)
    this.woken = queue
    this.#runtime.makeReady(this)
  }

  cancel (): void {
    this.cancelled = true
    if (this.#waitsOn === null) return
    this.#leave(null)
    this.#runtime.makeReady(this)
  }

  /** Leaves what it waits on, but for the queue that let it go. */
  #leave (left: WaitQueue | null): void {
    const wait = this.#waitsOn
    this.#waitsOn = null
    if (Array.isArray(wait)) {
      for (const queue of wait as readonly WaitQueue[]) if (queue !== left) queue.leave(this)
    } else if (wait !== null && wait !== left) {
      (wait as WaitQueue).leave(this)
    }
  }
}
