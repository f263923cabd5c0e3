/**
 * The receipt of a system call: what each step of it costs under a kernel, measured by tracing a program that makes it.
 *
 * One run is traced: it says which steps there are, and what each counts. Telling of events takes longer than a step of a fast
 * kernel, so times come from other runs, with probes that read the clock and no more, by turns with runs in which
 * nothing but the whole call is timed: the difference, shared among the readings, is what one takes, and is taken off each step. On a
 * machine with virtual time telling takes none, and what is charged is exact.
 */

import type { Decorator, Plan, TraceSink } from '../../link/index.ts'
import type { Machine } from '../../machine/index.ts'
import type { Exit, Program, Share, SpawnOptions } from '../../os/index.ts'
import type { Library } from '../run-once.ts'
import { CallMeter } from './call-meter.ts'
import { Probes } from './probes.ts'
import type { TimedShape } from './probes.ts'
import type { CallTotals, Shape, Step, StepKind, Sums } from './call-meter.ts'

/** What is run. */
export interface TracedRun {
  readonly program: Program
  readonly spawn: SpawnOptions
  readonly shares?: readonly Share[]
  readonly files?: Readonly<Record<string, Uint8Array>>
  /** The machine of one run; by default a live one. */
  readonly machine?: () => Machine
}

export interface ReceiptLine {
  readonly kind: StepKind
  readonly depth: number
  /** The service or the domain that it is done in, or that a way leads into. */
  readonly from: string
  readonly to: string
  readonly domain: string
  readonly gate: string
  readonly operation: string
  /** In the receipt's unit: the mean of the middle half of the calls. */
  readonly cost: number
  /** Of one call. */
  readonly counts: Sums
  readonly charges: readonly { readonly what: string, readonly cycles: number }[]
}

export interface Receipt {
  readonly kernel: string
  readonly summary: string
  readonly call: string
  readonly program: string
  readonly unit: 'ns' | 'cycles'
  readonly lines: readonly ReceiptLine[]
  /** The sum of the lines. */
  readonly total: number
  readonly counts: Sums
  /** The whole call with nothing traced within it, in ns; null where that is not known: where calls wait, or cycles are charged. */
  readonly wholeNs: number | null
  /** What a reading of the clock takes, in ns, taken off each step; null where the steps are as they were traced, with that. */
  readonly readingNs: number | null
  /** Calls that the program made, and how many of them took this way. */
  readonly calls: number
  readonly calledSo: number
  readonly waited: number
}

/** Runs with probes at every gate, and as many with the whole call timed. */
const ROUNDS = 3
/** Of each run the first calls meet cold code. */
const COLD = 0.25

export class NoSuchCalls extends Error {
  readonly made: readonly string[]
  constructor (call: string, made: readonly string[]) {
    super(`the program makes no ${call}`)
    this.made = made
  }
}

/** Traces a program's calls of one kind. Throws NoSuchCalls where it makes none, and what a failed run says. */
export async function measureCall (library: Library, kernel: Plan, call: string, what: TracedRun, rounds = ROUNDS): Promise<Receipt> {
  const meter = new CallMeter(call)
  await runOnce(library, kernel, what, { trace: event => { meter.take(event) } })
  const totals = meter.calls.get(call)
  if (totals === undefined || totals.shapes.size === 0) throw new NoSuchCalls(call, [...meter.calls.keys()])
  // The way that most calls take.
  const [key, shape] = [...totals.shapes].toSorted(([, a], [, b]) => b.calls - a.calls)[0]!
  // Where cycles are charged, telling takes none.
  const timed = meter.charged ? null : await timeSteps(library, kernel, call, what, key, rounds)
  return receiptOf(kernel, call, what.program.name, totals, shape, meter.charged, timed)
}

/** Runs a program; every call it makes. */
export async function measureCalls (library: Library, kernel: Plan, what: TracedRun, trace: TraceSink): Promise<{ meter: CallMeter, exit: Exit, elapsedNs: number }> {
  const meter = new CallMeter(null)
  const started = performance.now()
  const exit = await runOnce(library, kernel, what, {
    trace: event => {
      meter.take(event)
      trace(event)
    }
  })
  return { meter, exit, elapsedNs: (performance.now() - started) * 1e6 }
}

async function runOnce (library: Library, kernel: Plan, what: TracedRun, told: { readonly trace: TraceSink } | { readonly decorate: Decorator, readonly decorateServed: Decorator }): Promise<Exit> {
  await using os = await library.boot({
    kernel, program: what.program, ...told,
    ...(what.shares === undefined ? {} : { shares: what.shares }), ...(what.machine === undefined ? {} : { machine: what.machine() })
  })
  for (const [path, bytes] of Object.entries(what.files ?? {})) await os.fs.writeFile(path, bytes)
  return await os.spawn(what.program, what.spawn).output()
}

/** What the steps of calls that take one way take, in ns, and the whole call. */
interface TimedSteps {
  readonly steps: readonly number[]
  readonly wholeNs: number
  /** What one reading of the clock adds, taken off already. */
  readonly readingNs: number
}

/** Times the steps by probes; null where the calls wait, or the program made none that went this way. */
async function timeSteps (library: Library, kernel: Plan, call: string, what: TracedRun, key: string, rounds: number): Promise<TimedSteps | null> {
  const all: TimedShape[] = []
  const whole: number[] = []
  for (let round = 0; round < rounds; round++) {
    for (const outermost of [true, false]) {
      const probes = new Probes(call, outermost)
      await runOnce(library, kernel, what, { decorate: probes.decorate, decorateServed: probes.decorateServed })
      const shapes = probes.shapes(COLD)
      if (outermost) whole.push(...shapes.flatMap(shape => shape.ns[0]!))
      else all.push(...shapes.filter(shape => shape.key === key))
    }
  }
  const [first] = all
  if (first === undefined || whole.length === 0) return null
  const times = first.steps.map((_, at) => middle(all.flatMap(shape => shape.ns[at]!)))
  // Readings within the call are what the one takes longer than the other.
  const wholeNs = middle(whole)
  const within = times.length - 1
  const readingNs = within === 0 ? bareReadingNs() : Math.max(0, (sum(times) - wholeNs) / within)
  const steps = new Array<number>(Math.max(...first.steps) + 1).fill(0)
  first.steps.forEach((step, at) => { steps[step]! += Math.max(0, times[at]! - readingNs) })
  return { steps, wholeNs: Math.max(0, wholeNs - readingNs), readingNs }
}

function receiptOf (kernel: Plan, call: string, program: string, totals: CallTotals, shape: Shape, charged: boolean, timed: TimedSteps | null): Receipt {
  const lines = shape.steps.map((step, at) => lineOf(step, shape.calls, charged, timed?.steps[at] ?? null))
  return {
    kernel: kernel.name, summary: kernel.summary, call, program, unit: charged ? 'cycles' : 'ns', lines, total: sum(lines.map(line => line.cost)),
    counts: lines.reduce((sums, { counts }) => ({
      crossings: sums.crossings + counts.crossings, switches: sums.switches + counts.switches, grants: sums.grants + counts.grants,
      bytesCopied: sums.bytesCopied + counts.bytesCopied
    }), { crossings: 0, switches: 0, grants: 0, bytesCopied: 0 }),
    wholeNs: timed?.wholeNs ?? null, readingNs: timed?.readingNs ?? null, calls: totals.calls, calledSo: shape.calls, waited: shape.waited
  }
}

function lineOf ({ kind, depth, call, ns, counts, charges }: Step, calls: number, charged: boolean, timedNs: number | null): ReceiptLine {
  const { from, to, fromDomain, toDomain, gate, operation } = call
  const each = (name: keyof Sums): number => counts[name] / calls
  const cycles = [...charges].map(([what, all]) => ({ what, cycles: all / calls }))
  return {
    kind, depth, from, to, domain: kind === 'out' ? fromDomain : toDomain, gate, operation,
    cost: charged ? sum(cycles.map(charge => charge.cycles)) : timedNs ?? middle(ns.slice(Math.floor(ns.length * COLD))),
    counts: { crossings: each('crossings'), switches: each('switches'), grants: each('grants'), bytesCopied: each('bytesCopied') },
    charges: cycles
  }
}

/** What it takes to read the clock with nothing in between. */
function bareReadingNs (): number {
  const times: number[] = []
  for (let n = 0; n < 20_000; n++) {
    const start = performance.now()
    times.push((performance.now() - start) * 1e6)
  }
  return middle(times.slice(times.length / 2))
}

/** The mean of the middle half: as steady as the median, and finer than the steps of the clock. */
function middle (values: readonly number[]): number {
  if (values.length === 0) return 0
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.slice(Math.floor(sorted.length / 4), Math.ceil(sorted.length * 3 / 4))
  return sum(half) / half.length
}

function sum (values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
