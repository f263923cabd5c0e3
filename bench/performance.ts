/** The report of all benchmarks as Markdown: whether the targets are met, then each finding with its tables. Written by `run.ts`. */

import type { Host } from '../src/lab/index.ts'
import type { Finding, Table } from './harness.ts'
import { verdict } from './harness.ts'

/** A benchmark that was run: what it found, or why it did not end. */
export type Report = { readonly name: string, readonly finding: Finding } | { readonly name: string, readonly failure: string }

export interface Run {
  readonly reports: readonly Report[]
  readonly host: Host
  readonly command: string
  /** How long it all took, s. */
  readonly seconds: number
  /** Processes that wanted to run, at the start and at the end: more than there are processors blur every figure. */
  readonly load: readonly [number, number]
}

export function performanceReport ({ reports, host, command, seconds, load }: Run): string {
  const findings = reports.flatMap(report => 'finding' in report ? [report.finding] : [])
  const failures = reports.flatMap(report => 'failure' in report ? [report] : [])
  const targets = findings.flatMap(({ targets }) => targets)
  const number = (met: boolean | null): number => targets.filter(target => target.met === met).length
  const busy = Math.max(...load) > host.processors
  return [
    '# Performance',
    '',
    `Written by \`${command}\`, and not by hand: every figure is of that run, which says when and where it was.`,
    '',
    `**${number(true)} of ${targets.length} targets met, ${number(false)} missed` + `${number(null) > 0 ? `, ${number(null)} not measured` : ''}.**`,
    '',
    `- ${host.date}, in ${seconds.toFixed(0)} s`,
    `- ${host.processor}, ${host.processors} processors; ${host.system}; Node ${host.node}, V8 ${host.v8}`,
    `- processes that wanted to run: ${load[0].toFixed(1)} at the start, ${load[1].toFixed(1)} at the end` +
      (busy ? '. **The machine was busy: figures are higher, and lie further apart, than on a quiet one**' : ''),
    '',
    'Times are the cost of this host\'s gates, not of the architectures on hardware. Figures of others come from the same run.',
    '',
    '## Targets',
    '',
    ...markdown({
      title: '', columns: [{ name: '', words: true }, { name: 'what', words: true }, { name: 'measured', words: true }, { name: 'wanted', words: true }],
      rows: targets.map(target => [verdict(target) === 'missed' ? '**missed**' : verdict(target), target.what, target.measured, target.wanted])
    }),
    ...failures.flatMap(({ name, failure }) => ['', `**${name} did not end:** ${failure}`]),
    ...findings.flatMap(section),
    ''
  ].join('\n')
}

function section ({ title, question, held, tables }: Finding): string[] {
  return [
    '', `## ${title}`, '', question, '', `Held fixed: ${held}`,
    ...tables.flatMap(table => [
      '', `### ${table.title}`, '', ...markdown(table),
      ...(table.notes === undefined ? [] : ['', ...table.notes.map(note => `- ${escaped(note)}`)])
    ])
  ]
}

function markdown ({ columns, rows }: Table): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`
  return [line(columns.map(({ name }) => name)), `| ${columns.map(({ words }) => words ? '---' : '---:').join(' | ')} |`, ...rows.map(line)]
}

/** Of a cell: what would end it, or be read as a tag. */
function escaped (text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
