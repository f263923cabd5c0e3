/**
 * Roles: the jobs of a kernel as typed values.
 *
 * A role is one value: its operations, and for each the arguments, the result and what may be assumed of a call.
 * Everything that must agree with it is derived from it: the static type of an implementation (`RoleOf`), gate
 * stubs, marshalling, trace names, fuzzers and the manual's tables. There is no second list.
 *
 * What can cross a gate is only what a kind below says: numbers, strings, windows (grants on bytes) and
 * capabilities. Source: CORBA and Mach MIG interface descriptions, Genode's `GENODE_RPC`, Barrelfish's Flounder.
 */

import type { Eventual } from '../fiber/index.ts'
import type { Window } from './window.ts'

declare const valueOf: unique symbol

/** How a value is marshalled. `V` is its TypeScript type. */
export interface Kind<V = unknown, N extends KindName = KindName> {
  readonly kind: N
  readonly [valueOf]?: V
}

export type KindName = 'number' | 'numbers' | 'string' | 'strings' | 'window-in' | 'window-out' | 'capability'

/** A number in a message register: integers to 2^53 exactly, flags, instants in ns. */
export const number: Kind<number, 'number'> = { kind: 'number' }
/** A short list of numbers, copied. */
export const numbers: Kind<readonly number[], 'numbers'> = { kind: 'numbers' }
/** A string, copied as UTF-8. */
export const string: Kind<string, 'string'> = { kind: 'string' }
/** A list of strings, copied as UTF-8. */
export const strings: Kind<readonly string[], 'strings'> = { kind: 'strings' }
/** Bytes that the callee may read: a grant on the caller's arena for the time of the call. */
export const bytesIn: Kind<Window, 'window-in'> = { kind: 'window-in' }
/** Bytes that the callee may write: a grant on the caller's arena for the time of the call. */
export const bytesOut: Kind<Window, 'window-out'> = { kind: 'window-out' }
/** A slot of the caller's capability space; the callee finds a derived capability in a slot of its own. */
export const capability: Kind<number, 'capability'> = { kind: 'capability' }

export interface Parameter<N extends string = string, K extends Kind = Kind> {
  readonly name: N
  readonly kind: K
}

/** A parameter of an operation: `parameter('offset', number)`. */
export function parameter<const N extends string, K extends Kind> (name: N, kind: K): Parameter<N, K> {
  return { name, kind }
}

export type Fields = Readonly<Record<string, Kind>>

/**
 * What an operation returns. A `number` is a value from 0 up, or the negative of an error number (`-Errno.X`), or, where it is
 * an `errno`, an error number itself; the others return their value, or such a negative number in its place.
 */
export type ResultKind =
  | { readonly result: 'number', readonly errno?: true }
  | { readonly result: 'capability' }
  | { readonly result: 'string' }
  | { readonly result: 'strings' }
  | { readonly result: 'numbers' }
  | { readonly result: 'record', readonly fields: Fields }

/** 0, or a negative error number. */
export const status = { result: 'number' } as const
/** A count or other value from 0 up, or a negative error number. */
export const count = { result: 'number' } as const
/** An error number from 0 up, as programs get it: 0 is success. */
export const errno = { result: 'number', errno: true } as const
export const text = { result: 'string' } as const
export const texts = { result: 'strings' } as const
export const list = { result: 'numbers' } as const
/** A capability: a slot in the receiver's capability space. */
export const granted = { result: 'capability' } as const
export function record<const F extends Fields> (fields: F): { readonly result: 'record', readonly fields: F } {
  return { result: 'record', fields }
}

export interface Operation {
  /** One sentence for the manual. */
  readonly summary: string
  readonly parameters: readonly Parameter[]
  readonly result: ResultKind
  /** Whether it may have to wait. One that never does returns its value always, never a fiber. */
  readonly blocks: boolean
  /** Whether doing it twice is the same as once: then a call whose outcome was lost may be repeated. */
  readonly idempotent: boolean
  /** Whether it changes nothing before its last wait: then one that waits may be asked again of who takes the place of who died. */
  readonly waitsFirst?: boolean
}

export type Operations = Readonly<Record<string, Operation>>

export interface Role<N extends string = string, O extends Operations = Operations> {
  readonly name: N
  readonly summary: string
  readonly operations: O
}

/** An operation; `blocks` and `idempotent` must be said. `waitsFirst` is no unless it is said. */
export function operation<const P extends readonly Parameter[], const R extends ResultKind, const B extends boolean> (
  summary: string,
  parameters: P,
  result: R,
  properties: { readonly blocks: B, readonly idempotent: boolean, readonly waitsFirst?: boolean }
): { summary: string, parameters: P, result: R, blocks: B, idempotent: boolean, waitsFirst: boolean } {
  return { summary, parameters, result, blocks: properties.blocks, idempotent: properties.idempotent, waitsFirst: properties.waitsFirst ?? false }
}

/** A role. Its name is the field's term for the job. */
export function role<const N extends string, const O extends Operations> (
  name: N, summary: string, operations: O
): Role<N, O> {
  return { name, summary, operations }
}

// ---- derived types

export type ValueOf<K> = K extends Kind<infer V, KindName> ? V : never

export type Arguments<P extends readonly Parameter[]> = { [I in keyof P]: ValueOf<P[I]['kind']> }

export type RecordOf<F extends Fields> = { -readonly [K in keyof F]: ValueOf<F[K]> }

export type ResultOf<R extends ResultKind> =
  R extends { result: 'record', fields: infer F extends Fields } ? RecordOf<F> | number
    : R extends { result: 'string' } ? string | number
      : R extends { result: 'strings' } ? readonly string[] | number
        : R extends { result: 'numbers' } ? readonly number[] | number
          : number

export type OperationOf<O extends Operation> =
  (...args: Arguments<O['parameters']>) => O['blocks'] extends true ? Eventual<ResultOf<O['result']>> : ResultOf<O['result']>

/** The interface that an implementation of a role has, and that its stubs have: the same in every wiring. */
export type RoleOf<R extends Role> = { [K in keyof R['operations']]: OperationOf<R['operations'][K]> }

/** Any implementation, for code that works from the descriptor. */
export type Implementation = Readonly<Record<string, (...args: never[]) => unknown>>
