/** `kaleidos machines costs`: how much work kernels do, as their cost tables say it. The same for all machines: these say what it takes. */

import { styleText } from 'node:util'
import { loadCoreCosts } from '../core/index.ts'
import { allCosts, commonCalls, inWords, wrap } from '../lab/index.ts'
import type { CostRow, CostTable } from '../roles/index.ts'
import { CommandError } from './exit.ts'
import { columns, printJson } from './output.ts'
import { suggestion } from './suggestion.ts'

const CORE = 'core'
const indent = 4

export async function showCosts (name: string | undefined, options: { readonly json?: boolean }): Promise<number> {
  const tables = await allCosts()
  if (name === undefined) return summary(tables, options.json === true)
  const core = await loadCoreCosts()
  const table = name === CORE ? core.costs : tables.get(name)
  if (table === undefined) throw new CommandError(`there is no service '${name}'`, suggestion(name, [...tables.keys(), CORE]).trim() || `There are ${[...tables.keys(), CORE].join(', ')}.`)
  const paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> = name === CORE ? { ...core.gatePaths, scheduler: { '': core.schedulerPaths }, 'page fault': { '': core.faultPaths } } : {}
  if (options.json === true) return printJson(name === CORE ? { roles: table, paths } : table)
  process.stdout.write(`${[
    ...wrap('For each of what a row is counted in: instructions of a plain C implementation (least to most), different cache lines of data, the lock under which it is done.', columns()), '',
    ...Object.entries(paths).flatMap(([kind, gates]) => Object.entries(gates).flatMap(([gate, rows]) => operations(`${kind} ${gate}`.trim(), rows as Readonly<Record<string, CostRow>>))),
    ...Object.entries(table).flatMap(([role, rows]) => operations(role, rows))
  ].join('\n')}\n`)
  return 0
}

function summary (tables: ReadonlyMap<string, CostTable>, json: boolean): number {
  const calls = commonCalls(tables)
  if (json) return printJson(calls.map(([call, instructions, dataLines, of]) => ({ call, instructions, dataLines, of })))
  process.stdout.write(`${[
    ...calls.flatMap(([call, instructions, lines, of]) => [styleText('bold', call!), `    ${instructions} instructions, ${lines} lines of data`, styleText('dim', `    ${of}`)]), '',
    ...wrap(`Without gates, copies and what the hardware does. \`kaleidos machines costs SERVICE\` prints every row with its reason; there are ${[...tables.keys(), CORE].join(', ')}.`, columns())
  ].join('\n')}\n`)
  return 0
}

function operations (title: string, rows: Readonly<Record<string, CostRow | readonly CostRow[]>>): string[] {
  return [styleText('underline', title), ...Object.entries(rows).flatMap(([name, of]) => [styleText('bold', `  ${name}`), ...[of].flat().flatMap(lines)]), '']
}

function lines (row: CostRow): string[] {
  const { each, instructions, lines: data, lock, reason } = inWords(row)
  const head = `${' '.repeat(indent)}${each}: ${instructions} instructions${data === '0' ? '' : `, ${data} ${data === '1' ? 'line' : 'lines'}`}${lock === '' ? '' : `, under the lock ${lock}`}`
  return [...wrap(head.replaceAll('`', ''), columns() - indent).map((line, at) => at === 0 ? ' '.repeat(indent) + line.trimStart() : ' '.repeat(2 * indent) + line),
    ...wrap(reason, columns() - 2 * indent).map(line => styleText('dim', ' '.repeat(2 * indent) + line))]
}
