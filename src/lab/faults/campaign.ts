/**
 * Campaigns: many experiments, spread evenly over kernels and services, with the kinds of faults as the published mix has them.
 *
 * The k-th experiment of a kernel and service is the same in every campaign of the same seed, however many there are and whoever
 * carries them out: first each kind that can happen there once, then kinds drawn by weight. Results are kept in that order.
 */

import { Random } from '../../machine/model/index.ts'
import { drivers, facts, faultKinds } from './fault.ts'
import type { Experiment, FaultKind } from './fault.ts'
import type { Outcome } from './experiment.ts'

/** Who carries out experiments: a thread, as a rule. One at a time. */
export interface Bench {
  survey (kernel: string, machine: string): Promise<Readonly<Record<string, readonly FaultKind[]>>>
  carryOut (experiment: Experiment): Promise<Outcome>
  close (): Promise<void>
}

export interface CampaignOptions {
  readonly version: string
  readonly kernels: readonly string[]
  /** Null: all. */
  readonly services: readonly string[] | null
  readonly faults: readonly FaultKind[] | null
  readonly n: number
  readonly seed: number
  readonly machine: string
  readonly benches: readonly Bench[]
  readonly progress: (text: string, share: number) => void
}

/** What can happen in a kernel, by service. */
export type Survey = Readonly<Record<string, readonly FaultKind[]>>

export interface Campaign {
  readonly kaleidos: string
  readonly seed: number
  readonly machine: string
  readonly elapsedMs: number
  readonly kernels: readonly { readonly name: string, readonly survey: Survey }[]
  readonly outcomes: readonly Outcome[]
}

export async function campaign (options: CampaignOptions): Promise<Campaign> {
  const began = performance.now()
  const { benches, kernels, progress } = options
  const surveys = new Map<string, Survey>()
  await inParallel(benches, kernels, async (bench, kernel) => {
    progress(`without a fault: ${kernel}`, 0)
    surveys.set(kernel, limited(await bench.survey(kernel, options.machine), options))
  })
  const surveyed = kernels.map(name => ({ name, survey: surveys.get(name)! }))
  const experiments = experimentsOf(surveyed, options)
  const outcomes = new Array<Outcome>(experiments.length)
  let done = 0
  await inParallel(benches, experiments, async (bench, experiment, index) => {
    outcomes[index] = await bench.carryOut(experiment)
    progress(`${++done} of ${experiments.length}: ${experiment.kernel}, ${experiment.service}, ${experiment.fault}`, done / experiments.length)
  })
  return { kaleidos: options.version, seed: options.seed, machine: options.machine, elapsedMs: performance.now() - began, kernels: surveyed, outcomes }
}

/** Only the services and kinds that were asked for. */
function limited (survey: Survey, { services, faults }: CampaignOptions): Survey {
  return Object.fromEntries(Object.entries(survey).filter(([service]) => services === null || services.includes(service))
    .map(([service, kinds]) => [service, kinds.filter(kind => faults === null || faults.includes(kind))] as const).filter(([, kinds]) => kinds.length > 0))
}

/** The experiments of a campaign, in order: one of each kernel and service after the other. */
export function experimentsOf (kernels: Campaign['kernels'], { n, seed, machine }: Pick<CampaignOptions, 'n' | 'seed' | 'machine'>): Experiment[] {
  const cells = kernels.flatMap(({ name, survey }) => Object.entries(survey).map(([service, kinds]) => {
    const random = new Random(seed).split(`${name} ${service}`)
    // Which kind comes first is drawn too, so that a short campaign does not see one kind alone.
    const turned = random.below(kinds.length)
    return { kernel: name, service, kinds, random, first: [...kinds.slice(turned), ...kinds.slice(0, turned)] }
  }))
  if (cells.length === 0) return []
  return Array.from({ length: n }, (_, index) => {
    const { kernel, service, kinds, random, first } = cells[index % cells.length]!
    const fault = first[Math.floor(index / cells.length)] ?? drawn(kinds, service, random)
    return { kernel, service, fault, machine, seed: random.word() }
  })
}

function drawn (kinds: readonly FaultKind[], service: string, random: Random): FaultKind {
  const column = drivers.has(service) ? 'driver' : 'service'
  const weights = kinds.map(kind => Math.max(1, facts[kind].weight[column]))
  let at = random.below(weights.reduce((a, b) => a + b))
  for (const [index, kind] of kinds.entries()) if ((at -= weights[index]!) < 0) return kind
  return faultKinds[0]
}

/** Each item by whoever is free. */
async function inParallel<T> (benches: readonly Bench[], items: readonly T[], work: (bench: Bench, item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0
  await Promise.all(benches.map(async bench => {
    while (next < items.length) {
      const index = next++
      await work(bench, items[index]!, index)
    }
  }))
}
