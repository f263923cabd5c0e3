/** What calls a program makes, how often, and what they cost: a row each, the dearest first, as `strace -c` has it. */

import { styleText } from 'node:util'
import { padEnd, textWidth, wrap } from '../text.ts'
import { bytes, duration, plain } from '../units.ts'
import type { CallMeter, CallTotals, Sums } from './call-meter.ts'

const columnsMin = 80
const textColumns = 100
const heads = ['calls', 'errors', 'waits', 'each', 'share', 'core', 'switch', 'copied'] as const
const widths = [8, 7, 6, 8, 6, 6, 7, 9] as const

export interface CallsOfRun {
  readonly kernel: string
  readonly program: string
  readonly unit: 'ns' | 'cycles'
  readonly calls: readonly CallRow[]
  readonly total: { readonly calls: number, readonly errors: number, readonly waited: number, readonly cost: number, readonly counts: Sums }
  /** Times of programs between their calls, and of the kernel outside them. */
  readonly programNs: number
  readonly kernelNs: number
}

export interface CallRow {
  readonly call: string
  readonly calls: number
  readonly errors: number
  /** How many of them waited. */
  readonly waited: number
  /** Of all together, on the processor. */
  readonly cost: number
  readonly counts: Sums
}

export function callsOf (kernel: string, program: string, meter: CallMeter): CallsOfRun {
  const unit = meter.charged ? 'cycles' : 'ns'
  const calls = [...meter.calls.values()].map(totals => rowOf(totals, meter.charged)).toSorted((a, b) => b.cost - a.cost)
  const add = (of: (row: CallRow) => number): number => calls.reduce((sum, row) => sum + of(row), 0)
  return {
    kernel, program, unit, calls,
    total: {
      calls: add(row => row.calls), errors: add(row => row.errors), waited: add(row => row.waited), cost: add(row => row.cost),
      counts: {
        crossings: add(row => row.counts.crossings), switches: add(row => row.counts.switches), grants: add(row => row.counts.grants),
        bytesCopied: add(row => row.counts.bytesCopied)
      }
    },
    programNs: meter.programNs, kernelNs: meter.kernelNs
  }
}

function rowOf ({ operation, calls, errors, waited, ns, cycles, counts }: CallTotals, charged: boolean): CallRow {
  return { call: operation, calls, errors, waited, cost: charged ? cycles : ns, counts }
}

export function callsTable (run: CallsOfRun, width: number): string {
  const columns = Math.max(columnsMin, width) - 1
  const label = Math.min(30, columns - widths.reduce<number>((sum, each) => sum + each, 0))
  const row = (name: string, cells: readonly string[]): string =>
    padEnd(name.length < label ? name : `${name.slice(0, label - 2)}… `, label) + cells.map((cell, at) => ' '.repeat(Math.max(0, widths[at]! - textWidth(cell))) + cell).join('')
  const cells = ({ calls, errors, waited, cost, counts }: Omit<CallRow, 'call'>): string[] => [
    plain(calls), count(errors), count(waited), run.unit === 'ns' ? duration(cost / calls) : plain(Math.round(cost / calls)),
    run.total.cost === 0 ? '' : `${(100 * cost / run.total.cost).toFixed(0)} %`, count(counts.crossings), count(counts.switches),
    counts.bytesCopied === 0 ? '' : bytes(counts.bytesCopied)
  ]
  return [
    `${styleText('bold', run.program)} under ${styleText('bold', run.kernel)}`,
    '',
    styleText('underline', row('call', [...heads])),
    ...run.calls.map(({ call, ...totals }) => row(call, cells(totals))),
    '─'.repeat(label + widths.reduce<number>((sum, each) => sum + each, 0)),
    ...(run.calls.length === 0 ? ['no calls'] : [styleText('bold', row('total', cells(run.total)))]),
    ...wrap(footOf(run), Math.min(columns, textColumns)).map(line => styleText('dim', line))
  ].join('\n').replace(/ +$/gm, '')
}

function footOf ({ unit, total, programNs, kernelNs }: CallsOfRun): string {
  const calls = unit === 'ns' ? `${duration(total.cost)} in calls` : `${plain(Math.round(total.cost))} cycles in calls`
  return `${calls}, ${duration(programNs)} in the program, ${duration(kernelNs)} of the kernel outside calls: starting and ending, scheduling, interrupts, ` +
    `the host. each: on the processor, what is waited for left out${unit === 'ns' ? '; with what telling of it takes, so for what a call costs by itself: --call NAME' : ''}. ` +
    'core, switch, copied: of all calls of the row.'
}

function count (value: number): string {
  return value === 0 ? '' : plain(value)
}
