/** Ways into a domain that stands elsewhere: what a capability to one of its services names. */

import type { Implementation, Operation, Role } from '../../roles/index.ts'
import { stubsOf, targetsOf } from '../../gates/index.ts'
import type { Target } from '../../gates/index.ts'
import type { KernelObject } from '../capability/index.ts'
import type { RemoteDomain } from './remote-domain.ts'

export class RemoteEndpoint implements KernelObject {
  readonly kind = 'remote'
  readonly label: string
  readonly domain: RemoteDomain
  /** By which number the domain knows the service. */
  readonly entry: number
  readonly operations: readonly Operation[]
  readonly targets: readonly Target[]
  /** How often it was invoked. */
  calls = 0

  /** `serving` may wrap what stands for the service here. */
  constructor (label: string, domain: RemoteDomain, role: Role, entry: number, serving: (implementation: Implementation) => Implementation) {
    this.label = label
    this.domain = domain
    this.entry = entry
    this.operations = Object.values(role.operations)
    this.targets = targetsOf(role, serving(stubsOf(role, (_operation, index) => (...args) => domain.perform(this, index, args))))
  }
}
