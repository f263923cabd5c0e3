/** How the operations of a role cross as messages, worked out once for whoever serves them. */

import type { Implementation, KindName, Operation, Role } from '../roles/index.ts'
import { FRAME_WORDS } from './reflect/index.ts'
import { RecordLayout } from './rpc/index.ts'
import { targetsOf } from './stub.ts'
import type { Target } from './stub.ts'

/** One operation that is served: how its arguments and its result cross, worked out once, and what is called. */
export class Served {
  readonly operation: Operation
  readonly target: Target
  readonly blocks: boolean
  readonly kinds: readonly KindName[]
  /** Parameters. */
  readonly count: number
  /** How many words lie in the message, where those and windows are all there is; else -1. */
  readonly words: number
  /** Whether what is sent is a trapped program's registers, all of them: the core does not know how many the call takes. */
  readonly framed: boolean
  readonly lends: boolean
  readonly numberResult: boolean
  /** How a result that is a record of numbers alone lies in the message; null for any other. */
  readonly layout: RecordLayout | null

  constructor (operation: Operation, target: Target, framed: boolean) {
    this.operation = operation
    this.framed = framed
    this.target = target
    this.blocks = operation.blocks
    this.kinds = operation.parameters.map(parameter => parameter.kind.kind)
    this.count = this.kinds.length
    const words = this.kinds.filter(kind => kind === 'number').length
    this.words = framed ? FRAME_WORDS : this.kinds.every(kind => kind === 'number' || kind === 'window-in' || kind === 'window-out') ? words : -1
    this.lends = this.kinds.some(kind => kind === 'window-in' || kind === 'window-out' || kind === 'capability')
    this.numberResult = operation.result.result === 'number'
    this.layout = operation.result.result === 'record' ? RecordLayout.of(operation.result.fields) : null
  }
}

/** What is called behind a role's operations, each as it is served, by its index. */
export function servedBy (role: Role, implementation: Implementation, framed: boolean): Served[] {
  const targets = targetsOf(role, implementation)
  return Object.values(role.operations).map((operation, index) => new Served(operation, targets[index]!, framed))
}
