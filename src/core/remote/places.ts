/**
 * Who stands at places of the host, and is looked at when something happened there: the handler of the machine's line
 * `places`, which runs between threads.
 */

import { PLACES_LINE } from '../../machine/index.ts'
import type { CoreState } from '../state.ts'

/** Whoever reads a channel. */
export interface Placed {
  /** Takes what has come; true when there may be more, which was left so that others have their turn. */
  poll (): boolean
}

export class Placeds {
  readonly #state: CoreState
  readonly #all = new Set<Placed>()
  #connected = false

  constructor (state: CoreState) {
    this.#state = state
  }

  add (placed: Placed): void {
    this.#all.add(placed)
    if (this.#connected) return
    this.#connected = true
    const { interrupts } = this.#state.machine
    interrupts.connect(PLACES_LINE, () => {
      this.#state.scheduler.interruptTaken()
      let more = false
      for (const one of this.#all) if (one.poll()) more = true
      if (more) interrupts.raise(PLACES_LINE)
    })
  }

  remove (placed: Placed): void {
    this.#all.delete(placed)
  }
}
