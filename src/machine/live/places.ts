/**
 * The live machine's places, but for how a host starts one: who is there, what they rang, and how an idle processor waits
 * for them.
 *
 * Soon after something was asked of a place the answer is likely: so the processor spins first, then sleeps on the bell
 * with the host's event loop standing still, each for a short while after the last word in either direction; from then on
 * the event loop runs and a promise tells of the bell. A process sends through the event loop alone.
 */

import { BELL_BYTES, Bell } from '../bell.ts'
import type { MachineClock } from '../machine.ts'
import { PLACES_LINE } from '../places.ts'
import type { MachinePlaces, Place, PlaceWish } from '../places.ts'

/** How long after the last word an idle processor looks without sleeping, and how long with the event loop standing still. */
const SPIN_NS = 50_000
const BLOCK_NS = 1e6
const SPINS_AT_ONCE = 200
const RESTS_MAX = 64
/** How often the kernel looks for itself, though nobody rang: while it waits for a place, and otherwise. */
const LOOK_MS = 10
const LOOK_IDLE_MS = 1000

/** A place as the host holds it. */
export interface HostPlace extends Place {
  /** Whether the host is kept alive by it. */
  keep (alive: boolean): void
}

export interface PlacesHost {
  start (wish: PlaceWish, told: { ended: (why: string) => void, received: (bytes: Uint8Array) => void }): HostPlace
  /** Whether the kernel's thread may block. */
  readonly mayBlock: boolean
}

/** What the processor asks, and the machine closes. */
export interface LivePlaces extends MachinePlaces {
  /** Whether somebody rang since it was last asked. Cheap. */
  rang (): boolean
  /** The processor idles: true when somebody rang meanwhile. False: it can be left to the event loop. */
  idle (): boolean
  close (): void
}

/** Null where the host shares no memory between threads: an ordinary page. */
export function livePlaces (clock: MachineClock, host: PlacesHost | null, raise: (line: string) => void): LivePlaces | null {
  return host === null || typeof SharedArrayBuffer === 'undefined' ? null : new Places(clock, host, raise)
}

class Places implements LivePlaces {
  readonly bell = new SharedArrayBuffer(BELL_BYTES)
  readonly #bell = new Bell(this.bell)
  readonly #clock: MachineClock
  readonly #host: PlacesHost
  readonly #raise: (line: string) => void
  readonly #there = new Set<HostPlace>()
  #seen = 0
  /** Answers that are waited for. */
  #ofThreads = 0
  #ofProcesses = 0
  #lastWordNs = 0
  /** Whether an answer may come so soon that sleeping is not worth it. */
  #soon = false
  /** How many times it does not look before it sleeps; and when looking was in vain again. */
  #rests = 0
  #restsNext = 1
  /** Whether a promise will tell of the bell. */
  #armed = false
  #kept = false
  #closed = false

  constructor (clock: MachineClock, host: PlacesHost, raise: (line: string) => void) {
    this.#clock = clock
    this.#host = host
    this.#raise = raise
  }

  start (wish: PlaceWish): Place {
    const place = this.#host.start(wish, {
      ended: why => {
        this.#there.delete(place)
        if (this.#closed) return
        wish.ended(why)
        this.#raise(PLACES_LINE)
      },
      received: bytes => {
        if (this.#closed) return
        wish.received?.(bytes)
        this.#raise(PLACES_LINE)
      }
    })
    this.#there.add(place)
    place.keep(this.#kept)
    return place
  }

  expect (count: 1 | -1, kind: PlaceWish['kind'], slept = false): void {
    if (kind === 'thread') this.#ofThreads += count
    else this.#ofProcesses += count
    if (count < 0) return
    this.#lastWordNs = 0
    this.#soon = !slept
  }

  rang (): boolean {
    const rings = this.#bell.rings
    if (rings === this.#seen) return false
    this.#seen = rings
    return true
  }

  idle (): boolean {
    if (this.#ofThreads > 0) {
      if (this.#spins()) return this.#came()
      if (this.#lastWordNs === 0) this.#lastWordNs = this.#clock.monotonicNs()
      const sinceNs = this.#lastWordNs
      const leftNs = sinceNs + BLOCK_NS - this.#clock.monotonicNs()
      if (this.#host.mayBlock && this.#ofProcesses === 0 && leftNs > 0 && this.#bell.sleep(this.#seen, leftNs / 1e6)) return this.#came()
    }
    this.#keep(this.#ofThreads + this.#ofProcesses > 0)
    if (this.#there.size === 0) return false
    if (this.#bell.listen(this.#seen)) return this.#came()
    void this.#arm()
    return false
  }

  /**
   * Looks for what may come soon. Where that was in vain, as on a busy host, whose processor the place may be waiting for while
   * this one looks, it is not tried for a while.
   */
  #spins (): boolean {
    if (!this.#soon) return false
    if (this.#rests > 0) {
      this.#rests--
      return false
    }
    if (this.#bell.spin(this.#seen, SPINS_AT_ONCE)) return true
    const sinceNs = this.#clock.monotonicNs()
    do {
      if (this.#bell.spin(this.#seen, SPINS_AT_ONCE)) {
        this.#restsNext = 1
        return true
      }
    } while (this.#clock.monotonicNs() - sinceNs < SPIN_NS)
    this.#rests = this.#restsNext
    this.#restsNext = Math.min(RESTS_MAX, 2 * this.#restsNext)
    return false
  }

  #came (): boolean {
    this.#lastWordNs = 0
    this.#soon = true
    return this.rang()
  }

  /** As long as somebody is there, whoever rings is heard. */
  async #arm (): Promise<void> {
    if (this.#armed) return
    this.#armed = true
    while (!this.#closed && this.#there.size > 0) {
      await this.#bell.sleepAsync(this.#seen, this.#ofThreads > 0 ? LOOK_MS : LOOK_IDLE_MS)
      if (!this.#closed && (this.rang() || this.#ofThreads > 0)) this.#raise(PLACES_LINE)
    }
    this.#armed = false
  }

  #keep (alive: boolean): void {
    if (alive === this.#kept) return
    this.#kept = alive
    for (const place of this.#there) place.keep(alive)
  }

  close (): void {
    this.#closed = true
    for (const place of this.#there) place.kill()
    this.#there.clear()
  }
}
