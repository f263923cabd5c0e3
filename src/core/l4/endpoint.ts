/**
 * Endpoints, and the domains behind them: how many calls a domain serves at once, and who waits for its turn.
 */

import { Turns } from '../../fiber/index.ts'
import type { WaitQueue } from '../../fiber/index.ts'
import type { CopyCounter, Implementation, KindName, Operation, Role } from '../../roles/index.ts'
import { MESSAGE_BYTES, Message, targetsOf } from '../../gates/index.ts'
import type { Target } from '../../gates/index.ts'
import type { Capability, CapabilitySpace, KernelObject } from '../capability/index.ts'
import type { AddressSpace } from '../thread/index.ts'

/** A domain as a server: its threads and their message buffers, which lie in its arena. */
export class Server {
  readonly space: AddressSpace
  readonly #counter: CopyCounter
  /** Threads without a call; Infinity when callers bring their own (`migrating`). */
  #idle: number
  readonly #messages: Message[] = []
  /** Callers that found no thread, in order; each keeps its turn until it has one, or gives up. */
  readonly queue: Turns
  /** Capabilities that were lent for the calls under way, by the message of each. */
  readonly #lent = new Map<Message, Capability[]>()

  constructor (space: AddressSpace, threads: number, counter: CopyCounter) {
    this.space = space
    this.#idle = threads
    this.#counter = counter
    this.queue = new Turns(`callers of ${space.label}`)
  }

  /** Whether who has this turn, or none, can be served now: nobody overtakes who waits. */
  isFreeFor (turn: WaitQueue | null): boolean {
    return this.#idle > 0 && (turn === null ? this.queue.length === 0 : this.queue.isFirst(turn))
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
    this.queue.wakeFirst()
  }

  /** Lends a capability for the call that has this message; its slot here, or an error. */
  lend (message: Message, from: CapabilitySpace, slot: number): number {
    const { capabilities } = this.space
    const lent = capabilities.derive(from, slot)
    if (lent < 0) return lent
    const all = this.#lent.get(message) ?? []
    all.push(capabilities.lookup(lent)!)
    this.#lent.set(message, all)
    return lent
  }

  /** Ends what was lent for the call that has this message. */
  takeBack (message: Message): void {
    for (const lent of this.#lent.get(message) ?? []) this.space.capabilities.takeBack(lent)
    this.#lent.delete(message)
  }
}

/** How the arguments and the result of an operation cross, worked out once. */
export class Shape {
  readonly operation: Operation
  readonly parameters: readonly KindName[]
  /** What lies in the message: the kind, or null for a grant or a capability. */
  readonly inMessage: readonly (KindName | null)[]
  /** Whether all that lies in the message is numbers, and how many. */
  readonly onlyNumbers: boolean
  readonly words: number
  /** Whether windows or capabilities are lent for the call. */
  readonly lends: boolean
  readonly lendsCapabilities: boolean
  readonly numberResult: boolean
  /** The fields of a result that is a record of numbers alone; else null. */
  readonly recordNames: readonly string[] | null
  readonly recordTemplate: Readonly<Record<string, number>>

  constructor (operation: Operation) {
    this.operation = operation
    this.parameters = operation.parameters.map(parameter => parameter.kind.kind)
    this.inMessage = this.parameters.map(kind => kind === 'window-in' || kind === 'window-out' || kind === 'capability' ? null : kind)
    const inMessage = this.inMessage.filter(kind => kind !== null)
    this.words = inMessage.length
    this.onlyNumbers = inMessage.every(kind => kind === 'number') && this.words * 8 <= MESSAGE_BYTES
    this.lends = this.words < this.parameters.length
    this.lendsCapabilities = this.parameters.includes('capability')
    this.numberResult = operation.result.result === 'number'
    const fields = operation.result.result === 'record' ? operation.result.fields : {}
    const names = Object.keys(fields)
    const onlyNumbers = names.every(name => fields[name]!.kind === 'number') && 8 + names.length * 8 <= MESSAGE_BYTES
    this.recordNames = names.length > 0 && onlyNumbers ? names : null
    this.recordTemplate = Object.fromEntries(names.map(name => [name, 0.5]))
  }
}

/** Where a role is served: what an endpoint capability names. */
export class Endpoint implements KernelObject {
  readonly kind = 'endpoint'
  readonly label: string
  readonly server: Server
  readonly implementation: Implementation
  readonly shapes: readonly Shape[]
  readonly targets: readonly Target[]

  constructor (label: string, server: Server, role: Role, implementation: Implementation) {
    this.label = label
    this.server = server
    this.implementation = implementation
    this.shapes = Object.values(role.operations).map(operation => new Shape(operation))
    this.targets = targetsOf(role, implementation)
  }
}
