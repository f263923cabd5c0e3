/**
 * Decorators of gates: what the linker can wrap around the stubs that a service gets, so that no service has an
 * `if (tracing)`. They compose: `both(counted(into), traced(sink))`.
 */

import { isFiber } from '../fiber/index.ts'
import type { Eventual, Fiber } from '../fiber/index.ts'
import type { Devices } from '../machine/index.ts'
import type { Implementation, Role } from '../roles/index.ts'
import { stubsOf } from '../gates/index.ts'
import type { Target } from '../gates/index.ts'
import type { GateInfo } from './link.ts'

export type Decorator = (stubs: Implementation, info: GateInfo) => Implementation

/** A part of the machine as a service has it, in the place of the one it would get. */
export type DeviceDecorator = (device: Devices[keyof Devices], info: DeviceInfo) => Devices[keyof Devices]

/** What a decorator is told of the device that it may wrap. */
export interface DeviceInfo {
  /** Who drives it. */
  readonly service: string
  readonly device: keyof Devices
}

/** A call that went through a decorated gate. */
export interface TracedCall extends GateInfo {
  readonly operation: string
  readonly args: readonly unknown[]
  /** What it returned, in the end. */
  readonly result: unknown
  /** Whether it had to wait. */
  readonly waited: boolean
}

/** Counts calls, by `from to Role.operation`. */
export function counted (into: Map<string, number>): Decorator {
  return (stubs, info) => wrap(stubs, info, (name, call) => (...args) => {
    const key = `${info.from} ${info.to} ${info.role.name}.${name}`
    into.set(key, (into.get(key) ?? 0) + 1)
    return call(...args)
  })
}

/** Tells each call when it has returned, in the order of returning. */
export function traced (sink: (call: TracedCall) => void): Decorator {
  return (stubs, info) => wrap(stubs, info, (operation, call) => (...args) => {
    const given = [...args]
    const tell = (result: unknown, waited: boolean): unknown => {
      sink({ ...info, operation, args: given, result, waited })
      return result
    }
    const result = call(...args) as Eventual<unknown>
    return isFiber(result) ? told(result, value => tell(value, true)) : tell(result, false)
  })
}

/**
 * Lets `fault` decide of each call: null lets it pass, a number is returned in its place, an Error is thrown to who
 * calls. A stub is the caller's, so that is a fault of the caller's domain.
 */
export function faulty (fault: (info: GateInfo, operation: string) => number | Error | null): Decorator {
  return (stubs, info) => wrap(stubs, info, (operation, call) => (...args) => {
    const wrong = fault(info, operation)
    if (wrong === null) return call(...args)
    if (typeof wrong === 'number') return wrong
    throw wrong
  })
}

/** One decorator within another. */
export function both (inner: Decorator, outer: Decorator): Decorator {
  return (stubs, info) => outer(inner(stubs, info), info)
}

function wrap (stubs: Implementation, info: GateInfo, around: (operation: string, call: Target) => Target): Implementation {
  return decorateEach(info.role, stubs, around)
}

/** An implementation of a role with something around each operation. */
export function decorateEach (role: Role, implementation: Implementation, around: (operation: string, call: Target) => Target): Implementation {
  const names = Object.keys(role.operations)
  return stubsOf(role, (_operation, index) => {
    const name = names[index]!
    const call = implementation[name] as Target
    return around(name, (...args) => call.apply(implementation, args))
  })
}

function * told (fiber: Fiber<unknown>, tell: (value: unknown) => unknown): Fiber<unknown> {
  return tell(yield * fiber)
}
