/**
 * The validation: each target beside what the model says, as it is and as a ratio to the base of its quantity; whether the order of
 * systems is right; and what was missed without a reason that a run of its own shows (reasons.ts).
 */

import { Measure } from './measure.ts'
import type { Hardware, ModelLibrary } from './measure.ts'
import { quantityOf } from './quantities.ts'
import { reasons } from './reasons.ts'
import type { Reason } from './reasons.ts'
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

/** What a comparison comes to where a reason's inputs are taken. */
export interface Tried {
  readonly reason: Reason
  readonly modelled: number
  readonly error: number
  /** Whether it is met then, and all else that is compared of its figure: what mends one and spoils the other explains neither. */
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
  /** Of each comparison that was missed: what it comes to with the reasons that there are for its system. */
  readonly tried: ReadonlyMap<Comparison, readonly Tried[]>
  /** Missed, and not met with any reason. */
  readonly unexplained: readonly Comparison[]
}

export interface ValidateOptions {
  readonly programs: ReadonlyMap<string, StoredProgram>
  readonly progress: (text: string, share: number) => void
  /** Quantities to look at; all by default. */
  readonly quantities?: readonly Quantity[]
  /** Whether reasons are looked for; by default they are. */
  readonly explain?: boolean
  /** The hardware by a profile's name: that profile, unless it is to be another. */
  readonly hardware?: (machine: string) => Hardware
}

export async function validate (library: ModelLibrary, options: ValidateOptions): Promise<Validation> {
  const { programs, progress, quantities, explain = true, hardware = profile => ({ profile }) } = options
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
  const missed = comparisons.filter(({ met, reason }) => !met && reason === null)
  const tried = explain ? await tryReasons(measure, hardware, comparisons, figures, progress) : new Map<Comparison, readonly Tried[]>()
  return {
    comparisons,
    tried,
    orders: ordersOf(figures, modelled),
    scores: { confirmed: scoreOf(comparisons, 'confirmed'), memory: scoreOf(comparisons, 'memory') },
    unexplained: missed.filter(each => shownBy(tried, each) === undefined)
  }
}

/** The first reason with which a comparison is met. */
export function shownBy (tried: Validation['tried'], comparison: Comparison): Tried | undefined {
  return tried.get(comparison)?.find(({ met }) => met)
}

async function tryReasons (measure: Measure, hardware: (machine: string) => Hardware, comparisons: readonly Comparison[], figures: readonly Figure[], progress: ValidateOptions['progress']): Promise<Map<Comparison, Tried[]>> {
  const tried = new Map<Comparison, Tried[]>()
  for (const reason of await reasons()) {
    const known = new Map<Figure, number>()
    const modelled = async (figure: Figure): Promise<number> => {
      let value = known.get(figure)
      if (value === undefined) {
        const { profile, adjust } = hardware(figure.machine)
        const changed: Hardware = {
          profile,
          adjust: machine => {
            adjust?.(machine)
            reason.adjust(machine)
          }
        }
        known.set(figure, value = await quantityOf(measure, changed, figure.quantity, figure.plan))
      }
      return value
    }
    const errorOf = async ({ figure, kind, published }: Comparison, own: number): Promise<number> => (kind === 'absolute' ? own : own / await modelled(baseOf(figure, figures)!)) / published - 1
    for (const [at, comparison] of comparisons.entries()) {
      const { figure, published, met, reason: notModelled } = comparison
      if (met || notModelled !== null || !reason.plans.includes(figure.plan)) continue
      progress(`${reason.name}: ${figure.quantity} of ${figure.system}`, at / comparisons.length)
      const own = await modelled(figure)
      const error = await errorOf(comparison, own)
      const errors = await Promise.all(comparisons.filter(other => other.figure === figure).map(other => errorOf(other, own)))
      tried.set(comparison, [...tried.get(comparison) ?? [], {
        reason, modelled: (1 + error) * published, error, met: errors.every(each => Math.abs(each) <= TOLERANCE)
      }])
    }
  }
  return tried
}

function baseOf (figure: Figure, figures: readonly Figure[]): Figure | undefined {
  return figures.find(other => other.quantity === figure.quantity && other.plan === bases[figure.quantity])
}

function comparisonsOf (figure: Figure, figures: readonly Figure[], modelled: ReadonlyMap<Figure, number | string>): Comparison[] {
  const own = modelled.get(figure)!
  const base = baseOf(figure, figures)
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
