/**
 * For tests of services: starts one as the linker would, in an arena of its own, with a clock that the test moves.
 */

import { WaitQueue } from '../fiber/index.ts'
import type { Fiber } from '../fiber/index.ts'
import { Arena } from '../roles/index.ts'
import type { AnyService, Caller, Clock, Implementation, ServiceState } from '../roles/index.ts'

/** A clock that goes on by a little at every look, and further when it is told to. */
export class TestClock implements Clock {
  nowNs = 1_700_000_000_000_000_000
  readonly #moved = new WaitQueue('test clock')

  now (): number {
    this.nowNs += 1024
    return this.nowNs
  }

  resolution (): number {
    return 1
  }

  * sleepUntil (_clock: number, deadlineNs: number): Fiber<number> {
    while (this.nowNs < deadlineNs) yield this.#moved
    return 0
  }

  advance (byNs: number): void {
    this.nowNs += byNs
    this.#moved.wakeAll()
  }
}

export interface Surroundings {
  readonly requires?: Readonly<Record<string, unknown>>
  readonly options?: Readonly<Record<string, unknown>>
  readonly caller?: Caller
  readonly arena?: Arena
  readonly devices?: Readonly<Record<string, unknown>>
  readonly counter?: { bytesCopied: number }
  readonly keep?: (state: ServiceState) => void
}

/** The implementations that a service provides. */
export function startService (definition: AnyService, surroundings: Surroundings = {}): Readonly<Record<string, Implementation>> {
  return definition.start({
    requires: surroundings.requires ?? {},
    arena: surroundings.arena ?? testArena(definition.name),
    caller: surroundings.caller ?? testCaller(),
    counter: surroundings.counter ?? { bytesCopied: 0 },
    devices: surroundings.devices ?? {},
    options: { ...definition.options as object, ...surroundings.options },
    keep: surroundings.keep ?? (() => {})
  } as never)
}

export function testArena (name: string, sizeBytesMax = 2 ** 30): Arena {
  return new Arena({ name, sizeBytesMax })
}

export function testCaller (principal = 1): Caller {
  return { principal, immediate: principal, memory: null }
}
