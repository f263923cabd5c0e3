/**
 * The core of a microkernel: synchronous IPC between address spaces, by capability.
 *
 * One operation, `call`: checks the endpoint capability, copies the message into the callee's buffer, grants the
 * windows, derives the capabilities that are passed, switches to the callee's address space, and comes back with the
 * reply (call, then reply and wait: two entries into the core). The callee's grants are revoked when the call ends.
 * A capability in a message is lent for the call; one that is returned stays.
 * Arguments are parameters all the way, as registers are in L4's short messages: no list of them is made but for who has
 * to queue.
 * The caller's thread of control goes on in the callee, so no scheduling decision lies on the way (L4's direct switch).
 * A program that traps with a call that is not the core's own has it sent so by the core: the message is then the frame of
 * its registers (`reflect`; L4's exception IPC).
 * A callee that pages the caller's memory, or stands in the supervisor, is told where that is.
 *
 * Source: Liedtke, "Improving IPC by kernel design", SOSP 1993; Elphinstone and Heiser, SOSP 2013; grants as in MINIX 3.
 */

import { Errno } from '../../fiber/index.ts'
import type { Fiber, Wait, WaitQueue } from '../../fiber/index.ts'
import { ENDPOINT_QUEUE_MAX, READ, WRITE } from '../../roles/index.ts'
import type { Arena, Implementation, KindName, Role, Window } from '../../roles/index.ts'
import { PARAMETERS_MAX, TOO_LONG, rpcStubs } from '../../gates/index.ts'
import type { CallOperation, ReflectOperation, Served } from '../../gates/index.ts'
import { CapabilityRights } from '../capability/index.ts'
import type { AddressSpace } from '../thread/index.ts'
import { Carried } from '../carried.ts'
import { Lost, REFUSED, isWaiting } from '../state.ts'
import type { CoreState } from '../state.ts'
import type { Endpoint, Server, ServerThread } from './endpoint.ts'

export class CallCore implements CallOperation<AddressSpace>, ReflectOperation<AddressSpace> {
  readonly #state: CoreState

  constructor (state: CoreState) {
    this.#state = state
  }

  call (client: AddressSpace, slot: number, index: number, a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown,
    f?: unknown, g?: unknown, h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): unknown {
    const counters = this.#state.counters
    counters.invocations++
    counters.crossings++
    return this.#enter('endpoint', client, slot, index, null, a, b, c, d, e, f, g, h, i, j, k, l)
  }

  reflect (client: AddressSpace, slot: number, index: number, a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown,
    f?: unknown, g?: unknown, h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): unknown {
    const counters = this.#state.counters
    counters.invocations++
    counters.crossings++
    return this.#enter('handler', client, slot, index, null, a, b, c, d, e, f, g, h, i, j, k, l)
  }

  /** A call that has been counted and has waited for its turn in the server's queue: its value, or a fiber. */
  serve (kind: Endpoint['kind'], client: AddressSpace, slot: number, index: number, turn: WaitQueue, args: readonly unknown[]): unknown {
    return args.length <= 4
      ? this.#enter(kind, client, slot, index, turn, args[0], args[1], args[2], args[3])
      : this.#enter(kind, client, slot, index, turn, args[0], args[1], args[2], args[3], args[4], args[5], args[6], args[7], args[8], args[9], args[10], args[11])
  }

  stubs (role: Role, client: AddressSpace, slot: number): Implementation {
    return rpcStubs(role, this, client, slot)
  }

  /**
   * The call, counted already, by who has a turn in the server's queue or none: takes a thread of the server and copies
   * the arguments over, so that the callee finds values of its own, grants and derived slots.
   */
  #enter (kind: Endpoint['kind'], client: AddressSpace, slot: number, index: number, turn: WaitQueue | null, a: unknown, b: unknown,
    c: unknown, d: unknown, e?: unknown, f?: unknown, g?: unknown, h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): unknown {
    const capability = this.#state.check(client, slot, kind)
    if (capability === null) return REFUSED
    const endpoint = capability.object as Endpoint
    const server = endpoint.server
    if (!server.space.alive) return this.#state.lost(Lost.UNBEGUN)
    const served = endpoint.served[index]!
    // An operation that never blocks gives its thread back before anybody else can ask for one.
    if (served.blocks && !server.isFreeFor(turn)) {
      return new QueuedCall(this, kind, client, slot, index, server, served.count <= 4 ? [a, b, c, d] : [a, b, c, d, e, f, g, h, i, j, k, l])
    }
    endpoint.calls++
    const thread = server.take()
    if (thread === null) return -Errno.ENOMEM
    const n = served.count
    try {
      const kinds = served.kinds
      if (served.words >= 0) {
        // Numbers and windows: an operation has few enough parameters for an ordinary buffer.
        const words = thread.message.words
        let at = 0
        if (n > 0) a = kinds[0] === 'number' ? exchanged(words, at++, a as number) : this.#grant(thread, kinds[0]!, a)
        if (n > 1) b = kinds[1] === 'number' ? exchanged(words, at++, b as number) : this.#grant(thread, kinds[1]!, b)
        if (n > 2) c = kinds[2] === 'number' ? exchanged(words, at++, c as number) : this.#grant(thread, kinds[2]!, c)
        if (n > 3) d = kinds[3] === 'number' ? exchanged(words, at++, d as number) : this.#grant(thread, kinds[3]!, d)
        if (n > 4) {
          e = kinds[4] === 'number' ? exchanged(words, at++, e as number) : this.#grant(thread, kinds[4]!, e)
          if (n > 5) f = kinds[5] === 'number' ? exchanged(words, at++, f as number) : this.#grant(thread, kinds[5]!, f)
          if (n > 6) g = kinds[6] === 'number' ? exchanged(words, at++, g as number) : this.#grant(thread, kinds[6]!, g)
          if (n > 7) h = kinds[7] === 'number' ? exchanged(words, at++, h as number) : this.#grant(thread, kinds[7]!, h)
          if (n > 8) i = kinds[8] === 'number' ? exchanged(words, at++, i as number) : this.#grant(thread, kinds[8]!, i)
          if (n > 9) j = kinds[9] === 'number' ? exchanged(words, at++, j as number) : this.#grant(thread, kinds[9]!, j)
          if (n > 10) k = kinds[10] === 'number' ? exchanged(words, at++, k as number) : this.#grant(thread, kinds[10]!, k)
          if (n > 11) l = kinds[11] === 'number' ? exchanged(words, at++, l as number) : this.#grant(thread, kinds[11]!, l)
        }
        if (served.framed) {
          words.fill(0, at, PARAMETERS_MAX)
          words[PARAMETERS_MAX] = index
        }
        thread.message.countWords(served.words)
      } else {
        if (n > 0) a = this.#pass(client, server, thread, kinds[0]!, a)
        if (n > 1) b = this.#pass(client, server, thread, kinds[1]!, b)
        if (n > 2) c = this.#pass(client, server, thread, kinds[2]!, c)
        if (n > 3) d = this.#pass(client, server, thread, kinds[3]!, d)
        if (n > 4) {
          e = this.#pass(client, server, thread, kinds[4]!, e)
          if (n > 5) f = this.#pass(client, server, thread, kinds[5]!, f)
          if (n > 6) g = this.#pass(client, server, thread, kinds[6]!, g)
          if (n > 7) h = this.#pass(client, server, thread, kinds[7]!, h)
          if (n > 8) i = this.#pass(client, server, thread, kinds[8]!, i)
          if (n > 9) j = this.#pass(client, server, thread, kinds[9]!, j)
          if (n > 10) k = this.#pass(client, server, thread, kinds[10]!, k)
          if (n > 11) l = this.#pass(client, server, thread, kinds[11]!, l)
        }
        if (thread.failed !== 0) {
          const failed = thread.failed
          server.give(thread)
          return failed
        }
      }
    } catch (error) {
      // What is not what the role says, and throws, is the client's fault: the server has its thread back.
      server.give(thread)
      throw error
    }
    const state = this.#state
    const scheduler = state.scheduler
    const space = server.space
    const immediate = capability.badge
    const principal = scheduler.current === null ? 0 : scheduler.current.principal
    const caller = space.caller
    const callerPrincipal = caller.principal
    const callerImmediate = caller.immediate
    const callerMemory = caller.memory
    caller.principal = principal
    caller.immediate = immediate
    const memory = caller.memory = space.maps(client) ? client.memory : null
    // The supervisor is mapped everywhere.
    if (space.id !== 0) scheduler.switchTo(space.id)
    let result: unknown
    try {
      result = n <= 4
        ? served.target.call(endpoint.implementation, a, b, c, d)
        : served.target.call(endpoint.implementation, a, b, c, d, e, f, g, h, i, j, k, l)
    } catch (error) {
      result = state.fault(space, error)
    }
    if (space.id !== 0) scheduler.switchTo(client.id)
    caller.principal = callerPrincipal
    caller.immediate = callerImmediate
    caller.memory = callerMemory
    if (typeof result === 'number' && served.numberResult) {
      state.counters.crossings++
      const number = thread.message.exchangeNumber(result)
      if (served.lends || served.words < 0) server.give(thread)
      else server.giveUnused(thread)
      return number
    }
    let record: Record<string, number> | null = null
    let waits = false
    try {
      // Before it is asked whether it is a fiber, which takes longer.
      if (served.layout !== null) record = thread.message.exchangeInOrder(served.layout, result)
      if (record === null) waits = isWaiting(result)
    } catch (error) {
      // What throws when it is looked at is the callee's.
      result = state.fault(space, error)
    }
    if (waits) {
      return new WaitingCall(state, client, principal, immediate, memory, server, served, thread, result as Fiber<unknown>)
    }
    state.counters.crossings++
    if (record !== null) {
      server.give(thread)
      return record
    }
    return reply(state, client, server, served, thread, result)
  }

  #grant (thread: ServerThread, kind: KindName, window: unknown): Window {
    const granted = thread.grant(window as Window, kind === 'window-in' ? READ : WRITE)
    this.#state.counters.grants++
    return granted
  }

  /** Passes an argument that may be more than a number; what the callee finds. `thread.failed` tells that it cannot be. */
  #pass (client: AddressSpace, server: Server, thread: ServerThread, kind: KindName, value: unknown): unknown {
    if (thread.failed !== 0) return undefined
    switch (kind) {
      case 'window-in': case 'window-out': return this.#grant(thread, kind, value)
      case 'capability': {
        const slot = thread.lend(server.space.capabilities, client.capabilities, value as number)
        if (slot < 0) {
          this.#state.counters.refusals++
          thread.failed = slot
        }
        return slot
      }
      default: {
        const taken = thread.message.exchange(kind, value)
        if (taken === undefined) thread.failed = TOO_LONG
        return taken
      }
    }
  }
}

/**
 * A call that found no thread of the server: it takes its turn, and is served when that comes. No generator, as `Carried` is
 * none: with few arguments, as nearly all have, it costs an object and a turn.
 */
class QueuedCall implements Fiber<unknown> {
  readonly #core: CallCore
  readonly #kind: Endpoint['kind']
  readonly #client: AddressSpace
  readonly #slot: number
  readonly #index: number
  readonly #server: Server
  readonly #args: readonly unknown[]
  /** Its place in the line; null before it stands there, and after. */
  #turn: WaitQueue | null = null
  #wait: Wait = nowhere
  /** The call, once it was begun, where that waits itself. */
  #begun: Fiber<unknown> | null = null
  #done = false

  constructor (core: CallCore, kind: Endpoint['kind'], client: AddressSpace, slot: number, index: number, server: Server, args: readonly unknown[]) {
    this.#core = core
    this.#kind = kind
    this.#client = client
    this.#slot = slot
    this.#index = index
    this.#server = server
    this.#args = args
  }

  [Symbol.iterator] (): this {
    return this
  }

  next (woken: WaitQueue): IteratorResult<Wait, unknown> {
    if (this.#begun !== null) return this.#begun.next(woken)
    if (this.#done) return { done: true, value: undefined }
    const server = this.#server
    if (this.#turn === null) {
      if (server.queue.length >= ENDPOINT_QUEUE_MAX) return this.#end(-Errno.EAGAIN)
      this.#turn = server.queue.enter()
      this.#wait = [this.#turn, server.space.death]
    }
    const turn = this.#turn
    if (server.space.alive && !server.isFreeFor(turn)) return { done: false, value: this.#wait }
    let begun: unknown
    try {
      begun = this.#core.serve(this.#kind, this.#client, this.#slot, this.#index, turn, this.#args)
    } finally {
      this.#leave()
    }
    if (!isWaiting(begun)) return this.#end(begun)
    this.#begun = begun
    return begun.next(undefined as never)
  }

  return (value: unknown): IteratorResult<Wait, unknown> {
    if (this.#begun !== null) return this.#begun.return(value)
    this.#leave()
    return this.#end(value)
  }

  throw (error: unknown): IteratorResult<Wait, unknown> {
    if (this.#begun !== null) return this.#begun.throw(error)
    this.#leave()
    this.#done = true
    throw error
  }

  #end (value: unknown): IteratorResult<Wait, unknown> {
    this.#done = true
    return { done: true, value }
  }

  #leave (): void {
    if (this.#turn !== null) this.#server.queue.leave(this.#turn)
    this.#turn = null
  }
}

const nowhere: readonly WaitQueue[] = []

/** A call whose operation waits: the reply, or that nobody is there for it any more, comes later. */
class WaitingCall extends Carried {
  readonly #state: CoreState
  readonly #client: AddressSpace
  readonly #server: Server
  readonly #served: Served
  readonly #thread: ServerThread

  constructor (state: CoreState, client: AddressSpace, principal: number, immediate: number, memory: Arena | null, server: Server,
    served: Served, thread: ServerThread, fiber: Fiber<unknown>) {
    super(state, server.space, client.id, principal, immediate, memory, fiber)
    this.#state = state
    this.#client = client
    this.#server = server
    this.#served = served
    this.#thread = thread
  }

  protected override finished (result: unknown): unknown {
    this.#state.counters.crossings++
    return reply(this.#state, this.#client, this.#server, this.#served, this.#thread, result)
  }

  protected override abandoned (): void {
    this.#server.give(this.#thread)
  }
}

/** Takes the reply to the caller, ends what was lent for the call, gives the thread back. */
function reply (state: CoreState, client: AddressSpace, server: Server, served: Served, thread: ServerThread, result: unknown): unknown {
  const { message } = thread
  const kind = served.operation.result
  let value: unknown = TOO_LONG
  message.rewind()
  try {
    if (served.numberResult && typeof result === 'number') {
      value = message.exchangeNumber(result)
    } else if (kind.result === 'capability' && (result as number) >= 0) {
      value = client.capabilities.derive(server.space.capabilities, result as number, CapabilityRights.ALL)
    } else if (message.putResult(kind, result)) {
      message.rewind()
      value = message.takeResult(kind)
    }
  } catch (error) {
    // A reply that is not what the role says it is: the callee's fault.
    value = state.fault(server.space, error)
  }
  server.give(thread)
  return value
}

/** A number in a message: put, and what the receiver takes. */
function exchanged (words: Float64Array<ArrayBufferLike>, at: number, value: number): number {
  words[at] = value
  return words[at]!
}
