/**
 * Address spaces: what a domain can address: the arena of its services, the memory of the program in it.
 * A supervisor can address those of the programs above it too, and a pager those that it pages.
 */

import { WaitQueue } from '../../fiber/index.ts'
import type { Arena, Caller } from '../../roles/index.ts'
import type { CapabilitySpace } from '../capability/index.ts'

/** Tells of a domain's life, and hands nothing over: an operation that is woken by one is where it was. */
export class LifeQueue extends WaitQueue {}

export class AddressSpace {
  /** 0 is the supervisor's. */
  readonly id: number
  readonly label: string
  /** Where its services keep their bytes; null when it has none. Another one when the domain is made anew. */
  arena: Arena | null
  /** The memory of the program that runs in it; null when none does, or not yet. */
  memory: Arena | null = null
  /** Whose domain pages that memory, and so has it mapped; null when none but the supervisor does. */
  pager: AddressSpace | null = null
  readonly capabilities: CapabilitySpace
  /** The caller register: who calls into this domain now. Gates save and restore it. */
  readonly caller: Caller = { principal: 0, immediate: 0, memory: null }

  /** False once it died of a fault; those who wait for it are told through `death`. */
  alive = true
  readonly death: LifeQueue
  /** Told when it dies, before anybody who waits goes on; null where nobody has to know. */
  onEnd: (() => void) | null = null

  /** Whether what runs here can address the memory of a program in that space. */
  maps (other: AddressSpace): boolean {
    return this.id === 0 || other.pager === this
  }

  /** All that is its own to address. */
  get arenas (): Arena[] {
    return [this.arena, this.memory].filter(arena => arena !== null)
  }

  constructor (id: number, label: string, arena: Arena | null, capabilities: CapabilitySpace) {
    this.id = id
    this.label = label
    this.arena = arena
    this.capabilities = capabilities
    this.death = new LifeQueue(`death of ${label}`)
  }
}
