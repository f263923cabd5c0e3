/**
 * Sleepers in the order in which they are due, and in which they came where that is one instant: a binary heap that
 * knows where each of them stands, so that one who is woken early or ended leaves in logarithmic time.
 */

import { WaitQueue } from '../../fiber/index.ts'

export class Sleeper {
  readonly queue = new WaitQueue('sleep')
  /** Of the monotonic clock. Not changed while it is in a heap. */
  deadlineNs = Infinity
  /** Its place in the heap, or -1, and its turn among those due at one instant. The heap's own. */
  place = -1
  turn = 0
}

export class Sleepers {
  readonly #heap: Sleeper[] = []
  #lastTurn = 0

  get size (): number {
    return this.#heap.length
  }

  /** The one that is due first. */
  get first (): Sleeper | undefined {
    return this.#heap[0]
  }

  add (sleeper: Sleeper): void {
    sleeper.turn = ++this.#lastTurn
    this.#heap.push(sleeper)
    this.#rise(this.#heap.length - 1, sleeper)
  }

  /** Takes a sleeper out, if it is there. */
  remove (sleeper: Sleeper): void {
    const place = sleeper.place
    if (place < 0) return
    sleeper.place = -1
    const last = this.#heap.pop()!
    if (last === sleeper) return
    this.#rise(place, last)
    this.#sink(last.place, last)
  }

  #rise (from: number, sleeper: Sleeper): void {
    let place = from
    while (place > 0) {
      const parent = this.#heap[(place - 1) >> 1]!
      if (isBefore(parent, sleeper)) break
      this.#put(place, parent)
      place = (place - 1) >> 1
    }
    this.#put(place, sleeper)
  }

  #sink (from: number, sleeper: Sleeper): void {
    let place = from
    for (;;) {
      let child = 2 * place + 1
      if (child >= this.#heap.length) break
      if (child + 1 < this.#heap.length && isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child++
      if (isBefore(sleeper, this.#heap[child]!)) break
      this.#put(place, this.#heap[child]!)
      place = child
    }
    this.#put(place, sleeper)
  }

  #put (place: number, sleeper: Sleeper): void {
    this.#heap[place] = sleeper
    sleeper.place = place
  }
}

function isBefore (a: Sleeper, b: Sleeper): boolean {
  return a.deadlineNs < b.deadlineNs || (a.deadlineNs === b.deadlineNs && a.turn < b.turn)
}
