// Question: how much more processor time does a program take with meters in it than without, and with exact ones?
//
// Units: milliseconds of this thread's processor time a run, and the quotients metered / unmetered, and exact / metered. Exact
// meters are for a machine whose time is modelled: how long a program takes there on the host.
// Held fixed: each program's input and its WASI (the host's own, `node:wasi`); fuel of some 0.1 ms at a time, given back at
// once, so that only the checks are measured and no switch. All variants run in turn, in the order A B C, C B A, …; the
// quotient is the median of those of the pairs, so that what else the machine does falls on both; that of the fastest runs
// stands beside it. Results must be the same.
// The kernels are what a check is dearest in, and no programs: they stand apart.
// `node bench/metering.ts [--quick | --trial] [--json] [NAME…]`; a trial of small inputs is what the tests run.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setImmediate } from 'node:timers/promises'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { rewrite } from '../src/walls/wasm/rewriter/index.ts'
import { assembler } from '../src/walls/wasm/rewriter/testing/assemble.ts'
import { atMost, benchmark, progress, wanted } from './harness.ts'
import type { Finding, Target } from './harness.ts'
import { digest, kernels, realPrograms } from './metering-subjects.ts'
import type { Subject } from './metering-subjects.ts'

export interface MeteringRow {
  readonly name: string
  readonly kind: Subject['kind']
  readonly unmeteredMs: number
  readonly meteredMs: number
  /** Median of metered / unmetered over pairs of runs, and the quartiles. */
  readonly ratio: number
  /** The fastest metered run / the fastest unmetered one. */
  readonly ofFastest: number
  readonly quartiles: readonly [number, number]
  /** Median of exact / metered. */
  readonly exact: number
  readonly work: string
}

export interface MeteringOptions {
  readonly rounds: number
  /** A share of the full inputs: 1, or less for a trial. */
  readonly size: number
  /** Which subjects, by name; all where left out. */
  readonly wanted?: (name: string) => boolean
}

export interface Metering {
  readonly rows: readonly MeteringRow[]
  /** Programs that could not be measured here, and why. */
  readonly missing: readonly { readonly name: string, readonly why: string }[]
}

export async function metering (options: MeteringOptions): Promise<Metering> {
  const folder = mkdtempSync(join(tmpdir(), 'metering-'))
  const assemble = assembler({ wabt: await loadWabt(), binaryen })
  const rows: MeteringRow[] = []
  const missing: { name: string, why: string }[] = []
  try {
    const subjects = [...realPrograms(folder, options.size), ...kernels(folder, options.size, text => assemble('wabt', text))]
    for (const subject of subjects) {
      if (options.wanted?.(subject.name) === false) continue
      progress(`metering: ${subject.name}`)
      if (subject.missing !== false) missing.push({ name: subject.name, why: subject.missing })
      else rows.push(await compare(subject, options.rounds))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return { rows, missing }
}

/** The geometric mean of the programs' quotients, and the greatest of them. */
export function summary (rows: readonly MeteringRow[]): { geometricMean: number, worst: number } {
  const ratios = rows.filter(({ kind }) => kind === 'program').map(({ ratio }) => ratio)
  const logs = ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0)
  return { geometricMean: Math.exp(logs / ratios.length), worst: Math.max(...ratios) }
}

interface Variant {
  readonly run: () => string
  readonly times: number[]
}

async function compare (subject: Subject, rounds: number): Promise<MeteringRow> {
  const bytes = await subject.bytes()
  const variant = async (code: Uint8Array<ArrayBuffer>): Promise<Variant> => ({ run: await subject.prepare(new WebAssembly.Module(code)), times: [] })
  const metered = (mode: 'live' | 'exact'): Uint8Array<ArrayBuffer> => {
    const rewritten = rewrite(bytes, { mode })
    if ('kind' in rewritten) throw new Error(`${subject.name}: ${rewritten.message}`)
    return rewritten.bytes
  }
  const variants = [await variant(bytes.slice()), await variant(metered('live')), await variant(metered('exact'))] as const
  const results = new Set<string>()
  // The rounds before the first let the engine compile what is hot.
  const warmUps = rounds > 1 ? 3 : 0
  for (let round = -warmUps; round < rounds; round++) {
    for (const variant of round % 2 === 0 ? variants : [...variants].reverse()) {
      const before = processorTimeMs()
      results.add(variant.run())
      if (round >= 0) variant.times.push(processorTimeMs() - before)
      await setImmediate()
    }
  }
  if (results.size !== 1) throw new Error(`${subject.name}: not the same results: ${[...results].join(' and ')}`)
  const [unmetered, with_, exact] = variants
  const quotients = (one: Variant, other: Variant): number[] => one.times.map((time, round) => time / other.times[round]!)
  const ratios = quotients(with_, unmetered)
  return {
    name: subject.name, kind: subject.kind, unmeteredMs: quantile(unmetered.times, 0.5), meteredMs: quantile(with_.times, 0.5),
    ratio: quantile(ratios, 0.5), ofFastest: Math.min(...with_.times) / Math.min(...unmetered.times),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)], exact: quantile(quotients(exact, with_), 0.5), work: digest([...results][0]!)
  }
}

/** Of this thread: what the engine compiles on others is not counted, nor is a wait for the processor. */
function processorTimeMs (): number {
  process.cpuUsage() // Linux brings the count of the running thread up to date for this question, but not for the next
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function quantile (values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

if (import.meta.main) {
  await benchmark(async scale => {
    const full = scale.name === 'full' ? { rounds: scale.rounds * 3, size: 1 } : scale.name === 'quick' ? { rounds: scale.rounds * 3, size: 1 / 4 } : { rounds: 1, size: 1 / 100 }
    return finding(await metering({ ...full, wanted: name => wanted(scale, name) }))
  })
}

function finding ({ rows, missing }: Metering): Finding {
  const percent = (ratio: number): string => `${((ratio - 1) * 100).toFixed(1)} %`
  const programs = rows.filter(({ kind }) => kind === 'program')
  const kernels = rows.filter(({ kind }) => kind === 'kernel')
  const targets: Target[] = []
  if (programs.length > 0) {
    const { geometricMean, worst } = summary(rows)
    targets.push(atMost('programs, geometric mean', geometricMean, 1.15, percent), atMost('the worst of the programs', worst, 1.25, percent))
  }
  if (kernels.length > 0) targets.push(atMost('the worst of the kernels', Math.max(...kernels.map(({ ratio }) => ratio)), 2, ratio => `${ratio.toFixed(2)} times`))
  if (rows.length > 0) targets.push(atMost('exact / metered, the worst', Math.max(...rows.map(({ exact }) => exact)), 5, ratio => `${ratio.toFixed(2)} times`))
  return {
    title: 'Metering',
    question: 'How much more processor time does a program take with meters in it than without, and with exact ones?',
    held: 'inputs, the host\'s own WASI, fuel given back at once; runs in turn in the order A B C, C B A; processor time of the thread',
    targets,
    tables: (['program', 'kernel'] as const).map(kind => ({
      title: `Metered / unmetered: ${kind}s`,
      columns: [
        { name: 'name', words: true as const }, { name: 'unmetered ms' }, { name: 'metered ms' }, { name: 'quotient' }, { name: 'quartiles' }, { name: 'of the fastest' }, { name: 'exact / metered' },
        { name: 'work', words: true as const }
      ],
      rows: rows.filter(row => row.kind === kind).map(row => [row.name, row.unmeteredMs.toFixed(1), row.meteredMs.toFixed(1), row.ratio.toFixed(3),
        row.quartiles.map(ratio => ratio.toFixed(2)).join(' - '), row.ofFastest.toFixed(3), row.exact.toFixed(2), row.work]),
      notes: kind === 'program' ? missing.map(({ name, why }) => `${name} is not measured: ${why}`) : ['No programs: what a check is dearest in.']
    })),
    figures: Object.fromEntries(rows.map(({ name, ...figures }) => [name, figures]))
  }
}
