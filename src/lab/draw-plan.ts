/**
 * Draws a plan as text: each domain a box with its services, user domains above the line of privilege and supervisor
 * domains below it, walls as the style of the border, gates as labelled edges.
 *
 * Pure: the same plan and width give the same text. A guest (a whole system in a domain) is drawn after its host.
 */

import type { DomainPlan, GatePlan, Placement, Plan, WallName } from '../link/index.ts'
import { padEnd, textWidth, wrap } from './text.ts'

/** Border of a box: corners, horizontal, vertical. Stronger walls have stronger lines. */
interface Border {
  readonly corners: readonly [string, string, string, string]
  readonly across: string
  readonly down: string
}

const thin = ['┌', '┐', '└', '┘'] as const
const heavy = ['┏', '┓', '┗', '┛'] as const

const borders: Readonly<Record<WallName, Border>> = {
  none: { corners: thin, across: '─', down: '│' },
  language: { corners: thin, across: '┄', down: '┆' },
  wasm: { corners: ['╔', '╗', '╚', '╝'], across: '═', down: '║' },
  thread: { corners: heavy, across: '━', down: '┃' },
  process: { corners: heavy, across: '━', down: '┃' },
  node: { corners: heavy, across: '┅', down: '┇' }
}

const gap = 2
const indent = 1
const propertyWidth = 20
export const drawingWidthMin = 40

/** The drawing of a plan in lines of at most `width` columns. */
export function drawPlan (plan: Plan, width = 80): string {
  const columns = Math.max(width, drawingWidthMin)
  const lines = [
    plan.name,
    ...wrap(plan.summary, columns - indent).map(indented),
    ...wrap(facts(plan).join(' · '), columns - indent).map(indented),
    '',
    ...levels(plan, columns),
    '',
    ...gateLines(plan, width)
  ]
  for (const domain of plan.domains) {
    if (domain.guest !== undefined) lines.push('', `guest in ${domain.name}: ${drawPlan(domain.guest, columns)}`.trimEnd())
  }
  return `${lines.map(line => line.trimEnd()).join('\n')}\n`
}

function facts (plan: Plan): string[] {
  return [
    plan.core === 'none' ? 'no core' : `core ${plan.core}`,
    schedulerText(plan),
    ...(plan.policies?.panicOnOops === undefined ? []
      : [plan.policies.panicOnOops ? 'a supervisor fault panics' : 'a supervisor fault kills the current task'])
  ]
}

function schedulerText ({ scheduler }: Plan): string {
  switch (scheduler.policy) {
    case 'round-robin':
      return `round robin, ${scheduler.sliceUs / 1000} ms slices, ${scheduler.priorities} priorities`
    case 'time-triggered': {
      const frames = scheduler.minorFrames
        .map(frame => `${frame.partition} ${frame.startUs}-${frame.startUs + frame.lengthUs}`)
      return `time-triggered, major frame ${scheduler.majorFrameUs} µs (${frames.join(', ')})`
    }
  }
}

/** User domains, the line of privilege, supervisor domains. */
function levels (plan: Plan, width: number): string[] {
  const user = plan.domains.filter(domain => domain.mode === 'user')
  const supervisor = plan.domains.filter(domain => domain.mode === 'supervisor')
  return [
    ...(user.length > 0 ? rows(user.map(domain => box(domain, plan)), width) : [' (nothing runs in user mode)']),
    '',
    rule('user above · supervisor below', width),
    '',
    ...rows(supervisor.map(domain => box(domain, plan)), width)
  ]
}

function rule (label: string, width: number): string {
  const side = Math.max(3, Math.floor((width - textWidth(label) - 2) / 2))
  return `${'━'.repeat(side)} ${label} ${'━'.repeat(Math.max(3, width - side - textWidth(label) - 2))}`
}

/** A domain as a box: lines of one width. */
function box (domain: DomainPlan, plan: Plan): string[] {
  const title = domain.programs === 'each' && domain.services.length > 0 ? `${domain.name} (one for each program)` : domain.name
  const inside = [...contents(domain, plan), ...properties(domain).flatMap(noted)]
  const foot = `wall ${domain.wall}`
  const inner = Math.max(textWidth(title) + 4, textWidth(foot) + 4, ...inside.map(line => textWidth(line) + 2))
  const { corners, across, down } = borders[domain.wall]
  const edge = (left: string, label: string, right: string): string =>
    `${left}${across} ${label} ${across.repeat(inner - textWidth(label) - 3)}${right}`
  return [
    edge(corners[0], title, corners[1]),
    ...inside.map(line => `${down} ${padEnd(line, inner - 2)} ${down}`),
    edge(corners[2], foot, corners[3])
  ]
}

function contents (domain: DomainPlan, plan: Plan): string[] {
  const lines: string[] = []
  if (domain.programs !== undefined) lines.push(domain.programs === 'one' ? '▸ the program' : '▸ a program')
  if (domain.guest !== undefined) lines.push(`▸ guest ${domain.guest.name}`)
  // The core is the privileged code of the plan; it stands in the first supervisor domain.
  if (plan.core !== 'none' && domain === plan.domains.find(other => other.mode === 'supervisor')) {
    lines.push(`◆ core ${plan.core}`)
  }
  lines.push(...columnsOf(domain.services.map(serviceText)))
  return lines.length > 0 ? lines : ['(nothing else)']
}

/** Up to six a column, so that a supervisor with many services stays on the screen. */
function columnsOf (items: readonly string[]): string[] {
  const height = items.length <= 6 ? items.length : Math.ceil(items.length / Math.ceil(items.length / 6))
  const columns: string[][] = []
  for (let at = 0; at < items.length; at += height) columns.push(items.slice(at, at + height))
  return Array.from({ length: height }, (_, row) => columns
    .map(column => padEnd(column[row] ?? '', Math.max(...column.map(textWidth))))
    .join('   ').trimEnd())
}

function serviceText (placement: Placement): string {
  if (typeof placement === 'string') return placement
  return placement.as === undefined || placement.as === placement.service ? placement.service
    : `${placement.as} (${placement.service})`
}

function properties (domain: DomainPlan): string[] {
  return [
    ...(domain.threads === undefined ? [] : [threadsText(domain.threads)]),
    ...(domain.devices === undefined || domain.devices.length === 0 ? [] : [`drives ${domain.devices.join(', ')}`]),
    ...(domain.supervision === undefined ? [] : [`made anew ${domain.supervision.restarts} × in ${domain.supervision.periodMs / 1000} s`]),
    ...(domain.pagerOf === undefined ? [] : [`pager of ${domain.pagerOf}`]),
    ...(domain.place === undefined ? [] : [`on ${domain.place}`]),
    ...(domain.partition === undefined ? [] : [`partition ${domain.partition}`])
  ]
}

function threadsText (threads: number | 'migrating' | 'on-demand'): string {
  if (threads === 'on-demand') return 'threads on demand'
  return threads === 'migrating' ? 'migrating threads' : threads === 1 ? '1 thread' : `${threads} threads`
}

/** A property as lines that are told from services. */
function noted (property: string): string[] {
  return wrap(property, propertyWidth).map((line, at) => `${at === 0 ? '·' : ' '} ${line}`)
}

/** Boxes side by side, as many a row as fit. */
function rows (boxes: readonly string[][], width: number): string[] {
  const lines: string[] = []
  let row: string[][] = []
  const flush = (): void => {
    if (row.length === 0) return
    if (lines.length > 0) lines.push('')
    lines.push(...beside(row))
    row = []
  }
  for (const next of boxes) {
    const used = row.reduce((sum, other) => sum + textWidth(other[0]!) + gap, indent)
    if (row.length > 0 && used + textWidth(next[0]!) > width) flush()
    row.push(next)
  }
  flush()
  return lines
}

/** Boxes of one row, made equally high by blank lines above the foot. */
function beside (boxes: readonly string[][]): string[] {
  const height = Math.max(...boxes.map(lines => lines.length))
  const tall = boxes.map(lines => {
    const blank = `${lines[1]![0]}${' '.repeat(textWidth(lines[0]!) - 2)}${lines[1]![0]}`
    return [...lines.slice(0, -1), ...Array<string>(height - lines.length).fill(blank), lines.at(-1)!]
  })
  return Array.from({ length: height }, (_, row) => indented(tall.map(lines => lines[row]!).join(' '.repeat(gap))))
}

function gateLines (plan: Plan, width: number): string[] {
  const from = Math.max(0, ...plan.gates.map(gate => textWidth(endText(gate.from))))
  const label = Math.max(0, ...plan.gates.map(gate => textWidth(gate.gate)))
  const edge = (gate: GatePlan): string => {
    const dashes = label - textWidth(gate.gate)
    const before = Math.floor(dashes / 2)
    return ` ${padEnd(endText(gate.from), from)} ──${'─'.repeat(before)} ${gate.gate} ${'─'.repeat(dashes - before)}─▶ ${endText(gate.to)}`
  }
  const routes = (plan.routes ?? []).map(route =>
    ` ${route.from} takes ${route.requires}${route.as === undefined ? '' : ` "${route.as}"`} from ${route.to}`)
  return [
    ...wrap('gates (the first that fits counts; within a domain a call is direct)', width),
    ...(plan.gates.length > 0 ? plan.gates.map(edge) : [' none: every call is direct']),
    ...(routes.length > 0 ? ['', 'routes', ...routes] : [])
  ]
}

function endText (name: string): string {
  return name === '*' ? 'any domain' : name
}

function indented (line: string): string {
  return ' '.repeat(indent) + line
}
