/**
 * Address spaces: what a domain can address. The first arena is its own; a supervisor can address those above it.
 */

import { WaitQueue } from '../../fiber/index.ts'
import type { Arena, Caller } from '../../roles/index.ts'
import type { CapabilitySpace } from '../capability/index.ts'

export class AddressSpace {
  /** 0 is the supervisor's. */
  readonly id: number
  readonly label: string
  /** Null until the program's memory is there. */
  arena: Arena | null
  readonly capabilities: CapabilitySpace
  /** The caller register: who calls into this domain now. Gates save and restore it. */
  readonly caller: Caller = { principal: 0, immediate: 0, memory: null }

  /** False once it died of a fault; those who wait for it are told through `death`. */
  alive = true
  readonly death: WaitQueue

  constructor (id: number, label: string, arena: Arena | null, capabilities: CapabilitySpace) {
    this.id = id
    this.label = label
    this.arena = arena
    this.capabilities = capabilities
    this.death = new WaitQueue(`death of ${label}`)
  }
}
