/**
 * A program's thread: its instance, the calls it may make, and the fuel that makes it give way.
 *
 * Fuel is not time: each program's is tuned so that it looks at the clock about every CHECK_NS, whatever it computes. A clock
 * may be coarser than that (a page's): what is judged is then how often it was looked at until it moved.
 */

import { WaitQueue } from '../../fiber/index.ts'
import type { Implementation, Role } from '../../roles/index.ts'
import { targetsOf } from '../../gates/index.ts'
import type { Target } from '../../gates/index.ts'
import type { InstructionCounts, MachineTiming, Occupant } from '../../machine/index.ts'
import type { Image, ProgramInstance } from '../../walls/wasm/index.ts'
import { Thread } from '../thread/index.ts'
import type { AddressSpace, Scheduler } from '../thread/index.ts'
import type { CallLog, CallReplay, CallUnderWay } from './call-log.ts'

/** How often a program that computes looks at the clock, in ns. */
const CHECK_NS = 100_000
const FUEL_FIRST = 64
/**
 * Fuel at most: with it a program that made its fuel look cheap, to be given much, runs on for about a tenth of a second
 * (`workPerFuelMax` instructions a unit).
 */
const FUEL_MAX = 1 << 16
/** Instructions at most between two looks at the virtual clock: what the host is kept waiting by. */
const MODEL_FUEL_MAX = 1 << 20

/** System calls that are traps, by the slot of their capability: the core needs no stub to enter itself. */
export class EntrySlot {
  readonly slot: number
  /** Makes the calls as stubs over it. */
  readonly stubs: () => Implementation

  constructor (slot: number, stubs: () => Implementation) {
    this.slot = slot
    this.stubs = stubs
  }
}

export class ProgramThread extends Thread {
  readonly image: Image
  /** Its own address space: a program's thread always has one. */
  readonly home: AddressSpace
  /** When it was made, on the monotonic clock. */
  madeNs: number
  /** The capability to enter the supervisor with, where its calls are plain traps; else -1. */
  entrySlot = -1
  /** What serves its calls where they are anything else, and its functions in the order of the role. */
  implementation: Implementation = {}
  targets: readonly Target[] = []
  #stubs: () => Implementation = () => this.implementation
  instance: ProgramInstance | null = null
  /** Bytes of its memories that its account was charged. */
  memoryBytes = 0
  /** What the running call waits on, between `try` and `wait`. */
  pendingWait: unknown = null
  /** What its calls came to, where that is kept. */
  log: CallLog | null = null
  /** What its calls came to in the life that it is brought back from, until it has come as far. */
  replay: CallReplay | null = null
  /** The call in which it was saved, which it makes again when it is let go on; and where it waits for that. */
  saved: CallUnderWay | null = null
  readonly parked = new WaitQueue('a system that is taken up')
  /** Told when its code is about to run, the first time or by a call of host code. */
  onBegin: (() => void) | null = null
  /** Told once, when it has ended. */
  onEnd: (() => void) | null = null
  /** Where time is modelled: pages of its file, and empty ones, that it touches before it next tells what it executed. */
  filePages = 0
  emptyPages = 0
  #fuel = FUEL_FIRST
  #occupant: Occupant | null = null
  readonly #counts: InstructionCounts = { integer: 0, float: 0, memory: 0, branch: 0, call: 0 }
  /** How long it had run when the clock last moved, and how often it was looked at since. */
  #movedNs = 0
  #checks = 0

  constructor (scheduler: Scheduler, image: Image, badge: number, priority: number, space: AddressSpace, nowNs: number) {
    super(scheduler, `${image.label} (${badge})`, badge, priority, space)
    this.image = image
    this.home = space
    this.madeNs = nowNs
    this.suspendable = true
  }

  bind (role: Role, calls: Implementation | EntrySlot): void {
    if (calls instanceof EntrySlot) {
      this.entrySlot = calls.slot
      this.#stubs = calls.stubs
    } else {
      this.implementation = calls
      this.targets = targetsOf(role, calls)
    }
  }

  /** Its system calls as functions, for who makes them in its place. */
  get calls (): Implementation {
    return this.#stubs()
  }

  /** It has ended: it has no calls any more. */
  unbind (): void {
    this.entrySlot = -1
    this.implementation = {}
    this.targets = []
    this.#stubs = () => this.implementation
  }

  /** Gives fuel for about CHECK_NS, judged by how long it ran with the last. It runs now, at `nowNs`. */
  refuel (nowNs: number): void {
    const ranNs = this.ranUpTo(nowNs)
    const tookNs = ranNs - this.#movedNs
    this.#checks++
    if (tookNs > 0) {
      const scale = Math.min(4, Math.max(0.25, CHECK_NS * this.#checks / tookNs))
      this.#fuel = Math.min(FUEL_MAX, Math.max(1, Math.round(this.#fuel * scale)))
      this.#movedNs = ranNs
      this.#checks = 0
    }
    this.instance!.fuel = this.#fuel
  }

  /** Where time is modelled: it has its processor until then, unless an event comes first. Tells the machine what it executed. */
  told (timing: MachineTiming): void {
    const { instance } = this
    if (instance === null) return
    this.#occupant ??= timing.occupant(this.label, false)
    instance.drain(this.#counts)
    timing.ran(this.#occupant, this.#counts, instance.memory.buffer.byteLength)
    this.#counts.integer = this.#counts.float = this.#counts.memory = this.#counts.branch = this.#counts.call = 0
  }

  /** Where time is modelled: fuel up to the end of its slice or the next event, whichever is first. */
  grant (timing: MachineTiming): void {
    const untilNs = Math.min(this.sliceEndsNs, timing.processor === 0 ? timing.nextEventNs : Infinity)
    this.instance!.fuel = Math.min(MODEL_FUEL_MAX, timing.instructionsIn(Math.max(0, untilNs - timing.nowNs)))
  }

  /** The same fuel again, at the beginning of what it is to do. */
  fill (nowNs: number): void {
    this.#movedNs = this.ranUpTo(nowNs)
    this.#checks = 0
    this.instance!.fuel = this.#fuel
  }
}
