/**
 * Extents: which bytes of an arena were written through the windows that one watches, as ranges of addresses, so that
 * nothing but those has to be carried back to where the bytes really are.
 */

/** Ranges that are kept apart; whoever watches takes them when there are more. */
const EXTENTS_MAX = 32

export class Extents {
  /** Address and length of each range, in the order of writing. */
  readonly ranges: number[] = []
  readonly #full: (extents: Extents) => void

  /** `full` has to take the ranges, all of them. */
  constructor (full: (extents: Extents) => void) {
    this.#full = full
  }

  note (at: number, length: number): void {
    const { ranges } = this
    const last = ranges.length - 2
    // What writes in order, as nearly all do, makes one range.
    if (last >= 0 && ranges[last]! + ranges[last + 1]! === at) {
      ranges[last + 1] = ranges[last + 1]! + length
      return
    }
    if (ranges.length >= 2 * EXTENTS_MAX) this.#full(this)
    ranges.push(at, length)
  }

  /** Has who watches take the ranges now. */
  full (): void {
    this.#full(this)
  }

  clear (): void {
    this.ranges.length = 0
  }
}
