/**
 * The measurement: every workload under every kernel, in rounds.
 *
 * - A round takes the pairs in an order drawn from the seed, so that a slow minute of the machine meets all kernels alike.
 *   The first round warms the host's compilers up and is thrown away.
 * - Each run boots a system of its own. That also measures the boot, many times over.
 * - Counts come from runs of their own: pairs that differ in nothing but the number of operations, until two pairs agree that
 *   differ by another number. The difference is what the operations cost, without start-up and end.
 * - Rounds go on until the time is used up.
 */

import type { Plan } from '../link/index.ts'
import { distribution, type Distribution } from './statistics.ts'
import { randomFrom, shuffled } from './random.ts'
import { countNames, countsBetween, type Counts, type Measurement } from './results.ts'
import { failureOf, runOnce, sha256, type Library, type Order, type Outcome } from './run-once.ts'
import { batches, iterations, type BatchWorkload, type StoredProgram, type Workload } from './workloads.ts'

export interface Campaign {
  readonly kernels: readonly Plan[]
  readonly workloads: readonly Workload[]
  /** By the names that workloads use. */
  readonly programs: ReadonlyMap<string, StoredProgram>
  readonly seconds: number
  readonly seed: number
  /** What is done, and how far it all is (0 to 1). */
  readonly progress: (text: string, share: number) => void
}

export interface CampaignResult {
  readonly measurements: readonly Measurement[]
  readonly bootNs: ReadonlyMap<string, Distribution>
  readonly rounds: number
}

/** Aimed at for a batch: long beside a reading of the clock, short beside a time slice, so that the tail is seen. */
const batchNs = 40_000
const batchesOfRun = 150
/** A run is at most about so long, however slow its operation. */
const runNsMax = 60_000_000
/** The first batches of a run meet cold caches and are not counted. */
const coldBatches = 10
/** Of the first run, which finds out how long an operation takes. */
const firstRun = { iterations: 10, batches: 20 }
/**
 * Operations of the two runs whose counts are compared. The program prints figures that grow with them, and what it prints is
 * copied too: of several choices some have equally many digits in both. Their differences have no common divisor, so that a
 * switch which the scheduler added to one run makes another figure of each.
 */
const countedOperations = [[160, 190], [110, 131], [250, 297], [500, 571]] as const
const countTries = 40

/** A pair of kernel and workload, and what is known of it so far. */
interface Cell {
  readonly kernel: Plan
  readonly workload: Workload
  refusal: string | undefined
  iterations: number
  batches: number
  counts: Counts | null
  workHash: string
  readonly rounds: number[][]
}

export async function measure (library: Library, campaign: Campaign): Promise<CampaignResult> {
  const start = performance.now()
  const random = randomFrom(campaign.seed)
  const input = inputText(Math.max(0, ...campaign.workloads.map(workload => ('inputLines' in workload ? workload.inputLines : 0) ?? 0)), random)
  const boots = new Map<string, number[]>(campaign.kernels.map(kernel => [kernel.name, []]))
  const cells = campaign.kernels.flatMap(kernel => campaign.workloads.map((workload): Cell => ({
    kernel, workload, refusal: undefined, ...firstRun, counts: null, workHash: '', rounds: []
  })))
  const run = async (cell: Cell, args?: readonly string[]): Promise<Outcome> => {
    const outcome = await runOnce(library, orderOf(cell, campaign.programs, input, args))
    boots.get(cell.kernel.name)!.push(outcome.bootNs)
    return outcome
  }
  const spent = (): number => (performance.now() - start) / 1000

  for (const [done, cell] of shuffled(cells, random).entries()) {
    campaign.progress(`counting: ${cell.workload.name} on ${cell.kernel.name}`, 0.2 * done / cells.length)
    await prepare(cell, run)
  }

  const prepared = spent()
  let longest = 0
  let rounds = -1
  for (; rounds < 1 || spent() + longest < campaign.seconds; rounds++) {
    if (rounds === 0) for (const samples of boots.values()) samples.length = 0
    const roundStart = spent()
    const able = cells.filter(cell => cell.refusal === undefined)
    if (able.length === 0) break
    for (const cell of shuffled(able, random)) {
      const share = Math.min(1, (spent() - prepared) / Math.max(1e-9, campaign.seconds - prepared))
      campaign.progress(`${rounds < 0 ? 'warm-up' : `round ${rounds + 1}`}: ${cell.workload.name} on ${cell.kernel.name}`, 0.2 + 0.8 * share)
      try {
        const samples = samplesOf(cell, await run(cell))
        if (rounds >= 0) cell.rounds.push(samples)
      } catch (error) {
        cell.refusal = reasonOf(error)
      }
    }
    longest = spent() - roundStart
  }
  return {
    measurements: cells.map(measurementOf),
    bootNs: new Map([...boots].flatMap(([name, samples]) => {
      const found = distribution([samples])
      return found === undefined ? [] : [[name, found] as const]
    })),
    rounds: Math.max(0, rounds)
  }
}

/** Finds whether the kernel can do it at all, sizes the batches, and counts. */
async function prepare (cell: Cell, run: (cell: Cell, args?: readonly string[]) => Promise<Outcome>): Promise<void> {
  try {
    const outcome = await run(cell)
    cell.refusal = refusalOf(cell, outcome)
    if (cell.refusal !== undefined) return
    const { workload } = cell
    if (workload.kind === 'batches') {
      const slowNs = samplesOf(cell, outcome).at(-1)!
      cell.iterations = Math.max(1, Math.round(batchNs / slowNs))
      cell.batches = Math.max(coldBatches + 10, Math.min(batchesOfRun, Math.floor(runNsMax / (slowNs * cell.iterations))))
      cell.counts = await countOperations(args => run(cell, args), workload)
      cell.workHash = sha256(workOf((await run(cell, argsOf(workload, 100, 1))).stdout))
    } else {
      cell.counts = outcome.counts
      cell.workHash = sha256(outcome.stdout)
    }
  } catch (error) {
    cell.refusal = reasonOf(error)
  }
}

/** Why the kernel does not do it. A program that starts others is told only that it may not: so here it is said what it tried. */
function refusalOf ({ workload }: Cell, outcome: Outcome): string | undefined {
  const failure = failureOf(outcome)
  return failure !== undefined && workload.kind === 'batches' && workload.children !== undefined
    ? `it starts programs itself: ${failure}` : failure
}

/**
 * What one operation adds to each count: exact, since a run with fewer operations is subtracted from one with more, and two
 * choices of how many must agree. Null when none do: then something else is counted with them.
 */
async function countOperations (run: (args: readonly string[]) => Promise<Outcome>, workload: BatchWorkload): Promise<Counts | null> {
  const found: { readonly choice: number, readonly counts: Counts }[] = []
  for (let tries = 0; tries < countTries; tries++) {
    const choice = tries % countedOperations.length
    const [fewer, more] = countedOperations[choice]!
    const first = await run(argsOf(workload, fewer, 1))
    const second = await run(argsOf(workload, more, 1))
    // Their own output is copied too: a pair counts only when it is of one length.
    if (first.stdout.length !== second.stdout.length) continue
    const counts = countsBetween(first.counts, second.counts, more - fewer)
    if (found.some(other => other.choice !== choice && countNames.every(name => other.counts[name] === counts[name]))) return counts
    found.push({ choice, counts })
  }
  return null
}

function orderOf (cell: Cell, programs: ReadonlyMap<string, StoredProgram>, input: string, args?: readonly string[]): Order {
  const { kernel, workload } = cell
  const { program } = programs.get(workload.program)!
  const children = workload.kind === 'batches' ? workload.children ?? [] : []
  const words = args ?? argsFor(cell)
  return {
    kernel,
    program,
    copies: workload.kind === 'runs' ? workload.copies : 1,
    spawn: { args: [`${workload.program}.wasm`, ...words], stdin: null },
    files: {
      ...(workload.kind === 'runs' && workload.inputLines !== undefined ? { '/input.txt': input } : {}),
      ...Object.fromEntries(children.map(name => [`/${name}.wasm`, programs.get(name)!.bytes]))
    }
  }
}

function argsFor (cell: Cell): readonly string[] {
  return cell.workload.kind === 'runs' ? cell.workload.args : argsOf(cell.workload, cell.iterations, cell.batches)
}

/** The arguments of a run of so many batches of so many operations. */
export function argsOf (workload: BatchWorkload, perBatch: number, batchCount: number): string[] {
  return workload.args.map(word => word === iterations ? String(perBatch) : word === batches ? String(batchCount) : word)
}

/** Times of one operation: a sample a batch, or one for a whole run. */
function samplesOf (cell: Cell, outcome: Outcome): number[] {
  const failure = failureOf(outcome)
  if (failure !== undefined) throw new Error(`${cell.workload.name} on ${cell.kernel.name}: ${failure}`)
  if (cell.workload.kind === 'runs') return [outcome.elapsedNs]
  const samples = batchTimes(new TextDecoder().decode(outcome.stdout))
  return samples.length > coldBatches ? samples.slice(coldBatches) : samples
}

/** ns of one operation, for each batch: lines `NAME ITERATIONS NANOSECONDS …`. */
export function batchTimes (output: string): number[] {
  return output.split('\n').filter(line => line !== '' && !line.startsWith('#')).map(line => {
    const [, count, ns] = line.split(' ')
    const time = Number(ns) / Number(count)
    if (!Number.isFinite(time)) throw new Error(`not a line of a batch: ${line}`)
    return time
  })
}

/** What a run of batches did, without how long it took. */
function workOf (stdout: Uint8Array): string {
  return new TextDecoder().decode(stdout).split('\n')
    .map(line => line.startsWith('#') ? line : line.split(' ').slice(0, 2).join(' ')).join('\n')
}

function measurementOf (cell: Cell): Measurement {
  const names = { kernel: cell.kernel.name, workload: cell.workload.name }
  const ns = distribution(cell.rounds)
  if (cell.refusal !== undefined || ns === undefined) {
    return { ...names, outcome: 'refused', reason: cell.refusal ?? 'not measured' }
  }
  const batch = cell.workload.kind === 'runs' ? 1 : cell.iterations
  return { ...names, outcome: 'measured', ns, batch, counts: cell.counts, workHash: cell.workHash }
}

function reasonOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function inputText (lines: number, random: () => number): string {
  return Array.from({ length: lines }, () => `${Math.floor(random() * 1e9).toString(36)} ${Math.floor(random() * 1e6)}\n`).join('')
}
