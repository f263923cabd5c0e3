/**
 * Slots: a table whose keys are small numbers: inode numbers, handles.
 *
 * Numbers start at `first`; one that was taken out is given again, the latest first.
 */

export class Slots<T> {
  readonly #first: number
  readonly #items: (T | undefined)[] = []
  readonly #free: number[] = []

  constructor (first = 1) {
    this.#first = first
  }

  /** How many there are. */
  get size (): number {
    return this.#items.length - this.#free.length
  }

  /** Puts in the item that `make` gives for its number; returns the item. */
  add (make: (number: number) => T): T {
    const index = this.#free.pop() ?? this.#items.length
    const item = make(index + this.#first)
    this.#items[index] = item
    return item
  }

  /** Puts an item in at its number, as it was before. `settle` follows the last one. */
  place (number: number, item: T): void {
    const index = number - this.#first
    while (this.#items.length <= index) this.#items.push(undefined)
    this.#items[index] = item
  }

  /** All that are to be placed are: what is between them is free. */
  settle (): void {
    this.#free.length = 0
    for (let index = this.#items.length - 1; index >= 0; index--) if (this.#items[index] === undefined) this.#free.push(index)
  }

  /** All items, by number. */
  all (): T[] {
    return this.#items.filter(item => item !== undefined)
  }

  get (number: number): T | undefined {
    return this.#items[number - this.#first]
  }

  remove (number: number): void {
    const index = number - this.#first
    if (this.#items[index] === undefined) return
    this.#items[index] = undefined
    this.#free.push(index)
  }
}
