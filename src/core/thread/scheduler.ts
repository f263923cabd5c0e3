/**
 * The scheduler: round robin with priorities and time slices, on one processor.
 *
 * One thread runs at a time. A program runs until it waits, gives way or ends; then `dispatch` picks the next. The
 * kernel's own work (fibers) runs inside `dispatch`; a program is let go by resolving the promise that its trampoline
 * waits on, in a microtask, so `dispatch` returns and nothing of the kernel lies on the program's stack.
 * Between threads pending interrupts are delivered, and the host's event loop gets its turn when the machine says so.
 *
 * Rules of use: host code never runs the kernel while a program does: it makes a thread (`startFiber`), and an idle
 * processor is told by an interrupt. Whoever wakes a thread is the kernel itself, or a handler after which it resumes.
 * Invariant: `current` is null exactly when the processor is idle or has given way to the host.
 */

import { Errno, WaitQueue, assert, giveWay } from '../../fiber/index.ts'
import type { Fiber, Wait } from '../../fiber/index.ts'
import type { Machine } from '../../machine/index.ts'
import { KILLED } from '../../walls/wasm/index.ts'
import type { SchedulerPaths } from '../costs.ts'
import type { SystemCounters } from '../counters.ts'
import type { AddressSpace } from './address-space.ts'
import type { Continuation, ThreadState } from './thread.ts'
import { Thread } from './thread.ts'

/**
 * What a thread waits on that lets the host have its turn within its own slice: it stays first of its priority, and
 * has the rest of the slice after it. Nobody wakes it.
 */
export const hostTurn = new WaitQueue('host turn')

/** The interrupt line by which host code says that it has made a thread. */
const HOST_LINE = 'host'

export interface SchedulerOptions {
  readonly sliceUs: number
  readonly priorities: number
  /** Where time is modelled: whether a call within the kernel can be preempted, outside of its critical sections. Default false. */
  readonly preemptible?: boolean
  /** Where time is modelled: how long the scheduler's own paths are. */
  readonly paths?: SchedulerPaths
}

export class Scheduler {
  protected readonly machine: Machine
  readonly #clock: Machine['clock']
  readonly #processor: Machine['processor']
  protected readonly counters: SystemCounters
  /** Threads that can run, by priority. */
  protected readonly ready: Thread[][]
  readonly sliceNs: number
  readonly priorities: number
  current: Thread | null = null
  /** The current address space; 0 is the supervisor's. */
  space = 0
  /** How long the processor has been at work, in ns. */
  #busyNs = 0
  protected parked: 'no' | 'idle' | 'given way' | 'halted' = 'no'
  protected dispatching = false
  protected halted = false
  /** A thread waits for the host's turn, whatever the machine says. */
  protected turnOwed = false
  /** Called when a fiber throws: a fault outside any domain that would have caught it. */
  onBug: (error: unknown, thread: Thread) => void = error => { throw error }

  constructor (machine: Machine, counters: SystemCounters, options: SchedulerOptions) {
    this.machine = machine
    this.#clock = machine.clock
    this.#processor = machine.processor
    this.counters = counters
    this.sliceNs = options.sliceUs * 1000
    this.priorities = options.priorities
    this.ready = Array.from({ length: options.priorities }, () => [])
    machine.interrupts.connect(HOST_LINE, () => { this.hostRang() })
    this.idle()
  }

  /** A thread of the supervisor that runs a fiber and gives its value to `done`: made by the kernel itself. */
  startFiber (label: string, principal: number, priority: number, space: AddressSpace | null, fiber: Fiber<unknown>, done: Continuation): Thread {
    const thread = this.#withFiber(label, principal, priority, space, fiber, done)
    this.makeReady(thread)
    this.kick()
    return thread
  }

  /** The same, made by the handler of an interrupt, after which the processor goes on by itself. */
  startFiberInHandler (label: string, principal: number, priority: number, space: AddressSpace | null, fiber: Fiber<unknown>, done: Continuation): Thread {
    const thread = this.#withFiber(label, principal, priority, space, fiber, done)
    this.makeReady(thread)
    return thread
  }

  /** The same, made by host code. */
  startHostFiber (label: string, principal: number, priority: number, space: AddressSpace | null, fiber: Fiber<unknown>, done: Continuation): Thread {
    const thread = this.#withFiber(label, principal, priority, space, fiber, done)
    this.startThread(thread)
    return thread
  }

  #withFiber (label: string, principal: number, priority: number, space: AddressSpace | null, fiber: Fiber<unknown>, done: Continuation): Thread {
    const thread = new Thread(this, label, principal, priority, space)
    thread.fiber = fiber
    thread.continuation = done
    return thread
  }

  /** Lets a thread that host code made run; where the processor is idle it does so at once. */
  startThread (thread: Thread): void {
    this.makeReady(thread)
    this.kick()
  }

  /** The thread that has the processor; null for none. The one place where it changes. */
  protected occupy (thread: Thread | null): void {
    this.current = thread
  }

  /** An interrupt is about to be handled: for who tells what that costs. */
  interruptTaken (): void {}

  /** Bytes were copied, as the counters say: for who tells what that costs. */
  tellCopied (): void {}

  /** A server's thread acts for whoever sent the message that it serves. */
  actFor (thread: Thread, principal: number): void {
    thread.principal = principal
  }

  /** Host code has made a thread and rung, since the processor was idle. */
  protected hostRang (): void {}

  makeReady (thread: Thread): void {
    assert(thread.state !== 'ready' && thread.state !== 'ended', `thread ${thread.label} is ${thread.state}`)
    thread.state = 'ready'
    this.ready[thread.priority]!.push(thread)
  }

  /**
   * The host gets a turn before the next thread: for who comes from host code again and again. The machine cannot know of
   * that, since between any two times the processor idles.
   */
  oweHostTurn (): void {
    this.turnOwed = true
  }

  /** Host code hears of something by a promise. Where time is modelled it does what it does about it before time goes on. */
  hostIsTold (): void {}

  wake (thread: Thread, queue: WaitQueue): void {
    if (thread.state !== 'waiting') return
    if (thread.waitsOn !== queue) this.#leaveQueues(thread, queue)
    thread.waitsOn = null
    thread.woken = queue
    this.makeReady(thread)
  }

  /** Puts the current thread on the queues that its fiber waits on. */
  wait (thread: Thread, wait: Wait): void {
    // Of several waits, giving way is over first; it is no wait for anything.
    if (wait === giveWay || (Array.isArray(wait) && wait.includes(giveWay))) {
      thread.woken = giveWay
      thread.state = 'waiting'
      thread.sliceEndsNs = 0
      this.makeReady(thread)
      return
    }
    if (wait === hostTurn) {
      thread.woken = hostTurn
      thread.state = 'ready'
      this.ready[thread.priority]!.unshift(thread)
      return
    }
    this.counters.waits++
    thread.state = 'waiting'
    thread.waitsOn = wait
    if (Array.isArray(wait)) for (const queue of wait as readonly WaitQueue[]) queue.enter(thread)
    else (wait as WaitQueue).enter(thread)
  }

  /** Takes a thread out of all the queues that it waits on, but for the one that let it go. */
  #leaveQueues (thread: Thread, left: WaitQueue | null): void {
    const wait = thread.waitsOn
    if (wait === null) return
    if (!Array.isArray(wait)) (wait as WaitQueue).leave(thread)
    else for (const queue of wait as readonly WaitQueue[]) if (queue !== left) queue.leave(thread)
  }

  /** Ends what a thread waits for: its fiber gives back what it holds, its program traps when it next runs. */
  cancel (thread: Thread): void {
    this.#leaveQueues(thread, null)
    thread.waitsOn = null
    this.#giveBack(thread)
    if (thread.state === 'waiting') this.makeReady(thread)
  }

  /** Ends a thread's fiber where it stands. What it gives back it gives back as that thread, whoever ends it. */
  #giveBack (thread: Thread): void {
    const fiber = thread.fiber
    if (fiber === null) return
    thread.fiber = null
    const { current, space } = this
    this.occupy(thread)
    try {
      fiber.return(undefined)
    } catch (error) {
      this.onBug(error, thread)
    } finally {
      this.occupy(current)
      this.switchTo(space)
    }
  }

  /** Ends a thread of the kernel's own where it stands: its fiber gives back what it holds, and nobody is told. */
  remove (thread: Thread): void {
    assert(!thread.suspendable && thread !== this.current, `${thread.label} cannot be removed`)
    this.cancel(thread)
    const queue = this.ready[thread.priority]!
    const at = queue.indexOf(thread)
    if (at >= 0) queue.splice(at, 1)
    thread.state = 'ended'
  }

  /**
   * Hands the processor to a thread of the kernel's own that is ready, until it waits, and goes on as the current one: for
   * who has to have an answer and cannot be suspended. False when that thread could not run now, or gave way to others.
   * Source: Black, "Scheduling support for concurrency and parallelism in the Mach operating system", IEEE Computer 1990.
   */
  handOff (thread: Thread): boolean {
    const queue = this.ready[thread.priority]!
    const at = thread.state === 'ready' && thread.fiber !== null && !thread.suspendable ? queue.indexOf(thread) : -1
    if (at < 0 || this.halted) return false
    queue.splice(at, 1)
    const { current, space } = this
    this.run(thread, this.charge())
    const nowNs = this.charge()
    this.occupy(current)
    if (current !== null) current.startedNs = nowNs
    this.switchTo(space)
    return (thread.state as ThreadState) !== 'ready'
  }

  /** Stops for good: nothing runs after this. */
  halt (): void {
    this.halted = true
  }

  /** The host has work: rings its doorbell, which lets an idle processor go on. */
  protected kick (): void {
    if (this.parked === 'idle' && this.current === null) this.machine.interrupts.raise(HOST_LINE)
  }

  /** Runs host code's call as a thread, and then is what it was before: the host runs between threads, never within one. */
  lend<T> (thread: Thread, body: () => T): T {
    assert(!this.dispatching, 'a call from the host within the kernel')
    const { current, space } = this
    this.occupy(thread)
    thread.startedNs = this.machine.clock.monotonicNs()
    if (thread.space !== null) this.switchTo(thread.space.id)
    try {
      return body()
    } finally {
      this.charge()
      this.occupy(current)
      this.switchTo(space)
      this.kick()
    }
  }

  /** How long a thread has had the processor, in ns, up to now. */
  ranNs (thread: Thread): number {
    if (thread === this.current) this.charge()
    return thread.ranNs
  }

  /** How long the processor has been at work, in ns, up to now. */
  get busyNs (): number {
    this.charge()
    return this.#busyNs
  }

  /** Whether nobody could run now but who does. */
  get isQuiet (): boolean {
    return this.ready.every(queue => queue.length === 0)
  }

  /** Whether another thread could run now instead of this one. */
  contended (priority: number): boolean {
    for (let p = 0; p <= priority; p++) if (this.ready[p]!.length > 0) return true
    return false
  }

  /** The address space changes; nothing when it is current already. */
  switchTo (space: number): void {
    if (space === this.space) return
    this.space = space
    this.counters.switches++
    this.#processor.switchTo(space)
  }

  /** Gives the processor to the next thread. Called when the current one has given it up. */
  dispatch (): void {
    assert(!this.dispatching, 'dispatch within dispatch')
    let nowNs = this.charge()
    this.occupy(null)
    this.parked = 'no'
    this.dispatching = true
    try {
      for (;;) {
        if (this.halted) {
          this.parked = 'halted'
          return
        }
        this.machine.interrupts.deliver()
        if (this.turnOwed || this.machine.processor.giveWayDue(nowNs)) {
          this.turnOwed = false
          this.parked = 'given way'
          this.machine.processor.giveWay(() => { this.dispatch() })
          return
        }
        const thread = this.next()
        if (thread === null) {
          this.idle()
          return
        }
        if (this.run(thread, nowNs)) return
        nowNs = this.charge()
        this.occupy(null)
      }
    } finally {
      this.dispatching = false
    }
  }

  protected idle (): void {
    this.parked = 'idle'
    this.machine.processor.idle(() => { this.dispatch() })
  }

  protected next (): Thread | null {
    for (const queue of this.ready) if (queue.length > 0) return queue.shift()!
    return null
  }

  /** True when a program has the processor now and will call `dispatch` itself. `nowNs`: when the one before left it. */
  protected run (thread: Thread, nowNs: number): boolean {
    this.occupy(thread)
    thread.state = 'running'
    thread.startedNs = nowNs
    if (thread.sliceEndsNs === 0) thread.sliceEndsNs = thread.startedNs + this.sliceNs
    if (thread.space !== null) this.switchTo(thread.space.id)
    if (thread.killedBy !== 0 && thread.begin === null) return this.#finishKilled(thread)
    if (thread.begin !== null) {
      const begin = thread.begin
      thread.begin = null
      void Promise.resolve().then(begin)
      return true
    }
    const fiber = thread.fiber
    assert(fiber !== null, `thread ${thread.label} has nothing to run`)
    let step
    try {
      step = fiber.next(thread.woken as WaitQueue)
    } catch (error) {
      thread.fiber = null
      this.onBug(error, thread)
      return this.#finishKilled(thread)
    }
    if (!step.done) {
      // An oops on its way: the task was killed, and goes no further.
      if (thread.killedBy !== 0) return this.#finishKilled(thread)
      this.wait(thread, step.value)
      return false
    }
    thread.fiber = null
    return this.#finish(thread, step.value)
  }

  /** The host's threads are told of a fault; a program's trampoline, to trap. */
  #finishKilled (thread: Thread): boolean {
    this.#giveBack(thread)
    return this.#finish(thread, thread.suspendable ? KILLED : -Errno.EFAULT)
  }

  #finish (thread: Thread, value: unknown): boolean {
    const continuation = thread.continuation
    thread.continuation = null
    assert(continuation !== null, `thread ${thread.label} has nobody to tell`)
    if (thread.space !== null) this.switchTo(thread.space.id)
    continuation(value)
    if (thread.suspendable) return true
    thread.state = 'ended'
    return false
  }

  /** Adds to the current thread's time what it has run up to now; returns the instant. */
  protected charge (): number {
    const nowNs = this.#clock.monotonicNs()
    const thread = this.current
    if (thread !== null) {
      this.#busyNs += nowNs - thread.startedNs
      thread.charge(nowNs)
    }
    return nowNs
  }
}
