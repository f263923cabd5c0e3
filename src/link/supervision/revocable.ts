/**
 * Parts of the machine that are given to a domain for its life: a wrapper for each of its operations, which does nothing once
 * the domain has died. What is left of the domain's fibers gives back what it holds when it is ended, and must not set a timer
 * that another has by then.
 */

import type { AddressSpace } from '../../core/index.ts'

/** `lost` is what every operation answers once the domain is dead. */
export function revocable (part: object, space: AddressSpace, lost: number): object {
  const wrapped: Record<string, unknown> = {}
  for (let level: object | null = part; level !== null && level !== Object.prototype; level = Object.getPrototypeOf(level) as object | null) {
    for (const [name, { value, get }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (name === 'constructor' || Object.hasOwn(wrapped, name)) continue
      if (get !== undefined || typeof value !== 'function') Object.defineProperty(wrapped, name, { enumerable: true, get: () => (part as Record<string, unknown>)[name] })
      else wrapped[name] = operation(part, value as Operation, space, lost)
    }
  }
  return wrapped
}

type Operation = (...args: unknown[]) => unknown

function operation (part: object, perform: Operation, space: AddressSpace, lost: number): Operation {
  return (a, b, c, d, e, f) => space.alive ? perform.call(part, a, b, c, d, e, f) : lost
}
