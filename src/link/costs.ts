/**
 * Costs of calls: a cost table made into what a decorator of gates asks at each call.
 *
 * A table is checked and compiled once for each service instance and role (`compileCosts`); then an operation's costs are
 * told in up to three parts: `before` the call, for what its arguments say, `after` it, for what it came to, and `waited`,
 * when it had to wait. What most calls cost is a constant, which stands there to be read (`instructions`, `dataLines`, and
 * `plain` when that is all). Nothing is allocated by a call.
 *
 * Rules of use: arguments are parameters, as in the gates. A number that counts something (a length that a program gives) is
 * a program's to choose: beyond the row's `most` it counts nothing, since a call with it is refused before it does anything.
 */

import { utf8Length } from '../fiber/index.ts'
import type { CostRow, CostTable, Lock, Measure, Operation, Role, RoleCosts } from '../roles/index.ts'
import type { Plan } from './plan.ts'
import type { Registry } from './registry.ts'
import { serviceOf } from './wiring.ts'

/** The cost tables of the services that a plan places, by the names of their definitions; of those that have one. */
export async function loadCosts (plan: Plan, services: Registry): Promise<ReadonlyMap<string, CostTable>> {
  const tables = new Map<string, CostTable>()
  for (const placement of plan.domains.flatMap(domain => domain.services)) {
    const { service } = serviceOf(placement)
    const costs = services.get(service)?.costs
    if (costs !== undefined && !tables.has(service)) tables.set(service, await costs())
  }
  return tables
}

/** Where costs are told, in whole numbers. `L` is what stands for a lock there. */
export interface Charges<L> {
  /** So many instructions, and so many different cache lines of data. */
  work (instructions: number, dataLines: number): void
  /** The same while a lock is held: of those that `lock` stands for, the one with this key. `pieces`: units after each of which others may come first. */
  section (lock: L, key: number, instructions: number, dataLines: number, pieces: number): void
}

export interface CostOptions<L> {
  /** What stands for the locks of a name. Asked once for each. */
  readonly lock: (name: string) => L
  /** The figure of a row to go by, when it is not the row's own: one that was drawn from its range. */
  readonly figure?: (row: CostRow) => number
}

/** The key of the only lock of its name. */
const ONLY = 0

/** What a unit is, with everything looked up. */
const Unit = { COMPONENTS: 0, NUMBER: 1, STRING: 2, LIST: 3, TEXTS: 4, WINDOW: 5 } as const

/** So many instructions and lines for each unit of an argument, or of the result. */
interface Term {
  readonly unit: number
  /** The place of the argument; -1 for the result. */
  readonly place: number
  /** Bytes of a block; 1 where each byte or element counts. */
  readonly size: number
  readonly most: number
  /** The first list of a record that results; else ''. */
  readonly field: string
  readonly instructions: number
  readonly dataLines: number
}

/** What is done under one lock, or under none. */
interface Part<L> {
  readonly lock: L | null
  /** The place of the argument that is the key; PLACE_ONLY, PLACE_CALLER. */
  readonly key: number
  /** What the key was opened for; null where it is no handle. */
  readonly opened: Map<number, number> | null
  readonly instructions: number
  readonly dataLines: number
  readonly terms: readonly Term[]
}

const PLACE_RESULT = -1
const PLACE_ONLY = -2
const PLACE_CALLER = -3

export class OperationCosts<L> {
  /** What every call costs before it begins, under no lock; `before` tells the rest. */
  readonly instructions: number
  readonly dataLines: number
  /** Whether nothing else is to be told: neither `before` nor `after`. */
  readonly plain: boolean
  /** Whether `waited` has anything to tell. */
  readonly waits: boolean
  readonly #before: readonly Part<L>[]
  readonly #after: readonly Part<L>[]
  readonly #waited: readonly Part<L>[]
  /** What an `open` was given: handles by what they stand for; null for any other operation. */
  readonly #opens: { readonly place: number, readonly handles: Map<number, number> } | null
  readonly #errno: boolean

  constructor (before: readonly Part<L>[], after: readonly Part<L>[], waited: readonly Part<L>[], errno: boolean, opens: { place: number, handles: Map<number, number> } | null) {
    const constant = before.find(part => part.lock === null && part.terms.length === 0)
    this.instructions = whole(constant?.instructions ?? 0)
    this.dataLines = whole(constant?.dataLines ?? 0)
    this.#before = before.filter(part => part !== constant)
    this.#after = after
    this.#waited = waited
    this.#errno = errno
    this.#opens = opens
    this.plain = this.#before.length === 0 && after.length === 0 && opens === null
    this.waits = waited.length > 0
  }

  /** Tells what a call costs that begins now with these arguments, beyond the constant part. `caller`: the process on whose behalf it is. */
  before (to: Charges<L>, caller: number, a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, f?: unknown, g?: unknown,
    h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): void {
    tell(this.#before, to, caller, undefined, a, b, c, d, e, f, g, h, i, j, k, l)
  }

  /** Tells what it cost beyond that, now that it is over with this result. */
  after (to: Charges<L>, caller: number, result: unknown, a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, f?: unknown,
    g?: unknown, h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): void {
    if (typeof result === 'number' && (this.#errno ? result !== 0 : result < 0)) return
    tell(this.#after, to, caller, result, a, b, c, d, e, f, g, h, i, j, k, l)
    if (this.#opens !== null) this.#opens.handles.set(result as number, argument(this.#opens.place, a, b, c, d, e, f, g, h, i, j, k, l) as number)
  }

  /** Tells what it cost to wait. */
  waited (to: Charges<L>, caller: number, a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, f?: unknown, g?: unknown,
    h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): void {
    tell(this.#waited, to, caller, undefined, a, b, c, d, e, f, g, h, i, j, k, l)
  }
}

function tell<L> (parts: readonly Part<L>[], to: Charges<L>, caller: number, result: unknown, a: unknown, b: unknown, c: unknown, d: unknown,
  e: unknown, f: unknown, g: unknown, h: unknown, i: unknown, j: unknown, k: unknown, l: unknown): void {
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at]!
    let { instructions, dataLines } = part
    let pieces = 1
    for (let n = 0; n < part.terms.length; n++) {
      const term = part.terms[n]!
      const units = unitsOf(term, term.place === PLACE_RESULT ? result : argument(term.place, a, b, c, d, e, f, g, h, i, j, k, l))
      instructions += units * term.instructions
      dataLines += units * term.dataLines
      if (units > pieces) pieces = units
    }
    instructions = whole(instructions)
    dataLines = whole(dataLines)
    if (part.lock === null) {
      to.work(instructions, dataLines)
      continue
    }
    const given = part.key === PLACE_ONLY ? ONLY : part.key === PLACE_CALLER ? caller : argument(part.key, a, b, c, d, e, f, g, h, i, j, k, l) as number
    to.section(part.lock, part.opened === null ? given : part.opened.get(given) ?? ONLY, instructions, dataLines, whole(pieces))
  }
}

/** Most that one telling comes to: whole numbers up to here are no objects of the engine's. */
const TOLD_MAX = 2 ** 30 - 1

/** The nearest whole number: what one call costs more or less than that, another costs less or more. */
function whole (value: number): number {
  return value < TOLD_MAX ? (value + 0.5) | 0 : TOLD_MAX
}

/** The argument in a place. */
function argument (place: number, a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown, g: unknown, h: unknown, i: unknown,
  j: unknown, k: unknown, l: unknown): unknown {
  switch (place) {
    case 0: return a
    case 1: return b
    case 2: return c
    case 3: return d
    case 4: return e
    case 5: return f
    case 6: return g
    case 7: return h
    case 8: return i
    case 9: return j
    case 10: return k
    default: return l
  }
}

/** How many units a value has. One that is not of its kind has none: whoever serves the call will say so. */
function unitsOf (term: Term, given: unknown): number {
  const value = term.field === '' ? given : (given as Readonly<Record<string, unknown>>)[term.field]
  let count = 0
  switch (term.unit) {
    case Unit.COMPONENTS: return typeof value === 'string' ? componentsOf(value) : 0
    case Unit.NUMBER:
      count = typeof value === 'number' && value > 0 ? value : typeof value === 'number' && value < 0 ? value >>> 0 : 0
      break
    case Unit.STRING:
      count = typeof value === 'string' ? utf8Length(value) : 0
      break
    case Unit.TEXTS:
      if (Array.isArray(value)) for (let at = 0; at < value.length; at++) count += utf8Length(value[at] as string)
      break
    default:
      count = typeof value === 'object' && value !== null ? (value as { length: number }).length : 0
  }
  if (!(count <= term.most)) return 0
  return term.size === 1 ? count : Math.ceil(count / term.size)
}

const SLASH = 47

/** Names in a path. */
function componentsOf (path: string): number {
  let count = 0
  let inside = false
  for (let at = 0; at < path.length; at++) {
    if (path.charCodeAt(at) === SLASH) inside = false
    else if (!inside) {
      inside = true
      count++
    }
  }
  return count
}

/**
 * Compiles a role's cost table for one instance of a service. Throws a TypeError that names the row when an operation has no
 * rows or there is none of that name, a row has no reason or a figure outside of its range, or counts what is not there.
 */
export function compileCosts<L> (role: Role, rows: RoleCosts, options: CostOptions<L>): Readonly<Record<string, OperationCosts<L>>> {
  for (const name of Object.keys(rows)) if (role.operations[name] === undefined) throw new TypeError(`costs of ${role.name}: there is no operation ${name}`)
  const handles = new Map<string, Map<number, number>>()
  const locks = new Map<string, L>()
  const compiler: Compiler<L> = { role, options, handles, locks }
  const compiled: Record<string, OperationCosts<L>> = {}
  const partsOf = new Map<string, Record<'before' | 'after' | 'waited', Part<L>[]>>()
  for (const [name, operation] of Object.entries(role.operations)) {
    const own = rows[name] ?? []
    if (own.length === 0) throw new TypeError(`costs of ${role.name}.${name}: it has no rows`)
    for (const row of own) checkRow(`costs of ${role.name}.${name}`, row, operation)
    const when = (moment: string): Part<L>[] => partsWhere(compiler, name, operation, own.filter(row => momentOf(row.measure) === moment))
    partsOf.set(name, { before: when('before'), after: when('after'), waited: when('waited') })
  }
  for (const [name, { before, after, waited }] of partsOf) {
    const operation = role.operations[name]!
    const opens = name === OPEN && handles.size > 0 ? opening(operation, handles) : null
    compiled[name] = new OperationCosts(before, after, waited, operation.result.result === 'number' && operation.result.errno === true, opens)
  }
  return compiled
}

/** The operation whose result is a handle for what it was given. */
const OPEN = 'open'

interface Compiler<L> {
  readonly role: Role
  readonly options: CostOptions<L>
  /** Handles by what they stand for, for each parameter of `open` that locks go by. */
  readonly handles: Map<string, Map<number, number>>
  readonly locks: Map<string, L>
}

function opening (operation: Operation, handles: ReadonlyMap<string, Map<number, number>>): { place: number, handles: Map<number, number> } {
  const [[name, map]] = handles as unknown as [[string, Map<number, number>]]
  if (handles.size > 1) throw new TypeError(`locks go by more than one parameter of open: ${[...handles.keys()].join(', ')}`)
  return { place: operation.parameters.findIndex(parameter => parameter.name === name), handles: map }
}

function momentOf (measure: Measure): 'before' | 'after' | 'waited' {
  if (measure.per === 'wait') return 'waited'
  return measure.per === 'success' || ('of' in measure && measure.of === 'result') ? 'after' : 'before'
}

/** Rows as parts: what is done under no lock first, the constant part apart, then one for each lock. */
function partsWhere<L> (compiler: Compiler<L>, name: string, operation: Operation, rows: readonly CostRow[]): Part<L>[] {
  const groups = new Map<string, CostRow[]>()
  for (const row of rows) {
    const key = row.lock === undefined ? (isConstant(row.measure) ? '' : ' ') : `${row.lock.name} ${row.lock.of ?? ''}`
    groups.set(key, [...groups.get(key) ?? [], row])
  }
  const order = [...groups].sort(([a], [b]) => Number(a.trim() !== '') - Number(b.trim() !== '') || a.length - b.length)
  return order.map(([, group]) => partOf(compiler, `costs of ${compiler.role.name}.${name}`, operation, group))
}

function partOf<L> ({ options, role, handles, locks }: Compiler<L>, place: string, operation: Operation, rows: readonly CostRow[]): Part<L> {
  const figure = options.figure ?? (row => row.instructions)
  let instructions = 0
  let dataLines = 0
  const terms: Term[] = []
  for (const row of rows) {
    if (!isConstant(row.measure)) {
      terms.push(termOf(place, row.measure, operation, figure(row), row.dataLines))
      continue
    }
    instructions += figure(row)
    dataLines += row.dataLines
  }
  const lock = rows[0]!.lock
  if (lock === undefined) return { lock: null, key: PLACE_ONLY, opened: null, instructions, dataLines, terms }
  if (!locks.has(lock.name)) locks.set(lock.name, options.lock(lock.name))
  return { lock: locks.get(lock.name)!, key: keyOf(place, lock, operation), opened: openedOf(place, lock, role, handles), instructions, dataLines, terms }
}

function keyOf (place: string, lock: Lock, operation: Operation): number {
  if (lock.of === undefined) return PLACE_ONLY
  if (lock.of === 'caller') return PLACE_CALLER
  const at = operation.parameters.findIndex(parameter => parameter.name === lock.of)
  if (operation.parameters[at]?.kind.kind !== 'number') throw new TypeError(`${place}: the lock '${lock.name}' goes by ${lock.of}, which is no number that it is given`)
  return at
}

function openedOf (place: string, lock: Lock, role: Role, handles: Map<string, Map<number, number>>): Map<number, number> | null {
  const { opened } = lock
  if (opened === undefined) return null
  const parameter = role.operations[OPEN]?.parameters.find(each => each.name === opened)
  if (parameter?.kind.kind !== 'number') throw new TypeError(`${place}: the lock '${lock.name}' goes by what is opened, and open has no number ${opened}`)
  const known = handles.get(opened) ?? new Map<number, number>()
  handles.set(opened, known)
  return known
}

function isConstant (measure: Measure): boolean {
  return measure.per === 'call' || measure.per === 'success' || measure.per === 'wait'
}

function termOf (place: string, measure: Measure, operation: Operation, instructions: number, dataLines: number): Term {
  if (!('of' in measure)) throw new TypeError(`${place}: ${measure.per} has no unit`)
  const ofResult = measure.of === 'result'
  const at = ofResult ? PLACE_RESULT : operation.parameters.findIndex(parameter => parameter.name === measure.of)
  const [unit, field] = ofResult ? unitOfResult(measure, operation) : [unitOfKind(measure, operation.parameters[at]?.kind.kind), '']
  if (unit === null) {
    const what = ofResult ? `the result, which is a ${operation.result.result}` : at < 0 ? `${measure.of}, which is no parameter` : `${measure.of}, which is a ${operation.parameters[at]!.kind.kind}`
    throw new TypeError(`${place}: cannot count each ${measure.per} of ${what}`)
  }
  const most = 'most' in measure && measure.most !== undefined ? measure.most : Infinity
  if (at >= 0 && unit === Unit.NUMBER && most === Infinity) throw new TypeError(`${place}: ${measure.of} is a number that the caller chooses: say the most that is taken`)
  return { unit, place: at, size: measure.per === 'block' ? measure.bytes : 1, most, field, instructions, dataLines }
}

/** What an argument's kind is counted as; null when it cannot be. */
function unitOfKind (measure: Measure, kind: string | undefined): number | null {
  if (measure.per === 'component') return kind === 'string' ? Unit.COMPONENTS : null
  if (measure.per === 'element') return kind === 'numbers' || kind === 'strings' ? Unit.LIST : kind === 'number' ? Unit.NUMBER : null
  switch (kind) {
    case 'string': return Unit.STRING
    case 'strings': return Unit.TEXTS
    case 'window-in': case 'window-out': return Unit.WINDOW
    case 'number': return Unit.NUMBER
    default: return null
  }
}

function unitOfResult (measure: Measure, { result }: Operation): [unit: number | null, field: string] {
  if (result.result !== 'record') return [unitOfKind(measure, result.result), '']
  const list = Object.entries(result.fields).find(([, { kind }]) => kind === 'numbers' || kind === 'strings')
  return list === undefined ? [null, ''] : [unitOfKind(measure, list[1].kind), list[0]]
}

function checkRow (place: string, { measure, instructions, range: [least, most], dataLines, reason }: CostRow, operation: Operation): void {
  if (reason.trim() === '') throw new TypeError(`${place}: a row for each ${measure.per} has no reason`)
  if (!(least >= 0 && least <= instructions && instructions <= most && most < Infinity)) throw new TypeError(`${place}: ${instructions} instructions for each ${measure.per} are not within [${least}, ${most}]`)
  if (!(dataLines >= 0 && dataLines < Infinity)) throw new TypeError(`${place}: ${dataLines} lines for each ${measure.per}`)
  if (measure.per === 'block' && !(measure.bytes > 0)) throw new TypeError(`${place}: blocks of ${measure.bytes} bytes`)
  if (measure.per === 'wait' && !operation.blocks) throw new TypeError(`${place}: it never waits`)
}
