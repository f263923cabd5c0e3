/**
 * Turns: fibers that wait for the same thing, served in the order in which they came.
 *
 * A plain wait queue wakes everybody, and who was served first and must wait again can be there before the others have
 * run: it would be first for ever. A turn is kept until it is left. Rules of use: `turn ??= turns.enter()`, wait with
 * `yield turn` while it is not the first or cannot be served, and leave it in a `finally`; whoever makes service possible
 * calls `wakeFirst`. Who leaves wakes the next, which looks whether there is something for it too.
 */

import { WaitQueue } from './wait-queue.ts'

export class Turns {
  readonly #name: string
  /** In order of arrival. Each is a queue in which one fiber waits. */
  readonly #turns = new Set<WaitQueue>()
  /** How many there are. */
  length = 0

  constructor (name: string) {
    this.#name = name
  }

  enter (): WaitQueue {
    const turn = new WaitQueue(this.#name)
    this.#turns.add(turn)
    this.length++
    return turn
  }

  isFirst (turn: WaitQueue): boolean {
    return this.#first === turn
  }

  leave (turn: WaitQueue): void {
    const was = this.isFirst(turn)
    if (this.#turns.delete(turn)) this.length--
    if (was) this.wakeFirst()
  }

  wakeFirst (): void {
    this.#first?.wakeAll()
  }

  get #first (): WaitQueue | undefined {
    for (const turn of this.#turns) return turn
    return undefined
  }
}
