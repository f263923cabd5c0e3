/**
 * Caches and TLB of one processor, as far as they decide what an architecture costs: who has how much of them.
 *
 * An occupant (an operation of a service, a path of the core, a program) touches so many lines and pages each time it
 * runs. Between two of its runs others touch theirs; caches and TLB are taken to be replaced least recently used first,
 * so an occupant finds of its lines what the others have left: with a cache of C lines, of which others touched d since,
 * at most C - d. What it misses costs the miss of each level. This is the stack distance of Mattson et al., by
 * occupants instead of by lines.
 *
 * So a switch costs afterwards what it evicted (Liedtke's indirect cost), more pieces of code on a path cost more,
 * and a flushed TLB is filled again by whoever runs next. Not modelled: associativity, prefetching, replacement that is
 * not LRU, lines that two occupants share.
 *
 * Source: Mattson, Gecsei, Slutz, Traiger, "Evaluation techniques for storage hierarchies", IBM Systems Journal 9(2),
 * 1970; Liedtke, "On micro-kernel construction", SOSP 1995, section 4.
 */

import { OCCUPANTS_SEEN_MAX } from './limits.ts'
import type { Profile } from './profile.ts'

/** One occupant in one processor's caches. */
class Resident {
  readonly id: number
  readonly supervisor: boolean
  lines = 0
  pages = 0
  /** Of its pages in the TLB: those of an earlier flush are gone. */
  generation = -1
  newer: Resident | null = null
  older: Resident | null = null

  constructor (id: number, supervisor: boolean) {
    this.id = id
    this.supervisor = supervisor
  }
}

export class Footprints {
  readonly #profile: Profile
  /** Lines of each level, and what a miss of it costs. */
  readonly #capacities: readonly number[]
  readonly #misses: readonly number[]
  readonly #streams: readonly number[]
  readonly #linesMax: number
  /** As many as every level holds. */
  readonly #linesAtOnce: number
  /** Of the TLB. */
  readonly #entries: number
  readonly #residents: (Resident | undefined)[] = []
  #newest: Resident | null = null
  #userGeneration = 0
  #supervisorGeneration = 0
  /** Lines and pages that had to be fetched, over all. */
  linesMissed = 0
  pagesMissed = 0
  /** Of the last touch: what filling the TLB took of its cycles. */
  pageCycles = 0

  /** `share`: which part of everything is this one's. */
  constructor (profile: Profile, share = 1) {
    this.#profile = profile
    this.#entries = Math.max(1, Math.floor(profile.tlb.entries * share))
    this.#capacities = profile.caches.map(cache => Math.floor(share * cache.sizeBytes / cache.lineBytes))
    this.#misses = profile.caches.map(cache => cache.missCycles)
    this.#streams = profile.caches.map(cache => cache.streamCycles)
    this.#linesMax = Math.max(1, ...this.#capacities)
    this.#linesAtOnce = Math.min(...this.#capacities)
  }

  /** An occupant runs and touches so much: the cycles of what it misses. `streamed`: one line after the other. */
  touch (id: number, supervisor: boolean, lines: number, pages: number, streamed = false): number {
    const resident = this.#residents[id] ??= new Resident(id, supervisor)
    const generation = resident.supervisor ? this.#supervisorGeneration : this.#userGeneration
    if (resident === this.#newest && lines <= resident.lines && pages <= resident.pages && generation === resident.generation &&
      lines <= this.#linesAtOnce && pages <= this.#entries) {
      this.pageCycles = 0
      return 0
    }
    let linesSince = 0
    let pagesSince = 0
    let seen = 0
    let other = this.#newest
    // Whoever is further down than any level holds has nothing left.
    while (other !== null && other !== resident && seen < OCCUPANTS_SEEN_MAX && linesSince < this.#linesMax) {
      linesSince += other.lines
      pagesSince += other.pages
      seen++
      other = other.older
    }
    const found = other === resident
    const known = found ? Math.min(resident.lines, lines) : 0
    let cycles = 0
    for (let level = 0; level < this.#capacities.length; level++) {
      const left = Math.max(0, Math.min(known, this.#capacities[level]! - linesSince))
      cycles += (lines - left) * (streamed ? this.#streams : this.#misses)[level]!
      if (level === 0) this.linesMissed += lines - left
    }
    const { tlb } = this.#profile
    const knownPages = found && generation === resident.generation ? Math.min(resident.pages, pages) : 0
    const pagesLeft = Math.max(0, Math.min(knownPages, this.#entries - pagesSince))
    this.pageCycles = (pages - pagesLeft) * tlb.missCycles
    cycles += this.pageCycles
    this.pagesMissed += pages - pagesLeft
    // What it did not touch this time is still there, as far as the others have left it.
    resident.lines = Math.max(lines, found ? Math.min(resident.lines, this.#linesMax - linesSince) : 0)
    resident.pages = Math.max(pages, found && generation === resident.generation ? Math.min(resident.pages, this.#entries - pagesSince) : 0)
    resident.generation = generation
    this.#toFront(resident)
    return cycles
  }

  /** Another page table was loaded: an untagged TLB forgets all but what is marked as global. */
  flushTlb (): void {
    this.#userGeneration++
    if (!this.#profile.tlb.globalPages) this.#supervisorGeneration++
  }

  /** Everything is thrown out, caches too: the cycles that it takes to write back what is there, a line after the other. */
  flushAll (): number {
    let lines = 0
    for (let resident = this.#newest; resident !== null && lines < this.#linesMax; resident = resident.older) lines += resident.lines
    const cycles = this.#streams.reduce((sum, each, level) => sum + each * Math.min(lines, this.#capacities[level]!), 0)
    this.#newest = null
    for (const resident of this.#residents) {
      if (resident === undefined) continue
      resident.newer = resident.older = null
      resident.lines = resident.pages = 0
      resident.generation = -1
    }
    this.#userGeneration++
    this.#supervisorGeneration++
    return cycles
  }

  #toFront (resident: Resident): void {
    if (resident === this.#newest) return
    if (resident.newer !== null) resident.newer.older = resident.older
    if (resident.older !== null) resident.older.newer = resident.newer
    resident.newer = null
    resident.older = this.#newest
    if (this.#newest !== null) this.#newest.newer = resident
    this.#newest = resident
  }
}
