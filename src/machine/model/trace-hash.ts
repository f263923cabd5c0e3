/**
 * The hash of a run's trace: every event, in the order in which it happened, in 64 bits.
 *
 * Two runs with the same hash did the same at the same time. It is no cryptographic hash: it tells runs apart, and
 * nobody is kept from making two that agree. Kept at CHECKPOINTS_MAX places of the run at most, so that a replay can say
 * between which two it first differs; where there would be more, every second is dropped.
 *
 * Source: the mixing step is that of MurmurHash3 (Appleby, public domain description), on two lanes.
 */

import { CHECKPOINTS_MAX } from './limits.ts'

/** How many events had been mixed in, and the hash then. */
export interface Checkpoint {
  readonly events: number
  readonly hash: string
}

export class TraceHash {
  /** Events so far. */
  events = 0
  #a = 0x2f7a31c5
  #b = 0x64d1b5e9
  #checkpoints: Checkpoint[] = []
  #interval = 64
  #next = 64

  mix (kind: number, who: number, cycles: number): void {
    // In parts of 32 bits: a sum of cycles may be larger, and has a fraction.
    const scaled = cycles * 256
    const high = Math.floor(scaled / 4294967296)
    const low = scaled - high * 4294967296
    let a = Math.imul(this.#a ^ kind ^ (who << 8), 0xcc9e2d51)
    a = Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64 | 0
    let b = Math.imul(this.#b ^ (low | 0) ^ a, 0x1b873593)
    b = Math.imul((b << 15) | (b >>> 17), 5) + (0x561ccd1b ^ high) | 0
    this.#a = a ^ (b >>> 7)
    this.#b = b
    if (++this.events === this.#next) this.#keep()
  }

  /** 16 hexadecimal digits. */
  get value (): string {
    return hexadecimal(finished(this.#a)) + hexadecimal(finished(this.#b))
  }

  get checkpoints (): readonly Checkpoint[] {
    return this.#checkpoints
  }

  #keep (): void {
    this.#checkpoints.push({ events: this.events, hash: this.value })
    if (this.#checkpoints.length >= CHECKPOINTS_MAX) {
      this.#checkpoints = this.#checkpoints.filter((_checkpoint, index) => index % 2 === 1)
      this.#interval *= 2
    }
    this.#next = this.events + this.#interval
  }
}

/** An event as it was mixed in. */
export interface ListedEvent {
  /** Which of the run, from 1. */
  readonly number: number
  readonly kind: number
  readonly who: number
  readonly cycles: number
}

/** The hash of a run's trace that keeps the events of one interval: those after `from`, up to `to`, `most` of them at most. */
export class EventList extends TraceHash {
  readonly listed: ListedEvent[] = []
  readonly #from: number
  readonly #to: number

  constructor (from: number, to: number, most: number) {
    super()
    this.#from = from
    this.#to = Math.min(to, from + most)
  }

  override mix (kind: number, who: number, cycles: number): void {
    super.mix(kind, who, cycles)
    if (this.events > this.#from && this.events <= this.#to) this.listed.push({ number: this.events, kind, who, cycles })
  }
}

function finished (lane: number): number {
  let h = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function hexadecimal (word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
