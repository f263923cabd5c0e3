/** Ways into a domain that stands elsewhere: what a capability to one of its services names. */

import type { Implementation, Role } from '../../roles/index.ts'
import { targetsOf } from '../../gates/index.ts'
import type { Target } from '../../gates/index.ts'
import type { KernelObject } from '../capability/index.ts'
import type { RemoteDomain } from './remote-domain.ts'

export class RemoteEndpoint implements KernelObject {
  readonly kind = 'remote'
  readonly label: string
  domain: RemoteDomain
  targets: readonly Target[]
  readonly #role: Role
  /** How often it was invoked. */
  calls = 0

  /** `implementation` is what stands for the service here (`RemoteDomain.provide`), and whatever is around it. */
  constructor (label: string, domain: RemoteDomain, role: Role, implementation: Implementation) {
    this.label = label
    this.domain = domain
    this.#role = role
    this.targets = targetsOf(role, implementation)
  }

  /** From now on a domain that was made anew serves here: who has a capability to this need not know. */
  rebind (domain: RemoteDomain, implementation: Implementation): void {
    this.domain = domain
    this.targets = targetsOf(this.#role, implementation)
  }
}
