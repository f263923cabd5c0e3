/** A comparison as tables for a terminal of 80 columns or more. */

import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { Comparison, KernelFacts, Measurement, ProgramFacts } from './results.ts'
import { wrap } from './text.ts'
import { bytes, duration, plain, ratio, spread } from './units.ts'

type Cell = string | { readonly content: string, readonly hAlign?: 'left' | 'right', readonly colSpan?: number }

const columnsMin = 80
const columnsMax = 110
const reasonWidth = 44

export function terminalTables (comparison: Comparison, width: number): string {
  const columns = Math.min(columnsMax, Math.max(columnsMin, width)) - 1
  return [
    ...wrap(heading(comparison), columns).map(line => styleText('bold', line)),
    '',
    kernelTable(comparison.kernels, columns),
    '',
    operationTable(comparison, columns),
    ...(comparison.program === null ? [] : ['', ...programLines(comparison.program, comparison.measurements, columns)]),
    '',
    ...wrap(legend(comparison), columns).map(line => styleText('dim', line))
  ].join('\n').replace(/ +$/gm, '')
}

/** What the times are, and are not. */
export function heading ({ host }: Comparison): string {
  return `Times are the cost of this host's gates (${host.processor}, Node ${host.node}, V8 ${host.v8}), not of the architectures ` +
    'on hardware. Counts are exact.'
}

function legend (comparison: Comparison): string {
  return 'median, p99: time of one operation, over batches of operations (for whole programs: over runs). ±: how far the middle ' +
    'half of the rounds lies from the median. –: not known (counts that were not the same twice, the spread of less than three rounds). cross: entries into the core. switch: changes of address space. copied: bytes ' +
    `copied between domains and services. ${comparison.rounds} ${comparison.rounds === 1 ? 'round' : 'rounds'}, order drawn from seed ${comparison.seed}. ` +
    `Supervisor lines: code lines that run privileged; beneath all: ${comparison.hostCode}.`
}

function kernelTable (kernels: readonly KernelFacts[], columns: number): string {
  const left = 46
  const table = plainTable(['kernel', right('boot'), right('memory'), right('supervisor'), 'walls: what is behind each'],
    [undefined, undefined, undefined, undefined, columns - left], 2)
  for (const kernel of kernels) {
    table.push([
      styleText('bold', kernel.name),
      right(kernel.bootNs === null ? '' : duration(kernel.bootNs.median)),
      right(bytes(kernel.memory.hostBytes)),
      right(`${plain(kernel.supervisor.lines)} lines`),
      kernel.walls.map(wallLine).join('\n')
    ])
  }
  return table.toString()
}

/** `wasm (programs) does not hold heap`. */
export function wallLine (wall: KernelFacts['walls'][number]): string {
  return `${wall.name} (${wall.domains.join(', ')}): ${wall.doesNotHold.length === 0 ? 'holds all'
    : `does not hold ${wall.doesNotHold.join(', ')}`}`
}

function operationTable (comparison: Comparison, columns: number): string {
  const roomy = columns >= 90
  const table = plainTable([
    'operation', 'kernel', right('median'), right(''), right('p99'), right('±'), right('cross'), right('switch'),
    ...(roomy ? [right('grants')] : []), right('copied')
  ], [], roomy ? 2 : 1)
  for (const workload of comparison.workloads) {
    const rows = comparison.measurements.filter(other => other.workload === workload.name)
    const fastest = Math.min(...rows.map(medianOf))
    rows.forEach((row, at) => table.push([
      at === 0 ? styleText('bold', workload.name) : '', row.kernel, ...figures(row, fastest, roomy)
    ]))
  }
  return table.toString()
}

function figures (row: Measurement, fastest: number, roomy: boolean): Cell[] {
  // One cell across the others would widen them; whole reasons stand in the report.
  if (row.outcome === 'refused') return [{ content: styleText('dim', clipped(row.reason, reasonWidth)), colSpan: roomy ? 8 : 7 }]
  const { ns, counts } = row
  const counted = counts === null ? ['–', '–', '–', '–']
    : [plain(counts.crossings), plain(counts.switches), plain(counts.grants), bytes(counts.bytesCopied)]
  return [
    duration(ns.median), styleText('dim', ratio(ns.median / fastest)), duration(ns.p99), spread(ns),
    ...counted.filter((_, at) => roomy || at !== 2)
  ].map(right)
}

function clipped (text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}

function medianOf (row: Measurement): number {
  return row.outcome === 'measured' ? row.ns.median : Infinity
}

function programLines (program: ProgramFacts, measurements: readonly Measurement[], columns: number): string[] {
  const lines = program.runs.map(run =>
    `${run.kernel}: status ${run.status}${run.message === '' ? '' : ` (${run.message})`}, ${callsText(measurements, run.kernel)}` +
    `${bytes(run.stdoutBytes)} out, ${bytes(run.stderrBytes)} err, sha256 ${run.hash.slice(0, 16)}`)
  const verdict = program.agreement.length === 1
    ? styleText('green', 'Output, exit status and files are the same to the byte under every kernel.')
    : styleText('red', `Outputs differ: ${program.agreement.map(group => group.join(' = ')).join(' ≠ ')}`)
  return [...lines.flatMap(line => wrap(line, columns)), verdict]
}

function callsText (measurements: readonly Measurement[], kernel: string): string {
  const row = measurements.find(other => other.kernel === kernel)
  return row?.outcome === 'measured' && row.counts !== null ? `${plain(row.counts.calls)} calls, ` : ''
}

function right (content: string): Cell {
  return { content, hAlign: 'right' }
}

function plainTable (head: readonly Cell[], widths: readonly (number | undefined)[], gap: number): Table.Table {
  const table = new Table({
    chars: {
      top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
      left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: ''
    },
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [], compact: true },
    colWidths: widths.map(width => width ?? null),
    wordWrap: true
  })
  table.push(head.map(cell => typeof cell === 'string' ? styleText('underline', cell)
    : { ...cell, content: styleText('underline', cell.content) }) as never)
  return table as unknown as Table.Table
}
