/**
 * Timing: what a machine is told of the work that is done on it, where work costs virtual time.
 *
 * On the live machine work costs what it takes, and nobody tells anything: `Machine.timing` is null there. On a model
 * machine the decorators of gates (`src/link/timed.ts`) and the core's programs charge here, in units that know no
 * hardware: instructions, cache lines, bytes, entries. The machine turns them into cycles.
 *
 * An *occupant* is whoever has lines in the caches and pages in the TLB: a service, a program, the core. It is the same
 * one wherever a plan places it, so that what differs between two plans is how often occupants evict each other.
 */

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
  /** The address space that its pages belong to; 0 is the supervisor's. */
  readonly space: number
}

/** What the core does at a gate: each has a row in its cost table and a figure in the profile. */
export type Mechanism = 'trap' | 'rpc' | 'port' | 'reflect'

/** Takes each charge as it is made: what it is for (`trap entry`, `copy`, `TLB refill` …), and the cycles. */
export type Ledger = (what: string, cycles: number) => void

export interface MachineTiming {
  /** Virtual processors. */
  readonly processors: number
  /** Of the processor that is simulated now. */
  readonly processor: number

  /** Names an occupant once. */
  occupant (name: string, space: number): Occupant

  /** Kernel code that runs now: so many instructions, and so many different cache lines of data touched. */
  work (who: Occupant, instructions: number, dataLines: number): void
  /** Program code that has run since it was last told. */
  ran (who: Occupant, counts: Readonly<InstructionCounts>): void
  /** Bytes copied from one place to another. */
  copied (bytes: number): void
  /** From user to supervisor mode, and back. */
  enter (): void
  leave (): void
  /** A window of so many bytes is granted to a callee: mapped, and unmapped when the call ends. */
  granted (bytes: number): void
  /**
   * A critical section: the lock of this name is taken, `body`'s charges are made while it is held, and it is given back.
   * Where other processors hold it, this one waits until it is free.
   */
  locked (lock: string, body: () => void): void

  /**
   * Tells a ledger of every charge from now on, of whatever processor, in the order in which they are made. Called once, before
   * anything runs, and only where a trace was asked for: without, no charge looks whether there is a ledger.
   */
  itemize? (ledger: Ledger): void
}
