/**
 * Cost tables: what a service's work is, for a machine on which work costs modelled time.
 *
 * One table a service, in `costs.ts` beside it; a row says how many instructions and cache lines one unit of a piece of
 * work takes, and why. It says nothing of hardware, gates or placement: instructions become cycles by the machine's
 * profile, copied bytes are counted where they are copied, and what a service's neighbours do is in their own tables.
 *
 * Rules: every operation of every role that the service provides has at least one row. A figure is for a plain C
 * implementation of the same algorithm with warm caches; it is read off an existing kernel, counted by hand from the
 * algorithm, or assumed, and the reason says which. Rows are made of steps (steps.ts) where they can be.
 */

/** What a row is counted in. */
export type Measure =
  /** Once for each call. */
  | { readonly per: 'call' }
  /** Once for each call that succeeded: a result below 0 is an error; of an `errno`, one that is not 0. */
  | { readonly per: 'success' }
  /** Once for each call that had to wait. */
  | { readonly per: 'wait' }
  /** For each component of the path in this parameter. */
  | { readonly per: 'component', readonly of: string }
  /** For each element of the list in this parameter, or of the result (of a record, in its first list); of a number, so many. */
  | { readonly per: 'element', readonly of: string | 'result', readonly most?: number }
  /** For each byte of the string, strings or window in this parameter, or of the result; of a number, so many. */
  | { readonly per: 'byte', readonly of: string | 'result', readonly most?: number }
  /** For each piece of so many bytes, begun ones too, of the same. */
  | { readonly per: 'block', readonly of: string | 'result', readonly bytes: number, readonly most?: number }

/**
 * A lock, where the plan has fine ones: what it guards, and which of these. `of` is the parameter that tells them apart,
 * or 'caller', one for each process; without it the service has one.
 */
export interface Lock {
  readonly name: string
  readonly of?: string
  /** The parameter is a handle, and the lock that of what `open` was given here when it returned that handle. */
  readonly opened?: string
}

export interface CostRow {
  readonly measure: Measure
  /** Of a plain implementation in C, for one unit. */
  readonly instructions: number
  /** Least and most that is plausible, for one unit. */
  readonly range: readonly [number, number]
  /** Different cache lines of data that one unit touches. Those of the code follow from its instructions. */
  readonly dataLines: number
  /** The lock under which it is done. */
  readonly lock?: Lock
  readonly reason: string
}

/** By operation: `{ read: [ … ] }`. */
export type RoleCosts = Readonly<Record<string, readonly CostRow[]>>

/** By role and operation: `{ FileSystem: { read: [ … ] } }`. */
export type CostTable = Readonly<Record<string, RoleCosts>>
