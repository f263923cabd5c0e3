/**
 * Events of a discrete-event simulation, first the earliest; of those at one instant, first the one that was added first.
 *
 * A binary heap of at most EVENTS_MAX events. An event is cancelled by forgetting it where it lies: it is dropped when
 * its time comes, or when more than half of the heap is such.
 */

import { MachineFailure } from '../failure.ts'
import { EVENTS_MAX } from './limits.ts'

/** A heap shorter than this is not worth clearing of what was cancelled. */
const COMPACT_MIN = 64

export class ModelEvent {
  readonly atNs: number
  readonly order: number
  /** Null once it was cancelled or has happened. */
  happen: (() => void) | null

  constructor (atNs: number, order: number, happen: () => void) {
    this.atNs = atNs
    this.order = order
    this.happen = happen
  }
}

export class EventQueue {
  readonly #heap: ModelEvent[] = []
  #added = 0
  /** Events in the heap that were cancelled. */
  #cancelled = 0

  /** Events in it, cancelled ones too. */
  get length (): number {
    return this.#heap.length
  }

  /** When the first event happens, in ns; Infinity when there is none. */
  nextNs = Infinity

  add (atNs: number, happen: () => void): ModelEvent {
    if (this.#heap.length >= EVENTS_MAX) {
      throw new MachineFailure(`${EVENTS_MAX} events of devices and timers are to come, and the model machine keeps no more at a time: a device of the profile takes too many requests at once (queueDepth), or something sets timers without end`)
    }
    const event = new ModelEvent(atNs, this.#added++, happen)
    this.#rise(this.#heap.push(event) - 1)
    this.nextNs = this.#heap[0]!.atNs
    return event
  }

  /** Forgets an event that has not happened; nothing when it has, or was cancelled before. */
  cancel (event: ModelEvent): void {
    if (event.happen === null) return
    event.happen = null
    this.#cancelled++
    if (this.#heap[0] === event) this.#drop()
    else if (2 * this.#cancelled > this.#heap.length && this.#heap.length >= COMPACT_MIN) this.#compact()
  }

  /** Takes the first event out; undefined when there is none. */
  take (): ModelEvent | undefined {
    const first = this.#heap[0]
    if (first === undefined) return undefined
    this.#remove()
    this.#drop()
    return first
  }

  clear (): void {
    this.#heap.length = 0
    this.#cancelled = 0
    this.nextNs = Infinity
  }

  /** Drops what was cancelled from the top. */
  #drop (): void {
    while (this.#heap.length > 0 && this.#heap[0]!.happen === null) {
      this.#remove()
      this.#cancelled--
    }
    this.nextNs = this.#heap[0]?.atNs ?? Infinity
  }

  /** Leaves those that are still to come, whose order among themselves is the same in any heap. */
  #compact (): void {
    const left = this.#heap.filter(event => event.happen !== null)
    this.#heap.length = 0
    this.#cancelled = 0
    for (const event of left) this.#rise(this.#heap.push(event) - 1)
  }

  #remove (): void {
    const last = this.#heap.pop()!
    if (this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink()
  }

  #rise (from: number): void {
    const heap = this.#heap
    const event = heap[from]!
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!before(event, heap[above]!)) break
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = event
  }

  #sink (): void {
    const heap = this.#heap
    const event = heap[0]!
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && before(heap[below + 1]!, heap[below]!)) below++
      if (!before(heap[below]!, event)) break
      heap[at] = heap[below]!
      at = below
    }
    heap[at] = event
  }
}

function before (a: ModelEvent, b: ModelEvent): boolean {
  return a.atNs < b.atNs || (a.atNs === b.atNs && a.order < b.order)
}
