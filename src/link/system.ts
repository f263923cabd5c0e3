/**
 * Systems: a plan that runs. The linker makes one; the library drives it.
 */

import { isFiber } from '../fiber/index.ts'
import type { Eventual, Fiber } from '../fiber/index.ts'
import type { Machine } from '../machine/index.ts'
import { Arena, INIT } from '../roles/index.ts'
import type { DescriptorTables, Files, Implementation, Processes, Role, ServiceState } from '../roles/index.ts'
import type { AddressSpace, CoreState, Programs, Thread } from '../core/index.ts'
import { SystemPanic } from './errors.ts'
import { neededInstances } from './needed.ts'
import type { Plan } from './plan.ts'
import type { Wiring } from './wiring.ts'

/** What the host is given of a system: roles through the gates of the plan, as a domain of its own. */
export interface HostDomain {
  readonly space: AddressSpace
  readonly arena: Arena
  readonly files: Files | null
  readonly tables: DescriptorTables | null
  readonly processes: Processes
  /** Any role that the plan places or the core has, through the gates that programs have; null when nobody provides it. */
  readonly reach: (role: Role) => Implementation | null
}

export interface DomainMemory {
  readonly domain: string
  readonly arena: Arena
}

/** A running system: its plan, machine, core and programs, and the host as a domain of it. */
export class System {
  readonly plan: Plan
  readonly wiring: Wiring
  /** The wiring of the plan as it was given: more than there is where only what is needed was started. */
  readonly #whole: Wiring
  readonly machine: Machine
  readonly state: CoreState
  readonly programs: Programs
  readonly host: HostDomain
  /** Time from the start of linking to the first moment a program can be spawned. */
  readonly bootNs: number
  /** Service domains and their address spaces. */
  readonly domains: ReadonlyMap<string, AddressSpace>
  /** How what each service keeps is told, by its instance's name. */
  readonly states: ReadonlyMap<string, ServiceState>
  /** Whether the host's calls enter without a gate: then its steps set the caller register themselves. */
  readonly #direct: boolean
  readonly #pending = new Set<(error: Error) => void>()

  constructor (parts: {
    plan: Plan, wiring: Wiring, whole: Wiring, machine: Machine, state: CoreState, programs: Programs, host: HostDomain,
    domains: ReadonlyMap<string, AddressSpace>, states: ReadonlyMap<string, ServiceState>, bootNs: number, direct: boolean
  }) {
    this.plan = parts.plan
    this.wiring = parts.wiring
    this.#whole = parts.whole
    this.machine = parts.machine
    this.state = parts.state
    this.programs = parts.programs
    this.host = parts.host
    this.domains = parts.domains
    this.states = parts.states
    this.bootNs = parts.bootNs
    this.#direct = parts.direct
    this.state.onPanic = reason => { this.abandon(new SystemPanic(reason)) }
  }

  /** Services that these system calls need and that were left out, since the program that it was made for does without. */
  lacking (systemCalls: readonly string[]): string[] {
    const there = new Set(this.wiring.instances.map(instance => instance.name))
    return there.size === this.#whole.instances.length ? [] : [...neededInstances(this.#whole, systemCalls)].filter(name => !there.has(name))
  }

  /** Nothing that the host waits for will come any more. */
  abandon (reason: Error): void {
    for (const reject of this.#pending) reject(reason)
    this.#pending.clear()
  }

  /** Makes calls as the host (init), in a thread of its own, served first unless said otherwise; the promise of what they return. */
  run<T> (label: string, body: () => Fiber<T>, priority = 0): Promise<T> {
    if (this.state.panicked !== null) return Promise.reject(new SystemPanic(this.state.panicked))
    return new Promise<T>((resolve, reject) => {
      this.#pending.add(reject)
      // A fiber that does not start at once: its first step must run in its thread, as the host.
      this.asHost(label, guarded(body, reject), value => {
        this.#pending.delete(reject)
        resolve(value as T)
      }, priority)
    })
  }

  /** Starts a thread of the host that runs a fiber; `done` gets what it comes to. */
  asHost (label: string, fiber: Fiber<unknown>, done: (value: unknown) => void, priority = 0): Thread {
    const { state, host } = this
    const carried = this.#direct ? state.carry(state.supervisor, 0, INIT, INIT, host.arena, fiber) : fiber
    return state.scheduler.startHostFiber(label, INIT, priority, host.space, carried, done)
  }

  /** Who can address what: each domain its own, a pager the memories that it pages too, and the supervisor those of all programs above it. */
  addressable (): { domain: string, arenas: Arena[] }[] {
    const spaces = [...this.state.spaces.values()]
    return spaces.map(space => {
      const mapped = spaces.filter(other => space.maps(other)).map(other => other.memory).filter(memory => memory !== null)
      return { domain: space.label, arenas: [...new Set([...space.arenas, ...mapped])] }
    })
  }
}

function * guarded<T> (body: () => Eventual<T>, fail: (error: Error) => void): Fiber<T> {
  try {
    const value = body()
    return isFiber(value) ? yield * value : value
  } catch (error) {
    fail(error as Error)
    return undefined as T
  }
}

