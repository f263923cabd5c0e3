/**
 * Capabilities: the right to invoke a kernel object, kept by the core in spaces that no domain can write.
 *
 * A domain names a capability by its slot. Capabilities are minted (from the object, with a badge), derived (copied
 * with no more rights), passed in messages, and revoked: revoking one deletes all that were derived from it, in
 * whatever space they stand. The derivations form a tree (seL4's capability derivation tree), so that revoking is
 * exact. An invocation looks the slot up each time: what was revoked a moment ago is refused now.
 *
 * Source: Klein et al., SOSP 2009; the seL4 reference manual, section 2.4.
 */

import { Errno, assert } from '../../fiber/index.ts'
import { CAPABILITIES_MAX } from '../../roles/index.ts'

/** Rights of a capability: to invoke the object, and to pass the capability on. */
export const CapabilityRights = { INVOKE: 1, GRANT: 2, ALL: 3 } as const

/** What a capability can name. `kind` is checked at every invocation. */
export interface KernelObject {
  readonly kind: 'endpoint' | 'entry' | 'handler' | 'own handler' | 'port' | 'remote' | 'thread' | 'image'
  /** For drawings and messages. */
  readonly label: string
}

export class Capability {
  /** Null once it was deleted. */
  object: KernelObject | null
  readonly rights: number
  /** Who invokes through it, as the callee is told. */
  readonly badge: number
  readonly space: CapabilitySpace
  readonly slot: number
  readonly parent: Capability | null
  readonly children = new Set<Capability>()

  constructor (object: KernelObject, rights: number, badge: number, space: CapabilitySpace, slot: number, parent: Capability | null) {
    this.object = object
    this.rights = rights
    this.badge = badge
    this.space = space
    this.slot = slot
    this.parent = parent
  }
}

/** The capabilities of one domain, by slot. Slot 0 is never used. */
export class CapabilitySpace {
  readonly label: string
  /** Read by the core at each invocation; written by this file only. */
  readonly slots: (Capability | null)[] = [null]
  readonly #free: number[] = []

  constructor (label: string) {
    this.label = label
  }

  /** Makes the first capability to an object; its slot, or -ENFILE when the space is full. `slot`: which it has to be, or -EEXIST. */
  mint (object: KernelObject, badge: number, rights: number = CapabilityRights.ALL, slot?: number): number {
    return this.#insert(object, rights, badge, null, slot)
  }

  /** Derives a capability of another space (or this one) into this: rights and badge may only narrow or stay. */
  derive (from: CapabilitySpace, slot: number, rights: number = CapabilityRights.ALL, badge?: number): number {
    const source = from.lookup(slot)
    if (source === null) return -Errno.ENOTCAPABLE
    if ((source.rights & CapabilityRights.GRANT) === 0) return -Errno.ENOTCAPABLE
    // A badge is given once, to an unbadged capability (badge 0), as in seL4: nobody can change whose calls they are.
    if (badge !== undefined && source.badge !== 0 && badge !== source.badge) return -Errno.EPERM
    return this.#insert(source.object!, source.rights & rights, badge ?? source.badge, source)
  }

  /** The capability in a slot; null when there is none. */
  lookup (slot: number): Capability | null {
    return this.slots[slot] ?? null
  }

  /** Deletes what was derived from a slot, wherever it stands, and leaves the slot itself. How many were deleted. */
  revoke (slot: number): number {
    const capability = this.lookup(slot)
    if (capability === null) return -Errno.ENOTCAPABLE
    let deleted = 0
    const pending = [...capability.children]
    capability.children.clear()
    while (pending.length > 0) {
      const child = pending.pop()!
      pending.push(...child.children)
      child.children.clear()
      child.space.#clear(child)
      deleted++
    }
    return deleted
  }

  /** Deletes a slot and all that was derived from it. */
  delete (slot: number): number {
    const capability = this.lookup(slot)
    if (capability === null) return -Errno.ENOTCAPABLE
    this.revoke(slot)
    capability.parent?.children.delete(capability)
    this.#clear(capability)
    return 0
  }

  /** Ends a loan: deletes what was lent to this space, unless it is gone already and its slot another's. */
  takeBack (lent: Capability): void {
    if (lent.object !== null) this.delete(lent.slot)
  }

  /** Deletes all: the space's domain is gone. */
  clear (): void {
    for (let slot = 1; slot < this.slots.length; slot++) {
      if (this.slots[slot] !== null) this.delete(slot)
    }
  }

  get size (): number {
    return this.slots.length - 1 - this.#free.length
  }

  #insert (object: KernelObject, rights: number, badge: number, parent: Capability | null, wanted?: number): number {
    if (this.size >= CAPABILITIES_MAX) return -Errno.ENFILE
    if (wanted !== undefined && !this.#makeFree(wanted)) return -Errno.EEXIST
    const slot = this.#free.pop() ?? this.slots.length
    const capability = new Capability(object, rights, badge, this, slot, parent)
    this.slots[slot] = capability
    parent?.children.add(capability)
    return slot
  }

  /** Makes a slot the one that is given next; false when something stands in it, or it is none. */
  #makeFree (slot: number): boolean {
    if (!(slot >= 1 && slot <= CAPABILITIES_MAX)) return false
    while (this.slots.length <= slot) this.#free.push(this.slots.push(null) - 1)
    const at = this.#free.lastIndexOf(slot)
    if (at < 0) return false
    this.#free.push(...this.#free.splice(at, 1))
    return true
  }

  #clear (capability: Capability): void {
    assert(this.slots[capability.slot] === capability, `capability space ${this.label}: slot ${capability.slot} was reused`)
    this.slots[capability.slot] = null
    this.#free.push(capability.slot)
    capability.object = null
  }
}
