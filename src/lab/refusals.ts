/** What kernels refused, for a terminal. */

import { styleText } from 'node:util'
import { wrap } from './text.ts'

export interface Refusal {
  readonly kernel: string
  readonly workload: string
  readonly reason: string
}

/** Lines that say which kernel refused which workloads, once for each reason: its first clause says it, the whole stands in the report. */
export function refusalLines (refused: readonly Refusal[], columns: number): string[] {
  const byReason = new Map<string, string[]>()
  for (const { kernel, workload, reason } of refused) {
    const key = `${kernel}: ${reason.split(/[:;]/)[0]!}`
    byReason.set(key, [...byReason.get(key) ?? [], workload])
  }
  return [...byReason].flatMap(([key, workloads]) => wrap(`– ${key} (${workloads.join(', ')})`, columns)).map(line => styleText('dim', line))
}
