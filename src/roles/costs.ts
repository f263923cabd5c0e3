/**
 * Cost tables: what a service's work is, for a machine on which work costs modelled time.
 *
 * One table a service, in `costs.ts` beside it; a row says how many instructions and cache lines one unit of a piece of
 * work takes, and why. It says nothing of hardware, gates or placement: instructions become cycles by the machine's
 * profile, copied bytes are counted where they are copied, and what a service's neighbours do is in their own tables.
 *
 * Rules: every operation of every role that the service provides has at least one row. A figure is for a plain C
 * implementation of the same algorithm with warm caches; it is read off an existing kernel, counted by hand from the
 * algorithm, or assumed, and the reason says which.
 */

/** What a row is counted in. */
export type Measure =
  /** Once for each call. */
  | { readonly per: 'call' }
  /** Once for each call that succeeded (a result below 0 is an error). */
  | { readonly per: 'success' }
  /** For each component of the path in this parameter. */
  | { readonly per: 'component', readonly of: string }
  /** For each element of the list in this parameter, or of the result. */
  | { readonly per: 'element', readonly of: string | 'result' }
  /** For each byte of the string or window in this parameter, or of the number that results. */
  | { readonly per: 'byte', readonly of: string | 'result' }
  /** For each piece of so many bytes, begun ones too, of the same. */
  | { readonly per: 'block', readonly of: string | 'result', readonly bytes: number }

export interface CostRow {
  readonly measure: Measure
  /** Of a plain implementation in C, for one unit. */
  readonly instructions: number
  /** Least and most that is plausible, for one unit. */
  readonly range?: readonly [number, number]
  /** Different cache lines of data that one unit touches. Those of the code follow from its instructions. */
  readonly dataLines?: number
  /** The lock under which it is done, where the plan has fine locks. */
  readonly lock?: string
  readonly reason: string
}

/** By role and operation: `{ FileSystem: { read: [ … ] } }`. */
export type CostTable = Readonly<Record<string, Readonly<Record<string, readonly CostRow[]>>>>
