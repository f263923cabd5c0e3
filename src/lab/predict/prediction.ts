/**
 * Predictions: what the same work costs under each kernel on modelled hardware, in cycles.
 *
 * A run on a model machine says the same each time, so each figure takes one run of each length and no repeats. What is not
 * known are the profile's and the cost tables' figures, within their ranges: with samples, every figure is drawn anew for
 * each sample, all kernels meet the same draws, and a conclusion says in how many samples it holds.
 *
 * Sweeps change one thing of an operation (its bytes, the computing between two calls) and say where two kernels cross over.
 */

import type { OperatingSystem, BootOptions, ModelMachine, ModelOptions } from '../../os/index.ts'
import type { Plan } from '../../link/index.ts'
import { argsOf, batchTimes } from '../campaign.ts'
import { countsBetween, countsOf, type Counts, type WorkloadFacts } from '../results.ts'
import type { BatchWorkload, StoredProgram, Workload } from '../workloads.ts'
import { crossovers, nearFrom, type Crossover } from './crossovers.ts'
import { sweeps as allSweeps, sweepProgram, type Sweep } from './sweeps.ts'

export const predictionFormat = 'kaleidos-predict-1'

/** What is taken of the library. */
export interface ModelLibrary {
  boot (options: BootOptions): Promise<OperatingSystem>
  modelMachine (options: ModelOptions): ModelMachine
}

export interface MachineSpec {
  /** As `--machine model:NAME` has it. */
  readonly name: string
  /** A profile's name or what its file holds. */
  readonly profile: string | object
}

export interface PredictOptions {
  readonly version: string
  readonly machines: readonly MachineSpec[]
  readonly kernels: readonly Plan[]
  readonly workloads: readonly Workload[]
  /** Default: all there are. */
  readonly sweeps?: readonly Sweep[]
  readonly programs: ReadonlyMap<string, StoredProgram>
  readonly processors: number
  /** Of interleavings and device timings; 0 draws nothing. */
  readonly seed: number
  /** How often the figures are drawn from their ranges; 0 for never. */
  readonly samples: number
  readonly progress: (text: string, share: number) => void
}

export interface MachineFacts {
  readonly name: string
  readonly hardware: string
  readonly year: number
  readonly frequencyMHz: number
}

/** One operation under a kernel on a machine. */
export interface Predicted {
  readonly machine: string
  readonly kernel: string
  readonly workload: string
  readonly outcome: 'modelled'
  readonly ns: number
  readonly cycles: number
  /** Least and most of the samples but for a twentieth at each end, in cycles; null without samples. */
  readonly interval: readonly [number, number] | null
  /** Of one operation; of the whole run, where that is the operation. */
  readonly counts: Counts
  readonly traceHash: string
}

export interface NotPredicted {
  readonly machine: string
  readonly kernel: string
  readonly workload: string
  readonly outcome: 'refused'
  readonly reason: string
}

/** That one kernel is slower than another at something, and in how many samples. */
export interface Conclusion {
  readonly machine: string
  readonly workload: string
  readonly slower: string
  readonly faster: string
  readonly factor: number
  readonly agree: number
  readonly of: number
}

export interface SweepResult {
  readonly machine: string
  readonly kind: Sweep['kind']
  readonly title: string
  readonly unit: string
  readonly points: readonly { readonly kernel: string, readonly size: number, readonly cycles: number }[]
  readonly crossovers: readonly Crossover[]
  /** From which size on no kernel costs over a tenth more than the cheapest; null where there is no such size. */
  readonly nearFrom: number | null
}

export interface Prediction {
  readonly format: typeof predictionFormat
  readonly kaleidos: string
  readonly seed: number
  readonly samples: number
  readonly processors: number
  readonly machines: readonly MachineFacts[]
  readonly kernels: readonly { readonly name: string, readonly summary: string, readonly core: string }[]
  readonly workloads: readonly WorkloadFacts[]
  readonly cells: readonly (Predicted | NotPredicted)[]
  readonly conclusions: readonly Conclusion[]
  readonly sweeps: readonly SweepResult[]
}

/** Operations in a batch, and batches: the last is warm. */
const perBatch = 60
const batchCount = 3
/** Lengths of two runs whose difference is what operations count; the next pair where their output is not of one length. */
const lengths = [[40, 44], [60, 65], [80, 84], [50, 90]] as const

export async function predict (library: ModelLibrary, options: PredictOptions): Promise<Prediction> {
  const { machines, kernels, workloads, samples, sweeps = allSweeps } = options
  const run = new Runs(library, options)
  const steps = machines.length * kernels.length * (workloads.length * (1 + samples) + sweeps.length)
  let step = 0
  const advance = (text: string): void => { options.progress(text, step++ / steps) }
  const cells: (Predicted | NotPredicted)[] = []
  const drawn = new Map<string, number[]>()
  const facts: MachineFacts[] = []
  const swept: SweepResult[] = []
  for (const machine of machines) {
    const { profile, frequencyMHz } = factsOf(library, machine)
    facts.push({ name: machine.name, hardware: profile.hardware, year: profile.year, frequencyMHz })
    for (const kernel of kernels) {
      for (const workload of workloads) {
        const done = step
        advance(`${workload.name} on ${kernel.name}, ${machine.name}`)
        const place = { machine: machine.name, kernel: kernel.name, workload: workload.name }
        try {
          const { ns, counts, traceHash } = await run.whole(machine, kernel, workload)
          const own: number[] = []
          for (let sample = 1; sample <= samples; sample++) {
            advance(`${workload.name} on ${kernel.name}, ${machine.name}: sample ${sample} of ${samples}`)
            own.push(await run.sampled(machine, kernel, workload, sample))
          }
          drawn.set(keyOf(place), own)
          cells.push({ ...place, outcome: 'modelled', ns, cycles: ns * frequencyMHz / 1000, interval: intervalOf(own), counts, traceHash })
        } catch (error) {
          step = done + samples + 1
          cells.push({ ...place, outcome: 'refused', reason: error instanceof Error ? error.message : String(error) })
        }
      }
    }
    for (const sweep of sweeps) swept.push(await sweptOn(run, machine, frequencyMHz, sweep, options, advance))
  }
  return {
    format: predictionFormat, kaleidos: options.version, seed: options.seed, samples, processors: options.processors,
    machines: facts,
    kernels: kernels.map(({ name, summary, core }) => ({ name, summary, core })),
    workloads: workloads.map(({ name, operation, kind }) => ({ name, operation, sample: kind === 'runs' ? 'run' : 'batch' })),
    cells, conclusions: conclusionsOf(cells, drawn), sweeps: swept
  }
}

function keyOf (place: { readonly machine: string, readonly kernel: string, readonly workload: string }): string {
  return `${place.machine}\n${place.kernel}\n${place.workload}`
}

function factsOf (library: ModelLibrary, { profile }: MachineSpec): { profile: ModelMachine['profile'], frequencyMHz: number } {
  const machine = library.modelMachine({ profile })
  machine.close()
  return { profile: machine.profile, frequencyMHz: machine.profile.frequencyMHz }
}

/** But for a twentieth at each end. */
function intervalOf (samples: readonly number[]): readonly [number, number] | null {
  if (samples.length === 0) return null
  const sorted = samples.toSorted((a, b) => a - b)
  const cut = Math.floor(sorted.length / 20)
  return [sorted[cut]!, sorted[sorted.length - 1 - cut]!]
}

/** For each two kernels, which is slower at an operation; with samples, in how many. */
function conclusionsOf (cells: readonly (Predicted | NotPredicted)[], drawn: ReadonlyMap<string, readonly number[]>): Conclusion[] {
  const modelled = cells.filter(cell => cell.outcome === 'modelled')
  const conclusions: Conclusion[] = []
  modelled.forEach((first, at) => {
    for (const second of modelled.slice(at + 1)) {
      // Of two that cost the same neither is slower.
      if (first.machine !== second.machine || first.workload !== second.workload || first.cycles === second.cycles) continue
      const [slower, faster] = first.cycles >= second.cycles ? [first, second] : [second, first]
      const slow = drawn.get(keyOf(slower)) ?? []
      const fast = drawn.get(keyOf(faster)) ?? []
      conclusions.push({
        machine: first.machine, workload: first.workload, slower: slower.kernel, faster: faster.kernel, factor: slower.cycles / faster.cycles,
        agree: slow.filter((cycles, sample) => cycles > fast[sample]!).length, of: slow.length
      })
    }
  })
  return conclusions
}

async function sweptOn (run: Runs, machine: MachineSpec, frequencyMHz: number, sweep: Sweep, options: PredictOptions, advance: (text: string) => void): Promise<SweepResult> {
  const points: { kernel: string, size: number, cycles: number }[] = []
  for (const kernel of options.kernels) {
    advance(`${sweep.title} on ${kernel.name}, ${machine.name}`)
    for (const size of sweep.sizes) {
      const ns = await run.operation(machine, kernel, sweepProgram, [sweep.kind, String(size), '4', '3', '/'])
      points.push({ kernel: kernel.name, size, cycles: ns * frequencyMHz / 1000 })
    }
  }
  return { machine: machine.name, kind: sweep.kind, title: sweep.title, unit: sweep.unit, points, crossovers: crossovers(points), nearFrom: nearFrom(points) }
}

interface Outcome {
  readonly stdout: string
  readonly elapsedNs: number
  readonly counts: Counts
  readonly traceHash: string
}

/** Runs on machines that are made for each. */
class Runs {
  readonly #library: ModelLibrary
  readonly #options: PredictOptions
  readonly #input: string

  constructor (library: ModelLibrary, options: PredictOptions) {
    this.#library = library
    this.#options = options
    this.#input = numbered(Math.max(0, ...options.workloads.map(workload => workload.kind === 'runs' ? workload.inputLines ?? 0 : 0)))
  }

  /** One operation: its time and what it counts. */
  async whole (machine: MachineSpec, kernel: Plan, workload: Workload): Promise<{ ns: number, counts: Counts, traceHash: string }> {
    if (workload.kind === 'runs') {
      const { elapsedNs, counts, traceHash } = await this.#run(machine, kernel, workload, workload.args)
      return { ns: elapsedNs, counts, traceHash }
    }
    const { stdout, traceHash } = await this.#run(machine, kernel, workload, argsOf(workload, perBatch, batchCount))
    return { ns: batchTimes(stdout).at(-1)!, counts: await this.#counts(machine, kernel, workload), traceHash }
  }

  /** What one operation counts: the difference of two runs whose own output, which is copied too, is of one length. */
  async #counts (machine: MachineSpec, kernel: Plan, workload: BatchWorkload): Promise<Counts> {
    let counts: Counts | null = null
    for (const [fewer, more] of lengths) {
      const short = await this.#run(machine, kernel, workload, argsOf(workload, fewer, 1))
      const long = await this.#run(machine, kernel, workload, argsOf(workload, more, 1))
      counts = countsBetween(short.counts, long.counts, more - fewer)
      if (short.stdout.length === long.stdout.length) break
    }
    return counts!
  }

  /** Cycles of one operation with figures drawn. */
  async sampled (machine: MachineSpec, kernel: Plan, workload: Workload, sample: number): Promise<number> {
    const args = workload.kind === 'runs' ? workload.args : argsOf(workload, perBatch, batchCount)
    const { stdout, elapsedNs, frequencyMHz } = await this.#run(machine, kernel, workload, args, sample)
    return (workload.kind === 'runs' ? elapsedNs : batchTimes(stdout).at(-1)!) * frequencyMHz / 1000
  }

  /** ns of one operation of a program that prints batches; of the last, which is warm. */
  async operation (machine: MachineSpec, kernel: Plan, program: string, args: readonly string[]): Promise<number> {
    const { stdout } = await this.#run(machine, kernel, { kind: 'batches', name: program, operation: '', program, args }, args)
    return batchTimes(stdout).at(-1)!
  }

  async #run (spec: MachineSpec, kernel: Plan, workload: Workload, args: readonly string[], sample?: number): Promise<Outcome & { frequencyMHz: number }> {
    const { processors, seed, programs } = this.#options
    const machine = this.#library.modelMachine({ profile: spec.profile, processors, seed, ...(sample === undefined ? {} : { sample }) })
    const { program } = programs.get(workload.program)!
    try {
      await using os = await this.#library.boot({ kernel, machine, program })
      if (workload.kind === 'runs' && workload.inputLines !== undefined) await os.fs.writeFile('/input.txt', this.#input)
      for (const name of workload.kind === 'batches' ? workload.children ?? [] : []) await os.fs.writeFile(`/${name}.wasm`, programs.get(name)!.bytes)
      const before = countsOf(os.stats().counters)
      const from = machine.timing.latestNs
      const copies = workload.kind === 'runs' ? workload.copies : 1
      const outputs = await Promise.all(Array.from({ length: copies }, () => os.spawn(program, { args: [`${workload.program}.wasm`, ...args], stdin: null }).output()))
      const failed = outputs.find(output => output.status !== 0)
      if (failed !== undefined) throw new Error(failed.message || new TextDecoder().decode(failed.stderr).trim().split('\n').at(-1) || `exit status ${failed.status}`)
      return {
        stdout: outputs[0]!.text, elapsedNs: machine.timing.latestNs - from, counts: countsBetween(before, countsOf(os.stats().counters)),
        traceHash: machine.traceHash, frequencyMHz: machine.profile.frequencyMHz
      }
    } finally {
      machine.close()
    }
  }
}

/** Lines in an order that is neither sorted nor random: it depends on their number alone. */
function numbered (lines: number): string {
  let text = ''
  for (let line = 0; line < lines; line++) text += `${(line * 7919 + 104_729) % 1_000_003} line\n`
  return text
}
