/**
 * Reading a profile: a data file is checked against the table of fields, whole, and everything that is wrong with it is told
 * at once, each with its place and the reason.
 *
 * A number stands in the file as a *figure*: `{ "value": 107, "unit": "cycles", "range": [90, 120], "basis": "measured",
 * "source": "A036: …" }`. What is derived or assumed has a range. The file may come from anybody: nothing of it is
 * believed, and what is wrong with a very wrong one is told up to a limit.
 */

import { cachesMost, fields, isFieldPlace, nameForm, textMost, yearLeast, yearMost, type Field, type FieldPlace, type Unit } from './profile-fields.ts'
import type { Profile } from './profile.ts'

/** What a figure rests on: measured or stated by the maker; worked out from such; or neither. */
export const bases = ['measured', 'derived', 'assumed'] as const
export type Basis = typeof bases[number]

export interface Figure {
  /** Where it stands: `tlb.entries`, `caches[0].sizeBytes`. */
  readonly place: string
  readonly value: number | boolean
  readonly unit: Unit
  readonly range?: readonly [least: number, most: number]
  readonly basis: Basis
  readonly source: string
}

/** A profile with what each of its numbers rests on. */
export interface ProfileData {
  readonly name: string
  readonly hardware: string
  readonly year: number
  readonly summary: string
  readonly cacheNames: readonly string[]
  readonly figures: readonly Figure[]
}

export interface ProfileError {
  /** '' is the whole file. */
  readonly place: string
  readonly reason: string
}

const errorsMost = 60
const wellNamed = new RegExp(nameForm)
const figureKeys = ['value', 'unit', 'range', 'basis', 'source']
const figureForm = '{ "value", "unit", "range", "basis", "source" }'

/** The machine that `json` describes, or all that is wrong with it. */
export function readProfile (json: unknown): Profile | readonly ProfileError[] {
  const data = readProfileData(json)
  return isErrors(data) ? data : profileOf(data)
}

export function isErrors<T extends object> (result: T | readonly ProfileError[]): result is readonly ProfileError[] {
  return Array.isArray(result)
}

export function isProfileName (name: string): boolean {
  return wellNamed.test(name)
}

/** `place: reason`. */
export function errorLine ({ place, reason }: ProfileError): string {
  return place === '' ? reason : `${place}: ${reason}`
}

/** What `json` says, figure by figure in the order of the table, or all that is wrong with it. */
export function readProfileData (json: unknown): ProfileData | readonly ProfileError[] {
  const errors: ProfileError[] = []
  const refuse = (place: string, reason: string): void => { if (errors.length < errorsMost) errors.push({ place, reason }) }
  if (!isObject(json)) return [{ place: '', reason: `a profile is an object, not ${shown(json)}` }]

  const figures: Figure[] = []
  const header = readHeader(json, refuse)
  const cacheNames = readGroup(json, '', topKeys, (place, field, found) => {
    const figure = readFigure(place, field, found, refuse)
    if (figure !== undefined) figures.push(figure)
  }, refuse)
  if (errors.length === 0) checkTogether(figures, refuse)
  return errors.length > 0 ? errors : { ...header, cacheNames, figures }
}

/** The plain numbers. */
export function profileOf (data: ProfileData): Profile {
  const { name, hardware, year, summary } = data
  const profile: Record<string, unknown> = { name, hardware, year, summary }
  for (const { place, value } of data.figures) put(profile, place, value, data.cacheNames)
  // The table has a row for every number of Profile, by its type, and each row was read.
  return profile as unknown as Profile
}

/** The file of a profile, as a value: what `readProfileData` read. */
export function profileJson (data: ProfileData): Readonly<Record<string, unknown>> {
  const { name, hardware, year, summary } = data
  const json: Record<string, unknown> = { name, hardware, year, summary }
  for (const { place, ...figure } of data.figures) put(json, place, figure, data.cacheNames)
  return json
}

/** The row of the table for a place in a file: `caches[1].lineBytes` has the row `caches[].lineBytes`. */
export function fieldAt (place: string): Field {
  const row = place.replace(/\[\d+\]/g, '[]')
  if (!isFieldPlace(row)) throw new Error(`no field ${place}`)
  return fields[row]
}

type Refuse = (place: string, reason: string) => void
type Each = (place: string, field: Field, found: unknown) => void

/** What stands at a key of the file: a number of the table, a group of them, or a list of groups. */
type Shape = { readonly row: FieldPlace } | { readonly group: Map<string, Shape> } | { readonly list: Map<string, Shape> }

const topKeys = shapeOf(Object.keys(fields) as FieldPlace[])
const headerKeys = ['$schema', 'name', 'hardware', 'year', 'summary']

function shapeOf (rows: readonly FieldPlace[]): Map<string, Shape> {
  const top = new Map<string, Shape>()
  for (const row of rows) {
    const steps = row.split('.')
    let keys = top
    for (const step of steps.slice(0, -1)) {
      const name = step.replace('[]', '')
      const inner = new Map<string, Shape>()
      const shape = keys.get(name) ?? (step.endsWith('[]') ? { list: inner } : { group: inner })
      keys.set(name, shape)
      keys = 'list' in shape ? shape.list : 'group' in shape ? shape.group : inner
    }
    keys.set(steps.at(-1)!, { row })
  }
  return top
}

function readHeader (json: Readonly<Record<string, unknown>>, refuse: Refuse): Omit<ProfileData, 'figures' | 'cacheNames'> {
  const name = readText(json, 'name', 'a word for it, such as pentium', refuse)
  if (name !== '' && !isProfileName(name)) refuse('name', `is ${shown(name)}: small letters, digits, dots and hyphens, at most 64`)
  const hardware = readText(json, 'hardware', 'the part, as its maker calls it', refuse)
  const summary = readText(json, 'summary', 'one sentence that says what it is good for', refuse)
  const year = own(json, 'year')
  if (year === undefined) refuse('year', 'is missing: when the part was sold')
  else if (typeof year !== 'number' || !Number.isInteger(year) || year < yearLeast || year > yearMost) {
    refuse('year', `is ${shown(year)}: a year from ${yearLeast} to ${yearMost}`)
  }
  return { name, hardware, summary, year: typeof year === 'number' ? year : 0 }
}

function readText (json: Readonly<Record<string, unknown>>, key: string, what: string, refuse: Refuse, before = ''): string {
  const text = own(json, key)
  const place = `${before}${key}`
  if (text === undefined) refuse(place, `is missing: ${what}`)
  else if (typeof text !== 'string' || text.trim() === '') refuse(place, `is ${shown(text)}: ${what}`)
  else if (text.length > textMost) refuse(place, `is ${text.length} characters long, more than ${textMost}`)
  // What a file says is printed on terminals.
  else if (/\p{Cc}/u.test(text)) refuse(place, 'has a control character in it')
  else return text
  return ''
}

/** Hands each number of a group to `each`; returns the names of its list's items, which are caches. */
function readGroup (json: Readonly<Record<string, unknown>>, before: string, keys: ReadonlyMap<string, Shape>, each: Each, refuse: Refuse): string[] {
  const words = before === '' ? headerKeys : before.endsWith('].') ? ['name'] : []
  const unknown = Object.keys(json).filter(key => !keys.has(key) && !words.includes(key))
  for (const key of unknown.slice(0, errorsMost)) {
    refuse(`${before}${key.slice(0, textMost)}`, `is unknown: there are ${[...words, ...keys.keys()].join(', ')}`)
  }
  let names: string[] = []
  for (const [key, shape] of keys) {
    const found = own(json, key)
    const place = `${before}${key}`
    if ('row' in shape) each(place, fields[shape.row], found)
    else if (found === undefined) refuse(place, `is missing: it has ${[...('list' in shape ? shape.list : shape.group).keys()].join(', ')}`)
    else if ('list' in shape) names = readList(found, place, shape.list, each, refuse)
    else if (!isObject(found)) refuse(place, `is ${shown(found)}, not an object with ${[...shape.group.keys()].join(', ')}`)
    else readGroup(found, `${place}.`, shape.group, each, refuse)
  }
  return names
}

function readList (found: unknown, place: string, keys: ReadonlyMap<string, Shape>, each: Each, refuse: Refuse): string[] {
  if (!Array.isArray(found) || found.length === 0 || found.length > cachesMost) {
    refuse(place, `is ${Array.isArray(found) ? `a list of ${found.length}` : shown(found)}: a list of 1 to ${cachesMost}, from the nearest to the farthest`)
    return []
  }
  return found.map((item: unknown, at) => {
    if (!isObject(item)) {
      refuse(`${place}[${at}]`, `is ${shown(item)}, not an object with name, ${[...keys.keys()].join(', ')}`)
      return ''
    }
    const name = readText(item, 'name', 'what it is called, such as L1', refuse, `${place}[${at}].`)
    readGroup(item, `${place}[${at}].`, keys, each, refuse)
    return name
  })
}

function readFigure (place: string, field: Field, found: unknown, refuse: Refuse): Figure | undefined {
  let sound = true
  const wrong = (key: string, reason: string): void => { sound = false; refuse(key === '' ? place : `${place}.${key}`, reason) }
  if (found === undefined) {
    wrong('', `is missing: ${field.meaning}, in ${field.unit}`)
    return undefined
  }
  if (!isObject(found)) {
    wrong('', `is ${shown(found)}, not a figure ${figureForm}`)
    return undefined
  }
  for (const key of Object.keys(found)) {
    if (!figureKeys.includes(key)) wrong(key.slice(0, textMost), `is unknown: there are ${figureKeys.join(', ')}`)
  }
  const value = own(found, 'value')
  const range = own(found, 'range')
  const unit = own(found, 'unit')
  const basis = bases.find(basis => basis === own(found, 'basis'))
  if (unit === undefined) wrong('unit', `is missing: ${field.unit}`)
  else if (unit !== field.unit) wrong('unit', `is ${shown(unit)}: ${field.meaning} is given in ${field.unit}`)
  const wrongValue = reasonAgainst(value, field)
  if (value === undefined) wrong('value', `is missing: ${field.meaning}, in ${field.unit}`)
  else if (wrongValue !== undefined) wrong('value', wrongValue)
  if (basis === undefined) wrong('basis', `is ${shown(own(found, 'basis'))}: one of ${bases.join(', ')}`)
  if (range === undefined) {
    if (basis !== undefined && basis !== 'measured' && field.unit !== 'boolean') wrong('range', `is missing: what is ${basis} says between what it may lie`)
  } else {
    const reason = reasonAgainstRange(range, wrongValue === undefined ? value : undefined, field)
    if (reason !== undefined) wrong('range', reason)
  }
  const source = readText(found, 'source', 'where the number is from', (at, reason) => { sound = false; refuse(at, reason) }, `${place}.`)
  if (!sound) return undefined
  return {
    place, value: value as number | boolean, unit: field.unit,
    ...range === undefined ? {} : { range: [...range as [number, number]] as const }, basis: basis!, source
  }
}

function reasonAgainst (value: unknown, { unit, least, most, whole }: Field): string | undefined {
  if (unit === 'boolean') return typeof value === 'boolean' ? undefined : `is ${shown(value)}: true or false`
  if (typeof value !== 'number' || !Number.isFinite(value)) return `is ${shown(value)}: a number from ${least} to ${most}`
  if (value < least) return `is ${value}, less than ${least} ${unit}`
  if (value > most) return `is ${value}, more than ${most} ${unit}`
  if (whole === true && !Number.isInteger(value)) return `is ${value}, and there are only whole ${unit}`
  return undefined
}

function reasonAgainstRange (range: unknown, value: unknown, field: Field): string | undefined {
  if (field.unit === 'boolean') return 'is not for what is true or false'
  if (!Array.isArray(range) || range.length !== 2) return `is ${shown(range)}: a list of two numbers, [least, most]`
  const [least, most] = range as [unknown, unknown]
  const reason = reasonAgainst(least, field) ?? reasonAgainst(most, field)
  if (reason !== undefined) return reason
  if ((least as number) > (most as number)) return `is [${least}, ${most}]: the least comes first`
  if (typeof value === 'number' && (value < (least as number) || value > (most as number))) return `is [${least}, ${most}], and the value, ${value}, does not lie in it`
  return undefined
}

/** What only several numbers together can break. */
function checkTogether (figures: readonly Figure[], refuse: Refuse): void {
  const at = new Map(figures.map(figure => [figure.place, figure]))
  const value = (place: string): number => at.get(place)!.value as number
  const least = (place: string): number => at.get(place)!.range?.[0] ?? value(place)
  const most = (place: string): number => at.get(place)!.range?.[1] ?? value(place)
  const powerOfTwo = (place: string): void => {
    if (![value(place), least(place), most(place)].every(size => (size & (size - 1)) === 0)) {
      refuse(place, `is ${value(place)}: such a size is a power of two`)
    }
  }
  powerOfTwo('tlb.pageBytes')
  if (value('lineTransfer.near') > value('lineTransfer.far')) {
    refuse('lineTransfer.far', `is ${value('lineTransfer.far')}, less than near, ${value('lineTransfer.near')}`)
  }
  for (let level = 0; at.has(`caches[${level}].sizeBytes`); level++) {
    const cache = `caches[${level}]`
    powerOfTwo(`${cache}.lineBytes`)
    if (value(`${cache}.streamCycles`) > value(`${cache}.missCycles`)) {
      refuse(`${cache}.streamCycles`, `is ${value(`${cache}.streamCycles`)}, more than a lone line takes, ${value(`${cache}.missCycles`)}`)
    }
    if (level > 0 && least(`${cache}.sizeBytes`) <= most(`caches[${level - 1}].sizeBytes`)) {
      refuse(`${cache}.sizeBytes`, `is ${value(`${cache}.sizeBytes`)}: a cache farther away is larger than the one before it, whatever lies in their ranges`)
    }
  }
}

/** Puts a value at its place; objects on the way there are made, items of a list with their names. */
function put (into: Record<string, unknown>, place: string, value: unknown, cacheNames: readonly string[]): void {
  let object = into
  const steps = place.split('.')
  for (const step of steps.slice(0, -1)) {
    const list = /^(\w+)\[\d+\]$/.exec(step)?.[1]
    const item = list === undefined ? undefined : (object[list] ??= cacheNames.map(name => ({ name }))) as Record<string, unknown>[]
    object = item?.[Number(/\d+/.exec(step)![0])] ?? (object[step] ??= {}) as Record<string, unknown>
  }
  object[steps.at(-1)!] = value
}

function isObject (value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own (json: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(json, key) ? json[key] : undefined
}

/** A value of a file, short enough for a line. */
function shown (value: unknown): string {
  if (typeof value === 'number') return `${value}`
  if (value === undefined) return 'missing'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
