/**
 * Entries by name: a hash table with open addressing, from which nothing is ever taken out.
 *
 * What the engine's `Map` does with a string that it has not seen (it is entered into the table of all strings that the
 * engine knows) costs several times the lookup, and a file system sees new strings all the time. Names are a program's to
 * choose, and it may choose such as collide: a table in which one would be far from its place gives itself up for a `Map`,
 * whose hashes nobody can foresee.
 */

export interface Named {
  readonly name: string
}

/** A power of two. */
const SLOTS_MIN = 16
/** How far from its place an entry may lie: in a table that is half full by chance about 30 places at most. */
const DISTANCE_MAX = 128

export class NameTable<T extends Named> {
  #slots: (T | undefined)[] = []
  #hashes = new Int32Array(0)
  #size = 0
  #map: Map<string, T> | null = null

  /** Whether its names have collided too often. */
  get gaveUp (): boolean {
    return this.#map !== null
  }

  /** Entries. */
  get size (): number {
    return this.#map === null ? this.#size : this.#map.size
  }

  get (name: string): T | undefined {
    if (this.#map !== null) return this.#map.get(name)
    const mask = this.#slots.length - 1
    if (mask < 0) return undefined
    const hash = hashOf(name)
    // Nothing lies further from its place, though slots may be taken for much longer where each entry lies in its own.
    for (let at = hash & mask, left = DISTANCE_MAX; left >= 0; at = (at + 1) & mask, left--) {
      const entry = this.#slots[at]
      if (entry === undefined) return undefined
      if (this.#hashes[at] === hash && entry.name === name) return entry
    }
    return undefined
  }

  /** Puts an entry in, in the place of one of the same name if there is one. */
  set (entry: T): void {
    if (this.#map === null && this.#size * 2 >= this.#slots.length) this.#resize()
    if (this.#map === null) this.#put(entry, hashOf(entry.name))
    else this.#map.set(entry.name, entry)
  }

  #put (entry: T, hash: number): void {
    const mask = this.#slots.length - 1
    const first = hash & mask
    for (let at = first; ; at = (at + 1) & mask) {
      const present = this.#slots[at]
      if (present !== undefined && (this.#hashes[at] !== hash || present.name !== entry.name)) {
        if (((at - first) & mask) < DISTANCE_MAX) continue
        this.#giveUp(entry)
        return
      }
      if (present === undefined) this.#size++
      this.#slots[at] = entry
      this.#hashes[at] = hash
      return
    }
  }

  #resize (): void {
    const slots = this.#slots
    const hashes = this.#hashes
    const length = Math.max(SLOTS_MIN, slots.length * 2)
    this.#slots = new Array<T | undefined>(length).fill(undefined)
    this.#hashes = new Int32Array(length)
    this.#size = 0
    for (let at = 0; at < slots.length; at++) {
      const entry = slots[at]
      if (entry === undefined) continue
      if (this.#map === null) this.#put(entry, hashes[at]!)
      else (this.#map as Map<string, T>).set(entry.name, entry)
    }
  }

  #giveUp (entry: T): void {
    this.#map = new Map()
    for (const present of this.#slots) if (present !== undefined) this.#map.set(present.name, present)
    this.#map.set(entry.name, entry)
    this.#slots = []
    this.#hashes = new Int32Array(0)
  }
}

/** Spreads: names mostly differ in few characters. */
function hashOf (name: string): number {
  let hash = name.length
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x5bd1e995)
    hash ^= hash >>> 15
  }
  return hash
}
