/**
 * The state of a core, in one place: machine, counters, scheduler, address spaces, faults.
 *
 * Gates set the caller register of the domain that is called, and put it back; `carry` does the same around every step of an
 * operation that has to wait (`carried.ts`), so that a call that goes on later goes on as the same caller.
 */

import { Errno, isFiber } from '../fiber/index.ts'
import type { Eventual, Fiber } from '../fiber/index.ts'
import { MachineFailure } from '../machine/index.ts'
import type { Machine } from '../machine/index.ts'
import { FAULTS_KEPT_MAX, Signal } from '../roles/index.ts'
import type { Arena } from '../roles/index.ts'
import { Accounts } from './account/index.ts'
import { CapabilityRights, CapabilitySpace } from './capability/index.ts'
import type { Capability, KernelObject } from './capability/index.ts'
import { Carried } from './carried.ts'
import { SystemCounters } from './counters.ts'
import { AddressSpace, Scheduler, TimedScheduler } from './thread/index.ts'
import type { SchedulerOptions } from './thread/index.ts'

/** What a caller gets whose callee has died: the peer is lost. */
export const PEER_LOST = -Errno.EOWNERDEAD
/** How far a call can have got whose callee is dead: not at all; to a wait, and nobody has woken it from that; anywhere. The core tells the first and the last. */
export const Lost = { UNBEGUN: 0, WAITING: 1, BEGUN: 2 } as const
export type Lost = typeof Lost[keyof typeof Lost]
/** What a caller gets whose invocation the core refused. */
export const REFUSED = -Errno.ENOTCAPABLE

/** An exception that left a service: where, what, when. */
export interface Fault {
  readonly domain: string
  readonly message: string
  readonly atNs: number
}

export interface CoreOptions {
  readonly scheduler: SchedulerOptions
  readonly panicOnOops: boolean
  /** What all programs together may use, by Resource. */
  readonly limits: readonly number[]
  /** Makes the scheduler, where it is not the plain one. */
  readonly makeScheduler?: (machine: Machine, counters: SystemCounters, options: SchedulerOptions) => Scheduler
}

export class CoreState {
  readonly machine: Machine
  readonly counters = new SystemCounters()
  readonly scheduler: Scheduler
  readonly panicOnOops: boolean
  readonly accounts: Accounts
  readonly spaces = new Map<number, AddressSpace>()
  /** The core's own capabilities: the first one to each object. Derivations start here. */
  readonly root = new CapabilitySpace('core')
  /** The latest FAULTS_KEPT_MAX; `counters.faults` counts all. */
  readonly faults: Fault[] = []
  /** A supervisor domain has faulted and the system goes on. */
  tainted = false
  /** Why the system stopped, or null. */
  panicked: string | null = null
  /** Told of each user domain that dies, when its callers have been woken and before they go on. */
  onDeath: (space: AddressSpace, message: string) => void = () => {}
  /** Of the latest PEER_LOST that the core gave: how far the call can have got. Valid until the next call: who wants to know looks at once. */
  lostAt: Lost = Lost.BEGUN
  /** Told once, when the system panics. */
  onPanic: (reason: string) => void = () => {}
  #nextSpace = 1

  constructor (machine: Machine, options: CoreOptions) {
    this.machine = machine
    this.panicOnOops = options.panicOnOops
    this.accounts = new Accounts(options.limits)
    this.scheduler = (options.makeScheduler ?? plainScheduler)(machine, this.counters, options.scheduler)
    this.scheduler.onBug = (error, thread) => { this.fault(thread.space ?? this.supervisor, error) }
  }

  /** The address space of the supervisor domain; the first that is made. */
  get supervisor (): AddressSpace {
    return this.spaces.get(0)!
  }

  createSpace (label: string, arena: Arena | null, supervisor: boolean): AddressSpace {
    const id = supervisor ? 0 : this.#nextSpace++
    const space = new AddressSpace(id, label, arena, new CapabilitySpace(label))
    this.spaces.set(id, space)
    this.machine.processor.map(id, arena?.sizeBytes ?? 0)
    return space
  }

  destroySpace (space: AddressSpace): void {
    space.capabilities.clear()
    this.spaces.delete(space.id)
    this.machine.processor.unmap(space.id)
  }

  /** Looks a capability up for an invocation; null (counted) when it is not there, deleted or of the wrong kind. */
  check (client: AddressSpace, slot: number, kind: KernelObject['kind']): Capability | null {
    const capability = client.capabilities.slots[slot]
    if (capability === undefined || capability === null || capability.object === null ||
      capability.object.kind !== kind || (capability.rights & CapabilityRights.INVOKE) === 0) {
      this.counters.refusals++
      return null
    }
    return capability
  }

  /**
   * An exception left a service: a fault of its domain. A supervisor panics, or kills the current task and goes on
   * tainted, with whatever was half done left half done; a user domain dies. Returns what the caller gets.
   */
  fault (space: AddressSpace, error: unknown): number {
    const message = inWords(error)
    this.counters.faults++
    if (isOfTheMachine(error)) this.panic((error as Error).message)
    if (this.faults.length >= FAULTS_KEPT_MAX) this.faults.shift()
    this.faults.push({ domain: space.label, message, atNs: this.machine.clock.monotonicNs() })
    if (space.id !== 0) {
      this.end(space, message)
      return this.lost(Lost.BEGUN)
    }
    this.tainted = true
    if (this.panicOnOops) this.panic(`oops in ${space.label}: ${message}`)
    const running = this.scheduler.current
    const task = running?.serves ?? running
    if (task !== null) {
      task.killedBy = Signal.SEGV
      task.killMessage = `oops: ${message}`
    }
    return -Errno.EFAULT
  }

  /** A user domain ends: nothing runs in it any more, and whoever waits for it is told. Once; nothing when it has ended. */
  end (space: AddressSpace, message: string): void {
    if (!space.alive) return
    space.alive = false
    space.onEnd?.()
    space.death.wakeAll()
    this.onDeath(space, message)
  }

  /** What a caller gets whose callee is dead, and how far that can have got with the call. */
  lost (at: Lost): number {
    this.lostAt = at
    return PEER_LOST
  }

  /** The system stops for good. */
  panic (reason: string): void {
    if (this.panicked !== null) return
    this.panicked = reason
    this.scheduler.halt()
    this.onPanic(reason)
  }

  /** Runs a domain's handler of an interrupt. An exception that leaves it is a fault of the domain; a dead one handles nothing. */
  interrupt (space: AddressSpace, handler: () => void): void {
    if (!space.alive) return
    this.scheduler.interruptTaken()
    try {
      handler()
    } catch (error) {
      this.fault(space, error)
    }
  }

  /**
   * Carries an operation that waits through its steps in its domain, as the same caller in each. `home` is the space to
   * be in between the steps. A domain that dies meanwhile gives the caller PEER_LOST.
   */
  carry (space: AddressSpace, home: number, principal: number, immediate: number, memory: Arena | null, fiber: Fiber<unknown>): Fiber<unknown> {
    return new Carried(this, space, home, principal, immediate, memory, fiber)
  }
}

/** Characters of a fault's message that are kept. */
const FAULT_CHARACTERS = 500

/** What was thrown, for a person. It may be anything, and throw itself when it is looked at. */
function inWords (error: unknown): string {
  try {
    return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, FAULT_CHARACTERS)
  } catch {
    return 'something was thrown that throws when it is looked at'
  }
}

/** Whether the machine has failed; what a domain threw may throw itself when it is asked. */
function isOfTheMachine (error: unknown): boolean {
  try {
    return error instanceof MachineFailure
  } catch {
    return false
  }
}

function plainScheduler (machine: Machine, counters: SystemCounters, options: SchedulerOptions): Scheduler {
  return new (schedulerFor(machine))(machine, counters, options)
}

/** The scheduler that a machine needs. */
export function schedulerFor (machine: Machine): typeof Scheduler {
  return machine.timing === null ? Scheduler : TimedScheduler
}

/** Whether an operation returned a fiber, whatever else it may return. */
export function isWaiting (value: unknown): value is Fiber<unknown> {
  return typeof value === 'object' && isFiber(value as Eventual<unknown>)
}
