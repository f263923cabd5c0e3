/**
 * What every group of calls works with: the neighbours, the caller, the arena of the domain.
 *
 * Rules of use: `caller` is a register, valid to the first `yield`: a call takes `caller.memory` first thing. Neighbours
 * are looked up at each call (`requires.files`), because they may be linked after the instance was started.
 */

import { Errno, isFiber } from '../../fiber/index.ts'
import type { Eventual, Fiber, Wait, WaitQueue } from '../../fiber/index.ts'
import { Clock, Entropy, Files, Processes, Signal, one } from '../../roles/index.ts'
import type { Arena, Environment, SystemCalls } from '../../roles/index.ts'

export const requirements = { files: one(Files), processes: one(Processes), clock: one(Clock), entropy: one(Entropy) } as const

export type Personality = Environment<typeof requirements>

/** Some of the calls: those of one group. */
export type Calls<K extends keyof SystemCalls> = Pick<SystemCalls, K>

/** The errno of a status or count of a neighbour, which is negative for an error. */
export function errnoOf (result: Eventual<number>): Eventual<number> {
  if (typeof result === 'number') return result < 0 ? -result : Errno.SUCCESS
  return errnoSlowly(result)
}

function * errnoSlowly (fiber: Fiber<number>): Fiber<number> {
  const result = yield * fiber
  return result < 0 ? -result : Errno.SUCCESS
}

/**
 * Writes what a neighbour returned to the caller's memory and returns the errno. `write` must not need more bytes at
 * `at` than were checked: memory may have grown while the neighbour waited, never shrunk.
 *
 * The calls that programs make most have this written out, with `deliverSlowly` for what must wait: there the engine
 * knows what is returned and what is written, and need not make the record.
 */
export function deliver<T> (
  memory: Arena, at: number, result: Eventual<T | number>, write: (view: DataView, at: number, value: T) => void
): Eventual<number> {
  if (isFiber(result)) return deliverSlowly(memory, at, result, write)
  if (typeof result === 'number' && result < 0) return -result
  write(memory.view, at, result as T)
  return Errno.SUCCESS
}

export function * deliverSlowly<T> (
  memory: Arena, at: number, fiber: Fiber<T | number>, write: (view: DataView, at: number, value: T) => void
): Fiber<number> {
  const result = yield * fiber
  if (typeof result === 'number' && result < 0) return -result
  write(memory.view, at, result as T)
  return Errno.SUCCESS
}

/** Begins a fiber: gives its value if it never had to wait, else a fiber that goes on with it. */
export function begin<T> (fiber: Fiber<T>): Eventual<T> {
  const step = fiber.next(undefined as never)
  return step.done ? step.value : new Begun(fiber, step)
}

/**
 * A fiber whose first wait has been taken already. No generator: one that is ended before it was resumed once runs no
 * `finally`, and the fiber inside has things to give back.
 */
class Begun<T> implements Fiber<T> {
  readonly #fiber: Fiber<T>
  #first: IteratorResult<Wait, T> | null

  constructor (fiber: Fiber<T>, first: IteratorResult<Wait, T>) {
    this.#fiber = fiber
    this.#first = first
  }

  [Symbol.iterator] (): this {
    return this
  }

  next (woken: WaitQueue): IteratorResult<Wait, T> {
    const first = this.#first
    if (first === null) return this.#fiber.next(woken)
    this.#first = null
    return first
  }

  return (value: T): IteratorResult<Wait, T> {
    return this.#fiber.return(value)
  }

  throw (error: unknown): IteratorResult<Wait, T> {
    return this.#fiber.throw(error)
  }
}

/**
 * What a write has to do about its result: a write that nobody will ever read raises SIGPIPE in the caller, as POSIX
 * has it, and is EPIPE where the caller lives on.
 */
export function * raisePipe (personality: Personality): Fiber<number> {
  const raised = personality.requires.processes.raise(Signal.PIPE)
  if (isFiber(raised)) yield * raised
  return Errno.EPIPE
}
