/**
 * The core of a first-generation microkernel: messages that are queued at ports.
 *
 * A call is two messages. The request: the core checks the send right, copies the message into a buffer of the kernel's,
 * with the right to send one reply, queues it at the port, and wakes a thread of the receiver; the caller waits. When the
 * scheduler gives that thread the processor, it copies the message out, does what it asks, and replies the same way. Each
 * message is copied twice and each direction is a decision of the scheduler's: nobody is switched to. The entries are two:
 * send and receive are one call, and so are reply and receive.
 * Bytes go out of line: the receiver is granted them until the reply. Capabilities in a request are lent as long.
 * A program that traps with a call that is not the core's own has the core send a message of its registers (`reflect`).
 *
 * Source: Accetta et al., USENIX 1986; Mach 3's `mach_msg`; Barbou des Places et al., "Linux on the OSF Mach3 microkernel",
 * 1996, where a system call is an exception and that an RPC to the server.
 */

import { Errno } from '../../fiber/index.ts'
import type { Fiber, WaitQueue } from '../../fiber/index.ts'
import { ENDPOINT_QUEUE_MAX, PORT_MESSAGES_MAX, READ, WRITE } from '../../roles/index.ts'
import type { Implementation, Role, Window } from '../../roles/index.ts'
import { Message, PARAMETERS_MAX, TOO_LONG, portStubs } from '../../gates/index.ts'
import type { ReflectOperation, RequestOperation } from '../../gates/index.ts'
import type { AddressSpace } from '../thread/index.ts'
import { Lost, REFUSED } from '../state.ts'
import type { CoreState } from '../state.ts'
import { HEADER_WORDS } from './limits.ts'
import { Port, PortMessage } from './port.ts'
import { PortServer } from './port-server.ts'

export class PortCore implements RequestOperation<AddressSpace>, ReflectOperation<AddressSpace> {
  readonly #state: CoreState
  /** Buffers of the kernel's that hold no message. */
  readonly #buffers: Message[] = []

  constructor (state: CoreState) {
    this.#state = state
  }

  /** A domain that receives, with so many threads at most. */
  server (space: AddressSpace, threads: number): PortServer {
    return new PortServer(this.#state, space, threads, message => { this.#release(message) })
  }

  request (client: AddressSpace, slot: number, operation: number, args: readonly unknown[]): unknown {
    return this.#send(client, slot, operation, args, false)
  }

  reflect (client: AddressSpace, slot: number, operation: number, a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown,
    f?: unknown, g?: unknown, h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): unknown {
    return this.#send(client, slot, operation, [a, b, c, d, e, f, g, h, i, j, k, l], true)
  }

  stubs (role: Role, client: AddressSpace, slot: number): Implementation {
    return portStubs(role, this, client, slot)
  }

  #send (client: AddressSpace, slot: number, operation: number, args: readonly unknown[], exception: boolean): unknown {
    const state = this.#state
    state.counters.invocations++
    state.counters.crossings++
    const capability = state.check(client, slot, 'port')
    if (capability === null) return REFUSED
    const port = capability.object as Port
    if (port.exceptions !== exception) {
      state.counters.refusals++
      return REFUSED
    }
    if (!port.server.space.alive) return state.lost(Lost.UNBEGUN)
    if (port.room.length >= ENDPOINT_QUEUE_MAX) return -Errno.EAGAIN
    const buffer = this.#buffers.pop() ?? Message.in(state.supervisor.arena!, state.counters)
    if (buffer === null) return -Errno.ENOMEM
    const message = new PortMessage(port, operation, buffer, client, state.scheduler.current, capability.badge)
    let failed: number
    try {
      failed = this.#copyIn(message, args)
    } catch (error) {
      // What is not what the role says, and throws, is the client's fault.
      this.#end(message)
      throw error
    }
    if (failed !== 0) {
      this.#end(message)
      return failed
    }
    let turn: WaitQueue | null = null
    if (port.queued < PORT_MESSAGES_MAX && port.room.length === 0) port.server.send(message)
    else turn = port.room.enter()
    return this.#await(message, turn)
  }

  /** Puts the request into the kernel's buffer; 0, or a negative error number. */
  #copyIn (message: PortMessage, args: readonly unknown[]): number {
    const { buffer, served, port, client } = message
    buffer.rewind()
    for (const word of [message.operation, 0, args.length]) buffer.putNumber(word)
    if (served.framed) {
      for (let register = 0; register < PARAMETERS_MAX; register++) buffer.putNumber(register < served.count ? args[register] as number : 0)
      buffer.putNumber(message.operation)
      return 0
    }
    for (const [index, kind] of served.kinds.entries()) {
      const arg = args[index]
      if (kind === 'window-in' || kind === 'window-out') {
        const window = (arg as Window).derive(kind === 'window-in' ? READ : WRITE)
        message.grants.push(window)
        this.#state.counters.grants++
        if (!buffer.putNumber(message.grants.length) || !buffer.putNumber(window.length)) return TOO_LONG
      } else if (kind === 'capability') {
        const { capabilities } = port.server.space
        const lent = capabilities.derive(client.capabilities, arg as number)
        if (lent < 0) {
          this.#state.counters.refusals++
          return lent
        }
        message.loans.push(capabilities.lookup(lent)!)
        if (!buffer.putNumber(lent)) return TOO_LONG
      } else if (!buffer.put(kind, arg)) {
        return TOO_LONG
      }
    }
    return 0
  }

  /** Waits for room and for the reply; what that says. */
  * #await (message: PortMessage, turn: WaitQueue | null): Fiber<unknown> {
    const { port, answer } = message
    const { server } = message
    const { space } = server
    try {
      if (turn !== null) {
        while (space.alive && !(port.room.isFirst(turn) && port.queued < PORT_MESSAGES_MAX)) yield [turn, space.death]
        if (!space.alive) return this.#state.lost(Lost.UNBEGUN)
        server.send(message)
        port.room.leave(turn)
        turn = null
      }
      while (message.state !== 'replied') {
        if (!space.alive) return this.#state.lost(message.state === 'queued' ? Lost.UNBEGUN : Lost.BEGUN)
        yield [answer, space.death]
      }
      return this.#copyOut(message)
    } finally {
      if (turn !== null) port.room.leave(turn)
      this.#end(message)
    }
  }

  /** Takes the reply out of the kernel's buffer. */
  #copyOut (message: PortMessage): unknown {
    if (message.failed !== 0) return message.failed
    const { buffer, served } = message
    buffer.rewind()
    for (let word = 0; word < HEADER_WORDS; word++) buffer.takeNumber()
    const result = buffer.takeResult(served.operation.result)
    buffer.countTaken()
    return result
  }

  /** The sender is done with a message, whether it was answered or not. */
  #end (message: PortMessage): void {
    message.takeBack()
    if (message.state === 'queued') message.server.take(message)
    if (message.state === 'received' && !message.finished) {
      // Who serves it gives its buffer back.
      message.abandoned = true
      message.abort.wakeAll()
    } else {
      this.#release(message)
    }
  }

  #release (message: PortMessage): void {
    message.buffer.reset()
    this.#buffers.push(message.buffer)
  }
}
