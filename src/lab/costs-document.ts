/**
 * The cost tables for people: as a document (docs/costs.md) with the steps, the core's paths, a table for each service, and what
 * some common calls come to when their rows are added; and what a row says, in words, for a terminal too. All of it is read off
 * the tables; a test holds the document to them.
 */

import { loadCoreCosts } from '../core/index.ts'
import { services } from '../os/index.ts'
import { Steps } from '../roles/index.ts'
import type { AnyService, CostRow, CostTable, Measure, Role } from '../roles/index.ts'

const begin = `# What kernel work costs

On a model machine work costs virtual time. This is how much of it there is: instructions of a plain implementation in C of the
same algorithm, with warm caches, and the different cache lines of data (of 64 bytes) that it touches. Nothing here knows of hardware,
gates or placement: a machine's profile turns instructions and lines into cycles; bytes that are copied, mode switches, mapped
pages and cache misses are charged where they happen. Written by \`scripts/costs-document.mjs\` from the tables beside the services.

Read a row so: *for each* of what it is counted in, so many instructions; in brackets the least and the most that is
plausible; the lines; the lock under which it is done in a plan that has fine locks, and which of them. Rows of an operation add up.

What the tables cannot see: which way an operation took inside (a walk that is remembered, a page that is new), and the sizes of what it
does not take as an argument. Where that matters the row says what is assumed, and its range holds both ends.
`

/** Calls whose rows are added, along the services that they pass; units as `per of`. */
interface Sample {
  readonly name: string
  readonly path: readonly (readonly [service: string, role: string, operation: string, units?: Readonly<Record<string, number>>])[]
}

const NAME = 10
const samples: readonly Sample[] = [
  { name: 'proc_id', path: [['wasi', 'SystemCalls', 'proc_id'], ['proc', 'Processes', 'identity']] },
  { name: 'clock_time_get', path: [['wasi', 'SystemCalls', 'clock_time_get'], ['clock', 'Clock', 'now']] },
  { name: 'fd_seek', path: [['wasi', 'SystemCalls', 'fd_seek'], ['vfs', 'Files', 'seek']] },
  {
    name: 'fd_read of a page, without the copy',
    path: [['wasi', 'SystemCalls', 'fd_read', { 'element count': 1 }], ['vfs', 'Files', 'read'], ['ramfs', 'FileSystem', 'read', { 'block result': 1 }]]
  },
  {
    name: 'fd_write to a pipe, without the copy',
    path: [['wasi', 'SystemCalls', 'fd_write', { 'element count': 1 }], ['vfs', 'Files', 'write'], ['pipefs', 'FileSystem', 'write', { 'block result': 1 }]]
  },
  {
    name: 'path_filestat_get of a name of ten bytes',
    path: [
      ['wasi', 'SystemCalls', 'path_filestat_get', { 'byte length': NAME }], ['vfs', 'Files', 'attributesAt', { 'byte path': NAME, 'component path': 1 }],
      ['ramfs', 'FileSystem', 'lookup', { 'byte name': NAME }], ['ramfs', 'FileSystem', 'attributes']
    ]
  },
  {
    name: 'path_open of a name of ten bytes',
    path: [
      ['wasi', 'SystemCalls', 'path_open', { 'byte length': NAME }], ['vfs', 'Files', 'open', { 'byte path': NAME, 'component path': 1 }],
      ['ramfs', 'FileSystem', 'lookup', { 'byte name': NAME }], ['ramfs', 'FileSystem', 'open']
    ]
  },
  { name: 'fd_close', path: [['wasi', 'SystemCalls', 'fd_close'], ['vfs', 'Files', 'close'], ['ramfs', 'FileSystem', 'close']] }
]

/** The cost tables of all services, by name. */
export async function allCosts (): Promise<ReadonlyMap<string, CostTable>> {
  const tables = new Map<string, CostTable>()
  for (const { name, costs } of services.values()) if (costs !== undefined) tables.set(name, await costs())
  return tables
}

export async function costsDocument (): Promise<string> {
  const tables = await allCosts()
  const core = await loadCoreCosts()
  const parts = [
    begin, stepsSection(), samplesSection(tables),
    '## The core\n', gatesSection(core.gatePaths), pathsTable('In the scheduler', core.schedulerPaths as unknown as Readonly<Record<string, CostRow>>),
    pathsTable('Page faults', core.faultPaths as unknown as Readonly<Record<string, CostRow>>), rolesSection(core.costs),
    ...[...tables].map(([name, table]) => serviceSection(services.get(name)!, table))
  ]
  return `${parts.join('\n').trimEnd()}\n`
}

function stepsSection (): string {
  const rows = Object.entries(Steps).map(([name, { what, instructions, range, dataLines }]) => [`\`${name}\``, `${figure(instructions)} (${range.map(figure).join(' to ')})`, figure(dataLines), what ?? ''])
  return `## Steps

Rows are sums of these. Where nothing else is said they are counted: \`scripts/steps/steps.c\` has them in C, and \`scripts/steps/count-steps.mjs\`
counts what gcc and clang make of that; the range is wider where another structure or instruction set would do.

${table(['step', 'instructions', 'lines', 'what'], rows)}
`
}

/** What common calls come to: the call, its instructions, its lines, and how many instructions are whose. */
export function commonCalls (tables: ReadonlyMap<string, CostTable>): string[][] {
  return samples.map(({ name, path }) => {
    const sums = path.map(([service, role, operation, units]) => sumOf(tables.get(service)![role]![operation]!, units ?? {}))
    const total = sums.reduce((sum, each) => sum.map((value, index) => value + each[index]!))
    return [name, `${figure(total[0]!)} (${figure(total[1]!)} to ${figure(total[2]!)})`, figure(total[3]!), path.map(([service], index) => `${service} ${figure(sums[index]![0]!)}`).join(', ')]
  })
}

function samplesSection (tables: ReadonlyMap<string, CostTable>): string {
  const rows = commonCalls(tables)
  return `## What common calls come to

Rows added along the services that a call passes, as long as it need not wait; gates, copies and the hardware come on top.

${table(['call', 'instructions', 'lines', 'of these'], rows)}

To compare, none of it used for a figure but for how far the ranges reach: Linux 5 takes about 1,800 cycles for the same open beyond its entry without mitigations, Unikraft's VFS
1,637, and Unikraft's file system alone, without a VFS, 308 (Kuenzer et al., EuroSys 2021, figure 22). So these are the lengths of small
kernels; the most of a range is that of large ones.
`
}

/** Instructions, least, most and lines of an operation's rows. */
function sumOf (rows: readonly CostRow[], units: Readonly<Record<string, number>>): number[] {
  const sum = [0, 0, 0, 0]
  for (const { measure, instructions, range, dataLines } of rows) {
    const count = measure.per === 'wait' ? 0 : 'of' in measure ? units[`${measure.per} ${measure.of}`] ?? 0 : 1
    ;[instructions, ...range, dataLines].forEach((value, index) => { sum[index]! += count * value })
  }
  return sum.map(Math.round)
}

function gatesSection (gatePaths: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string {
  return Object.entries(gatePaths).flatMap(([core, gates]) => Object.entries(gates)
    // The trap is everywhere the same.
    .filter(([gate]) => gate !== 'trap' || core === 'trap')
    .map(([gate, paths]) => pathsTable(`${gate}, core ${core}`, paths as Readonly<Record<string, CostRow>>))).join('\n')
}

function pathsTable (title: string, paths: Readonly<Record<string, CostRow>>): string {
  return `### ${title}\n\n${table(['path', 'instructions', 'lines', 'what'], Object.entries(paths).map(([name, row]) => [name, figures(row), figure(row.dataLines), row.reason]))}\n`
}

function serviceSection (service: AnyService, costs: CostTable): string {
  return `## ${service.name}\n\n${capital(service.summary)}.\n\n${rolesSection(costs, Object.values(service.provides))}`
}

function rolesSection (costs: CostTable, roles: readonly Role[] = []): string {
  return Object.entries(costs).map(([name, operations]) => {
    const order = roles.find(role => role.name === name)?.operations ?? operations
    const rows = Object.keys(order).flatMap(operation => operations[operation]!.map((row, index) => {
      const { each, instructions, lines, lock, reason } = inWords(row)
      return [index === 0 ? `\`${operation}\`` : '', each, instructions, lines, lock, reason]
    }))
    return `### ${name}\n\n${table(['operation', 'for each', 'instructions', 'lines', 'lock', 'what'], rows)}\n`
  }).join('\n')
}

export interface RowInWords {
  readonly each: string
  readonly instructions: string
  readonly lines: string
  readonly lock: string
  readonly reason: string
}

/** What a row says. Names of parameters are in backticks. */
export function inWords (row: CostRow): RowInWords {
  return { each: unit(row.measure), instructions: figures(row), lines: figure(row.dataLines), lock: lock(row), reason: row.reason }
}

function figures ({ instructions, range }: CostRow): string {
  return `${figure(instructions)} (${range.map(figure).join(' to ')})`
}

function unit (measure: Measure): string {
  if (measure.per === 'call' || measure.per === 'success' || measure.per === 'wait') return measure.per
  const of = measure.of === 'result' ? 'the result' : `\`${measure.of}\``
  return measure.per === 'block' ? `${measure.bytes.toLocaleString('en-US')} bytes of ${of}` : `${measure.per} of ${of}`
}

function lock ({ lock }: CostRow): string {
  if (lock === undefined) return ''
  return lock.of === undefined ? lock.name : `${lock.name}, by ${lock.opened ?? lock.of}`
}

/** Up to three digits that say something. */
function figure (value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: value < 1000 ? 3 : 4 })
}

function capital (text: string): string {
  return text[0]!.toUpperCase() + text.slice(1)
}

function table (head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}
