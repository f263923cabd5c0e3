/**
 * Endpoints, and the domains behind them: how many calls a domain serves at once, and who waits for its turn.
 */

import { WaitQueue } from '../../fiber/index.ts'
import type { CopyCounter, Implementation, Operation, Role } from '../../roles/index.ts'
import { Message, targetsOf } from '../../gates/index.ts'
import type { Target } from '../../gates/index.ts'
import type { KernelObject } from '../capability/index.ts'
import type { AddressSpace } from '../thread/index.ts'

/** A domain as a server: its threads and their message buffers, which lie in its arena. */
export class Server {
  readonly space: AddressSpace
  readonly #counter: CopyCounter
  /** Threads without a call; Infinity when callers bring their own (`migrating`). */
  #idle: number
  readonly #messages: Message[] = []
  /** Callers that found no thread. */
  readonly queue: WaitQueue

  constructor (space: AddressSpace, threads: number, counter: CopyCounter) {
    this.space = space
    this.#idle = threads
    this.#counter = counter
    this.queue = new WaitQueue(`callers of ${space.label}`)
  }

  get busy (): boolean {
    return this.#idle <= 0
  }

  /** Takes a thread, with a message buffer; null when the arena has no room for one. */
  take (): Message | null {
    const message = this.#messages.pop() ?? Message.in(this.space.arena!, this.#counter)
    if (message !== null) this.#idle--
    return message
  }

  give (message: Message): void {
    message.reset()
    this.#messages.push(message)
    this.#idle++
    if (this.queue.length > 0) this.queue.wakeOne()
  }
}

/** Where a role is served: what an endpoint capability names. */
export class Endpoint implements KernelObject {
  readonly kind = 'endpoint'
  readonly label: string
  readonly server: Server
  readonly implementation: Implementation
  readonly operations: readonly Operation[]
  readonly targets: readonly Target[]

  constructor (label: string, server: Server, role: Role, implementation: Implementation) {
    this.label = label
    this.server = server
    this.implementation = implementation
    this.operations = Object.values(role.operations)
    this.targets = targetsOf(role, implementation)
  }
}
