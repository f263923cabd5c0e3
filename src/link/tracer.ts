/**
 * The tracer of a system: makes events of what happens and hands them to a sink.
 *
 * It is there only where a trace was asked for. The linker then wraps gates on both sides, puts a scheduler and a core that
 * tell in the place of those that do not, and wraps the handlers of interrupts; no path asks whether it is traced.
 *
 * Which call is made in the course of which is kept in one register, as the caller is: set for as long as the call has the
 * stack, put back after it, and set again for each step of one that waits.
 */

import { isFiber } from '../fiber/index.ts'
import type { Eventual, Fiber, Wait, WaitQueue } from '../fiber/index.ts'
import type { Machine, MachineInterrupts } from '../machine/index.ts'
import type { Implementation, Role } from '../roles/index.ts'
import type { CoreState, SystemCounters, Thread } from '../core/index.ts'
import { decorateEach } from './decorators.ts'
import type { TraceCall, TraceCharge, TraceCounts, TraceEvent, TraceGate, TraceOutcome, TraceSink, TraceThread } from './trace-events.ts'

type Body<E extends TraceEvent> = E extends TraceEvent ? Omit<E, 'atNs' | 'processor' | 'charges' | 'thread' | 'counts'> : never

export class Tracer {
  readonly #machine: Machine
  readonly #threads = new WeakMap<Thread, TraceThread>()
  #sink: TraceSink
  #charges: TraceCharge[] = []
  #state: CoreState | null = null
  #calls = 0
  #threadsSeen = 0
  /** The call that has the stack. */
  #call: TraceCall | null = null
  /** Programs that have begun and not ended, by process. */
  readonly #programs = new Map<number, string>()

  constructor (sink: TraceSink, machine: Machine) {
    this.#sink = sink
    this.#machine = machine
    machine.timing?.itemize?.((what, cycles) => { this.#charges.push({ what, cycles }) })
  }

  /** The core of the system that is traced: it says whose turn it is. */
  attach (state: CoreState): void {
    this.#state = state
  }

  // ---- gates

  /** Tells of calls as who makes them does. */
  calling (role: Role, stubs: Implementation, gate: TraceGate): Implementation {
    return decorateEach(role, stubs, (operation, call) => (...args) => {
      const outer = this.#call
      const made: TraceCall = {
        id: ++this.#calls, parent: outer === null ? 0 : outer.id, ...gate, operation, thread: this.#thread()
      }
      this.#tell({ kind: 'call', domain: gate.fromDomain, call: made })
      const ends = (outcome: TraceOutcome, waited: boolean, result: unknown): void => {
        this.#tell({
          kind: 'return', domain: gate.fromDomain, call: made, outcome, waited,
          result: typeof result === 'number' ? result : null
        })
      }
      return this.#within(made, ends, () => call(...args))
    })
  }

  /** Tells of operations as who serves them does. */
  serving (role: Role, implementation: Implementation, domain: string): Implementation {
    return decorateEach(role, implementation, (_operation, call) => (...args) => {
      const served = this.#call!
      this.#tell({ kind: 'enter', domain, call: served })
      const ends = (outcome: TraceOutcome, waited: boolean): void => {
        this.#tell({ kind: 'leave', domain, call: served, outcome, waited })
      }
      return this.#within(served, ends, () => call(...args))
    })
  }

  #within (call: TraceCall, ends: (outcome: TraceOutcome, waited: boolean, result: unknown) => void, body: () => unknown): unknown {
    const outer = this.#call
    this.#call = call
    let result: Eventual<unknown>
    try {
      result = body() as Eventual<unknown>
    } catch (error) {
      ends('threw', false, null)
      throw error
    } finally {
      this.#call = outer
    }
    if (isFiber(result)) return new TracedFiber(result, step => this.#step(call, step), ends)
    ends('returned', false, result)
    return result
  }

  #step<T> (call: TraceCall, step: () => T): T {
    const outer = this.#call
    this.#call = call
    try {
      return step()
    } finally {
      this.#call = outer
    }
  }

  // ---- scheduler

  run (thread: Thread): void {
    this.#tell({ kind: 'run', domain: this.#homeOf(thread) }, thread)
  }

  stop (thread: Thread): void {
    const { state } = thread
    const why = state === 'waiting' ? 'waits' : state === 'ready' ? 'gives way' : state === 'ended' ? 'ended' : 'lends'
    this.#tell({ kind: 'stop', domain: this.#homeOf(thread), why }, thread)
  }

  block (thread: Thread, wait: Wait): void {
    const queues = Array.isArray(wait) ? (wait as readonly WaitQueue[]).map(queue => queue.name) : [(wait as WaitQueue).name]
    this.#tell({ kind: 'block', domain: this.#homeOf(thread), queues }, thread)
  }

  wake (thread: Thread, queue: WaitQueue | null): void {
    this.#tell({ kind: 'wake', domain: this.#current(), woken: this.#traced(thread), queue: queue === null ? null : queue.name })
  }

  switched (from: number, to: number): void {
    this.#tell({ kind: 'switch', domain: this.#label(to), from: this.#label(from) })
  }

  // ---- interrupts, faults, processes

  /** The interrupts as a service of this domain drives them. */
  interrupts (interrupts: MachineInterrupts, domain: string): MachineInterrupts {
    return {
      connect: (line, handler) => { interrupts.connect(line, () => { this.interrupt(line, domain, handler) }) },
      raise: line => { interrupts.raise(line) },
      mask: () => { interrupts.mask() },
      unmask: () => { interrupts.unmask() },
      deliver: () => { interrupts.deliver() }
    }
  }

  interrupt (line: string, domain: string, handler: () => void): void {
    this.#tell({ kind: 'interrupt', domain, line })
    handler()
    this.#tell({ kind: 'interrupt-end', domain, line })
  }

  /** The host's doorbell, which the core answers. */
  hostRang (): void {
    this.interrupt('host', this.#label(0), () => {})
  }

  fault (domain: string, error: unknown): void {
    this.#tell({ kind: 'fault', domain, message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) })
  }

  /** A program's first instruction is next; or host code calls it again. */
  begins (process: number, program: string, domain: string): void {
    if (this.#programs.has(process)) return
    this.#programs.set(process, program)
    this.#tell({ kind: 'begin', domain, process, program })
  }

  /** Of one that was killed before its first instruction nothing is told. */
  ends (process: number, by: 'exit' | 'signal', code: number, message: string): void {
    const program = this.#programs.get(process)
    if (program === undefined) return
    this.#programs.delete(process)
    this.#tell({ kind: 'end', domain: this.#label(0), process, program, by, code, message })
  }

  // ---- telling

  #tell<E extends TraceEvent> (body: Body<E>, thread: Thread | null = this.#state?.scheduler.current ?? null): void {
    const { clock, timing } = this.#machine
    const event = {
      ...body, atNs: clock.monotonicNs(), processor: timing === null ? 0 : timing.processor, thread: thread === null ? null : this.#traced(thread),
      counts: this.#counts()
    } as unknown as TraceEvent
    const charges = this.#charges
    if (charges.length > 0) this.#charges = []
    try {
      this.#sink(charges.length > 0 ? { ...event, charges } : event)
    } catch (error) {
      this.#sink = () => {}
      void Promise.reject(error as Error)
    }
  }

  #counts (): TraceCounts {
    const { crossings, switches, grants, bytesCopied } = this.#state === null ? nothing : this.#state.counters
    return { crossings, switches, grants, bytesCopied }
  }

  #thread (): TraceThread | null {
    const thread = this.#state === null ? null : this.#state.scheduler.current
    return thread === null ? null : this.#traced(thread)
  }

  #traced (thread: Thread): TraceThread {
    let traced = this.#threads.get(thread)
    if (traced === undefined) {
      traced = { id: ++this.#threadsSeen, label: thread.label, principal: thread.principal }
      this.#threads.set(thread, traced)
    }
    return traced
  }

  #homeOf (thread: Thread): string {
    return thread.space === null ? this.#label(0) : thread.space.label
  }

  #current (): string {
    return this.#state === null ? '' : this.#label(this.#state.scheduler.space)
  }

  #label (space: number): string {
    return this.#state?.spaces.get(space)?.label ?? `address space ${space}`
  }
}

const nothing: Pick<SystemCounters, keyof TraceCounts> = { crossings: 0, switches: 0, grants: 0, bytesCopied: 0 }

/** A call that waits: it ends with its last step, or where somebody ends it. */
class TracedFiber implements Fiber<unknown> {
  readonly #fiber: Fiber<unknown>
  readonly #step: <T>(step: () => T) => T
  readonly #ends: (outcome: TraceOutcome, waited: boolean, result: unknown) => void
  #ended = false

  constructor (fiber: Fiber<unknown>, step: <T>(step: () => T) => T, ends: (outcome: TraceOutcome, waited: boolean, result: unknown) => void) {
    this.#fiber = fiber
    this.#step = step
    this.#ends = ends
  }

  [Symbol.iterator] (): this {
    return this
  }

  next (woken: WaitQueue): IteratorResult<Wait, unknown> {
    return this.#settle('returned', () => this.#fiber.next(woken))
  }

  return (value: unknown): IteratorResult<Wait, unknown> {
    return this.#settle('ended', () => this.#fiber.return(value))
  }

  throw (error: unknown): IteratorResult<Wait, unknown> {
    return this.#settle('ended', () => this.#fiber.throw(error))
  }

  #settle (outcome: TraceOutcome, step: () => IteratorResult<Wait, unknown>): IteratorResult<Wait, unknown> {
    let result: IteratorResult<Wait, unknown>
    try {
      result = this.#step(step)
    } catch (error) {
      this.#end(outcome === 'ended' ? 'ended' : 'threw', null)
      throw error
    }
    if (result.done === true) this.#end(outcome, result.value)
    return result
  }

  /** Once. */
  #end (outcome: TraceOutcome, result: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#ends(outcome, true, result)
  }
}
