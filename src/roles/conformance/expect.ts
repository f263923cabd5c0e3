/** What the suites expect, and what they say when it is not so. They know no test runner. */

import { Errno, errnoName } from '../../fiber/index.ts'
import type { ErrnoName } from '../../fiber/index.ts'

export class Unexpected extends Error {
  override name = 'Unexpected'
}

export function equal (actual: unknown, expected: unknown, what: string): void {
  if (!Object.is(actual, expected)) throw new Unexpected(`${what}: ${show(actual)} instead of ${show(expected)}`)
}

export function equalList (actual: readonly unknown[], expected: readonly unknown[], what: string): void {
  const same = actual.length === expected.length && actual.every((value, index) => Object.is(value, expected[index]))
  if (!same) throw new Unexpected(`${what}: [${actual.map(show).join(', ')}] instead of [${expected.map(show).join(', ')}]`)
}

export function holds (condition: boolean, what: string): asserts condition {
  if (!condition) throw new Unexpected(what)
}

/** The result is that error. */
export function fails (result: unknown, name: ErrnoName, what: string): void {
  if (result !== -Errno[name]) throw new Unexpected(`${what}: ${show(result)} instead of ${name}`)
}

/** The result is no error; returns it. */
export function works<T> (result: T, what: string): Exclude<T, never> {
  if (typeof result === 'number' && result < 0) throw new Unexpected(`${what}: ${errnoName(result)}`)
  return result
}

/** The result is a record, text or list and no error; returns it. */
export function given<T> (result: T, what: string): Exclude<T, number> {
  if (typeof result === 'number') throw new Unexpected(`${what}: ${errnoName(result)}`)
  return result as Exclude<T, number>
}

function show (value: unknown): string {
  if (typeof value === 'number' && value < 0 && Number.isInteger(value)) return errnoName(value)
  return typeof value === 'string' ? JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value) : String(value)
}
