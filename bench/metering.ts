// Question: how much more processor time does a program take with meters in it than without?
//
// Units: milliseconds of this thread's processor time a run, and the quotient metered / unmetered.
// Held fixed: each program's input and its WASI (the host's own, `node:wasi`); fuel of some 0.1 ms at a time, given back at
// once, so that only the checks are measured and no switch. Both variants run in turn, in the order A B, B A, …; the
// quotient is the median of those of the pairs, so that what else the machine does falls on both; that of the fastest runs
// stands beside it. Results must be the same.
// The kernels are what a check is dearest in, and no programs: they stand apart.
// `node bench/metering.ts [rounds] [name…]`; a trial of small inputs is what the tests run.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setImmediate } from 'node:timers/promises'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { rewrite } from '../src/walls/wasm/rewriter/index.ts'
import { assembler } from '../src/walls/wasm/rewriter/testing/assemble.ts'
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
  readonly work: string
}

export interface MeteringOptions {
  readonly rounds: number
  /** A share of the full inputs: 1, or less for a trial. */
  readonly size: number
  /** Subjects by name; all where left out. */
  readonly only?: readonly string[]
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
      if (options.only !== undefined && !options.only.includes(subject.name)) continue
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

async function compare (subject: Subject, rounds: number): Promise<MeteringRow> {
  const bytes = await subject.bytes()
  const metered = rewrite(bytes, { mode: 'live' })
  if ('kind' in metered) throw new Error(`${subject.name}: ${metered.message}`)
  const variants = [
    { run: await subject.prepare(new WebAssembly.Module(bytes.slice())), times: [] as number[] },
    { run: await subject.prepare(new WebAssembly.Module(metered.bytes)), times: [] as number[] }
  ] as const
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
  const [unmetered, with_] = variants
  const ratios = with_.times.map((time, round) => time / unmetered.times[round]!)
  return {
    name: subject.name, kind: subject.kind, unmeteredMs: quantile(unmetered.times, 0.5), meteredMs: quantile(with_.times, 0.5),
    ratio: quantile(ratios, 0.5), ofFastest: Math.min(...with_.times) / Math.min(...unmetered.times),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)], work: digest([...results][0]!)
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

function print ({ rows, missing }: Metering, rounds: number): void {
  console.log(`metered / unmetered, median of ${rounds} pairs of runs (quartiles)`)
  for (const kind of ['program', 'kernel'] as const) {
    console.log(`\n${kind.padEnd(10)} unmetered ms  metered ms   quotient (quartiles)      of fastest   work`)
    for (const row of rows.filter(row => row.kind === kind)) {
      const quartiles = `(${row.quartiles.map(ratio => ratio.toFixed(2)).join(' - ')})`
      console.log(`${row.name.padEnd(10)} ${row.unmeteredMs.toFixed(1).padStart(12)} ${row.meteredMs.toFixed(1).padStart(11)} ${row.ratio.toFixed(3).padStart(10)} ${quartiles.padEnd(15)} ${row.ofFastest.toFixed(3).padStart(12)}   ${row.work}`)
    }
  }
  const { geometricMean, worst } = summary(rows)
  console.log(`\nprograms: ${((geometricMean - 1) * 100).toFixed(1)} % more in the geometric mean, ${((worst - 1) * 100).toFixed(1)} % in the worst of them`)
  for (const { name, why } of missing) console.log(`not measured: ${name}: ${why}`)
}

if (import.meta.main) {
  const rounds = Number(process.argv[2] ?? 15)
  const only = process.argv.slice(3)
  print(await metering({ rounds, size: rounds > 1 ? 1 : 1 / 100, ...(only.length > 0 ? { only } : {}) }), rounds)
}
