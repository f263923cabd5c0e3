/**
 * An implementation that makes everybody wait: each operation that may block gives way once before it starts and once
 * before it ends, as one behind a gate may. Whatever holds for the implementation must hold for it made slow.
 */

import { giveWay, isFiber } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import type { Implementation, Role } from '../index.ts'

export function slowly<I extends object> (role: Role, implementation: I): I {
  const slow: Record<string, unknown> = {}
  for (const [name, operation] of Object.entries(role.operations)) {
    const plain = (implementation as Implementation)[name] as (...args: unknown[]) => Eventual<unknown>
    slow[name] = operation.blocks
      ? (...args: unknown[]) => wait(() => plain.apply(implementation, args))
      : (...args: unknown[]) => plain.apply(implementation, args)
  }
  return slow as I
}

function * wait (call: () => Eventual<unknown>): Fiber<unknown> {
  yield giveWay
  const value = call()
  const result = isFiber(value) ? yield * value : value
  yield giveWay
  return result
}
