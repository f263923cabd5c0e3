/**
 * What a comparison found: the value that tables, the report and `--json` show, and nothing is added to afterwards.
 *
 * Times are ns of this host's monotonic clock. Counts are exact, from the system's own counters.
 */

import type { WallName } from '../link/index.ts'
import type { Host } from './host.ts'
import type { SourceLines } from './supervisor-lines.ts'
import type { Distribution } from './statistics.ts'

export const resultFormat = 'kaleidos-compare-1'

/** Counts of a system, or of one operation where divided by how many there were. */
export interface Counts {
  readonly calls: number
  readonly invocations: number
  readonly crossings: number
  readonly switches: number
  readonly grants: number
  readonly bytesCopied: number
}

export interface WallFacts {
  readonly name: WallName
  /** The domains behind it. */
  readonly domains: readonly string[]
  readonly holds: readonly string[]
  readonly doesNotHold: readonly string[]
  readonly summary: string
}

export interface KernelFacts {
  readonly name: string
  readonly summary: string
  readonly core: string
  readonly walls: readonly WallFacts[]
  readonly supervisor: SourceLines
  readonly bootNs: Distribution | null
  readonly memory: MemoryFacts
}

/** Memory of one booted system that runs no program. */
export interface MemoryFacts {
  /** Bytes that its arenas have allocated to services. */
  readonly arenaBytes: number
  /** What the host's heap and buffers grew by for one more system, after full collections. */
  readonly hostBytes: number
}

export interface WorkloadFacts {
  readonly name: string
  /** What one operation is. */
  readonly operation: string
  /** Whether a sample is one whole run, or the mean over a batch of operations. */
  readonly sample: 'run' | 'batch'
}

export type Measurement = Measured | Refused

export interface Measured {
  readonly kernel: string
  readonly workload: string
  readonly outcome: 'measured'
  /** Time of one operation. */
  readonly ns: Distribution
  /** Operations in a batch; 1 where a sample is a whole run. */
  readonly batch: number
  /** Of one operation; null when they were not the same twice. */
  readonly counts: Counts | null
  /** Says that the work was done: depends on the workload only. */
  readonly workHash: string
}

/** The kernel cannot do this, and says why. */
export interface Refused {
  readonly kernel: string
  readonly workload: string
  readonly outcome: 'refused'
  readonly reason: string
}

export interface Comparison {
  readonly format: typeof resultFormat
  readonly kaleidos: string
  readonly host: Host
  readonly seed: number
  readonly seconds: number
  readonly rounds: number
  /** Lines of the host that every kernel stands on, as far as it is known. */
  readonly hostCode: string
  readonly kernels: readonly KernelFacts[]
  readonly workloads: readonly WorkloadFacts[]
  readonly measurements: readonly Measurement[]
  readonly program: ProgramFacts | null
}

/** A person's own program under every kernel. */
export interface ProgramFacts {
  readonly path: string
  readonly args: readonly string[]
  readonly runs: readonly ProgramRun[]
  /** Groups of kernels whose output, exit and files were the same to the byte; one group when all agree. */
  readonly agreement: readonly (readonly string[])[]
}

export interface ProgramRun {
  readonly kernel: string
  readonly status: number
  readonly message: string
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** SHA-256 of standard output, standard error, exit and the files in folders that were copied for it. */
  readonly hash: string
}

export const countNames = ['calls', 'invocations', 'crossings', 'switches', 'grants', 'bytesCopied'] as const

export function countsOf (counters: Counts): Counts {
  return mapCounts(name => counters[name])
}

/** (`after` - `before`) / `operations`. */
export function countsBetween (before: Counts, after: Counts, operations = 1): Counts {
  return mapCounts(name => (after[name] - before[name]) / operations)
}

function mapCounts (value: (name: typeof countNames[number]) => number): Counts {
  return Object.fromEntries(countNames.map(name => [name, value(name)])) as unknown as Counts
}
