/**
 * The validation: each target beside what the model says, as it is and as a ratio to the base of its quantity; whether the order of
 * systems is right; and what was missed without a reason that was stated beforehand.
 */

import { Measure } from './measure.ts'
import type { Hardware, ModelLibrary } from './measure.ts'
import { quantityOf } from './quantities.ts'
import { TOLERANCE, bases, targets } from './targets.ts'
import type { Figure, Quantity, Status } from './targets.ts'
import type { StoredProgram } from '../workloads.ts'

/** One comparison: of a figure itself, or of its ratio to the base. */
export interface Comparison {
  readonly figure: Figure
  readonly kind: 'absolute' | 'ratio'
  readonly published: number
  /** Null where there is none, with why. */
  readonly modelled: number | null
  readonly reason: string | null
  /** Of the published figure: modelled over published, less 1. */
  readonly error: number | null
  readonly met: boolean
}

export interface Order {
  readonly quantity: Quantity
  readonly status: Status
  /** Systems, the least first. */
  readonly published: readonly string[]
  readonly modelled: readonly string[]
  readonly right: boolean
}

export interface Score { readonly met: number, readonly of: number }

export interface Validation {
  readonly comparisons: readonly Comparison[]
  readonly orders: readonly Order[]
  readonly scores: Readonly<Record<Status, Score>>
  /** Missed, and no reason was stated. */
  readonly unexplained: readonly Comparison[]
}

export interface ValidateOptions {
  readonly programs: ReadonlyMap<string, StoredProgram>
  readonly progress: (text: string, share: number) => void
  /** Quantities to look at; all by default. */
  readonly quantities?: readonly Quantity[]
  /** The hardware by a profile's name: that profile, unless it is to be another. */
  readonly hardware?: (machine: string) => Hardware
}

export async function validate (library: ModelLibrary, options: ValidateOptions): Promise<Validation> {
  const { programs, progress, quantities, hardware = profile => ({ profile }) } = options
  const measure = new Measure(library, programs)
  const figures = targets.filter(({ quantity }) => quantities === undefined || quantities.includes(quantity))
  const modelled = new Map<Figure, number | string>()
  for (const [at, figure] of figures.entries()) {
    progress(`${figure.quantity}: ${figure.system}`, at / figures.length)
    if (figure.quantity === 'SQLite' && !measure.has('sqlite3')) {
      modelled.set(figure, 'sqlite3.wasm is not compiled: npm run programs:real')
      continue
    }
    try {
      modelled.set(figure, await quantityOf(measure, hardware(figure.machine), figure.quantity, figure.plan))
    } catch (error) {
      modelled.set(figure, error instanceof Error ? error.message : String(error))
    }
  }
  const comparisons = figures.flatMap(figure => comparisonsOf(figure, figures, modelled))
  return {
    comparisons,
    orders: ordersOf(figures, modelled),
    scores: { confirmed: scoreOf(comparisons, 'confirmed'), memory: scoreOf(comparisons, 'memory') },
    unexplained: comparisons.filter(each => !each.met && each.reason === null && excuseOf(each) === null)
  }
}

/** Why a figure was missed, where that was stated beforehand for a miss in that direction. */
export function excuseOf ({ figure, error, met }: Comparison): string | null {
  const { missedFor } = figure
  if (met || error === null || missedFor === undefined) return null
  return (error < 0) === (missedFor.modelled === 'too low') ? missedFor.why : null
}

function comparisonsOf (figure: Figure, figures: readonly Figure[], modelled: ReadonlyMap<Figure, number | string>): Comparison[] {
  const own = modelled.get(figure)!
  const base = figures.find(other => other.quantity === figure.quantity && other.plan === bases[figure.quantity])
  const found: Comparison[] = []
  if (figure.absolute) found.push(comparison(figure, 'absolute', figure.published, own))
  if (base !== undefined && base !== figure) {
    const ofBase = modelled.get(base)!
    const ratio = typeof own === 'string' ? own : typeof ofBase === 'string' ? ofBase : own / ofBase
    found.push(comparison(figure, 'ratio', figure.published / base.published, ratio))
  }
  return found
}

function comparison (figure: Figure, kind: Comparison['kind'], published: number, modelled: number | string): Comparison {
  if (typeof modelled === 'string') return { figure, kind, published, modelled: null, reason: modelled, error: null, met: false }
  const error = modelled / published - 1
  return { figure, kind, published, modelled, reason: null, error, met: Math.abs(error) <= TOLERANCE }
}

function scoreOf (comparisons: readonly Comparison[], status: Status): Score {
  const scored = comparisons.filter(({ figure, modelled }) => figure.status === status && modelled !== null)
  return { met: scored.filter(({ met }) => met).length, of: scored.length }
}

function ordersOf (figures: readonly Figure[], modelled: ReadonlyMap<Figure, number | string>): Order[] {
  return [...new Set(figures.map(({ quantity }) => quantity))].flatMap((quantity): Order[] => {
    const own = figures.filter(figure => figure.quantity === quantity && typeof modelled.get(figure) === 'number')
    if (own.length < 2) return []
    const published = own.toSorted((a, b) => a.published - b.published).map(({ system }) => system)
    const ordered = own.toSorted((a, b) => (modelled.get(a) as number) - (modelled.get(b) as number)).map(({ system }) => system)
    return [{ quantity, status: own[0]!.status, published, modelled: ordered, right: published.every((system, at) => system === ordered[at]) }]
  })
}
