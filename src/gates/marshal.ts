/**
 * Marshalling: how what the descriptor of a role says becomes words and strings, the same in every message, whatever carries it.
 *
 * What is put comes from whoever calls or serves, who may be hostile: it is looked at once, in the order of the descriptor, and what
 * is not what the kind says throws. False when the message grew too long.
 */

import type { KindName, ResultKind } from '../roles/index.ts'

/** What words and strings are put into. */
export interface Puts {
  putNumber (value: number): boolean
  putString (value: string): boolean
}

/** What they are taken from. */
export interface Takes {
  takeNumber (): number
  takeString (): string
  take (kind: KindName): unknown
}

/** An argument that is no window and no capability, or a field of a result. */
export function put (into: Puts, kind: KindName, value: unknown): boolean {
  switch (kind) {
    case 'string': return into.putString(value as string)
    case 'numbers': return putList(into, value as readonly number[], n => into.putNumber(n))
    case 'strings': return putList(into, value as readonly string[], s => into.putString(s))
    default: return into.putNumber(value as number)
  }
}

/** As many as it says that it has, whatever it is: the receiver takes that many. */
function putList<T> (into: Puts, list: readonly T[], putItem: (item: T) => boolean): boolean {
  const { length } = list
  if (!Array.isArray(list)) throw new TypeError('a list is to cross, and this is none')
  if (!into.putNumber(length)) return false
  for (let at = 0; at < length; at++) if (!putItem(list[at]!)) return false
  return true
}

/** A result: its value, or the negative error number in its place (told apart by a leading word). Throws what is neither. */
export function putResult (into: Puts, result: ResultKind, value: unknown): boolean {
  if (result.result === 'number' || result.result === 'capability') return into.putNumber(value as number)
  if (typeof value === 'number') {
    if (!(value < 0)) throw new TypeError(`the number ${value} in the place of a result`)
    return into.putNumber(value)
  }
  if (!into.putNumber(0)) return false
  switch (result.result) {
    case 'string': return into.putString(value as string)
    case 'strings': return put(into, 'strings', value)
    case 'numbers': return put(into, 'numbers', value)
    case 'record': {
      for (const name in result.fields) if (!put(into, result.fields[name]!.kind, (value as Readonly<Record<string, unknown>>)[name])) return false
      return true
    }
  }
}

export function takeResult (from: Takes, result: ResultKind): unknown {
  const first = from.takeNumber()
  if (result.result === 'number' || result.result === 'capability') return first
  if (first < 0) return first
  switch (result.result) {
    case 'string': return from.takeString()
    case 'strings': return from.take('strings')
    case 'numbers': return from.take('numbers')
    case 'record': {
      const value: Record<string, unknown> = {}
      for (const name in result.fields) value[name] = from.take(result.fields[name]!.kind)
      return value
    }
  }
}
