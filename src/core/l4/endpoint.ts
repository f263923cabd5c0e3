/**
 * Endpoints, and the domains behind them: how many calls a domain serves at once, and who waits for its turn.
 */

import { Turns } from '../../fiber/index.ts'
import type { WaitQueue } from '../../fiber/index.ts'
import type { CopyCounter, Implementation, Role, Window } from '../../roles/index.ts'
import { Message, servedBy } from '../../gates/index.ts'
import type { Served } from '../../gates/index.ts'
import type { Capability, CapabilitySpace, KernelObject } from '../capability/index.ts'
import type { AddressSpace } from '../thread/index.ts'

/** One of a server's threads: its message buffer, and what is lent to the server for the call that it serves. */
export class ServerThread {
  readonly message: Message
  /** The next idle one, while this is idle. */
  next: ServerThread | null = null
  /** Why an argument of its call cannot be passed, a negative error number; 0 when all can. */
  failed = 0
  /** Windows granted for the call: the first, and further ones. */
  #grant: Window | null = null
  readonly #grants: Window[] = []
  readonly #loans: Capability[] = []

  constructor (message: Message) {
    this.message = message
  }

  /** Derives a window that the callee may use for `access`, until the call ends. Throws for what is no window. */
  grant (window: Window, access: number): Window {
    const granted = window.derive(access)
    if (this.#grant === null) this.#grant = granted
    else this.#grants.push(granted)
    return granted
  }

  /** Lends a capability of the caller until the call ends; its slot in the server's space, or an error. */
  lend (to: CapabilitySpace, from: CapabilitySpace, slot: number): number {
    const lent = to.derive(from, slot)
    if (lent >= 0) this.#loans.push(to.lookup(lent)!)
    return lent
  }

  /** Ends the call: what was lent is taken back, grants are revoked, lent capabilities deleted. */
  reset (): void {
    this.message.reset()
    this.failed = 0
    if (this.#grant !== null) {
      this.#grant.revoke()
      this.#grant = null
      while (this.#grants.length > 0) this.#grants.pop()!.revoke()
    }
    while (this.#loans.length > 0) {
      const loan = this.#loans.pop()!
      loan.space.takeBack(loan)
    }
  }
}

/** A domain as a server: its threads, whose message buffers lie in its arena. */
export class Server {
  readonly space: AddressSpace
  readonly #counter: CopyCounter
  /** Threads at most; Infinity when callers bring their own (`migrating`). */
  readonly #threads: number
  #busy = 0
  /** Those without a call. */
  #idle: ServerThread | null = null
  /** Callers that found no thread, in order; each keeps its turn until it has one, or gives up. */
  readonly queue: Turns

  constructor (space: AddressSpace, threads: number, counter: CopyCounter) {
    this.space = space
    this.#threads = threads
    this.#counter = counter
    this.queue = new Turns(`callers of ${space.label}`)
  }

  /** Whether who has this turn, or none, can be served now: nobody overtakes who waits. */
  isFreeFor (turn: WaitQueue | null): boolean {
    return this.#busy < this.#threads && (turn === null ? this.queue.length === 0 : this.queue.isFirst(turn))
  }

  /** Takes a thread; null when the arena has no room for its message buffer. */
  take (): ServerThread | null {
    const thread = this.#idle
    if (thread === null) return this.#another()
    this.#idle = thread.next
    this.#busy++
    return thread
  }

  #another (): ServerThread | null {
    const message = Message.in(this.space.arena!, this.#counter)
    if (message === null) return null
    this.#busy++
    return new ServerThread(message)
  }

  /** Gives a thread back, and takes back what was lent to it. */
  give (thread: ServerThread): void {
    thread.reset()
    this.giveUnused(thread)
  }

  /** Gives a thread back to which nothing was lent, and whose message was short. */
  giveUnused (thread: ServerThread): void {
    thread.next = this.#idle
    this.#idle = thread
    this.#busy--
    if (this.queue.length > 0) this.queue.wakeFirst()
  }
}

/** Where a role is served: what an endpoint capability names; or the system calls of programs that trap, which the core sends there. */
export class Endpoint implements KernelObject {
  readonly kind: 'endpoint' | 'handler'
  readonly label: string
  server: Server
  implementation: Implementation
  served: readonly Served[]
  readonly #role: Role
  /** How often it was invoked, and had a thread to serve that. */
  calls = 0

  /** `handler`: the core calls it with the registers of a program that trapped (`reflect`). */
  constructor (label: string, server: Server, role: Role, implementation: Implementation, kind: 'endpoint' | 'handler' = 'endpoint') {
    this.label = label
    this.kind = kind
    this.#role = role
    this.server = server
    this.implementation = implementation
    this.served = servedBy(this.#role, implementation, this.kind === 'handler')
  }

  /** From now on a domain that was made anew serves here: who has a capability to this need not know. */
  rebind (server: Server, implementation: Implementation): void {
    this.server = server
    this.implementation = implementation
    this.served = servedBy(this.#role, implementation, this.kind === 'handler')
  }
}
