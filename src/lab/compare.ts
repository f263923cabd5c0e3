/** A comparison, whole: the facts of each kernel, and the measurement of the workloads or of a person's own program. */

import type { Plan, Registry } from '../link/index.ts'
import { measure } from './campaign.ts'
import { host } from './host.ts'
import { memoryOf } from './memory.ts'
import { measureOwn, type OwnProgram } from './own-program.ts'
import { resultFormat, type Comparison, type KernelFacts, type Measurement, type ProgramFacts, type WorkloadFacts } from './results.ts'
import type { Library } from './run-once.ts'
import type { Distribution } from './statistics.ts'
import { hostCode, supervisorLinesFor } from './supervisor-lines.ts'
import { wallFacts } from './wall-facts.ts'
import type { StoredProgram, Workload } from './workloads.ts'

export interface CompareOptions {
  /** Version of KaleidOS. */
  readonly version: string
  readonly kernels: readonly Plan[]
  /** What plans place. */
  readonly services: Registry
  readonly workloads: readonly Workload[]
  /** By the names that workloads use. */
  readonly programs: ReadonlyMap<string, StoredProgram>
  /** Compares this instead of the workloads. */
  readonly own?: OwnProgram
  readonly repeats?: number
  /** For measuring; the facts take a little more. */
  readonly seconds: number
  readonly seed: number
  /** What is done, and how far it all is (0 to 1). */
  readonly progress: (text: string, share: number) => void
}

interface Measurements {
  readonly workloads: readonly WorkloadFacts[]
  readonly measurements: readonly Measurement[]
  readonly bootNs: ReadonlyMap<string, Distribution>
  readonly rounds: number
  readonly program: ProgramFacts | null
}

export async function compare (library: Library, options: CompareOptions): Promise<Comparison> {
  const { kernels, own } = options
  const program = own?.program ?? options.programs.get(options.workloads[0]!.program)!.program
  const kernelFacts: Omit<KernelFacts, 'bootNs'>[] = []
  for (const kernel of kernels) {
    options.progress(`booting ${kernel.name}`, 0)
    kernelFacts.push({
      name: kernel.name,
      summary: kernel.summary,
      core: kernel.core,
      walls: wallFacts(kernel),
      supervisor: supervisorLinesFor(kernel, options.services, program),
      memory: await memoryOf(library, kernel, program)
    })
  }
  const found = own === undefined ? await measureWorkloads(library, options) : await measureProgram(library, options, own)
  return {
    format: resultFormat,
    kaleidos: options.version,
    host: host(),
    seed: options.seed,
    seconds: options.seconds,
    rounds: found.rounds,
    hostCode: hostCode(),
    kernels: kernelFacts.map(facts => ({ ...facts, bootNs: found.bootNs.get(facts.name) ?? null })),
    workloads: found.workloads,
    measurements: found.measurements,
    program: found.program
  }
}

async function measureWorkloads (library: Library, options: CompareOptions): Promise<Measurements> {
  const workloads = options.workloads
    .map(({ name, operation, kind }) => ({ name, operation, sample: kind === 'runs' ? 'run' as const : 'batch' as const }))
  return { ...await measure(library, options), workloads, program: null }
}

async function measureProgram (library: Library, options: CompareOptions, own: OwnProgram): Promise<Measurements> {
  const { workload, facts, ...found } = await measureOwn(library, { ...options, own, repeats: options.repeats })
  return { ...found, workloads: [workload], program: facts }
}
