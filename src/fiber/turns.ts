/**
 * Turns: fibers that wait for the same thing, served in the order in which they came.
 *
 * A plain wait queue wakes everybody, and who was served first and must wait again can be there before the others have
 * run: it would be first for ever. A turn is kept until it is left. Rules of use: `turn ??= turns.enter()`, wait with
 * `yield turn` while it is not the first or cannot be served, and leave it in a `finally`; whoever makes service possible
 * calls `wakeFirst`. Who leaves wakes the next, which looks whether there is something for it too.
 */

import { Line } from './line.ts'
import { WaitQueue } from './wait-queue.ts'

export class Turns {
  readonly #name: string
  /** Each turn is a queue in which one fiber waits. */
  readonly #turns = new Line<WaitQueue>()

  constructor (name: string) {
    this.#name = name
  }

  get length (): number {
    return this.#turns.length
  }

  enter (): WaitQueue {
    const turn = new WaitQueue(this.#name)
    this.#turns.enter(turn)
    return turn
  }

  isFirst (turn: WaitQueue): boolean {
    return this.#turns.first === turn
  }

  leave (turn: WaitQueue): void {
    const was = this.isFirst(turn)
    this.#turns.leave(turn)
    if (was) this.wakeFirst()
  }

  wakeFirst (): void {
    this.#turns.first?.wakeAll()
  }
}
