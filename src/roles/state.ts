/**
 * The state of a service as data: what it would need to go on elsewhere, in another system or another life.
 *
 * A service that keeps something says so when it starts (`Environment.keep`); one that keeps nothing between calls, in its
 * definition (`keeps: 'nothing'`). What is saved is numbers, texts, bytes and lists of them: no code, no references, no
 * addresses. `takeUp` fills a service that has only just started, and has been called by nobody.
 *
 * What is restored may come from a file that anybody wrote. So it is taken by the functions below, which check, and a
 * service checks what it relies on beyond that (that its tree is one). What is wrong is a StateError, in a sentence.
 */

export type StateValue = null | boolean | number | string | Uint8Array | readonly StateValue[] | { readonly [name: string]: StateValue }

export interface ServiceState {
  /** All that it keeps. Throws a StateError when it is in the middle of something that cannot be told as data. */
  save (): StateValue
  /** The opposite, of an instance that has just started. Throws a StateError, and the instance is not to be used then. */
  takeUp (saved: StateValue): void
}

/** Why a state cannot be told, or taken up. */
export class StateError extends Error {
  override readonly name = 'StateError'
}

function refuse (what: string, wanted: string): never {
  throw new StateError(`${what} is not ${wanted}`)
}

/** The value under a name of a record. */
export function fieldOf (saved: StateValue, name: string): StateValue {
  if (typeof saved !== 'object' || saved === null || Array.isArray(saved) || saved instanceof Uint8Array || !Object.hasOwn(saved, name)) return refuse(`a saved state without '${name}'`, 'whole')
  return (saved as Readonly<Record<string, StateValue>>)[name]!
}

/** A list, each item read. */
export function listOf<T> (saved: StateValue, what: string, read: (item: StateValue, index: number) => T): T[] {
  return Array.isArray(saved) ? (saved as readonly StateValue[]).map(read) : refuse(what, 'a list')
}

/** The items of a list of exactly so many. */
export function itemsOf (saved: StateValue, what: string, count: number): readonly StateValue[] {
  return Array.isArray(saved) && saved.length === count ? saved as readonly StateValue[] : refuse(what, `a list of ${count}`)
}

/** A number, any: times, limits. */
export function numberOf (saved: StateValue, what: string): number {
  return typeof saved === 'number' ? saved : refuse(what, 'a number')
}

/** A whole number in a range. */
export function wholeOf (saved: StateValue, what: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  return typeof saved === 'number' && Number.isInteger(saved) && saved >= least && saved <= most ? saved : refuse(what, `a whole number from ${least} to ${most}`)
}

export function textOf (saved: StateValue, what: string): string {
  return typeof saved === 'string' ? saved : refuse(what, 'a text')
}

export function flagOf (saved: StateValue, what: string): boolean {
  return typeof saved === 'boolean' ? saved : refuse(what, 'true or false')
}

export function bytesOf (saved: StateValue, what: string): Uint8Array {
  return saved instanceof Uint8Array ? saved : refuse(what, 'bytes')
}
