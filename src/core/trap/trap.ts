/**
 * The core of a monolithic kernel: programs enter the supervisor through their entry capability, and that is all.
 *
 * One operation, `trap`: checks the capability, tells the supervisor who calls and what memory the caller has, calls
 * the operation. No message is made and no address space changes: the supervisor is mapped in every one of them.
 */

import type { Fiber } from '../../fiber/index.ts'
import type { Implementation, Role } from '../../roles/index.ts'
import { targetsOf, trapStubs } from '../../gates/index.ts'
import type { Target, TrapOperation } from '../../gates/index.ts'
import type { Capability, CapabilitySpace, KernelObject } from '../capability/index.ts'
import type { AddressSpace } from '../thread/index.ts'
import { REFUSED, isWaiting } from '../state.ts'
import type { CoreState } from '../state.ts'

/** A way into the supervisor: a role that it serves to those who hold a capability to this. */
export class Entry implements KernelObject {
  readonly kind = 'entry'
  readonly label: string
  readonly space: AddressSpace
  readonly implementation: Implementation
  readonly targets: readonly Target[]
  /** How often it was invoked. */
  calls = 0

  /** `lends`: passed capabilities are derived into the supervisor's space for the call; the core's own entries look them up in the caller's. */
  constructor (label: string, space: AddressSpace, role: Role, implementation: Implementation, lends = true) {
    this.label = label
    this.space = space
    this.implementation = implementation
    this.targets = targetsOf(role, implementation)
    this.capabilityParameters = Object.values(role.operations).map(operation => lends
      ? operation.parameters.findIndex(parameter => parameter.kind.kind === 'capability')
      : -1)
    this.lends = this.capabilityParameters.some(at => at >= 0)
  }

  /** Whether any operation passes a capability. */
  readonly lends: boolean

  /** Which parameter of each operation is a capability; -1 for none. */
  readonly capabilityParameters: readonly number[]
}

export class TrapCore implements TrapOperation<AddressSpace> {
  readonly #state: CoreState

  constructor (state: CoreState) {
    this.#state = state
  }

  trap (client: AddressSpace, slot: number, operation: number, a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown,
    f?: unknown, g?: unknown, h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): unknown {
    const state = this.#state
    const counters = state.counters
    counters.invocations++
    counters.crossings++
    const capability = state.check(client, slot, 'entry')
    if (capability === null) return REFUSED
    const entry = capability.object as Entry
    entry.calls++
    if (entry.lends && entry.capabilityParameters[operation]! >= 0) {
      return this.#lend(client, entry, capability.badge, operation, [a, b, c, d, e, f, g, h, i, j, k, l])
    }
    return this.#enter(client, entry, capability.badge, operation, a, b, c, d, e, f, g, h, i, j, k, l)
  }

  stubs (role: Role, client: AddressSpace, slot: number): Implementation {
    return trapStubs(role, this, client, slot)
  }

  /** Calls the supervisor's operation as this caller. */
  #enter (client: AddressSpace, entry: Entry, immediate: number, operation: number, a?: unknown, b?: unknown, c?: unknown, d?: unknown,
    e?: unknown, f?: unknown, g?: unknown, h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): unknown {
    const state = this.#state
    const target = entry.targets[operation]!
    const thread = state.scheduler.current
    const principal = thread === null ? 0 : thread.principal
    const memory = client.memory
    const caller = entry.space.caller
    const callerPrincipal = caller.principal
    const callerImmediate = caller.immediate
    const callerMemory = caller.memory
    caller.principal = principal
    caller.immediate = immediate
    caller.memory = memory
    let result: unknown
    let waits = false
    try {
      result = target.call(entry.implementation, a, b, c, d, e, f, g, h, i, j, k, l)
      waits = typeof result !== 'number' && isWaiting(result)
    } catch (error) {
      result = state.fault(entry.space, error)
    }
    caller.principal = callerPrincipal
    caller.immediate = callerImmediate
    caller.memory = callerMemory
    return waits ? state.carry(entry.space, client.id, principal, immediate, memory, result as Fiber<unknown>) : result
  }

  /** A call with a capability among its arguments: lends it to the supervisor until the call ends. */
  #lend (client: AddressSpace, entry: Entry, immediate: number, operation: number, args: unknown[]): unknown {
    const at = entry.capabilityParameters[operation]!
    const space = entry.space.capabilities
    const slot = space.derive(client.capabilities, args[at] as number)
    if (slot < 0) {
      this.#state.counters.refusals++
      return slot
    }
    const lent = space.lookup(slot)!
    args[at] = slot
    const result = this.#enter(client, entry, immediate, operation, ...args)
    if (isWaiting(result)) return endLoan(result, space, lent)
    space.takeBack(lent)
    return result
  }
}

function * endLoan (fiber: Fiber<unknown>, space: CapabilitySpace, lent: Capability): Fiber<unknown> {
  try {
    return yield * fiber
  } finally {
    space.takeBack(lent)
  }
}
