/** A comparison for a terminal of 80 columns or more: the answer first, then each operation, then what it all means. */

import { basename } from 'node:path'
import { stripVTControlCharacters, styleText } from 'node:util'
import { answerOf, rangeText, verdict } from './answer.ts'
import type { Answer } from './answer.ts'
import { plainTable, right, type Cell } from './plain-table.ts'
import type { Comparison, KernelFacts, Measurement, ProgramFacts } from './results.ts'
import { refusalLines } from './refusals.ts'
import { padEnd, textWidth, wrap } from './text.ts'
import { bytes, duration, plain, ratio, spread } from './units.ts'

const columnsMin = 80
/** Longer lines of text than this are hard to read. */
const textColumns = 100

export function terminalTables (comparison: Comparison, width: number): string {
  const columns = Math.max(columnsMin, width) - 1
  const text = Math.min(columns, textColumns)
  const answer = answerOf(comparison)
  const program = comparison.program === null ? null : basename(comparison.program.path)
  const lead = verdict(answer, program)
  return [
    ...(comparison.program === null ? [] : [agreement(comparison.program), '']),
    ...wrap(lead, text).map(line => styleText('bold', line)),
    ...wrap(caveat, text),
    '',
    answerTable(comparison, answer, columns),
    '',
    operations(comparison, columns),
    ...refusalLines(comparison.measurements.filter(row => row.outcome === 'refused'), text),
    ...(comparison.program === null ? [] : ['', ...programLines(comparison.program, comparison.measurements, text)]),
    '',
    ...walls(comparison.kernels, text),
    '',
    ...wrap(legend(comparison), text).map(line => styleText('dim', line))
  ].join('\n').replace(/ +$/gm, '')
}

/** What the times are, and are not. */
export const caveat = 'Times are the cost of this host\'s gates, not of the architectures on hardware. Counts are exact.'

function legend (comparison: Comparison): string {
  const { host } = comparison
  return `${host.processor}, Node ${host.node}, V8 ${host.v8}. ×: times the fastest. core: entries into the core, switch: changes of ` +
    'address space, copied: bytes copied between ' +
    'domains and services, each of one operation (–: not the same twice). ' +
    `${comparison.rounds} ${comparison.rounds === 1 ? 'round' : 'rounds'}, order drawn from seed ${comparison.seed}; ${steadiness(comparison)}. ` +
    `Privileged: lines of code in supervisor mode; beneath all: ${comparison.hostCode}. The report has p99, spread, grants and charts.`
}

/** How far repeats lay apart where they did most. */
function steadiness ({ measurements }: Comparison): string {
  const widest = measurements.filter(row => row.outcome === 'measured').filter(row => row.ns.rounds >= 3)
    .toSorted((a, b) => b.ns.spread - a.ns.spread)[0]
  return widest === undefined ? 'with less than three, nothing is known of how far they lie apart'
    : `they lie apart by at most ${spread(widest.ns)} (${widest.workload}, ${widest.kernel})`
}

/** A row for each kernel, the cheapest first. */
function answerTable (comparison: Comparison, answer: Answer, columns: number): string {
  const roomy = columns >= 100
  const table = plainTable([
    'kernel', right(comparison.program === null ? 'time' : 'run'), 'at most', right('into core'), right('switches'), right('boot'),
    ...(roomy ? [right('memory')] : []), right('privileged')
  ], [], columns >= 90 ? 3 : 1)
  for (const { kernel, factor, most, crossings, switches } of answer.kernels) {
    const facts = comparison.kernels.find(({ name }) => name === kernel)!
    table.push([
      styleText('bold', kernel), right(factor === null ? '' : styleText('bold', ratio(factor))),
      most === null ? '' : `${ratio(most.factor)} ${most.workload}`, right(rangeText(crossings)), right(rangeText(switches)),
      right(facts.bootNs === null ? '' : duration(facts.bootNs.median)),
      ...(roomy ? [right(bytes(facts.memory.hostBytes))] : []), right(plain(facts.supervisor.lines))
    ])
  }
  return table.toString()
}

/** What is behind each wall, and what that does not hold. */
function walls (kernels: readonly KernelFacts[], columns: number): string[] {
  const indent = Math.max(...kernels.map(kernel => textWidth(kernel.name))) + 2
  const head = `${styleText('underline', 'kernel')}${' '.repeat(indent - 6)}${styleText('underline', 'walls: what is behind each, and what it does not hold')}`
  return [head, ...kernels.flatMap(kernel => kernel.walls.flatMap(wall => wrap(wallLine(wall), columns - indent))
    .map((line, at) => at === 0 ? styleText('bold', padEnd(kernel.name, indent)) + line : ' '.repeat(indent) + line))]
}

/** `wasm (programs): does not hold heap`. */
export function wallLine (wall: KernelFacts['walls'][number]): string {
  return `${wall.name} (${wall.domains.join(', ')}): ${wall.doesNotHold.length === 0 ? 'holds all'
    : `does not hold ${wall.doesNotHold.join(', ')}`}`
}

/** Columns that a kernel has in `sideBySide`, as many as there is room for. */
const columnSets = [['core', 'switch', 'copied'], ['core', 'copied'], ['core'], []] as const

/** Kernels beside one another, where they fit; else one below the other. */
function operations (comparison: Comparison, columns: number): string {
  for (const set of columnSets) {
    const table = sideBySide(comparison, set)
    if (table.split('\n').every(line => textWidth(stripVTControlCharacters(line).trimEnd()) <= columns)) return table
  }
  return oneBelowTheOther(comparison)
}

function sideBySide (comparison: Comparison, counted: readonly string[]): string {
  const { kernels, workloads, measurements } = comparison
  const table = plainTable(['operation', ...kernels.flatMap(kernel => [right(kernel.name), right('×'), ...counted.map(right)])], [], 1)
  for (const workload of workloads) {
    const rows = measurements.filter(other => other.workload === workload.name)
    const fastest = Math.min(...rows.map(medianOf))
    table.push([styleText('bold', workload.name), ...kernels.flatMap(kernel => {
      const row = rows.find(other => other.kernel === kernel.name)
      if (row?.outcome !== 'measured') return ['–', '', ...counted.map(() => '')].map(right)
      const factor = row.ns.median / fastest
      const { counts } = row
      const named: Readonly<Record<string, string>> = counts === null ? {}
        : { core: plain(counts.crossings), switch: plain(counts.switches), copied: bytes(counts.bytesCopied) }
      return [` ${duration(row.ns.median)}`, styleText(factor >= 1.95 ? 'bold' : 'dim', ratio(factor)), ...counted.map(name => named[name] ?? '–')].map(right)
    })])
  }
  return table.toString()
}

function oneBelowTheOther (comparison: Comparison): string {
  const table = plainTable(['operation', 'kernel', right('median'), right('×'), right('core'), right('switch'), right('copied')], [], 2)
  for (const workload of comparison.workloads) {
    const rows = comparison.measurements.filter(other => other.workload === workload.name)
    const fastest = Math.min(...rows.map(medianOf))
    rows.forEach((row, at) => table.push([at === 0 ? styleText('bold', workload.name) : '', row.kernel, ...figures(row, fastest)]))
  }
  return table.toString()
}

function figures (row: Measurement, fastest: number): Cell[] {
  if (row.outcome === 'refused') return [right('–')]
  const { ns, counts } = row
  const counted = counts === null ? ['–', '–', '–'] : [plain(counts.crossings), plain(counts.switches), bytes(counts.bytesCopied)]
  return [duration(ns.median), styleText('dim', ratio(ns.median / fastest)), ...counted].map(right)
}

function medianOf (row: Measurement): number {
  return row.outcome === 'measured' ? row.ns.median : Infinity
}

function programLines (program: ProgramFacts, measurements: readonly Measurement[], columns: number): string[] {
  return program.runs.flatMap(run => wrap(
    `${run.kernel}: status ${run.status}${run.message === '' ? '' : ` (${run.message})`}, ${callsText(measurements, run.kernel)}` +
    `${bytes(run.stdoutBytes)} out, ${bytes(run.stderrBytes)} err, sha256 ${run.hash.slice(0, 16)}`, columns))
}

function agreement (program: ProgramFacts): string {
  return program.agreement.length === 1
    ? styleText('green', 'Output, exit status and files are the same to the byte under every kernel.')
    : styleText('red', `Outputs differ: ${program.agreement.map(group => group.join(' = ')).join(' ≠ ')}`)
}

function callsText (measurements: readonly Measurement[], kernel: string): string {
  const row = measurements.find(other => other.kernel === kernel)
  return row?.outcome === 'measured' && row.counts !== null ? `${plain(row.counts.calls)} calls, ` : ''
}
