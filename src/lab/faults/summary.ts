/** What a campaign comes to: counts by kernel, and by kernel and service. */

import type { Campaign } from './campaign.ts'
import type { Outcome } from './experiment.ts'
import { verdicts } from './watcher.ts'
import type { Verdict } from './watcher.ts'

export type Counts = Readonly<Record<Verdict, number>>

export interface Summary {
  readonly injected: number
  readonly counts: Counts
  /** Experiments in which data was wrong without a word, across a wall; and programs that a wall answered for, over all experiments. */
  readonly across: number
  readonly behindWalls: number
  /** Where something was recovered from: how long the service was away, in ns; null where nothing was. */
  readonly recovery: { readonly medianNs: number, readonly worstNs: number } | null
}

export function summaryOf (outcomes: readonly Outcome[]): Summary {
  const counts = Object.fromEntries(verdicts.map(verdict => [verdict, 0])) as Record<Verdict, number>
  for (const { verdict } of outcomes) counts[verdict]++
  const recoveries = outcomes.flatMap(({ recoveryNs }) => recoveryNs === null ? [] : [recoveryNs]).sort((a, b) => a - b)
  return {
    injected: outcomes.filter(({ verdict }) => verdict !== 'not reached').length, counts,
    across: outcomes.filter(({ corruptedAcross }) => corruptedAcross.length > 0).length,
    behindWalls: outcomes.reduce((sum, outcome) => sum + (outcome.verdict === 'not reached' ? 0 : outcome.behindWalls), 0),
    recovery: recoveries.length === 0 ? null : { medianNs: recoveries[(recoveries.length - 1) >> 1]!, worstNs: recoveries.at(-1)! }
  }
}

/** By kernel, in the campaign's order. */
export function byKernel ({ kernels, outcomes }: Campaign): { readonly kernel: string, readonly outcomes: readonly Outcome[], readonly summary: Summary }[] {
  return kernels.map(({ name }) => {
    const own = outcomes.filter(({ kernel }) => kernel === name)
    return { kernel: name, outcomes: own, summary: summaryOf(own) }
  })
}

/** All services of a campaign, in the order in which they are first named. */
export function servicesOf ({ kernels }: Campaign): string[] {
  return [...new Set(kernels.flatMap(({ survey }) => Object.keys(survey)))]
}
