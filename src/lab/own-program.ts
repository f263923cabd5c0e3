/**
 * A person's own program under every kernel: the same runs in interleaved rounds, and what each gave, compared to the byte.
 *
 * Each run gets fresh copies of the folders that it may write, so that every kernel starts from the same; what stands in
 * them afterwards is part of the result. Folders that are shared read-only are shared as they are.
 */

import { cp, lstat, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Plan } from '../link/index.ts'
import type { Program, Share, SpawnOptions } from '../os/index.ts'
import { randomFrom, shuffled } from './random.ts'
import type { Measurement, ProgramFacts, ProgramRun, WorkloadFacts } from './results.ts'
import { lastWords, runOnce, sha256, type Library, type Outcome } from './run-once.ts'
import { distribution, type Distribution } from './statistics.ts'

export interface OwnProgram {
  readonly path: string
  readonly program: Program
  readonly spawn: SpawnOptions
  readonly shares: readonly Share[]
  /** A folder for copies of theirs, which the caller makes and removes. */
  readonly scratch: string
}

export interface OwnCampaign {
  readonly kernels: readonly Plan[]
  readonly own: OwnProgram
  readonly seconds: number
  readonly repeats: number | undefined
  readonly seed: number
  readonly progress: (text: string, share: number) => void
}

export interface OwnResult {
  readonly workload: WorkloadFacts
  readonly measurements: readonly Measurement[]
  readonly bootNs: ReadonlyMap<string, Distribution>
  readonly rounds: number
  readonly facts: ProgramFacts
}

const roundsMin = 3
const roundsMax = 100

interface Runs {
  readonly kernel: Plan
  readonly elapsedNs: number[]
  readonly bootNs: number[]
  first: { readonly outcome: Outcome, readonly hash: string } | undefined
  /** Whether a later run gave something else. */
  unsteady: boolean
  /** What was thrown instead of a run. */
  refusal: Error | undefined
}

/** Throws what the program was refused with when no kernel runs it. */
export async function measureOwn (library: Library, campaign: OwnCampaign): Promise<OwnResult> {
  const { own, seconds, repeats } = campaign
  const random = randomFrom(campaign.seed)
  const all = campaign.kernels.map((kernel): Runs =>
    ({ kernel, elapsedNs: [], bootNs: [], first: undefined, unsteady: false, refusal: undefined }))
  const start = performance.now()
  const spent = (): number => (performance.now() - start) / 1000
  const enough = (rounds: number, longest: number): boolean => repeats !== undefined ? rounds >= repeats
    : rounds >= roundsMax || (rounds >= roundsMin && spent() + longest > seconds)

  // The round before the first warms up: what it gave is compared, its times are not kept.
  let longest = 0
  let rounds = -1
  for (; rounds < 0 || !enough(rounds, longest); rounds++) {
    const roundStart = spent()
    for (const runs of shuffled(all.filter(other => other.refusal === undefined), random)) {
      campaign.progress(`${rounds < 0 ? 'warm-up' : `round ${rounds + 1}`}: ${runs.kernel.name}`,
        Math.min(1, repeats === undefined ? spent() / seconds : (rounds + 1) / (repeats + 1)))
      await runOn(library, own, runs, rounds >= 0)
    }
    if (all.every(runs => runs.refusal !== undefined)) throw all[0]!.refusal
    longest = Math.max(longest, spent() - roundStart)
  }
  const workload: WorkloadFacts = { name: own.program.name, operation: `one run of ${own.path}`, sample: 'run' }
  return {
    workload,
    rounds,
    measurements: all.map(runs => measurementOf(runs, workload)),
    bootNs: new Map(all.flatMap(runs => {
      const found = distribution([runs.bootNs])
      return found === undefined ? [] : [[runs.kernel.name, found] as const]
    })),
    facts: {
      path: own.path,
      args: (own.spawn.args ?? []).slice(1),
      runs: all.map(runFacts),
      agreement: agreement(all)
    }
  }
}

async function runOn (library: Library, own: OwnProgram, runs: Runs, timed: boolean): Promise<void> {
  const { shares, copies, remove } = await freshShares(own)
  try {
    const outcome = await runOnce(library, { kernel: runs.kernel, program: own.program, spawn: own.spawn, shares })
    const hash = sha256(outcome.stdout, outcome.stderr, `${outcome.exit.status}`, ...await treeOf(copies))
    if (runs.first === undefined) runs.first = { outcome, hash }
    else if (runs.first.hash !== hash) runs.unsteady = true
    if (!timed) return
    runs.elapsedNs.push(outcome.elapsedNs)
    runs.bootNs.push(outcome.bootNs)
  } catch (error) {
    runs.refusal = error instanceof Error ? error : new Error(String(error))
  } finally {
    await remove()
  }
}

async function freshShares ({ shares, scratch }: OwnProgram): Promise<{ shares: Share[], copies: string[], remove: () => Promise<void> }> {
  const copies: string[] = []
  const fresh: Share[] = []
  for (const share of shares) {
    if (share.writable === false) {
      fresh.push(share)
      continue
    }
    const copy = await mkdtemp(join(scratch, 'run-'))
    copies.push(copy)
    await cp(resolve(share.hostPath), copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    fresh.push({ ...share, hostPath: copy })
  }
  return {
    shares: fresh,
    copies,
    remove: async () => { for (const copy of copies) await rm(copy, { recursive: true, force: true }) }
  }
}

/** Names, types and contents below folders, in order of names. */
async function treeOf (folders: readonly string[]): Promise<(string | Uint8Array)[]> {
  const parts: (string | Uint8Array)[] = []
  for (const [at, folder] of folders.entries()) {
    for (const name of (await readdir(folder, { recursive: true })).sort()) {
      const path = join(folder, name)
      const status = await lstat(path)
      parts.push(`${at}/${name}`)
      if (status.isSymbolicLink()) parts.push(`link ${await readlink(path)}`)
      else if (status.isFile()) parts.push(await readFile(path))
      else parts.push(status.isDirectory() ? 'directory' : 'other')
    }
  }
  return parts
}

function measurementOf (runs: Runs, workload: WorkloadFacts): Measurement {
  const names = { kernel: runs.kernel.name, workload: workload.name }
  const ns = distribution(runs.elapsedNs.map(sample => [sample]))
  if (runs.first === undefined || ns === undefined) return { ...names, outcome: 'refused', reason: runs.refusal?.message ?? 'did not run' }
  return { ...names, outcome: 'measured', ns, batch: 1, counts: runs.first.outcome.counts, workHash: runs.first.hash }
}

function runFacts (runs: Runs): ProgramRun {
  const outcome = runs.first?.outcome
  return {
    kernel: runs.kernel.name,
    status: outcome?.exit.status ?? -1,
    message: [
      outcome === undefined ? runs.refusal?.message ?? '' : outcome.exit.status === 0 ? '' : outcome.exit.message || lastWords(outcome),
      ...(runs.unsteady ? ['not the same each time it runs'] : [])
    ].filter(text => text !== '').join('; '),
    stdoutBytes: outcome?.stdout.length ?? 0,
    stderrBytes: outcome?.stderr.length ?? 0,
    hash: runs.first?.hash ?? ''
  }
}

/** Kernels in groups by what the program gave under them. */
function agreement (all: readonly Runs[]): string[][] {
  const groups = new Map<string, string[]>()
  for (const { kernel, first } of all) {
    const hash = first?.hash ?? 'did not run'
    groups.set(hash, [...(groups.get(hash) ?? []), kernel.name])
  }
  return [...groups.values()]
}
