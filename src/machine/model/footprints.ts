/**
 * Caches and TLB of one processor, as far as they decide what an architecture costs: who has how much of them.
 *
 * An occupant (an operation of a service, a path of the core, a program) touches so many lines and pages each time it
 * runs. Between two of its runs others touch theirs; caches and TLB are taken to be replaced least recently used first,
 * so an occupant finds of its lines what the others have left: with a cache of C lines, of which others touched d since,
 * at most C - d. What it misses costs the miss of each level. This is the stack distance of Mattson et al., by
 * occupants instead of by lines. A shorter run touches the lines that were touched last: the others of its occupant stay
 * where they are and grow old (a segment for each time), so that one that touched much once does not evict others ever after.
 *
 * So a switch costs afterwards what it evicted (Liedtke's indirect cost), more pieces of code on a path cost more,
 * and a flushed TLB is filled again by whoever runs next. Not modelled: associativity, prefetching, replacement that is
 * not LRU, lines that two occupants share.
 *
 * Source: Mattson, Gecsei, Slutz, Traiger, "Evaluation techniques for storage hierarchies", IBM Systems Journal 9(2),
 * 1970; Liedtke, "On micro-kernel construction", SOSP 1995, section 4.
 */

import { OCCUPANTS_SEEN_MAX, SEGMENTS_MAX } from './limits.ts'
import type { Profile } from './profile.ts'

/** What an occupant touched last at one time, and has not touched since. */
class Segment {
  readonly occupant: number
  lines: number
  pages: number
  /** Of its pages in the TLB: those of an earlier flush are gone. */
  generation: number
  newer: Segment | null = null
  older: Segment | null = null

  constructor (occupant: number, lines: number, pages: number, generation: number) {
    this.occupant = occupant
    this.lines = lines
    this.pages = pages
    this.generation = generation
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
  /** Of each occupant, the newest first. */
  readonly #segments: (Segment[] | undefined)[] = []
  #newest: Segment | null = null
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
    const own = this.#segments[id] ??= []
    const generation = supervisor ? this.#supervisorGeneration : this.#userGeneration
    const first = own[0]
    if (first !== undefined && first === this.#newest && lines <= first.lines && pages <= first.pages && generation === first.generation &&
      lines <= this.#linesAtOnce && pages <= this.#entries) {
      this.pageCycles = 0
      return 0
    }
    const costs = streamed ? this.#streams : this.#misses
    let cycles = 0
    let linesLeft = lines
    let pagesLeft = pages
    let pagesFound = 0
    let linesSince = 0
    let pagesSince = 0
    let seen = 0
    let segment = this.#newest
    for (let at = 0; at < own.length && (linesLeft > 0 || pagesLeft > 0); at++) {
      const mine = own[at]!
      // Whoever is further down than any level holds has nothing left.
      while (segment !== null && segment !== mine && seen < OCCUPANTS_SEEN_MAX && linesSince < this.#linesMax) {
        linesSince += segment.lines
        pagesSince += segment.pages
        seen++
        segment = segment.older
      }
      if (segment !== mine) break
      const linesOf = mine.lines
      const pagesOf = mine.pages
      const linesTaken = Math.min(linesLeft, linesOf)
      if (linesSince + linesTaken > this.#linesAtOnce) {
        for (let level = 0; level < costs.length; level++) {
          const missed = linesTaken - Math.max(0, Math.min(linesTaken, this.#capacities[level]! - linesSince))
          cycles += missed * costs[level]!
          if (level === 0) this.linesMissed += missed
        }
      }
      const pagesTaken = mine.generation === generation ? Math.min(pagesLeft, pagesOf) : 0
      pagesFound += Math.max(0, Math.min(pagesTaken, this.#entries - pagesSince))
      linesLeft -= linesTaken
      pagesLeft -= pagesTaken
      mine.lines = linesOf - linesTaken
      mine.pages = mine.generation === generation ? pagesOf - pagesTaken : 0
      linesSince += linesOf
      pagesSince += pagesOf
      segment = mine.older
    }
    if (linesLeft > 0) {
      for (let level = 0; level < costs.length; level++) cycles += linesLeft * costs[level]!
      this.linesMissed += linesLeft
    }
    this.pageCycles = (pages - pagesFound) * this.#profile.tlb.missCycles
    this.pagesMissed += pages - pagesFound
    this.#toFront(id, own, lines, pages, generation)
    return cycles + this.pageCycles
  }

  /** Another page table was loaded: an untagged TLB forgets all but what is marked as global. */
  flushTlb (): void {
    this.#userGeneration++
    if (!this.#profile.tlb.globalPages) this.#supervisorGeneration++
  }

  /** Everything is thrown out, caches too: the cycles that it takes to write back what is there, a line after the other. */
  flushAll (): number {
    let lines = 0
    for (let segment = this.#newest; segment !== null && lines < this.#linesMax; segment = segment.older) lines += segment.lines
    const cycles = this.#streams.reduce((sum, each, level) => sum + each * Math.min(lines, this.#capacities[level]!), 0)
    this.#newest = null
    this.#segments.length = 0
    this.#userGeneration++
    this.#supervisorGeneration++
    return cycles
  }

  /** What was touched now is its occupant's newest segment; those of which nothing is left go. */
  #toFront (id: number, own: Segment[], lines: number, pages: number, generation: number): void {
    const first = own[0]
    if (first !== undefined && first.lines === 0 && first.pages === 0 && (own.length === 1 || own[1]!.lines > 0)) {
      // As nearly always: it touches what it touched the last time, and nothing beyond that.
      this.#unlink(first)
      this.#link(first, lines, pages, generation)
      return
    }
    let newest: Segment | null = null
    for (let at = own.length - 1; at >= 0; at--) {
      const segment = own[at]!
      if (segment.lines > 0 || segment.pages > 0) continue
      this.#unlink(segment)
      own.splice(at, 1)
      newest = segment
    }
    if (own.length >= SEGMENTS_MAX) {
      const last = own.pop()!
      const into = own.at(-1)!
      // At the place of the older one.
      last.lines += into.lines
      last.pages = last.generation === into.generation ? last.pages + into.pages : last.pages
      this.#unlink(into)
      own[own.length - 1] = last
    }
    newest ??= new Segment(id, 0, 0, 0)
    own.unshift(newest)
    this.#link(newest, lines, pages, generation)
  }

  #link (segment: Segment, lines: number, pages: number, generation: number): void {
    segment.lines = lines
    segment.pages = pages
    segment.generation = generation
    segment.older = this.#newest
    if (this.#newest !== null) this.#newest.newer = segment
    this.#newest = segment
  }

  #unlink (segment: Segment): void {
    if (segment === this.#newest) this.#newest = segment.older
    if (segment.newer !== null) segment.newer.older = segment.older
    if (segment.older !== null) segment.older.newer = segment.newer
    segment.newer = segment.older = null
  }
}
