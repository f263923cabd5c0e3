/**
 * Lines: who waits, in order of arrival. Mostly it is one, who then costs no more than a field; a Set holds the others, so
 * that one who gives up leaves in constant time.
 */

export class Line<T extends object> {
  #first: T | null = null
  #others: Set<T> | null = null

  /** Who came first; null when nobody is there. */
  get first (): T | null {
    return this.#first
  }

  get length (): number {
    return this.#first === null ? 0 : 1 + (this.#others?.size ?? 0)
  }

  /** In order. */
  * [Symbol.iterator] (): Generator<T> {
    if (this.#first !== null) yield this.#first
    if (this.#others !== null) yield * this.#others
  }

  /** Whoever is in it already stays where it is. */
  enter (one: T): void {
    if (this.#first === null) this.#first = one
    else if (this.#first !== one) (this.#others ??= new Set()).add(one)
  }

  leave (one: T): void {
    if (this.#first === one) this.#first = this.#next()
    else this.#others?.delete(one)
  }

  /** Takes all out, in order. */
  empty (): readonly T[] {
    const first = this.#first
    if (first === null) return nobody
    const others = this.#others
    this.#first = null
    if (others === null || others.size === 0) return [first]
    const all = [first, ...others]
    others.clear()
    return all
  }

  #next (): T | null {
    const others = this.#others
    if (others === null) return null
    for (const one of others) {
      others.delete(one)
      return one
    }
    return null
  }
}

const nobody: readonly never[] = []
