/**
 * The answer of a comparison, before its tables: which kernel is how much dearer, where most, and why by its counts.
 *
 * A kernel's factor is the geometric mean, over the operations that every kernel did, of its median as a multiple of the
 * cheapest kernel's: so no operation weighs more for being slow, and the factor of one kernel over another does not depend on
 * which others stand beside them. What one operation does there (crossings, switches, bytes) is counted, not measured.
 * Source: Fleming and Wallace 1986, How not to lie with statistics: the correct way to summarize benchmark results.
 */

import type { Comparison, Measured } from './results.ts'
import { plain, ratio } from './units.ts'

export interface Answer {
  /** The operations that every kernel did: those that are repeated in batches, or, where there are none, all. */
  readonly basis: readonly string[]
  /** The cheapest first. */
  readonly kernels: readonly KernelAnswer[]
}

export interface KernelAnswer {
  readonly kernel: string
  /** 1 for the cheapest; null when there is no operation that all did. */
  readonly factor: number | null
  /** Where it is dearest beside the fastest there; null where it is nowhere dearer, or did but one thing. */
  readonly most: { readonly workload: string, readonly factor: number } | null
  /** Least and most of one operation of the basis; null when they are not known. */
  readonly crossings: Range | null
  readonly switches: Range | null
}

export interface Range {
  readonly least: number
  readonly most: number
}

export function answerOf ({ kernels, workloads, measurements }: Comparison): Answer {
  const measured = measurements.filter(row => row.outcome === 'measured')
  const common = workloads.filter(workload => measured.filter(row => row.workload === workload.name).length === kernels.length)
  const batched = common.filter(workload => workload.sample === 'batch')
  const basis = (batched.length > 0 ? batched : common).map(workload => workload.name)
  const rowsOf = (kernel: string): Measured[] => measured.filter(row => row.kernel === kernel)
  const means = new Map(kernels.map(({ name }) => [name, geometricMean(rowsOf(name).filter(row => basis.includes(row.workload)).map(row => row.ns.median))]))
  const least = Math.min(...means.values())
  const answers = kernels.map(({ name }): KernelAnswer => {
    const inBasis = rowsOf(name).filter(row => basis.includes(row.workload))
    return {
      kernel: name,
      factor: basis.length === 0 ? null : means.get(name)! / least,
      most: dearest(rowsOf(name), measured),
      crossings: rangeOf(inBasis, 'crossings'),
      switches: rangeOf(inBasis, 'switches')
    }
  })
  return { basis, kernels: answers.toSorted((a, b) => (a.factor ?? 0) - (b.factor ?? 0)) }
}

function dearest (rows: readonly Measured[], all: readonly Measured[]): KernelAnswer['most'] {
  const factors = rows.map(row => ({
    workload: row.workload,
    factor: row.ns.median / Math.min(...all.filter(other => other.workload === row.workload).map(other => other.ns.median))
  }))
  const most = factors.toSorted((a, b) => b.factor - a.factor)[0]
  return most === undefined || rows.length === 1 || most.factor === 1 ? null : most
}

function rangeOf (rows: readonly Measured[], count: 'crossings' | 'switches'): Range | null {
  const counts = rows.map(row => row.counts)
  if (counts.length === 0 || counts.includes(null)) return null
  const values = counts.map(each => each![count])
  return { least: Math.min(...values), most: Math.max(...values) }
}

export function geometricMean (values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

/** `0`, `2–20`; `–` when not known. */
export function rangeText (range: Range | null): string {
  if (range === null) return '–'
  return range.least === range.most ? plain(range.least) : `${plain(range.least)}–${plain(range.most)}`
}

/** Which kernel is how much dearer, in a sentence; empty when one kernel stands alone or nothing was done by all. */
export function verdict ({ basis, kernels }: Answer, program: string | null): string {
  if (kernels.length < 2 || kernels[0]!.factor === null) return ''
  // What is the same in the figure that is printed has no winner.
  const fastest = kernels.filter(({ factor }) => ratio(factor!) === ratio(1))
  const others = kernels.slice(fastest.length)
  const what = program === null ? `the ${basis.length === 1 ? 'operation' : `${basis.length} operations`} that every kernel does` : program
  const mean = basis.length > 1 ? ' (geometric mean)' : ''
  if (others.length === 0) return `${listed(fastest.map(({ kernel }) => kernel))} are equally fast at ${what}${mean}.`
  return `${listed(fastest.map(({ kernel }) => kernel))} ${fastest.length === 1 ? 'is' : 'are'} fastest at ${what}; ` +
    `${listed(others.map(({ kernel, factor }, at) => `${kernel} takes ${ratio(factor!)}${at === 0 ? ' as long' : ''}`))}${mean}.`
}

/** Why, by counts, in a sentence; empty when they are not known. */
export function reason ({ kernels }: Answer, program: string | null): string {
  if (kernels.some(({ crossings, switches }) => crossings === null || switches === null)) return ''
  const each = program === null ? 'One operation' : 'The program'
  const parts = kernels.map(({ kernel, crossings, switches }) =>
    `${howOften(crossings!)} under ${kernel}${switches!.most === 0 ? '' : ` (and changes address space ${howOften(switches!)})`}`)
  return `${each} enters the core ${listed(parts)}.`
}

function howOften (range: Range): string {
  const text = rangeText(range)
  return text === '1' ? 'once' : `${text} times`
}

function listed (parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`
}
