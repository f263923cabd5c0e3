/**
 * Timing: what a machine is told of the work that is done on it, where work costs virtual time.
 *
 * On the live machine work costs what it takes, and nobody tells anything: `Machine.timing` is null there. On a model
 * machine the decorators of gates (`src/link/timed.ts`) and the core's programs charge here, in units that know no
 * hardware: instructions, cache lines, bytes, entries. The machine turns them into cycles of the processor that is
 * simulated now.
 *
 * An *occupant* is whoever has lines in the caches and pages in the TLB: an operation of a service, a path of the core,
 * a program. It is the same one wherever a plan places it, so that what differs between two plans is how often occupants
 * evict each other.
 *
 * Several processors are simulated one after the other: `select` says whose turn it is, and the clock is that
 * processor's. Who selects always the one that can be earliest (the scheduler does) sees every effect in the order of
 * virtual time.
 */

import type { CostRow } from '../roles/index.ts'

/**
 * Instructions that a program executed, by class. What only names an operand (local.get, local.set, constants, drop, nop) is no
 * instruction of hardware and is in none; nor is what marks structure. So a count is close to that of a machine's instructions.
 */
export interface InstructionCounts {
  integer: number
  float: number
  memory: number
  branch: number
  call: number
}

/** Whoever occupies caches and TLB. */
export interface Occupant {
  readonly name: string
  readonly id: number
  /** Whether its pages are the supervisor's: those stay in the TLB where address spaces change. */
  readonly supervisor: boolean
}


/** Locks of one name. */
export interface Locks {
  readonly name: string
}

/** Takes each charge as it is made: what it is for (`trap entry`, `copy`, `TLB refill` …), and the cycles. */
export type Ledger = (what: string, cycles: number) => void

/**
 * What becomes of caches and TLB where the address space changes: nothing, as hardware has it; they are emptied, which costs the emptying and
 * the filling; or each address space has a part of its own (page colours, ways), which costs everybody the rest.
 */
export type CachePolicy = 'shared' | 'flushed' | 'partitioned'

/** A critical section of a call: when it begins and ends, and in how many pieces it is done. */
export interface Section {
  readonly begin: number
  readonly end: number
  readonly pieces: number
}

/** What is left of a call that was preempted. */
export interface Rest {
  readonly ns: number
  /** Its critical sections, from where it was preempted; in the machine's own units. */
  readonly sections: readonly Section[]
}

export interface MachineTiming {
  /** Virtual processors. */
  readonly processors: number
  /** The one that is simulated now, from 0. Interrupts of devices come to processor 0. */
  readonly processor: number
  /** Its time, in ns. */
  readonly nowNs: number
  /** The latest time of any processor, in ns. */
  readonly latestNs: number
  /** Cycles of all processors in which they were at work. */
  readonly busyCycles: number

  select (processor: number): void
  /** The time of one processor, in ns. */
  timeOf (processor: number): number
  /** The selected processor has nothing to do until then. */
  idleUntil (atNs: number): void
  /** When the next event of a device or timer comes, in ns; Infinity when there is none. */
  readonly nextEventNs: number
  /** When a thread that is made ready now can run: later, where another processor has to be told. */
  readyNs (elsewhere: boolean): number
  /**
   * A call is preempted within: the selected processor goes back to `atNs`, or to the end of the critical section that it was
   * in then. Returns what is left of the call, to be made up for when its thread goes on (`makeUp`).
   */
  preempt (atNs: number): Rest
  makeUp (rest: Rest): void
  /** The selected processor begins something else: sections before it are of no matter to `preempt`, and no lock is held. */
  begin (): void
  /** One of so many that the policy holds for equal, drawn from the seed; 0 without one. */
  pick (count: number): number
  /** While it is true nothing is charged: the host does something, from outside of the machine. */
  outside: boolean
  /** An event of the trace: what kind of, below 16, as who notes it numbers them. */
  note (kind: number, who: number): void

  /** How many instructions a row of a cost table stands for here: its own figure, or one that was drawn from its range. */
  figure (row: CostRow): number

  /** How caches and TLB are shared, by so many address spaces. Said once, before anything runs. */
  isolate (policy: CachePolicy, spaces: number): void

  /** Names an occupant once. */
  occupant (name: string, supervisor: boolean): Occupant
  /** Kernel code that runs now: so many instructions, and so many different cache lines of data touched. */
  work (who: Occupant, instructions: number, dataLines: number): void
  /** Locks of one name, one for each key. */
  locks (name: string): Locks
  /** The same work, in a critical section under one of them; done in so many pieces, between which a call can be preempted. */
  workUnder (locks: Locks, key: number, who: Occupant, instructions: number, dataLines: number, pieces?: number): void
  /** A lock is taken, for as long as it takes until it is given back. */
  acquire (lock: Locks): void
  release (lock: Locks): void
  /** Program code that has run since it was last told, with a memory of so many bytes. */
  ran (who: Occupant, counts: Readonly<InstructionCounts>, memoryBytes: number): void
  /** How many instructions of a program fill so much time at most, as it has run so far; at least 1. */
  instructionsIn (durationNs: number): number
  /** Bytes copied from one place to another. */
  copied (bytes: number): void
  /** From user to supervisor mode, and back. `inRegisters`: a message that lies in the registers, so that none is saved or restored. */
  enter (inRegisters?: boolean): void
  leave (inRegisters?: boolean): void
  /** A window of so many bytes is granted to a callee: mapped, and unmapped when the call ends, or copied where that is cheaper. */
  granted (bytes: number): void
  /** Bytes of a page. */
  readonly pageBytes: number
  /** A page is entered in the address space that runs, and filled with zeros before it, or not. */
  pageEntered (filled: boolean): void

  /**
   * Tells a ledger of every charge from now on, of whatever processor, in the order in which they are made. Called once, before
   * anything runs, and only where a trace was asked for: without, no charge looks whether there is a ledger.
   */
  itemize? (ledger: Ledger): void
}
