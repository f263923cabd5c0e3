/**
 * Calls into domains that stand elsewhere, by capability: the core's operation behind the gates `ring`, and `port` where it
 * leads to a process. It always waits, and only who called does.
 */

import type { Implementation, Role } from '../../roles/index.ts'
import { portStubs } from '../../gates/index.ts'
import type { RequestOperation } from '../../gates/index.ts'
import type { AddressSpace } from '../thread/index.ts'
import { REFUSED } from '../state.ts'
import type { CoreState } from '../state.ts'
import type { RemoteEndpoint } from './endpoint.ts'
import { Placeds } from './places.ts'
import { RemoteDomain } from './remote-domain.ts'
import type { RemoteOptions } from './remote-domain.ts'

export class RemoteCore implements RequestOperation<AddressSpace> {
  readonly #state: CoreState
  readonly placeds: Placeds

  constructor (state: CoreState) {
    this.#state = state
    this.placeds = new Placeds(state)
  }

  domain (space: AddressSpace, options: RemoteOptions): RemoteDomain {
    return new RemoteDomain(this.#state, this.placeds, space, options)
  }

  request (client: AddressSpace, slot: number, operation: number, args: readonly unknown[]): unknown {
    const state = this.#state
    state.counters.invocations++
    state.counters.crossings++
    const capability = state.check(client, slot, 'remote')
    if (capability === null) return REFUSED
    const endpoint = capability.object as RemoteEndpoint
    return endpoint.domain.call(client, capability.badge, endpoint, operation, args)
  }

  stubs (role: Role, client: AddressSpace, slot: number): Implementation {
    return portStubs(role, this, client, slot)
  }
}
