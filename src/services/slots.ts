/**
 * Slots: a table whose keys are small numbers: inode numbers, handles.
 *
 * Numbers start at `first`; one that was taken out is given again, the latest first.
 */

import { StateError, fieldOf, listOf, wholeOf } from '../roles/index.ts'
import type { StateValue } from '../roles/index.ts'

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

  /** All of them, each as `tell` has it, and which numbers are given next. */
  save (tell: (item: T) => StateValue): StateValue {
    return { items: this.#items.map(item => item === undefined ? null : tell(item)), free: [...this.#free] }
  }

  /** Puts in what `save` told, in the place of what is there. */
  takeUp (saved: StateValue, what: string, countMax: number, read: (item: StateValue, number: number) => T): void {
    const items = listOf(fieldOf(saved, 'items'), what, item => item)
    const free = listOf(fieldOf(saved, 'free'), what, index => wholeOf(index, what, 0, items.length - 1))
    const unused = items.flatMap((item, index) => item === null ? [index] : [])
    if (items.length - free.length > countMax || new Set(free).size !== free.length || free.length !== unused.length || free.some(index => items[index] !== null)) {
      throw new StateError(`${what}: the numbers that are free are not those that nothing has, or there are more than ${countMax}`)
    }
    this.#items.length = 0
    this.#free.length = 0
    items.forEach((item, index) => { this.#items.push(item === null ? undefined : read(item, index + this.#first)) })
    this.#free.push(...free)
  }

  remove (number: number): void {
    const index = number - this.#first
    if (this.#items[index] === undefined) return
    this.#items[index] = undefined
    this.#free.push(index)
  }
}
