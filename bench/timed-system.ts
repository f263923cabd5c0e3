/**
 * A workload of `programs/bench.c` timed on a system, round after round.
 *
 * In a run the first quarter of the batches warms up, the median of the others counts. The number of calls of a batch follows
 * from what the run before found. Batches are short: a longer one would be interrupted more often than not on a busy machine.
 * Of a system whose clock steps by milliseconds (its readings tell) batches are longer, and their mean counts.
 */

import { fileURLToPath } from 'node:url'
import { median } from './harness.ts'
import type { Scale } from './harness.ts'
import { labelOf, started } from './peers/index.ts'
import type { Peer, Started } from './peers/index.ts'

/** What is called. One iteration of the workload is `perIteration` of it. */
export interface Operation {
  readonly name: string
  readonly workload: string
  /** The directory it is done in: files besides, and names that lead there. */
  readonly files: number
  readonly depth: number
  readonly perIteration: number
  /** At most so many calls before what they did is undone: a directory stays about as large as it says. */
  readonly iterationsMax: number
}

/** ns of a call, or why there is none. */
export type Outcome = number | string

export interface TimedSystem {
  readonly peer: Peer
  readonly process: Started
  /** By operation's name: ns of each round; or what went wrong. */
  readonly rounds: Map<string, number[]>
  readonly failures: Map<string, string>
  /** ns of an iteration, as far as known. */
  readonly pace: Map<string, number>
  coarse: boolean
  /** The directories that were made: after which start; or why they could not be. */
  readonly trees: Map<string, number | string>
}

const program = fileURLToPath(new URL('../programs/wasm/bench.wasm', import.meta.url))

/** Aimed at for a batch, and for a run. */
const batchNs = { full: 2e5, quick: 2e5, trial: 1e4 } as const
const coarseBatchNs = 1e7
const runNs = { full: 40e6, quick: 10e6, trial: 1e5 } as const
const batchesMin = 8
const batchesMax = 250
const firstRun = { iterations: 10, batches: 4 }
/** Whoever takes longer for one run is not measured. */
const runTimeoutMs = 5000
const fillTimeoutMs = 15_000
const coarseNs = 1e5
/** Of what a coarse clock did not see: taken to be slow, so that the next run is no endless one. */
const unseenNs = 2000

export function timed (peer: Peer): TimedSystem {
  return {
    peer, process: started(labelOf(peer), program), rounds: new Map(), failures: new Map(), pace: new Map(), coarse: false, trees: new Map()
  }
}

/** Runs an operation once on a system, and takes down what came out; rounds below 0 warm up. */
export async function once (system: TimedSystem, operation: Operation, round: number, scale: Scale): Promise<void> {
  const { name } = operation
  if (system.failures.has(name)) return
  try {
    await prepare(system, operation)
    const pace = system.pace.get(name)
    const iterations = pace === undefined ? Math.min(firstRun.iterations, Math.ceil(1000 / operation.perIteration))
      : Math.max(1, Math.min(operation.iterationsMax, Math.round((system.coarse ? coarseBatchNs : batchNs[scale.name]) / pace)))
    const batches = pace === undefined ? firstRun.batches
      : Math.max(batchesMin, Math.min(batchesMax, Math.round(runNs[scale.name] / (iterations * pace))))
    const output = await run(system, operation, [operation.workload, String(iterations), String(batches)], runTimeoutMs)
    const { ns, coarse } = timeOf(output)
    system.coarse = coarse
    system.pace.set(name, ns === 0 ? unseenNs : ns)
    if (round < 0 || ns === 0) return
    const rounds = system.rounds.get(name) ?? []
    system.rounds.set(name, [...rounds, ns / operation.perIteration])
  } catch (error) {
    system.failures.set(name, reasonOf(error))
  }
}

/** Has the directory made that the operation needs, if it would stay and is not there. */
async function prepare (system: TimedSystem, operation: Operation): Promise<void> {
  const { files, depth } = operation
  const { peer, process, trees } = system
  if (!peer.keepsFiles || (files === 0 && depth === 1)) return
  const tree = `${files} ${depth}`
  const made = trees.get(tree)
  if (typeof made === 'string') throw new Error(made)
  if (made !== undefined && made === process.starts()) return
  try {
    await run(system, operation, ['fill', '1', '1'], fillTimeoutMs)
    trees.set(tree, process.starts())
  } catch (error) {
    trees.set(tree, reasonOf(error))
    throw error
  }
}

async function run ({ peer, process }: TimedSystem, { files, depth }: Operation, args: readonly string[], timeoutMs: number): Promise<string> {
  const { status, stdout, stderr } = await process.run(['bench', ...args, peer.folder, String(files), String(depth)], timeoutMs)
  if (status !== 0) throw new Error(stderr.trim().split('\n').at(-1)!.replace(/^bench: /, '') || `exit status ${status}`)
  return stdout
}

/** ns of an iteration, and whether the clock was too coarse to tell batches apart. */
function timeOf (output: string): { ns: number, coarse: boolean } {
  const batches = output.split('\n').filter(line => line !== '' && !line.startsWith('#')).map(line => {
    const [, iterations, ns] = line.split(' ').map(Number)
    return { iterations: iterations!, ns: ns! }
  })
  const counted = batches.slice(batches.length >> 2)
  if (counted.every(({ ns }) => ns % coarseNs === 0)) {
    return { ns: sum(counted.map(({ ns }) => ns)) / sum(counted.map(({ iterations }) => iterations)), coarse: true }
  }
  return { ns: median(counted.map(({ ns, iterations }) => ns / iterations)), coarse: false }
}

function reasonOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function sum (values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** The median of the rounds, or why there is none. */
export function outcomeOf (system: TimedSystem, { name }: Operation): Outcome {
  const failure = system.failures.get(name)
  if (failure !== undefined) return failure
  const rounds = system.rounds.get(name)
  return rounds === undefined ? 'too fast for its clock in so short a run' : median(rounds)
}
