/**
 * Grant pages: memory between the kernel and a domain elsewhere, in which the windows of a call lie while it is served.
 *
 * The kernel gives pages out for a call and takes them back when it has ended. Bytes that may be read are copied into them
 * before the call, and what was written there goes from them where the window came from, when the domain says so and only
 * while the call lasts. So the domain never has anything of a client's: pages that it looks at or writes to
 * afterwards hold zeros, or the next thing that it is granted itself.
 */

import { Errno } from '../../fiber/index.ts'
import { READ } from '../../roles/index.ts'
import type { Arena, Window } from '../../roles/index.ts'

export interface Grant {
  readonly id: number
  /** The client's, derived for the call. */
  readonly window: Window
  readonly address: number
  readonly length: number
}

export class GrantPages {
  readonly arena: Arena
  readonly #granted = new Map<number, Grant>()
  #next = 1

  constructor (arena: Arena) {
    this.arena = arena
  }

  /** Grants a window derived for the call; or an error number, and it is revoked. */
  grant (window: Window): Grant | number {
    if (!window.live) return -Errno.EFAULT
    const { length } = window
    const address = length === 0 ? 0 : this.arena.allocate(length)
    if (length > 0 && address === 0) {
      window.revoke()
      return -Errno.ENOMEM
    }
    const grant = { id: this.#next++, window, address, length }
    this.#granted.set(grant.id, grant)
    if ((window.access & READ) === 0 || length === 0) return grant
    const taken = window.take(0, this.arena.bytes, address, length)
    if (taken >= 0) return grant
    this.release(grant)
    return taken
  }

  /** Undefined for what is none, or none any more. */
  find (id: number): Grant | undefined {
    return this.#granted.get(id)
  }

  /** Brings what was written to where the window came from; false when that is not inside the grant. */
  bringBack ({ window, address, length: size }: Grant, from: number, length: number): boolean {
    if (!(from >= 0 && length >= 0 && from + length <= size)) return false
    window.put(from, this.arena.bytes, address + from, length)
    return true
  }

  release ({ id, window, address, length }: Grant): void {
    window.revoke()
    if (this.#granted.delete(id) && length > 0) this.arena.free(address, length)
  }

  get count (): number {
    return this.#granted.size
  }
}
