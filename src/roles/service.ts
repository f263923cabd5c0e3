/**
 * Services: implementations of roles, and what one is told when it starts.
 *
 * A service never knows where it was placed. It takes what it needs from its environment: the neighbours it requires
 * (themselves or stubs, it cannot tell), the arena of its domain, who calls, the machine parts it drives.
 */

import type { Arena } from './arena.ts'
import type { CostTable } from './costs.ts'
import type { CopyCounter } from './window.ts'
import type { Implementation, Role, RoleOf } from './role.ts'
import type { ServiceState } from './state.ts'

/**
 * Who is calling, as the gate knows it. A register of the domain: valid from the entry of an operation to its first
 * `yield`; take what you need before that.
 */
export interface Caller {
  /** The process or service on whose behalf the call is made (a process number; 0 is the system itself). */
  principal: number
  /** The immediate caller: the badge of the capability it invoked. Equal to the principal when a program calls. */
  immediate: number
  /** The caller's memory, where this domain may address it (a supervisor's programs; the program of its own domain). */
  memory: Arena | null
}

/** A requirement: a role that one provider must fill, or several by the names of their routes. */
export interface Requirement<R extends Role = Role, M extends boolean = boolean, O extends boolean = boolean> {
  readonly role: R
  readonly many: M
  /** Whether the service can do without. */
  readonly optional: O
  /** Whether its provider may start after the service: it asks only when it is asked itself. */
  readonly late: boolean
}

/** One that the service cannot do without: a plan in which nobody provides it is refused. */
export function one<R extends Role> (role: R): Requirement<R, false, false> {
  return { role, many: false, optional: false, late: false }
}
/** One that the service can do without: undefined when the plan leaves it out. */
export function optional<R extends Role> (role: R): Requirement<R, false, true> {
  return { role, many: false, optional: true, late: false }
}
/** As many as there are, by the names of their routes; none is no error. */
export function many<R extends Role> (role: R): Requirement<R, true, true> {
  return { role, many: true, optional: true, late: false }
}
/**
 * The same requirement, of a provider that may start after the service. It breaks a circle of starting: a file system
 * that shows processes needs the process server, which needs the VFS, which needs that file system.
 */
export function late<R extends Role, M extends boolean, O extends boolean> (requirement: Requirement<R, M, O>): Requirement<R, M, O> {
  return { ...requirement, late: true }
}

export type Requirements = Readonly<Record<string, Requirement>>
export type Provisions = Readonly<Record<string, Role>>

export type Required<Q extends Requirements> = {
  readonly [K in keyof Q]: Q[K] extends Requirement<infer R, infer M, infer O>
    ? M extends true ? ReadonlyMap<string, RoleOf<R>> : O extends true ? RoleOf<R> | undefined : RoleOf<R>
    : never
}
export type Provided<P extends Provisions> = { readonly [K in keyof P]: RoleOf<P[K]> }

/** Parts of the machine that a service may drive. `D` maps their names to their types: the machine layer's. */
export interface Environment<Q extends Requirements = Requirements, D = unknown, O = unknown> {
  /** The neighbours, by the names under which the service requires them. */
  readonly requires: Required<Q>
  readonly arena: Arena
  readonly caller: Caller
  readonly counter: CopyCounter
  /** The machine parts that the definition names in `devices`. */
  readonly devices: D
  readonly options: O
  /** Says how what the service keeps between calls is told as data: once, when it starts, by one that keeps something. */
  readonly keep: (state: ServiceState) => void
}

export interface ServiceDefinition<
  P extends Provisions = Provisions, Q extends Requirements = Requirements, D = unknown, O = unknown
> {
  readonly name: string
  readonly summary: string
  readonly provides: P
  readonly requires: Q
  /** Names of the machine parts it drives. */
  readonly devices?: readonly (keyof D & string)[]
  /** What a plan may say under `options`, by default. */
  readonly options?: O
  /**
   * Which requirements an operation of the first provided role uses: what a kernel that starts only what is needed
   * goes by. Without it, all of them.
   */
  readonly uses?: (operation: string) => readonly (keyof Q & string)[]
  /** What its work is, for a machine on which work costs modelled time. Loaded by who asks: on any other machine nobody does. */
  readonly costs?: () => Promise<CostTable>
  /**
   * What of what its clients refer to is gone when its domain dies: nothing, since it keeps none; or nothing, since that is in a
   * `Store`. Without, it cannot be made anew behind its clients' backs.
   */
  readonly keeps?: 'nothing' | 'store'
  /** Operations that its roles call idempotent and that are not so here: what was read is gone from a stream. */
  readonly consumes?: readonly string[]
  /** Makes an instance. It must not call its neighbours yet: they may not be there. */
  start (environment: Environment<Q, D, O>): Provided<P>
}

/** A definition whose types have been checked, as the linker holds it. */
export interface AnyService {
  readonly name: string
  readonly summary: string
  readonly provides: Provisions
  readonly requires: Requirements
  readonly devices?: readonly string[]
  readonly options?: unknown
  readonly uses?: (operation: string) => readonly string[]
  readonly costs?: () => Promise<CostTable>
  readonly keeps?: 'nothing' | 'store'
  readonly consumes?: readonly string[]
  start (environment: Environment<never, never, never>): Readonly<Record<string, Implementation>>
}

/** Checks a definition's types and forgets them. */
export function service<P extends Provisions, Q extends Requirements, D = unknown, O = unknown> (
  definition: ServiceDefinition<P, Q, D, O>
): AnyService {
  return definition as unknown as AnyService
}
