/**
 * The model machine's processors: their clocks, what is charged to them, and the events that are to come.
 *
 * Each processor has a local time in cycles. Charges move the selected one's. All figures come from the profile; what
 * they are multiplied with comes from whoever charges. Interrupts are taken by processor 0, at their time: what they cost
 * is put in where they came, also when the processor was simulated beyond that already.
 *
 * Determinism: nothing here but sums, products and quotients of doubles and integer operations, which are the same in
 * every engine, and the generator that the seed sets off.
 */

import { assert } from '../../fiber/index.ts'
import type { CostRow } from '../../roles/index.ts'
import type { CachePolicy, InstructionCounts, Ledger, Locks, MachineTiming, Occupant, Rest, Section } from '../timing.ts'
import { EventQueue } from './event-queue.ts'
import type { ModelEvent } from './event-queue.ts'
import { Footprints } from './footprints.ts'
import { LockFamily } from './locks.ts'
import type { ModelLock } from './locks.ts'
import type { Profile } from './profile.ts'
import type { Random } from './random.ts'
import { TraceHash } from './trace-hash.ts'

/** Kinds of charges, as the trace knows them; those below 16 are the core's (`note`). */
export const Charge = {
  WORK: 16, PROGRAM: 17, COPY: 18, ENTER: 19, LEAVE: 20, GRANT: 21, SWITCH: 22, INTERRUPT: 23, SIGNAL: 24, LOCK: 25, IDLE: 26, PREEMPT: 28, MAKE_UP: 29, FLUSH: 30, MAP: 31, FILL: 32
} as const
export type Charge = typeof Charge[keyof typeof Charge]

const names: Readonly<Record<Charge, string>> = {
  [Charge.WORK]: 'work', [Charge.PROGRAM]: 'program', [Charge.COPY]: 'copy', [Charge.ENTER]: 'enter the supervisor', [Charge.LEAVE]: 'leave the supervisor',
  [Charge.GRANT]: 'grant', [Charge.SWITCH]: 'switch of address space', [Charge.INTERRUPT]: 'interrupt', [Charge.SIGNAL]: 'interrupt to another processor',
  [Charge.LOCK]: 'lock', [Charge.IDLE]: 'idle', [Charge.PREEMPT]: 'preempted', [Charge.MAKE_UP]: 'made up for',
  [Charge.FLUSH]: 'flush of caches and TLB', [Charge.MAP]: 'page entered', [Charge.FILL]: 'page filled'
}

/** Bytes of an instruction of kernel code, as it lies in the cache: between that of RISC and of x86. */
const INSTRUCTION_BYTES = 4
/** Data lines on one page, as they lie in kernels: derived from nothing better than that few share one. */
const LINES_A_PAGE = 4
/** Code lines at most that one charge touches: longer work is loops. */
const CODE_LINES_MAX = 512
/** Instructions of a program for each line of code and of data that it touches anew: loops touch few. */
const PROGRAM_INSTRUCTIONS_A_CODE_LINE = 64
const PROGRAM_ACCESSES_A_LINE = 16
/** Instructions of programs that take the host about as long as an event. */
const INSTRUCTIONS_AN_EVENT = 256

export class ModelTiming implements MachineTiming {
  readonly profile: Profile
  readonly processors: number
  readonly events = new EventQueue()
  readonly hash: TraceHash
  readonly #random: Random | null
  readonly #sample: Random | null
  #ledger: Ledger | null = null
  readonly #figures = new Map<CostRow, number>()
  readonly #times: Float64Array
  /** Of each processor; where caches are partitioned, of each processor and partition. */
  #footprints: Footprints[]
  #caches: CachePolicy = 'shared'
  #partitions = 1
  readonly #occupants = new Map<string, Occupant>()
  readonly #locks = new Map<string, LockFamily>()
  /** Locks that the selected processor's current call holds, and since when. */
  readonly #held = new Map<ModelLock, number>()
  readonly #nsPerCycle: number
  readonly #lineBytes: number
  readonly #bulk: Occupant
  /** The critical sections of the current call of processor 0, which takes the interrupts: who is in a piece of one is not preempted. */
  #sections: Section[] = []
  /** Of the last work: what of its cycles filled caches and TLB. */
  #missed = 0
  #selected = 0
  /** The address space of each processor. */
  readonly #spaces: Int32Array
  /** Cycles of an instruction of programs, of late. */
  #pace: number
  /** Instructions of programs so far. */
  #executed = 0
  busyCycles = 0
  outside = false

  /** `random`: what interleavings are drawn from; `sample`: what figures of cost tables are. Null: nothing is drawn. `hash` takes the events. */
  constructor (profile: Profile, processors: number, random: Random | null, sample: Random | null = null, hash = new TraceHash()) {
    this.hash = hash
    this.#sample = sample
    this.profile = profile
    this.processors = processors
    this.#random = random
    this.#times = new Float64Array(processors)
    this.#spaces = new Int32Array(processors)
    this.#footprints = Array.from({ length: processors }, () => new Footprints(profile))
    this.#nsPerCycle = 1000 / profile.frequencyMHz
    this.#lineBytes = profile.caches[0]?.lineBytes ?? 64
    this.#pace = profile.program.integer
    this.#bulk = this.occupant('bytes copied', true)
  }

  /** How much the host has had to do for it so far: events, and instructions of programs. Grows with the run, and with nothing else. */
  get effort (): number {
    return this.hash.events + this.#executed / INSTRUCTIONS_AN_EVENT
  }

  get processor (): number {
    return this.#selected
  }

  get nowNs (): number {
    return this.#times[this.#selected]! * this.#nsPerCycle
  }

  get nowCycles (): number {
    return this.#times[this.#selected]!
  }

  get latestNs (): number {
    return this.#times.reduce((latest, time) => Math.max(latest, time), 0) * this.#nsPerCycle
  }

  /** Interrupts are masked: no event comes until they are not. */
  masked = false

  get nextEventNs (): number {
    return this.masked ? Infinity : this.events.nextNs
  }

  /** Lines and pages that were missed, over all processors. */
  get missed (): { lines: number, pages: number } {
    return {
      lines: this.#footprints.reduce((sum, each) => sum + each.linesMissed, 0),
      pages: this.#footprints.reduce((sum, each) => sum + each.pagesMissed, 0)
    }
  }

  /** All locks that were taken. */
  get allLocks (): readonly ModelLock[] {
    return [...this.#locks.values()].flatMap(family => [...family.byKey.values()])
  }

  timeOf (processor: number): number {
    return this.#times[processor]! * this.#nsPerCycle
  }

  select (processor: number): void {
    this.#selected = processor
  }

  idleUntil (atNs: number): void {
    const at = this.#cyclesAt(atNs)
    if (at <= this.#times[this.#selected]!) return
    this.#times[this.#selected] = at
    this.hash.mix(Charge.IDLE, this.#selected, at)
  }

  /** The first instant in cycles that is no earlier in ns: what was rounded down would not have come yet. */
  #cyclesAt (atNs: number): number {
    const at = atNs / this.#nsPerCycle
    return at * this.#nsPerCycle < atNs ? at + at * Number.EPSILON : at
  }

  readyNs (elsewhere: boolean): number {
    if (!elsewhere) return this.nowNs
    this.#spend(Charge.SIGNAL, this.profile.interProcessor.send)
    return this.nowNs + this.profile.interProcessor.latency * this.#nsPerCycle
  }

  begin (): void {
    this.#held.clear()
    if (this.#selected === 0) this.#sections.length = 0
  }

  preempt (atNs: number): Rest {
    const now = this.#times[this.#selected]!
    let at = Math.min(now, this.#cyclesAt(atNs))
    const left: Section[] = []
    for (const { begin, end, pieces } of this.#sections) {
      if (begin < at && at < end) {
        const piece = (end - begin) / pieces
        const done = Math.ceil((at - begin) / piece)
        at = done >= pieces ? end : begin + done * piece
        if (done < pieces) left.push({ begin: at, end, pieces: pieces - done })
      } else if (begin >= at) {
        left.push({ begin, end, pieces })
      }
    }
    this.#times[this.#selected] = at
    this.hash.mix(Charge.PREEMPT, this.#selected, at)
    return { ns: (now - at) * this.#nsPerCycle, sections: left.map(({ begin, end, pieces }) => ({ begin: begin - at, end: end - at, pieces })) }
  }

  makeUp ({ ns, sections }: Rest): void {
    const from = this.#times[this.#selected]!
    this.#times[this.#selected] = from + ns / this.#nsPerCycle
    if (this.#selected === 0) for (const { begin, end, pieces } of sections) this.#sections.push({ begin: from + begin, end: from + end, pieces })
    this.hash.mix(Charge.MAKE_UP, this.#selected, this.#times[this.#selected]!)
  }

  isolate (policy: CachePolicy, spaces: number): void {
    this.#caches = policy
    this.#partitions = policy === 'partitioned' ? Math.max(1, spaces) : 1
    this.#footprints = Array.from({ length: this.processors * this.#partitions }, () => new Footprints(this.profile, 1 / this.#partitions))
  }

  /** What the selected processor has in its caches, in the address space that it is in. */
  get #resident (): Footprints {
    return this.#footprints[this.#selected * this.#partitions + this.#spaces[this.#selected]! % this.#partitions]!
  }

  pick (count: number): number {
    return this.#random === null || count < 2 ? 0 : this.#random.below(count)
  }

  note (kind: number, who: number): void {
    this.hash.mix(kind | (this.#selected << 8), who, this.#times[this.#selected]!)
  }

  // ---- events

  /** Something happens after so many ns of virtual time, as processor 0 knows it. */
  after (delayNs: number, happen: () => void): ModelEvent {
    return this.events.add(this.nowNs + delayNs, happen)
  }

  /**
   * What comes to processor 0 at an instant: an interrupt, with its handler. It costs its time there; what it lets go on can
   * go on from then.
   */
  interrupt (atNs: number, handle: () => void): void {
    const { entry, exit } = this.profile.interrupt
    const selected = this.#selected
    const outside = this.outside
    this.outside = false
    this.#selected = 0
    const before = this.#times[0]!
    const from = Math.min(before, Math.max(0, this.#cyclesAt(atNs)))
    this.#times[0] = from
    const sections = this.#sections
    this.#sections = []
    this.#spend(Charge.INTERRUPT, entry)
    handle()
    this.#spend(Charge.INTERRUPT, exit)
    // The rest of what the processor had before it comes after it. A section within which it came ends later, and so do those after it.
    const took = this.#times[0]! - from
    this.#times[0] = before + took
    const later = (at: number): number => at > from ? at + took : at
    this.#sections = sections.map(({ begin, end, pieces }) => ({ begin: later(begin), end: later(end), pieces }))
    this.#selected = selected
    this.outside = outside
  }

  figure (row: CostRow): number {
    if (this.#sample === null || row.range === undefined) return row.instructions
    let figure = this.#figures.get(row)
    if (figure === undefined) {
      // By what the row says and not by when it is asked for: kernels that are compared meet the same draws, in whatever order they are linked.
      const [least, most] = row.range
      this.#figures.set(row, figure = least + (most - least) * this.#sample.split(JSON.stringify(row)).fraction())
    }
    return figure
  }

  itemize (ledger: Ledger): void {
    this.#ledger = ledger
  }

  #itemize (ledger: Ledger, what: Charge, cycles: number, who: Occupant | null, missed: number): void {
    const pages = missed > 0 ? Math.min(missed, this.#resident.pageCycles) : 0
    ledger(who === null ? names[what] : who.name, cycles - missed)
    if (missed > pages) ledger('cache refill', missed - pages)
    if (pages > 0) ledger('TLB refill', pages)
  }

  // ---- charges

  occupant (name: string, supervisor: boolean): Occupant {
    const key = supervisor ? `${name} (supervisor)` : name
    let occupant = this.#occupants.get(key)
    if (occupant === undefined) {
      occupant = { name, id: this.#occupants.size, supervisor }
      this.#occupants.set(key, occupant)
    }
    return occupant
  }

  work (who: Occupant, instructions: number, dataLines: number): void {
    const cycles = this.#workCycles(who, instructions, dataLines)
    this.#spend(Charge.WORK, cycles, who, this.#missed)
  }

  #workCycles (who: Occupant, instructions: number, dataLines: number): number {
    const codeLines = Math.min(CODE_LINES_MAX, Math.ceil(instructions * INSTRUCTION_BYTES / this.#lineBytes))
    const pages = Math.ceil(codeLines * this.#lineBytes / this.profile.tlb.pageBytes) + Math.ceil(dataLines / LINES_A_PAGE)
    this.#missed = this.#touch(who, codeLines + dataLines, pages)
    return instructions * this.profile.kernelInstruction + this.#missed
  }

  #touch (who: Occupant, lines: number, pages: number, streamed = false): number {
    return this.outside ? 0 : this.#resident.touch(who.id, who.supervisor, lines, pages, streamed)
  }

  locks (name: string): LockFamily {
    let family = this.#locks.get(name)
    if (family === undefined) this.#locks.set(name, family = new LockFamily(name))
    return family
  }

  workUnder (locks: Locks, key: number, who: Occupant, instructions: number, dataLines: number, pieces = 1): void {
    const cycles = this.#workCycles(who, instructions, dataLines)
    const entered = this.#times[this.#selected]!
    if (this.processors === 1 || this.outside) {
      this.#spend(Charge.WORK, cycles, who, this.#missed)
      this.#section(entered, pieces)
      return
    }
    const lock = (locks as LockFamily).at(key)
    const taking = this.#lockCycles(lock, dataLines)
    const from = this.#times[this.#selected]!
    const begin = lock.reserve(from, taking + cycles, this.#earliest())
    lock.owner = this.#selected
    this.#spend(Charge.LOCK, begin - from + taking)
    this.#spend(Charge.WORK, cycles, who, this.#missed)
    this.#section(entered, pieces)
  }

  #section (begin: number, pieces: number): void {
    if (this.outside || this.#selected !== 0) return
    const end = this.#times[0]!
    const last = this.#sections.at(-1)
    // Sections that follow each other at once are one.
    if (last !== undefined && last.end === begin && last.pieces === 1 && pieces === 1) this.#sections[this.#sections.length - 1] = { begin: last.begin, end, pieces }
    else this.#sections.push({ begin, end, pieces })
  }

  acquire (locks: Locks): void {
    if (this.outside) return
    const lock = (locks as LockFamily).at(0)
    const from = this.#times[this.#selected]!
    const begin = this.processors === 1 ? from : lock.enter(from)
    this.#held.set(lock, begin)
    if (this.processors === 1) return
    this.#spend(Charge.LOCK, begin - from + this.#lockCycles(lock, 0))
    lock.owner = this.#selected
  }

  release (locks: Locks): void {
    const lock = (locks as LockFamily).at(0)
    const begin = this.#held.get(lock)
    if (begin === undefined) return
    this.#held.delete(lock)
    this.#section(begin, 1)
    if (this.processors > 1) lock.leave(begin, this.#times[this.#selected]!)
  }

  /** Taking a lock: its own line, and those that it guards, from whose cache they are in. */
  #lockCycles (lock: ModelLock, dataLines: number): number {
    const { atomic, lineTransfer } = this.profile
    if (lock.owner < 0 || lock.owner === this.#selected) return atomic
    const near = Math.floor(lock.owner / lineTransfer.processorsNear) === Math.floor(this.#selected / lineTransfer.processorsNear)
    return atomic + (1 + dataLines) * (near ? lineTransfer.near : lineTransfer.far)
  }

  #earliest (): number {
    let earliest = Infinity
    for (const time of this.#times) if (time < earliest) earliest = time
    return earliest
  }

  ran (who: Occupant, counts: Readonly<InstructionCounts>, memoryBytes: number): void {
    const { program } = this.profile
    const { integer, float, memory, branch, call } = counts
    const total = integer + float + memory + branch + call
    if (total === 0) return
    const own = integer * program.integer + float * program.float + memory * program.memory + branch * program.branch + call * program.call
    const codeLines = Math.min(CODE_LINES_MAX, Math.ceil(total / PROGRAM_INSTRUCTIONS_A_CODE_LINE))
    const dataLines = Math.min(Math.ceil(memory / PROGRAM_ACCESSES_A_LINE), Math.ceil(memoryBytes / this.#lineBytes), CODE_LINES_MAX)
    const pages = 1 + Math.ceil(dataLines / (this.profile.tlb.pageBytes / this.#lineBytes))
    this.#pace = own / total
    this.#executed += total
    const missed = this.#touch(who, codeLines + dataLines, pages)
    this.#spend(Charge.PROGRAM, own + missed, who, missed)
  }

  instructionsIn (durationNs: number): number {
    return Math.max(1, Math.floor(durationNs / (this.#nsPerCycle * this.#pace)))
  }

  copied (bytes: number): void {
    if (bytes === 0) return
    const { startCycles, perByte } = this.profile.copy
    const missed = this.#touchBulk(bytes)
    this.#spend(Charge.COPY, startCycles + bytes * perByte + missed, null, missed)
  }

  #touchBulk (bytes: number): number {
    const lines = Math.ceil(bytes / this.#lineBytes) * 2
    // A few bytes lie in lines that whoever copies them has in hand.
    return lines <= 2 ? 0 : this.#touch(this.#bulk, lines, Math.ceil(bytes / this.profile.tlb.pageBytes) * 2, true)
  }

  enter (inRegisters = false): void {
    const { trapEntry, trapRegisters, pageTableIsolation } = this.profile
    this.#spend(Charge.ENTER, (inRegisters ? Math.max(0, trapEntry - trapRegisters.save) : trapEntry) + pageTableIsolation)
  }

  leave (inRegisters = false): void {
    const { trapExit, trapRegisters, pageTableIsolation } = this.profile
    this.#spend(Charge.LEAVE, (inRegisters ? Math.max(0, trapExit - trapRegisters.restore) : trapExit) + pageTableIsolation)
  }

  granted (bytes: number): void {
    const { map, tlb, copy } = this.profile
    const mapped = Math.max(1, Math.ceil(bytes / tlb.pageBytes)) * (map.perPage + map.unmapPerPage)
    this.#spend(Charge.GRANT, Math.min(mapped, copy.startCycles + bytes * copy.perByte))
  }

  get pageBytes (): number {
    return this.profile.tlb.pageBytes
  }

  pageEntered (filled: boolean): void {
    const { map, copy } = this.profile
    this.#spend(Charge.MAP, map.perPage)
    if (!filled) return
    const missed = this.#touch(this.#bulk, Math.ceil(this.pageBytes / this.#lineBytes), 1, true)
    this.#spend(Charge.FILL, copy.startCycles + this.pageBytes * copy.perByte + missed, null, missed)
  }

  /** The page table changes. */
  switchTo (space: number): void {
    // What the host does is done from outside: the processor keeps its address space.
    if (this.outside || space === this.#spaces[this.#selected]) return
    this.#spaces[this.#selected] = space
    this.#spend(Charge.SWITCH, this.profile.addressSpaceSwitch)
    if (this.#caches === 'flushed') this.#spend(Charge.FLUSH, this.#resident.flushAll())
    else if (!this.profile.tlb.tagged) this.#resident.flushTlb()
  }

  /** `missed`: what of it filled caches and TLB. */
  #spend (what: Charge, cycles: number, who: Occupant | null = null, missed = 0): void {
    if (this.outside) return
    if (this.#ledger !== null) this.#itemize(this.#ledger, what, cycles, who, missed)
    assert(cycles >= 0, `${cycles} cycles were charged`)
    this.#times[this.#selected]! += cycles
    this.busyCycles += cycles
    this.hash.mix(what, this.#selected, this.#times[this.#selected]!)
  }
}
