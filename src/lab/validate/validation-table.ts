/** A validation for a terminal: each quantity with published and modelled beside one another, then the scores and what has a reason. */

import { styleText } from 'node:util'
import { plainTable, right } from '../plain-table.ts'
import { wrap } from '../text.ts'
import { TOLERANCE, bases, leftOut, sources, targets } from './targets.ts'
import type { Sensitivity } from './sensitivity.ts'
import { shownBy } from './validate.ts'
import type { Comparison, Order, Validation } from './validate.ts'

const textColumns = 100

export function validationText (validation: Validation, width: number): string {
  const { comparisons, orders, scores } = validation
  const columns = Math.min(Math.max(width, 80) - 1, textColumns)
  const quantities = [...new Set(comparisons.map(({ figure }) => figure.quantity))]
  const rightOrders = orders.filter(order => order.right).length
  const score = ({ met, of }: { readonly met: number, readonly of: number }): string => `${met} of ${of}`
  return [
    ...wrap(`The order of systems is right for ${rightOrders} of ${orders.length} quantities. Within ${TOLERANCE * 100} % of what was published: ${score(scores.confirmed)} ` +
      `figures that can be looked up, and, scored apart, ${score(scores.memory)} that are known from memory of the paper.`, columns).map(line => styleText('bold', line)),
    ...wrap('Cycles are modelled from the profile of the hardware, the services\' cost tables and the plans; no target is an input. "ratio" divides by the quantity\'s base.', columns),
    '',
    ...quantities.flatMap(quantity => [...quantityText(comparisons.filter(({ figure }) => figure.quantity === quantity), orders.find(order => order.quantity === quantity), columns), '']),
    ...reasons(validation, columns),
    '',
    styleText('bold', 'Of the same sources, and left out'),
    ...leftOut.flatMap(([id, what, why]) => wrap(`${id}, ${what}: ${why}`, columns)),
    '',
    ...[...new Set(Object.values(sources))].flatMap(source => wrap(source, columns)).map(line => styleText('dim', line))
  ].join('\n').replace(/ +$/gm, '')
}

function quantityText (own: readonly Comparison[], order: Order | undefined, columns: number): string[] {
  const { quantity, machine } = own[0]!.figure
  const base = targets.find(figure => figure.quantity === quantity && figure.plan === bases[quantity])
  const table = plainTable([`${quantity}, ${machine}${own[0]!.figure.unit === '% slower' ? ', slower by' : ''}`, 'plan', '', right('published'), right('modelled'), right('error'), 'status'], [], 2)
  for (const each of own) {
    const { figure, kind, published, modelled, reason, error, met } = each
    const unit = unitOf(each)
    table.push([
      `${figure.id} ${figure.system}`, figure.plan, kind === 'ratio' ? `ratio${base === undefined ? '' : ` to ${base.system}`}` : '',
      right(`${shown(published)} ${unit}`), right(modelled === null ? '–' : `${shown(modelled)} ${unit}`),
      right(error === null ? '–' : signed(error)),
      reason !== null ? 'not modelled' : `${met ? 'met' : 'missed'}${figure.status === 'memory' ? ' (memory)' : ''}`
    ])
  }
  const ordered = order === undefined ? [] : wrap(order.right ? `Order: right (${order.published.join(' < ')})` : `Order: published ${order.published.join(' < ')}; modelled ${order.modelled.join(' < ')}`, columns)
  return [table.toString(), ...ordered]
}

function reasons ({ comparisons, tried, unexplained }: Validation, columns: number): string[] {
  const label = ({ figure, kind }: Comparison): string => `${figure.id} ${figure.quantity} of ${figure.system}${kind === 'ratio' ? ', ratio' : ''}`
  const come = (comparison: Comparison, modelled: number, error: number): string => `${shown(modelled)} ${unitOf(comparison)}, ${signed(error)}`
  const section = (title: string, lines: readonly string[]): string[] => lines.length === 0 ? [] : [styleText('bold', title), ...lines.flatMap(line => wrap(line, columns))]
  const byReason = new Map<string, string[]>()
  for (const each of comparisons) {
    const found = shownBy(tried, each)
    if (found === undefined) continue
    const why = `${found.reason.why} (${found.reason.source}).`
    byReason.set(why, [...byReason.get(why) ?? [], `${label(each)}: ${come(each, found.modelled, found.error)}`])
  }
  return [
    ...section('Not modelled', comparisons.filter(({ reason }) => reason !== null).map(each => `${label(each)}: ${each.reason}`)),
    ...section('Missed, and met in a run with what is known to be otherwise', [...byReason].map(([why, which]) => `${capital(why)} With that ${which.join('; ')}.`)),
    ...section('Missed without a reason that a run shows', unexplained.map(each => [label(each), ...(tried.get(each) ?? []).map(({ reason, modelled, error }) => `with ${reason.name} ${come(each, modelled, error)}${Math.abs(error) <= TOLERANCE ? ', but not what else is compared of it' : ''}`)].join('; ')))
  ]
}

function unitOf ({ kind, figure }: Comparison): string {
  return kind === 'ratio' || figure.unit === '× base' ? '×' : figure.unit === '% slower' ? '%' : figure.unit
}

function signed (error: number): string {
  return `${error < 0 ? '−' : '+'}${Math.abs(error * 100).toFixed(0)} %`
}

function capital (text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

export function sensitivityText ({ inputs, conclusions, changed }: Sensitivity, width: number): string {
  const columns = Math.min(Math.max(width, 80) - 1, textColumns)
  const by = new Set(changed.map(({ input }) => input))
  return [
    ...wrap(`${inputs} inputs, each at both ends of its range, one at a time; ${conclusions} conclusions. ${by.size} of the inputs change a conclusion.`, columns).map(line => styleText('bold', line)),
    ...changed.flatMap(({ input, end, conclusions: which }) => [...wrap(`${input}, ${end}`, columns), ...which.flatMap(each => wrap(each, columns - 2).map(line => `  ${line}`))])
  ].join('\n')
}

function shown (value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
