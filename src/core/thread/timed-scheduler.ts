/**
 * The scheduler of a machine on which time is modelled: the same policy, on one or several virtual processors.
 *
 * All processors are simulated on the one that there is, in turns: next is always the one that can be earliest. A program
 * runs ahead on its own memory, which nobody sees; its system call is performed only when no other processor can be
 * earlier any more (`mustWait`). Until then the program keeps its processor (`ordered`). So everything that threads do to
 * one another is done in the order of virtual time.
 *
 * A thread whose time has passed an interrupt gives way to it at the end of its call (`interrupted`), is first of its
 * priority again, and has what is left of its slice.
 *
 * Of several threads that the policy holds for equal, the seed says which is next; none is passed over more often than
 * there are others.
 *
 * Host code (that of tasks too) takes no time. Whenever it is told something the host's event loop has a turn before time goes
 * on, and what it starts in that turn begins at the instant at which it was told. So a run does not depend on how many turns
 * of its queue of microtasks a host takes for anything. What comes to the host from outside is let in at a turn too.
 */

import { WaitQueue, assert, giveWay } from '../../fiber/index.ts'
import type { Wait } from '../../fiber/index.ts'
import { Noted } from '../noted.ts'
import type { Machine, MachineTiming, Occupant } from '../../machine/index.ts'
import { INIT } from '../../roles/index.ts'
import type { CostRow } from '../../roles/index.ts'
import type { SchedulerPaths } from '../costs.ts'
import type { SystemCounters } from '../counters.ts'
import { Scheduler, hostTurn } from './scheduler.ts'
import type { SchedulerOptions } from './scheduler.ts'
import { Thread } from './thread.ts'

/** What a thread waits on that keeps its processor until all others have reached its time. */
export const ordered = new WaitQueue('order of time')
/** What a thread waits on that lets an interrupt be taken that came within its call. */
export const interrupted = new WaitQueue('interrupt')

/** One virtual processor, while another is simulated. */
interface Processor {
  readonly number: number
  /** Whoever has it and goes on by itself; null when it is free. */
  thread: Thread | null
  space: number
}

export class TimedScheduler extends Scheduler {
  readonly #timing: MachineTiming
  readonly #processors: Processor[]
  readonly #paths: SchedulerPaths
  readonly #preemptible: boolean
  readonly #occupant: Occupant
  /** Threads that host code has made since its last turn, in order. */
  readonly #arrivals: Thread[] = []
  /** When host code was told what it has the next turn for; -1 when it has one for other reasons. */
  #toldNs = -1
  /** Of the bytes that the core has counted as copied, those that the machine was told of. */
  #toldBytes = 0
  /** Whose call an interrupt came within, that has just been taken; null otherwise. */
  #interrupted: Thread | null = null

  constructor (machine: Machine, counters: SystemCounters, options: SchedulerOptions) {
    super(machine, counters, options)
    const { timing } = machine
    const { paths } = options
    assert(timing !== null && paths !== undefined, 'a scheduler of modelled time on a machine that takes its time, or without its paths')
    this.#preemptible = options.preemptible ?? false
    this.#timing = timing
    this.#paths = paths
    this.#occupant = timing.occupant('scheduler', true)
    this.#processors = Array.from({ length: timing.processors }, (_, number) => ({ number, thread: null, space: 0 }))
  }

  /** One of its paths is gone. */
  #goes (path: CostRow): void {
    this.#timing.work(this.#occupant, this.#timing.figure(path), path.dataLines)
  }

  /** Now, while who copied them runs: bytes that are told later would be somebody else's, or nobody's. */
  override tellCopied (): void {
    const { bytesCopied } = this.counters
    const bytes = bytesCopied - this.#toldBytes
    if (bytes <= 0) return
    this.#toldBytes = bytesCopied
    this.#timing.copied(bytes)
  }

  /** What is done for the host is done from outside. */
  protected override occupy (thread: Thread | null): void {
    super.occupy(thread)
    this.#timing.outside = thread !== null && thread.principal === INIT
  }

  override actFor (thread: Thread, principal: number): void {
    super.actFor(thread, principal)
    if (thread === this.current) this.occupy(thread)
  }

  override interruptTaken (): void {
    this.#goes(this.#paths.interrupt)
  }

  /** Host code's threads are let in at the end of its turn. */
  override startThread (thread: Thread): void {
    this.#arrivals.push(thread)
    this.kick()
  }

  /** Whether the host is to be heard before anything else goes on. */
  get hostTurnDue (): boolean {
    return this.turnOwed || this.machine.processor.giveWayDue()
  }

  override hostIsTold (): void {
    this.turnOwed = true
    this.#toldNs = this.#timing.nowNs
  }

  /** The host had its turn. */
  #resume (): void {
    const readyNs = this.#toldNs < 0 ? this.#timing.latestNs : this.#toldNs
    this.#toldNs = -1
    for (const thread of this.#arrivals.splice(0)) {
      // Its task may have ended before it began.
      if (thread.state !== 'new') continue
      thread.readyNs = readyNs
      super.makeReady(thread)
    }
    this.dispatch()
  }

  override makeReady (thread: Thread): void {
    // Whoever wakes it may be earlier than it was when it began to wait: then it was woken before it had done with waiting.
    thread.readyNs = Math.max(thread.leftNs, this.#timing.readyNs(this.#tellsOther()))
    super.makeReady(thread)
  }

  /** Whether another processor has to be told of a thread: one has nothing to do, and this one has. */
  #tellsOther (): boolean {
    const { processors, processor } = this.#timing
    if (processors === 1 || (this.current === null && this.#processors[processor]!.thread === null)) return false
    return this.#processors.some(other => other.thread === null && other.number !== processor)
  }

  override wake (thread: Thread, queue: WaitQueue): void {
    if (thread.state !== 'waiting') return
    this.#timing.note(Noted.WAKE, thread.principal)
    this.#goes(this.#paths.makeReady)
    super.wake(thread, queue)
  }

  override wait (thread: Thread, wait: Wait): void {
    if (wait === ordered) {
      thread.woken = ordered
      thread.state = 'ready'
      this.#processors[this.#timing.processor]!.thread = thread
      return
    }
    this.tellCopied()
    thread.leftNs = this.#timing.nowNs
    if (wait === interrupted) {
      thread.woken = interrupted
      thread.state = 'ready'
      thread.readyNs = this.#timing.nowNs
      this.#interrupted = thread
      this.ready[thread.priority]!.unshift(thread)
      return
    }
    if (wait === hostTurn) {
      thread.readyNs = thread.leftNs
      super.wait(thread, wait)
      return
    }
    if (wait === giveWay && thread.principal === INIT) {
      super.wait(thread, wait)
      // It takes no time: others have to come first, or none would pass.
      thread.readyNs = this.#timing.latestNs + 1
      return
    }
    this.#timing.note(Noted.BLOCK, thread.principal)
    // And whoever is next is chosen and switched to: by now, for what it costs is this one's.
    this.#goes(this.#paths.wait)
    thread.leftNs = this.#timing.nowNs
    this.#goes(this.#paths.pickNext)
    this.#goes(this.#paths.switch)
    super.wait(thread, wait)
  }

  /** Whether somebody else can be earlier than the processor that runs now: then its call may not be performed yet. */
  mustWait (): boolean {
    const timing = this.#timing
    if (timing.processors === 1) return false
    const now = timing.nowNs
    let ready: boolean | null = null
    for (const processor of this.#processors) {
      if (processor.number === timing.processor || timing.timeOf(processor.number) >= now) continue
      if (processor.thread !== null || (ready ??= this.#readyBefore(now))) return true
    }
    return processorZeroIsDue(timing, now)
  }

  /** Whether a thread that no processor has can go on before this instant. */
  #readyBefore (atNs: number): boolean {
    for (const queue of this.ready) for (const thread of queue) if (thread.readyNs < atNs) return true
    return false
  }

  /** Whether an interrupt has come that the running processor takes. */
  interruptDue (): boolean {
    const timing = this.#timing
    return timing.processor === 0 && timing.nextEventNs <= timing.nowNs
  }

  /** From when on a processor can go on; Infinity when it has nothing to do. */
  #canBe (processor: Processor): number {
    const own = this.#timing.timeOf(processor.number)
    if (processor.thread !== null) return own
    const first = this.#firstAt(own)
    return first === null ? Infinity : Math.max(own, first.readyNs)
  }

  /**
   * Who is first on a processor that is free at this instant: of those that can go on, the first of the highest priority; while
   * none can, whoever can first. A processor does not idle for who comes later while somebody could go on.
   */
  #firstAt (atNs: number): Thread | null {
    let soonest: Thread | null = null
    for (const queue of this.ready) {
      for (const thread of queue) {
        if (thread.readyNs <= atNs) return thread
        if (soonest === null || thread.readyNs < soonest.readyNs) soonest = thread
      }
    }
    return soonest
  }

  protected override next (): Thread | null {
    const first = this.#firstAt(this.#timing.nowNs)
    return first === null ? null : this.#taken(this.ready[first.priority]!, first)
  }

  #taken (queue: Thread[], first: Thread): Thread {
    const from = queue.indexOf(first)
    let at = from
    if (queue.length > 1 && first.passedOver < queue.length) {
      const limit = Math.max(this.#timing.nowNs, first.readyNs)
      let equal = 1
      for (let other = from + 1; other < queue.length; other++) if (queue[other]!.readyNs <= limit) equal++
      for (let left = this.#timing.pick(equal); left > 0; left--) {
        queue[at]!.passedOver++
        do at++
        while (queue[at]!.readyNs > limit)
      }
    }
    const [thread] = queue.splice(at, 1)
    thread!.passedOver = 0
    return thread!
  }

  /** Gives the processor to the next thread, and goes on with whichever can be earliest. */
  override dispatch (): void {
    assert(!this.dispatching, 'dispatch within dispatch')
    const timing = this.#timing
    this.charge()
    this.#leave()
    this.parked = 'no'
    this.dispatching = true
    try {
      for (;;) {
        if (this.halted) {
          this.parked = 'halted'
          return
        }
        if (this.turnOwed || this.machine.processor.giveWayDue()) {
          this.turnOwed = false
          this.parked = 'given way'
          this.machine.processor.giveWay(() => { this.#resume() })
          return
        }
        const processor = this.#earliest()
        const atNs = processor === null ? Infinity : this.#canBe(processor)
        if (timing.nextEventNs <= atNs && timing.nextEventNs < Infinity) {
          this.#select(this.#processors[0]!)
          if (this.#processors[0]!.thread === null) timing.idleUntil(timing.nextEventNs)
          this.machine.interrupts.deliver()
          this.#leave()
          continue
        }
        if (processor === null) {
          this.machine.interrupts.deliver()
          if (this.ready.some(queue => queue.length > 0) || timing.nextEventNs < Infinity) continue
          this.turnOwed = this.#arrivals.length > 0
          if (this.turnOwed) continue
          this.idle()
          return
        }
        this.#select(processor)
        if (this.#goOn(processor)) return
        this.charge()
        this.#leave()
      }
    } finally {
      this.dispatching = false
    }
  }

  protected override idle (): void {
    this.parked = 'idle'
    this.machine.processor.idle(() => { this.#resume() })
  }

  protected override run (thread: Thread, nowNs: number): boolean {
    const isProgram = super.run(thread, nowNs)
    if (!isProgram && thread.state === 'ended') this.hostIsTold()
    return isProgram
  }

  /** Runs the processor's thread, or takes one; true when a program has it now. */
  #goOn (processor: Processor): boolean {
    const timing = this.#timing
    const kept = processor.thread
    processor.thread = null
    const thread = kept ?? this.next()!
    timing.outside = thread.principal === INIT
    if (kept === null) {
      this.#preempt(thread)
      // Sections up to here are those of who had the processor before.
      timing.begin()
      timing.idleUntil(thread.readyNs)
      assert(timing.nowNs >= thread.leftNs, `${thread.label} goes on at ${timing.nowNs} ns, and left at ${thread.leftNs} ns`)
      timing.note(Noted.RUN, thread.principal)
    }
    if (thread.owed !== null) {
      timing.makeUp(thread.owed)
      thread.owed = null
      if (this.interruptDue()) {
        this.wait(thread, interrupted)
        return false
      }
    }
    return this.run(thread, timing.nowNs)
  }

  /** Where the kernel may be preempted, who was woken by an interrupt begins when it came, and what it came within goes on later. */
  #preempt (thread: Thread): void {
    const other = this.#interrupted
    // Another processor may have taken it, while this one was at the interrupt: then nothing is left here to be preempted.
    if (thread === other) this.#interrupted = null
    if (other === null || thread === other || this.#timing.processor !== 0) return
    this.#interrupted = null
    if (this.#preemptible && thread.priority < other.priority && thread.readyNs < this.#timing.nowNs) {
      other.owed = this.#timing.preempt(thread.readyNs)
      other.readyNs = other.leftNs = this.#timing.nowNs
      this.counters.preemptions++
    }
    this.#goes(this.#paths.switch)
  }

  #earliest (): Processor | null {
    let first: Processor | null = null
    let firstNs = Infinity
    for (const processor of this.#processors) {
      const atNs = this.#canBe(processor)
      if (atNs < firstNs) {
        first = processor
        firstNs = atNs
      }
    }
    return first
  }

  #select (processor: Processor): void {
    this.#timing.select(processor.number)
    this.space = processor.space
  }

  /** The selected processor's registers are put by. */
  #leave (): void {
    this.tellCopied()
    this.occupy(null)
    this.#processors[this.#timing.processor]!.space = this.space
  }
}

/** An event comes before this instant, to a processor that is not the one that runs. */
function processorZeroIsDue (timing: MachineTiming, now: number): boolean {
  return timing.processor !== 0 && timing.nextEventNs < now
}
