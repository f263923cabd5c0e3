/**
 * Ports: queues of messages, each with one receiver. Whoever has a capability to a port may send to it; its domain alone
 * receives. A message lies in a buffer of the kernel's between the two.
 *
 * Invariant: a message is in one place: with its sender, in the queue, or with the thread that received it. Its buffer is
 * given back once both ends are done with it.
 */

import { Turns, WaitQueue } from '../../fiber/index.ts'
import type { Arena, Implementation, Role, Window } from '../../roles/index.ts'
import { servedBy } from '../../gates/index.ts'
import type { Served } from '../../gates/index.ts'
import type { Message } from '../../gates/index.ts'
import type { Capability, KernelObject } from '../capability/index.ts'
import { AnswerQueue } from '../thread/index.ts'
import type { AddressSpace, Thread } from '../thread/index.ts'
import type { PortServer } from './port-server.ts'

/** Where a role is served by messages; or the system calls of programs that trap, of which the core makes messages. */
export class Port implements KernelObject {
  readonly kind = 'port'
  readonly label: string
  /** Who receives. */
  server: PortServer
  served: readonly Served[]
  implementation: Implementation
  readonly #role: Role
  /** Whether its messages are the core's own, about programs that trapped. */
  readonly exceptions: boolean
  /** Messages that nobody has received yet. */
  queued = 0
  /** Senders that found it full, in order. */
  readonly room: Turns
  /** How many messages were sent to it. */
  calls = 0

  constructor (label: string, server: PortServer, role: Role, implementation: Implementation, exceptions = false) {
    this.label = label
    this.#role = role
    this.server = server
    this.implementation = implementation
    this.exceptions = exceptions
    this.room = new Turns(`room in the port ${label}`)
    this.served = servedBy(this.#role, implementation, this.exceptions)
  }

  /** From now on a domain that was made anew receives here. What was sent to the one before it is lost with that. */
  rebind (server: PortServer, implementation: Implementation): void {
    this.server = server
    this.implementation = implementation
    this.served = servedBy(this.#role, implementation, this.exceptions)
  }
}

/** A request on its way, and then the reply to it. */
export class PortMessage {
  readonly port: Port
  /** Who received at the port when it was sent there. */
  readonly server: PortServer
  readonly operation: number
  readonly buffer: Message
  readonly client: AddressSpace
  /** The thread that waits for the reply. */
  readonly thread: Thread | null
  readonly principal: number
  readonly immediate: number
  /** The client's memory, where the receiver may address it. */
  readonly memory: Arena | null
  state: 'unsent' | 'queued' | 'received' | 'replied' = 'unsent'
  /** The sender is gone, and nobody waits for the reply. */
  abandoned = false
  /** The receiver is done with it. */
  finished = false
  /** Out-of-line memory: granted to the receiver until the reply. */
  readonly grants: Window[] = []
  /** Capabilities that the receiver is lent until the reply. */
  readonly loans: Capability[] = []
  /** Why there is no reply, a negative error number; 0 when there is one. */
  failed = 0
  /** Where the sender waits. */
  readonly answer: AnswerQueue
  /** Tells the receiver that the sender is gone. */
  readonly abort: WaitQueue

  constructor (port: Port, operation: number, buffer: Message, client: AddressSpace, thread: Thread | null, immediate: number) {
    this.port = port
    this.server = port.server
    this.operation = operation
    this.buffer = buffer
    this.client = client
    this.thread = thread
    this.principal = thread === null ? 0 : thread.principal
    this.immediate = immediate
    this.memory = port.server.space.maps(client) ? client.memory : null
    this.answer = new AnswerQueue(`reply of ${port.label}`)
    this.abort = new WaitQueue(`end of who asked ${port.label}`)
  }

  get served (): Served {
    return this.port.served[this.operation]!
  }

  /** Ends what was lent with it. */
  takeBack (): void {
    while (this.grants.length > 0) this.grants.pop()!.revoke()
    while (this.loans.length > 0) {
      const loan = this.loans.pop()!
      loan.space.takeBack(loan)
    }
  }
}
