/**
 * The core of a microkernel: synchronous IPC between address spaces, by capability.
 *
 * One operation, `call`: checks the endpoint capability, copies the message into the callee's buffer, grants the
 * windows, derives the capabilities that are passed, switches to the callee's address space, and comes back with the
 * reply (call, then reply and wait: two entries into the core). The callee's grants are revoked when the call ends.
 * A capability in a message is lent for the call; one that is returned stays.
 * The caller's thread of control goes on in the callee, so no scheduling decision lies on the way (L4's direct switch).
 *
 * Source: Liedtke, "Improving IPC by kernel design", SOSP 1993; Elphinstone and Heiser, SOSP 2013; grants as in MINIX 3.
 */

import { Errno, settle } from '../../fiber/index.ts'
import type { Fiber, WaitQueue } from '../../fiber/index.ts'
import { ENDPOINT_QUEUE_MAX, READ, WRITE } from '../../roles/index.ts'
import type { Implementation, Role, Window } from '../../roles/index.ts'
import { TOO_LONG, rpcStubs } from '../../gates/index.ts'
import type { CallOperation, Message } from '../../gates/index.ts'
import { CapabilityRights } from '../capability/index.ts'
import type { AddressSpace } from '../thread/index.ts'
import { PEER_LOST, REFUSED, isWaiting } from '../state.ts'
import type { CoreState } from '../state.ts'
import type { Endpoint, Server, Shape } from './endpoint.ts'

export class CallCore implements CallOperation<AddressSpace> {
  readonly #state: CoreState

  constructor (state: CoreState) {
    this.#state = state
  }

  call (client: AddressSpace, slot: number, index: number, args: unknown[]): unknown {
    const { counters } = this.#state
    counters.invocations++
    counters.crossings++
    return this.#enter(client, slot, index, args, null)
  }

  /** The call, counted already, by who has a turn in the server's queue or none. */
  #enter (client: AddressSpace, slot: number, index: number, args: unknown[], turn: WaitQueue | null): unknown {
    const state = this.#state
    const capability = state.check(client, slot, 'endpoint')
    if (capability === null) return REFUSED
    const endpoint = capability.object as Endpoint
    const server = endpoint.server
    if (!server.space.alive) return PEER_LOST
    const shape = endpoint.shapes[index]!
    // An operation that never blocks gives its thread back before anybody else can ask for one.
    if (shape.operation.blocks && !server.isFreeFor(turn)) return this.#queued(client, slot, index, args, server)
    const message = server.take()
    if (message === null) return -Errno.ENOMEM
    let failed = -1
    try {
      failed = this.#send(client, server, shape, message, args)
    } finally {
      // What cannot be sent, or is not what the role says and throws, is the client's fault: the server has its thread back.
      if (failed < 0) server.give(message)
    }
    if (failed < 0) return failed
    const scheduler = state.scheduler
    const space = server.space
    const principal = scheduler.current === null ? 0 : scheduler.current.principal
    const immediate = capability.badge
    const caller = space.caller
    const callerPrincipal = caller.principal
    const callerImmediate = caller.immediate
    const callerMemory = caller.memory
    caller.principal = principal
    caller.immediate = immediate
    caller.memory = null
    scheduler.switchTo(space.id)
    let result: unknown
    try {
      result = endpoint.targets[index]!.apply(endpoint.implementation, args)
    } catch (error) {
      result = state.fault(space, error)
    }
    scheduler.switchTo(client.id)
    caller.principal = callerPrincipal
    caller.immediate = callerImmediate
    caller.memory = callerMemory
    if (typeof result !== 'number' && isWaiting(result)) {
      return this.#waiting(client, server, shape, message, args, state.carry(space, client.id, principal, immediate, null, result))
    }
    return this.#reply(client, server, shape, message, args, result)
  }

  stubs (role: Role, client: AddressSpace, slot: number): Implementation {
    return rpcStubs(role, this, client, slot)
  }

  /**
   * Copies the arguments over and leaves in `args` what the callee finds: values of its own, grants, derived slots.
   * Nothing stays lent when it fails, or throws for arguments that are not what the role says.
   */
  #send (client: AddressSpace, server: Server, shape: Shape, message: Message, args: unknown[]): number {
    if (shape.lends) {
      const failed = this.#lend(client, server, shape, message, args)
      if (failed < 0) return failed
    }
    let sent = false
    try {
      sent = copyOver(shape, message, args)
      return sent ? 0 : TOO_LONG
    } finally {
      if (!sent && shape.lends) takeBack(server, shape, message, args)
    }
  }

  /** Lends what does not lie in the message for the time of the call: windows as grants, capabilities as derived ones. */
  #lend (client: AddressSpace, server: Server, shape: Shape, message: Message, args: unknown[]): number {
    const counters = this.#state.counters
    const count = shape.parameters.length
    let done = 0
    try {
      for (; done < count; done++) {
        const kind = shape.parameters[done]!
        if (kind === 'window-in' || kind === 'window-out') {
          args[done] = (args[done] as Window).derive(kind === 'window-in' ? READ : WRITE)
          counters.grants++
        } else if (kind === 'capability') {
          const slot = server.lend(message, client.capabilities, args[done] as number)
          if (slot < 0) {
            counters.refusals++
            return slot
          }
          args[done] = slot
        }
      }
      return 0
    } finally {
      if (done < count) takeBack(server, shape, message, args, done)
    }
  }

  /** Takes the reply to the caller, ends the grants, gives the thread back. */
  #reply (client: AddressSpace, server: Server, shape: Shape, message: Message, args: unknown[], result: unknown): unknown {
    this.#state.counters.crossings++
    if (shape.lends) takeBack(server, shape, message, args)
    if (shape.numberResult && typeof result === 'number') {
      const number = message.exchangeNumber(result)
      server.give(message)
      return number
    }
    const operation = shape.operation
    let value: unknown = TOO_LONG
    message.rewind()
    try {
      if (shape.recordNames !== null && typeof result === 'object' && result !== null) {
        value = message.exchangeRecord(shape.recordNames, shape.recordTemplate, result as Record<string, number>)
      } else if (operation.result.result === 'capability' && (result as number) >= 0) {
        value = client.capabilities.derive(server.space.capabilities, result as number, CapabilityRights.ALL)
      } else if (message.putResult(operation.result, result)) {
        message.rewind()
        value = message.takeResult(operation.result)
      }
    } catch (error) {
      // A reply that is not what the role says it is: the callee's fault.
      value = this.#state.fault(server.space, error)
    }
    server.give(message)
    return value
  }

  * #waiting (client: AddressSpace, server: Server, shape: Shape, message: Message, args: unknown[], fiber: Fiber<unknown>): Fiber<unknown> {
    let replied = false
    try {
      const result = yield * fiber
      replied = true
      return this.#reply(client, server, shape, message, args, result)
    } finally {
      if (!replied) {
        takeBack(server, shape, message, args)
        server.give(message)
      }
    }
  }

  * #queued (client: AddressSpace, slot: number, index: number, args: unknown[], server: Server): Fiber<unknown> {
    if (server.queue.length >= ENDPOINT_QUEUE_MAX) return -Errno.EAGAIN
    const turn = server.queue.enter()
    let begun: unknown
    try {
      while (server.space.alive && !server.isFreeFor(turn)) yield [turn, server.space.death]
      begun = this.#enter(client, slot, index, args, turn)
    } finally {
      server.queue.leave(turn)
    }
    return yield * settle(begun)
  }
}

/** Copies the arguments that lie in the message into it, and leaves those of the receiver; false when it grew too long. */
function copyOver (shape: Shape, message: Message, args: unknown[]): boolean {
  if (shape.onlyNumbers) {
    message.exchangeNumbers(args, shape.inMessage, shape.words)
    return true
  }
  const kinds = shape.inMessage
  message.rewind()
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i]!
    if (kind !== null && !message.put(kind, args[i])) return false
  }
  message.rewind()
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i]!
    if (kind !== null) args[i] = message.take(kind)
  }
  return true
}

/** Ends what was lent for the call: grants are revoked, lent capabilities deleted. The first `n` parameters. */
function takeBack (server: Server, shape: Shape, message: Message, args: unknown[], n = shape.parameters.length): void {
  for (let i = 0; i < n; i++) {
    const kind = shape.parameters[i]!
    if (kind === 'window-in' || kind === 'window-out') (args[i] as Window).revoke()
  }
  if (shape.lendsCapabilities) server.takeBack(message)
}
