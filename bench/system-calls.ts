// Question: how long does a system call take, beside everybody else who runs WASI programs in JavaScript?
//
// Units: ns a call, as the program sees it; the quotient is with the fastest of the others, operation by operation.
// Held fixed: the program (`programs/bench.c`: the same bytes for all, the loop within, every error number checked, reads and
// writes verified) and its arguments. Ours runs as any process does: rewritten, metered, on a stack of its own, on ramfs. Each
// of the others runs the program as it is, in the set-up that suits it best. Each system has a process of its own; they take
// turns, one at a time, in an order drawn from a seed. In a run the first quarter of the batches warms up, the median of the
// others counts; of the rounds again the median.
// Where a system's clock steps by milliseconds the program is given another one for timing, if its set-up allows that; of the one
// that does not (it is told by its readings) batches are longer, and their mean counts.
// `node bench/system-calls.ts [--quick | --trial] [--rounds N] [--seed N] [--json] [CALL…]`: of calls whose name has that in it.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { duration, ratio } from '../src/lab/index.ts'
import { benchmark, inTurns, median, progress, verdict, wanted } from './harness.ts'
import type { Finding, Scale, Table, Target } from './harness.ts'
import { labelOf, ours, peers, started } from './peers/index.ts'
import type { Peer, Started } from './peers/index.ts'

/** What is called. One iteration of the workload is so many of it. */
interface Operation {
  readonly name: string
  readonly workload: string
  /** The directory it is done in. */
  readonly files: number
  readonly depth: number
  readonly perIteration: number
  /** At most so many calls before what they did is undone: a directory stays about as large as it says. */
  readonly iterationsMax: number
  /** At least so many times as fast as the fastest other; or, of one other, at most so many times as slow. */
  readonly target: { readonly faster: number } | { readonly slower: number, readonly than: string }
  readonly large: boolean
}

/** ns of a call, or why there is none. */
type Outcome = number | string

/** A system, and what is known of each operation on it. */
interface System {
  readonly peer: Peer
  readonly process: Started
  /** By operation's name: ns of each round; or what went wrong. */
  readonly rounds: Map<string, number[]>
  readonly failures: Map<string, string>
  readonly pace: Map<string, number>
  coarse: boolean
  /** The directories that were made: after which start; or why they could not be. */
  readonly trees: Map<string, number | string>
}

const namesMax = 256
const hugeDirectory = 100_000
const program = fileURLToPath(new URL('../programs/wasm/bench.wasm', import.meta.url))

/** Aimed at for a batch, and for a run. */
const batchNs = { full: 2e5, quick: 2e5, trial: 1e4 } as const
const coarseBatchNs = 1e7
const runNs = { full: 40e6, quick: 20e6, trial: 1e5 } as const
const batchesMin = 8
const batchesMax = 250
const firstRun = { iterations: 10, batches: 4 }
/** Whoever takes longer for one run is not measured. */
const runTimeoutMs = 5000
const fillTimeoutMs = 15_000
const coarseNs = 1e5
/** Of what a coarse clock did not see: taken to be slow, so that the next run is no endless one. */
const unseenNs = 2000

function operations (trial: boolean): Operation[] {
  const [directory, huge] = trial ? [20, 200] : [1000, hugeDirectory]
  const faster = { faster: 3 }
  const call = (name: string, workload: string, more: Partial<Operation> = {}): Operation => ({
    name, workload, files: 0, depth: 1, perIteration: 1, iterationsMax: 1e6, target: faster, large: false, ...more
  })
  const bulk = { target: { faster: 2 } }
  const names = (files: number, more: Partial<Operation> = {}): Operation[] => {
    const place = `among ${files.toLocaleString('en')}`
    const changing = { files, iterationsMax: namesMax, ...more }
    return [
      call(`path_open (create) + fd_close, ${place}`, 'make', changing),
      call(`path_rename, ${place}`, 'rename', changing),
      call(`path_unlink_file, ${place}`, 'unlink', changing),
      call(`fd_readdir, ${place}: an entry`, 'list', { files, perIteration: files, ...more })
    ]
  }
  const large = { large: true }
  return [
    call('clock_time_get', 'clock', { target: { slower: 1.5, than: 'node:wasi' } }),
    call('fd_fdstat_get', 'fdstat'),
    call('fd_seek', 'seek'),
    call('fd_read 1 B', 'scan1'),
    call('fd_read 4 KiB', 'scan4k', bulk),
    call('fd_pread 1 B', 'pread1'),
    call('fd_pread 4 KiB', 'pread4k', bulk),
    call('fd_write 1 B', 'rewrite1'),
    call('fd_write 4 KiB', 'rewrite4k', bulk),
    call('path_open + fd_close', 'open'),
    call('path_filestat_get', 'stat'),
    call('path_filestat_get, 8 deep', 'stat', { depth: 8 }),
    ...names(directory),
    call('path_open + fd_close, 64 deep', 'open', { depth: 64, ...large }),
    call('path_filestat_get, 64 deep', 'stat', { depth: 64, ...large }),
    call(`path_open + fd_close, among ${huge.toLocaleString('en')}`, 'open', { files: huge, ...large }),
    call(`path_filestat_get, among ${huge.toLocaleString('en')}`, 'stat', { files: huge, ...large }),
    ...names(huge, large)
  ]
}

async function measure (scale: Scale): Promise<Finding> {
  readFileSync(program)
  const trial = scale.name === 'trial'
  const list = operations(trial).filter(({ name }) => wanted(scale, name))
    const systems = [...ours, ...peers].map((peer): System => ({
    peer, process: started(labelOf(peer), program), rounds: new Map(), failures: new Map(), pace: new Map(), coarse: false, trees: new Map()
  }))
  try {
    for (const [done, operation] of list.entries()) {
      progress(`system calls: ${operation.name} (${done + 1} of ${list.length})`)
      await inTurns(systems, scale, trial ? 1 : 2, (system, round) => once(system, operation, round, scale))
    }
  } finally {
    for (const { process } of systems) process.stop()
  }
  return finding(list, systems, scale)
}

/** Runs an operation once on a system, and takes down what came out. */
async function once (system: System, operation: Operation, round: number, scale: Scale): Promise<void> {
  const { name } = operation
  if (system.failures.has(name)) return
  if (operation.large && !system.peer.keepsFiles) {
    system.failures.set(name, 'not tried: its files do not stay for the next run')
    return
  }
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
async function prepare (system: System, operation: Operation): Promise<void> {
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

async function run ({ peer, process }: System, { files, depth }: Operation, args: readonly string[], timeoutMs: number): Promise<string> {
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

function outcomeOf (system: System, { name }: Operation): Outcome {
  const failure = system.failures.get(name)
  if (failure !== undefined) return failure
  const rounds = system.rounds.get(name)
  return rounds === undefined ? 'too fast for its clock in so short a run' : median(rounds)
}

function finding (list: readonly Operation[], systems: readonly System[], scale: Scale): Finding {
  const own = systems.filter(({ peer }) => ours.includes(peer))
  const others = systems.filter(({ peer }) => peers.includes(peer))
  const rows = list.map(operation => compared(operation, own, others))
  const failures = others.flatMap(system => list.flatMap(operation => {
    const reason = outcomeOf(system, operation)
    return typeof reason === 'number' ? [] : [{ system: labelOf(system.peer), name: operation.name, reason }]
  }))
  return {
    title: 'System calls',
    question: 'How long does a system call take, beside everybody else who runs WASI programs in JavaScript?',
    held: 'the program, its arguments and its checks; a process for each system; turns. ' +
      `${scale.rounds} rounds, order drawn from seed ${scale.seed}.`,
    targets: rows.map(({ target }) => target),
    tables: [
      {
        title: 'ns a call: ours, and the fastest of the others',
        columns: [
          { name: 'call', words: true }, ...own.map(({ peer }) => ({ name: peer.name })),
          { name: 'fastest other' }, { name: 'which', words: true }, { name: 'ratio' }, { name: 'wanted', words: true }, { name: '', words: true }
        ],
        rows: rows.map(({ cells }) => cells),
        notes: ['ratio: the fastest other over monolithic.']
      },
      everySystem(list, [...own, ...others]),
      ...(failures.length === 0 ? [] : [{
        title: 'What others could not do',
        columns: [{ name: 'system', words: true }, { name: 'call', words: true }, { name: 'reason', words: true }] as const,
        rows: failures.map(({ system, name, reason }) => [system, name, reason])
      }])
    ],
    figures: Object.fromEntries(list.map(operation => [operation.name, Object.fromEntries(systems.map(system => {
      const outcome = outcomeOf(system, operation)
      return [labelOf(system.peer), typeof outcome === 'string' ? { failure: outcome } : { ns: outcome, rounds: system.rounds.get(operation.name) }]
    }))]))
  }
}

/** Every figure, a column a system. */
function everySystem (list: readonly Operation[], systems: readonly System[]): Table {
  return {
    title: 'ns a call: every system',
    columns: [{ name: 'call', words: true }, ...systems.map((_, at) => ({ name: letter(at) }))],
    rows: list.map(operation => [operation.name, ...systems.map(system => shown(outcomeOf(system, operation)))]),
    notes: systems.map(({ peer }, at) => `${letter(at)}: ${labelOf(peer)}`)
  }
}

function letter (at: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + at)
}

function compared (operation: Operation, own: readonly System[], others: readonly System[]): { cells: string[], target: Target } {
  const { target: goal } = operation
  const mine = outcomeOf(own[0]!, operation)
  const rivals = others.filter(({ peer }) => !('than' in goal) || peer.name === goal.than)
    .map(system => ({ system, ns: outcomeOf(system, operation) }))
    .filter((rival): rival is { system: System, ns: number } => typeof rival.ns === 'number')
    .sort((a, b) => a.ns - b.ns)
  const best = rivals[0]
  const quotient = best === undefined || typeof mine === 'string' ? null : best.ns / mine
  const target: Target = {
    what: operation.name,
    wanted: 'faster' in goal ? `${goal.faster}× as fast` : `at most ${goal.slower}× ${goal.than}`,
    measured: typeof mine === 'string' ? mine : quotient === null ? 'no other could do it'
      : 'faster' in goal ? `${ratio(quotient)} as fast` : `${ratio(1 / quotient)} ${goal.than}`,
    met: quotient === null ? null : 'faster' in goal ? quotient >= goal.faster : 1 / quotient <= goal.slower
  }
  const cells = [
    operation.name, ...own.map(system => shown(outcomeOf(system, operation))),
    best === undefined ? '–' : shown(best.ns), best === undefined ? '' : labelOf(best.system.peer),
    quotient === null ? '–' : ratio(quotient), target.wanted, verdict(target)
  ]
  return { cells, target }
}

function shown (outcome: Outcome): string {
  return typeof outcome === 'string' ? '–' : duration(outcome)
}

if (import.meta.main) await benchmark(measure)
