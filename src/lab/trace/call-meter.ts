/**
 * What each step of a system call costs, worked out from the events of a trace.
 *
 * A step is an operation of a service without what it calls, or one way through a gate: in, out. The time between two events
 * of a processor belongs to the step that was under way in between, so a step has its own time alone, whatever runs while its
 * thread waits. What telling of an event takes is in the time between it and the next: each step says how many times.
 */

import type { TraceCall, TraceCharge, TraceCounts, TraceEvent, TraceThread } from '../../link/index.ts'

/** Calls of which each step's time is kept; of more only the counts. */
const SAMPLES_MAX = 50_000
/** Ways that calls of one operation take, kept apart; more are taken together as others. */
const SHAPES_MAX = 256

export type StepKind = 'operation' | 'in' | 'out'

export interface Step {
  readonly kind: StepKind
  /** How deep it is: 0 for the outermost. */
  readonly depth: number
  readonly call: Pick<TraceCall, 'from' | 'to' | 'fromDomain' | 'toDomain' | 'role' | 'gate' | 'operation'>
  /** ns of each call, in order; not more than SAMPLES_MAX. */
  readonly ns: number[]
  /** Of all calls together. */
  readonly counts: Sums
  /** Times between two events. */
  intervals: number
  /** Cycles by what they were charged for, of all calls together. */
  readonly charges: Map<string, number>
}

/** All calls that took the same way. */
export interface Shape {
  readonly steps: readonly Step[]
  calls: number
  waited: number
}

/** All calls of one operation. */
export interface CallTotals {
  readonly operation: string
  calls: number
  errors: number
  waited: number
  ns: number
  cycles: number
  intervals: number
  readonly counts: Sums
  readonly shapes: Map<string, Shape>
}

export type Sums = { -readonly [K in keyof TraceCounts]: number }

/** `own`: of a way through a gate, the operation behind it; of a way in, what is charged for that before it begins. */
interface Part { readonly kind: StepKind, readonly depth: number, readonly call: TraceCall, ns: number, intervals: number, readonly counts: Sums, readonly charges: Map<string, number>, own: Part | null }
interface Frame { readonly call: TraceCall, readonly depth: number, current: Part }
/** A system call under way. */
interface Sample { readonly outermost: TraceCall, readonly parts: Part[], readonly frames: Frame[], waited: boolean }
interface Processor { lastNs: number, active: Part | 'program' | 'kernel', saved: Part | 'program' | 'kernel' }

export class CallMeter {
  /** By operation. */
  readonly calls = new Map<string, CallTotals>()
  /** Time of programs between their calls, and of the kernel outside them: scheduling, interrupts, the host's calls. */
  programNs = 0
  kernelNs = 0
  /** Whether the machine charged cycles. */
  charged = false
  readonly #detailed: string | null
  readonly #samples = new Map<number, Sample>()
  readonly #processors = new Map<number, Processor>()
  readonly #programs = new Set<number>()
  #counts: TraceCounts | null = null

  /** `detailed`: the operation whose steps are kept; of others there are totals. */
  constructor (detailed: string | null) {
    this.#detailed = detailed
  }

  take (event: TraceEvent): void {
    let processor = this.#processors.get(event.processor)
    if (processor === undefined) {
      processor = { lastNs: event.atNs, active: 'kernel', saved: 'kernel' }
      this.#processors.set(event.processor, processor)
    }
    this.#attribute(event, processor)
    switch (event.kind) {
      case 'call': processor.active = this.#begins(event.call); break
      case 'enter': processor.active = this.#moves(event.call, 'operation', 1, processor.active); break
      case 'leave': processor.active = this.#moves(event.call, 'out', 0, processor.active); break
      case 'return': processor.active = this.#returns(event.call, event.result, event.outcome === 'returned', processor.active); break
      case 'stop': {
        const sample = this.#samples.get(event.thread!.id)
        if (sample !== undefined && event.why === 'waits') sample.waited = true
        processor.active = 'kernel'
        break
      }
      case 'run': processor.active = this.#of(event.thread!); break
      case 'interrupt': {
        processor.saved = processor.active
        processor.active = 'kernel'
        break
      }
      case 'interrupt-end': processor.active = processor.saved; break
      case 'begin': {
        this.#programs.add(event.process)
        if (event.thread?.principal === event.process) processor.active = 'program'
        break
      }
      case 'end': this.#programs.delete(event.process); break
      case 'switch': case 'block': case 'wake': case 'fault': break
    }
  }

  /** The time since the event before, and what was counted and charged in it, go to what was under way. */
  #attribute ({ atNs, counts, charges }: TraceEvent, processor: Processor): void {
    const ns = atNs - processor.lastNs
    const { active } = processor
    processor.lastNs = atNs
    const before = this.#counts ?? counts
    this.#counts = counts
    if (charges !== undefined) this.charged = true
    if (active === 'program') this.programNs += ns
    else if (active === 'kernel') this.kernelNs += ns
    else {
      active.ns += ns
      active.intervals++
      addBetween(active.counts, before, counts)
      if (charges !== undefined) charge(active, charges)
    }
  }

  #begins (call: TraceCall): Part | 'kernel' {
    const thread = call.thread
    if (thread === null) return 'kernel'
    let sample = this.#samples.get(thread.id)
    if (sample === undefined) {
      if (call.from !== 'programs') return 'kernel'
      sample = { outermost: call, parts: [], frames: [], waited: false }
      this.#samples.set(thread.id, sample)
    }
    const around = sample.frames.find(frame => frame.call.id === call.parent)
    const depth = around === undefined ? 0 : around.depth + 1
    const part = partOf(call.gate === 'direct' ? 'operation' : 'in', depth, call)
    if (part.kind === 'in') part.own = partOf('operation', depth, call)
    sample.parts.push(part)
    // What serves through a gate is one deeper than the ways in and out.
    sample.frames.push({ call, depth: call.gate === 'direct' ? depth : depth + 1, current: part })
    return part
  }

  #moves (call: TraceCall, kind: 'operation' | 'out', deeper: number, active: Processor['active']): Processor['active'] {
    const sample = call.thread === null ? undefined : this.#samples.get(call.thread.id)
    const frame = sample?.frames.find(frame => frame.call === call)
    if (sample === undefined || frame === undefined) return active
    const before = frame.current
    frame.current = partOf(kind, frame.depth - 1 + deeper, call)
    if (kind === 'out') frame.current.own = before
    else for (const [what, cycles] of before.own?.charges ?? []) add(frame.current.charges, what, cycles)
    sample.parts.push(frame.current)
    return frame.current
  }

  #returns (call: TraceCall, result: number | null, whole: boolean, active: Processor['active']): Processor['active'] {
    const { thread } = call
    const sample = thread === null ? undefined : this.#samples.get(thread.id)
    if (thread === null || sample === undefined) return active
    const at = sample.frames.findIndex(frame => frame.call === call)
    if (at < 0) return active
    sample.frames.splice(at, 1)
    if (call !== sample.outermost) return sample.frames.find(frame => frame.call.id === call.parent)?.current ?? 'kernel'
    this.#samples.delete(thread.id)
    this.#keep(sample, result, whole)
    return 'program'
  }

  #of (thread: TraceThread): Processor['active'] {
    const sample = this.#samples.get(thread.id)
    if (sample !== undefined) return sample.frames.at(-1)?.current ?? 'kernel'
    return this.#programs.has(thread.principal) ? 'program' : 'kernel'
  }

  #keep ({ outermost, parts, waited }: Sample, result: number | null, whole: boolean): void {
    const { operation } = outermost
    let totals = this.calls.get(operation)
    if (totals === undefined) {
      totals = { operation, calls: 0, errors: 0, waited: 0, ns: 0, cycles: 0, intervals: 0, counts: noSums(), shapes: new Map() }
      this.calls.set(operation, totals)
    }
    totals.calls++
    if (waited) totals.waited++
    if (!whole || (result !== null && result !== 0)) totals.errors++
    for (const part of parts) {
      totals.ns += part.ns
      totals.intervals += part.intervals
      addSums(totals.counts, part.counts)
      for (const cycles of part.charges.values()) totals.cycles += cycles
    }
    if (operation === this.#detailed && whole) this.#shape(totals, parts, waited)
  }

  #shape ({ shapes }: CallTotals, parts: readonly Part[], waited: boolean): void {
    const key = shapeKey(parts)
    let shape = shapes.get(key)
    if (shape === undefined) {
      if (shapes.size >= SHAPES_MAX) return
      shape = { steps: parts.map(({ kind, depth, call }) => ({ kind, depth, call, ns: [], counts: noSums(), intervals: 0, charges: new Map<string, number>() })), calls: 0, waited: 0 }
      shapes.set(key, shape)
    }
    shape.calls++
    if (waited) shape.waited++
    shape.steps.forEach((step, at) => {
      const part = parts[at]!
      if (step.ns.length < SAMPLES_MAX) step.ns.push(part.ns)
      step.intervals += part.intervals
      addSums(step.counts, part.counts)
      for (const [what, cycles] of part.charges) step.charges.set(what, (step.charges.get(what) ?? 0) + cycles)
    })
  }
}

/** Names a way through the system: the same for all calls that take it. */
export function shapeKey (steps: readonly { readonly kind: StepKind, readonly depth: number, readonly call: Pick<TraceCall, 'gate' | 'to' | 'operation'> }[]): string {
  return steps.map(({ kind, depth, call }) => `${depth} ${kind} ${call.gate} ${call.to} ${call.operation}`).join('\n')
}

function partOf (kind: StepKind, depth: number, call: TraceCall): Part {
  return { kind, depth, call, ns: 0, intervals: 0, counts: noSums(), charges: new Map(), own: null }
}

/** What a machine charges for the work of the operation itself, whenever it does. */
function workOf ({ to, role, operation }: Part['call']): string {
  return `${to} ${role}.${operation}`
}

const ownWork = 'its work'
const refills: ReadonlySet<string> = new Set(['cache refill', 'TLB refill'])

/**
 * Charges go to the step that was under way; but of what a machine charges around a call, its work and the bytes that it copied are
 * the operation's. What has to be filled again is that of the charge before.
 */
function charge (part: Part, charges: readonly TraceCharge[]): void {
  const work = workOf(part.call)
  let to = part
  for (const { what, cycles } of charges) {
    if (!refills.has(what)) to = part.own !== null && (what === work || (what === 'copy' && part.own.counts.bytesCopied > 0)) ? part.own : part
    add(to.charges, what === work ? ownWork : what, cycles)
  }
}

function add (sums: Map<string, number>, what: string, cycles: number): void {
  sums.set(what, (sums.get(what) ?? 0) + cycles)
}

function noSums (): Sums {
  return { crossings: 0, switches: 0, grants: 0, bytesCopied: 0 }
}

function addBetween (sums: Sums, before: TraceCounts, after: TraceCounts): void {
  sums.crossings += after.crossings - before.crossings
  sums.switches += after.switches - before.switches
  sums.grants += after.grants - before.grants
  sums.bytesCopied += after.bytesCopied - before.bytesCopied
}

function addSums (sums: Sums, more: Sums): void {
  sums.crossings += more.crossings
  sums.switches += more.switches
  sums.grants += more.grants
  sums.bytesCopied += more.bytesCopied
}
