/**
 * Hostile servers: a service definition in the place of a real one of the same name. It does what the real one does, so
 * that the system boots and its clients come to rely on it, but for the operations that it answers as it likes.
 */

import { services } from '../../index.ts'
import type { Registry } from '../../link/index.ts'
import type { Arena, Caller, CopyCounter, Implementation } from '../../roles/index.ts'

type Operation = (...args: never[]) => unknown

/** What a service is given, as its code sees it. */
export interface Given {
  readonly arena: Arena
  readonly caller: Caller
  readonly counter: CopyCounter
  readonly devices: Readonly<Record<string, never>>
  readonly requires: Readonly<Record<string, never>>
}

/** Operations that are not the real one's, by name; `real` are the real ones. */
export type Behaviour = (real: Readonly<Record<string, (...args: unknown[]) => unknown>>, given: Given) => Readonly<Record<string, Operation>>

/** The services, with one of them hostile. `provides`: under which name it provides the role that is attacked through. */
export function withHostile (name: string, behave: Behaviour, provides?: string): Registry {
  const definition = services.get(name)!
  const key = provides ?? Object.keys(definition.provides)[0]!
  return new Map([...services, [name, {
    ...definition,
    start: (environment: never) => {
      const provided = definition.start(environment)
      const role = definition.provides[key]!
      const real = provided[key]!
      const bound = Object.fromEntries(Object.keys(role.operations).map(operation => [operation, (...args: unknown[]) => (real[operation] as (...args: unknown[]) => unknown).apply(real, args)]))
      return { ...provided, [key]: { ...bound, ...behave(bound, environment as unknown as Given) } as Implementation }
    }
  }]])
}
