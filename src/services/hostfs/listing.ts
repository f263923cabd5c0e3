/**
 * The listing of one open directory: the names that the host gave, in its order, kept as far as somebody has read.
 *
 * A cookie is a place in that order and stays one while entries come and go. Reading from the start looks anew.
 */

import { FIRST_COOKIE } from '../../roles/index.ts'
import type { MachineFolders } from '../../machine/index.ts'

export interface ListedEntry { readonly name: string, readonly type: number }

/** Names that are fetched at a time. */
const FETCH_COUNT = 256

export class Listing {
  readonly #folders: MachineFolders
  readonly #handle: number
  #entries: ListedEntry[] = []
  #complete = false

  /** `handle` is the machine's, on the open directory. */
  constructor (folders: MachineFolders, handle: number) {
    this.#folders = folders
    this.#handle = handle
  }

  /** Starts again; 0 or a negative error number. */
  rewind (): number {
    if (this.#entries.length === 0 && !this.#complete) return 0
    this.#entries = []
    this.#complete = false
    return this.#folders.rewind(this.#handle)
  }

  /** The entry at a place, null after the last, or a negative error number. */
  at (place: number): ListedEntry | null | number {
    while (place >= this.#entries.length && !this.#complete) {
      const more = this.#folders.entries(this.#handle, FETCH_COUNT)
      if (typeof more === 'number') return more
      for (const entry of more) this.#entries.push(entry)
      this.#complete = more.length === 0
    }
    return this.#entries[place] ?? null
  }

  close (): void {
    this.#folders.close(this.#handle)
  }
}

/** The cookie that names the place. */
export function cookieOf (place: number): number {
  return place === 0 ? 0 : FIRST_COOKIE + place
}

/** The place that a cookie names; -1 when it is none. */
export function placeOf (cookie: number): number {
  if (cookie === 0) return 0
  return Number.isInteger(cookie) && cookie > FIRST_COOKIE ? cookie - FIRST_COOKIE : -1
}
