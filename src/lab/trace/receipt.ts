/** Receipts of system calls for a terminal: a line for each step, what it costs and counts, the sum at the end; and several beside each other. */

import { styleText } from 'node:util'
import { padEnd, textWidth, wrap } from '../text.ts'
import { bytes, duration, plain, ratio } from '../units.ts'
import type { Receipt, ReceiptLine } from './measure-call.ts'

const columnsMin = 80
/** From here on there is room for bars. */
const columnsOfBars = 100
const textColumns = 100
const counted = ['core', 'switch', 'grant', 'copied'] as const
/** Widths of cost, share and what is counted. */
const widths = [9, 7, 6, 8, 7, 10] as const
const barMax = 18
const unaccounted = 0.5

/** What the words and counts of a receipt mean, once for all of them. */
export const receiptLegend = 'trap, rpc: the way through a gate into another domain; back, reply: the way out. A step has its own cost without what ' +
  'it calls. core: entries into the core; switch: changes of address space; grant: windows that the core lends a callee; copied: bytes.'

export function receiptText (receipt: Receipt, what: string, width: number): string {
  const columns = Math.max(columnsMin, width) - 1
  const bars = columns >= columnsOfBars
  const label = columns - widths.reduce<number>((sum, each) => sum + each, 0) - (bars ? barMax + 2 : 0)
  const dearest = Math.max(...receipt.lines.map(line => line.cost))
  const row = (name: string, cells: readonly string[], bar = ''): string =>
    fit(name, label) + cells.map((cell, at) => ' '.repeat(Math.max(0, widths[at]! - textWidth(cell))) + cell).join('') + (bar === '' ? '' : `  ${bar}`)
  const lines = receipt.lines.flatMap(line => [
    styled(line, row(`${'  '.repeat(line.depth)}${labelOf(line, receipt.program)}`, cellsOf(line.cost, line.counts, receipt), bars ? barOf(line.cost / dearest) : '')),
    ...chargesOf(line, columns)
  ])
  return [
    `${styleText('bold', `${receipt.call}`)}, ${what}, under ${styleText('bold', receipt.kernel)}`,
    ...wrap(receipt.summary, Math.min(columns, textColumns)).map(line => styleText('dim', line)),
    '',
    styleText('underline', row('step', [receipt.unit === 'ns' ? 'time' : 'cycles', 'share', ...counted])),
    ...lines,
    '─'.repeat(label + widths.reduce<number>((sum, each) => sum + each, 0)),
    styleText('bold', row('total', cellsOf(receipt.total, receipt.counts, receipt))),
    ...wrap(footOf(receipt), Math.min(columns, textColumns)).map(line => styleText('dim', line))
  ].join('\n').replace(/ +$/gm, '')
}

/** The kernels beside each other: a row each, the cheapest first. */
export function receiptsBeside (receipts: readonly Receipt[]): string {
  const least = Math.min(...receipts.map(({ total }) => total))
  const widths = [13, 10, 7, 9, 7, 7, 8, 7, 10]
  const row = (cells: readonly string[]): string => cells.map((cell, at) => at === 0 ? padEnd(cell, widths[at]!) : ' '.repeat(Math.max(0, widths[at]! - textWidth(cell))) + cell).join('')
  return [
    styleText('underline', row(['kernel', receipts[0]!.unit === 'ns' ? 'time' : 'cycles', '×', 'in gates', 'steps', ...counted])),
    ...receipts.toSorted((a, b) => a.total - b.total).map(receipt => {
      const gates = receipt.lines.filter(({ kind }) => kind !== 'operation').reduce((sum, { cost }) => sum + cost, 0)
      const { crossings, switches, grants, bytesCopied } = receipt.counts
      return row([
        receipt.kernel, costText(receipt.total, receipt), ratio(least === 0 ? 1 : receipt.total / least), percent(gates, receipt.total), plain(receipt.lines.length),
        count(crossings), count(switches), count(grants), bytesCopied === 0 ? '' : bytes(bytesCopied)
      ])
    })
  ].join('\n').replace(/ +$/gm, '')
}

/** A name for each step: where a way leads, what an operation is. */
export function labelOf ({ kind, to, domain, gate, operation }: ReceiptLine, program: string): string {
  switch (kind) {
    case 'operation': return `${to}.${operation}`
    case 'in': return gate === 'trap' ? `trap into ${domain}` : `${gate} to ${domain}`
    // A program's own domain is called as the program, with its number.
    case 'out': return `${gate === 'trap' ? 'back' : 'reply'} to ${domain.startsWith(`${program} (`) ? program : domain}`
  }
}

function cellsOf (cost: number, { crossings, switches, grants, bytesCopied }: Receipt['counts'], receipt: Receipt): string[] {
  return [costText(cost, receipt), percent(cost, receipt.total), count(crossings), count(switches), count(grants), bytesCopied === 0 ? '' : bytes(bytesCopied)]
}

function costText (cost: number, { unit }: Receipt): string {
  if (unit === 'cycles') return plain(Math.round(cost))
  return cost < unaccounted ? '~0 ns' : cost < 9.95 ? `${cost.toFixed(1)} ns` : cost < 999.5 ? `${cost.toFixed(0)} ns` : duration(cost)
}

function percent (part: number, whole: number): string {
  return whole === 0 ? '' : `${(100 * part / whole).toFixed(0)} %`
}

function count (value: number): string {
  return value === 0 ? '' : plain(value)
}

/** Eighths of a block, so that small differences are seen. */
function barOf (share: number): string {
  const eighths = Math.round(share * barMax * 8)
  return '█'.repeat(eighths >> 3) + (eighths % 8 === 0 ? '' : '▏▎▍▌▋▊▉'[eighths % 8 - 1]!)
}

/** Gates are what architectures differ in. */
function styled (line: ReceiptLine, text: string): string {
  return line.kind === 'operation' ? text : styleText('cyan', text)
}

/** On a machine that charges cycles: for what. */
function chargesOf ({ depth, charges }: ReceiptLine, columns: number): string[] {
  // What comes to nothing over many calls is left out.
  const shown = charges.filter(({ cycles }) => cycles >= 0.5)
  if (shown.length === 0) return []
  const indent = '  '.repeat(depth + 2)
  const each = shown.toSorted((a, b) => b.cycles - a.cycles).map(({ what, cycles }) => `${what} ${plain(Math.round(cycles))}`).join(' · ')
  return wrap(each, Math.min(columns, textColumns) - indent.length).map(text => styleText('dim', indent + text))
}

function footOf ({ program, calls, calledSo, waited, unit, wholeNs, readingNs }: Receipt): string {
  const way = calledSo === calls ? `All ${plain(calls)} calls of ${program} take this way` : `${plain(calledSo)} of ${plain(calls)} calls of ${program} take this way`
  const waits = waited === 0 ? '' : waited === calledSo ? '; each waits, which is not in the times' : `; ${plain(waited)} wait, which is not in the times`
  if (unit === 'cycles') return `${way}${waits}. Charged by the machine, to the cycle: the mean of all calls.`
  if (wholeNs === null || readingNs === null) return `${way}${waits}. Times are as traced: what it takes to tell of each step is in them.`
  return `${way}${waits}. Times: this host's, mean of the middle half, without the ${readingNs.toFixed(0)} ns of each reading of the clock; ` +
    `the call with nothing timed within it takes ${wholeNs < 999.5 ? `${wholeNs.toFixed(0)} ns` : duration(wholeNs)}.`
}

/** A name in so many columns; one that is longer loses its middle. */
function fit (name: string, width: number): string {
  if (textWidth(name) < width) return padEnd(name, width)
  const tail = Math.floor((width - 3) / 3)
  return `${name.slice(0, width - 2 - tail)}…${name.slice(-tail)} `
}
