/**
 * Supervised domains: what the core knows of each, what becomes of calls to one that dies, and what is taken back from it.
 *
 * A death is told to the service that the plan has for it (`DomainEvents`), which may have the domain made anew (`Domains`); the
 * core does nothing by itself. How a domain is made is the linker's, and the same at the first time and at any other.
 * A call to a supervised domain goes through `guarded` stubs, whatever the gate: it waits while the domain is dead, and is made
 * again after its death where it cannot have begun or is idempotent by its role; any other comes to PEER_LOST: its outcome is
 * unknown. So no call is done twice that must not be, and none is lost without a word.
 * Invariant: what ran in a domain that died does nothing to others any more: its capabilities are deleted, its devices answer
 * -ENODEV, and what it returns is dropped.
 * When the service that is told dies itself, nothing is made anew any more, and whoever waits is told so.
 */

import { Errno, isFiber } from '../../fiber/index.ts'
import type { Eventual, Fiber, Wait, WaitQueue } from '../../fiber/index.ts'
import type { Machine, MachineInterrupts } from '../../machine/index.ts'
import { CALL_REPEATS_MAX, DomainState } from '../../roles/index.ts'
import type { DomainEvents, Domains, Heart, Implementation, Operation, Role } from '../../roles/index.ts'
import { LifeQueue, Lost, PEER_LOST } from '../../core/index.ts'
import type { AddressSpace, CoreState } from '../../core/index.ts'
import { stubsOf } from '../../gates/index.ts'
import type { Target } from '../../gates/index.ts'
import type { DomainPlan, SupervisionPlan } from '../plan.ts'
import { revocable } from './revocable.ts'

/** A supervised domain, through all its lives. */
export class SupervisedDomain {
  readonly index: number
  readonly plan: DomainPlan
  readonly supervision: SupervisionPlan
  /** Of its present life, or the last one. */
  space: AddressSpace
  state: number = DomainState.ALIVE
  restarts = 0
  /** It lives again, or never will. */
  readonly changed: LifeQueue
  /** What it runs for interrupts, by line. */
  readonly handlers = new Map<string, () => void>()
  /** It masks the lines that are its own, and no other; what comes meanwhile is pending. */
  masked = false
  readonly pending = new Set<string>()
  /** Calls into it, where the plan has it asked. */
  heart: Heart | null = null

  constructor (index: number, plan: DomainPlan, supervision: SupervisionPlan, space: AddressSpace) {
    this.index = index
    this.plan = plan
    this.supervision = supervision
    this.space = space
    this.changed = new LifeQueue(`restart of ${plan.name}`)
  }
}

/** What the linker does for it. */
export interface Making {
  /** Makes a domain anew behind the endpoints that it has: `adopt` gets its address space before its services start. */
  readonly remake: (domain: DomainPlan, adopt: (space: AddressSpace) => void) => void
  /** Those of the domains of these names that a domain's services require to serve. */
  readonly providersOf: (domain: DomainPlan) => readonly string[]
  readonly events: () => DomainEvents
  /** Whether calls are made in the callers' own threads: then what a call waits for is all that it does meanwhile. */
  readonly callersEnter: boolean
  /** The domain of the service that is told. */
  readonly watcher: string
}

export class Supervision {
  readonly domains: SupervisedDomain[] = []
  readonly #state: CoreState
  readonly #making: Making
  readonly #byName = new Map<string, SupervisedDomain>()
  readonly #bySpace = new WeakMap<AddressSpace, SupervisedDomain>()
  /** Whether somebody is there to be told. */
  #watched = true

  constructor (state: CoreState, making: Making) {
    this.#state = state
    this.#making = making
    state.onDeath = (space, message) => { this.#died(space, message) }
  }

  /** Notes a domain that the plan supervises, made for the first time. */
  add (plan: DomainPlan, supervision: SupervisionPlan, space: AddressSpace): SupervisedDomain {
    const domain = new SupervisedDomain(this.domains.length, plan, supervision, space)
    this.domains.push(domain)
    this.#byName.set(plan.name, domain)
    this.#bySpace.set(space, domain)
    return domain
  }

  named (name: string): SupervisedDomain | undefined {
    return this.#byName.get(name)
  }

  /** Lets the service look after the domains, in a thread of the core's: once, when all is there. */
  watch (): void {
    if (this.domains.every(domain => domain.supervision.heartbeatMs === undefined)) return
    this.#tell('watch over domains', () => this.#making.events().watch(), () => {})
  }

  /** Stubs of a gate to a supervised domain. `consumes`: operations that are not idempotent there, whatever their role says. */
  guarded (role: Role, stubs: Implementation, domainName: string, consumes: readonly string[]): Implementation {
    const domain = this.#byName.get(domainName)
    if (domain === undefined) return stubs
    const names = Object.keys(role.operations)
    return stubsOf(role, (operation, index) => {
      const name = names[index]!
      const upTo = operation.idempotent && !consumes.includes(name) ? Lost.BEGUN : operation.waitsFirst === true && this.#making.callersEnter ? Lost.WAITING : Lost.UNBEGUN
      return guardedCall(stubs[name] as Target, operation, upTo, domain, this.#state)
    })
  }

  /** A part of the machine, as a supervised domain is given it: of no use to what is left of it once it died. */
  device (name: keyof Machine, part: object, space: AddressSpace): unknown {
    const domain = this.#bySpace.get(space)
    if (domain === undefined) return null
    return name === 'interrupts' ? this.#interrupts(domain, part as MachineInterrupts, space) : revocable(part, space, -Errno.ENODEV)
  }

  #interrupts (domain: SupervisedDomain, interrupts: MachineInterrupts, space: AddressSpace): MachineInterrupts {
    return {
      connect: (line, handler) => {
        if (!space.alive) return
        const known = this.#lines.has(line)
        this.#lines.set(line, domain)
        domain.handlers.set(line, handler)
        if (known) return
        interrupts.connect(line, () => {
          const handles = this.#lines.get(line)!
          const run = handles.handlers.get(line)
          if (handles.masked) handles.pending.add(line)
          else if (run !== undefined) this.#state.interrupt(handles.space, run)
        })
      },
      raise: line => { if (space.alive && this.#lines.get(line) === domain) interrupts.raise(line) },
      mask: () => { if (space.alive) domain.masked = true },
      unmask: () => { if (space.alive) unmask(domain, interrupts) },
      deliver: () => {}
    }
  }

  readonly #lines = new Map<string, SupervisedDomain>()

  #died (space: AddressSpace, message: string): void {
    if (space.label === this.#making.watcher) this.#unwatched()
    const domain = this.#bySpace.get(space)
    if (domain === undefined || domain.space !== space) return
    domain.state = DomainState.DEAD
    this.#takeBack(domain)
    if (!this.#watched) {
      this.#abandon(domain)
      return
    }
    this.#tell(`death of ${domain.plan.name}`, () => this.#making.events().died(domain.index, message), told => {
      // It says what it does by doing it: who cannot even be told does nothing.
      if (told < 0 && domain.space === space) this.#abandon(domain)
    })
  }

  #tell (label: string, call: () => Eventual<number>, done: (value: number) => void): void {
    this.#state.scheduler.startFiber(label, 0, 0, null, calling(call), value => { done(value as number) })
  }

  /** What a domain held is whoever else's it was: rights, devices, interrupts. Threads and loans go back with the calls that hold them. */
  #takeBack (domain: SupervisedDomain): void {
    const { machine } = this.#state
    domain.space.capabilities.clear()
    domain.handlers.clear()
    const devices = domain.plan.devices ?? []
    if (devices.includes('timer')) machine.timer.arm(Infinity)
    if (devices.includes('console')) machine.console.awaitInput(false)
    unmask(domain, machine.interrupts)
  }

  #abandon (domain: SupervisedDomain): number {
    if (domain.state === DomainState.ALIVE) return -Errno.EBUSY
    domain.state = DomainState.ABANDONED
    domain.changed.wakeAll()
    return 0
  }

  #unwatched (): void {
    this.#watched = false
    for (const domain of this.domains) if (domain.state === DomainState.DEAD) this.#abandon(domain)
  }

  #restart (domain: SupervisedDomain): number {
    if (domain.state === DomainState.ALIVE) return 0
    if (domain.state === DomainState.ABANDONED) return -Errno.ESRCH
    const before = domain.space
    try {
      this.#making.remake(domain.plan, space => {
        domain.space = space
        domain.restarts++
        domain.state = DomainState.ALIVE
        this.#bySpace.set(space, domain)
      })
    } catch (error) {
      // A service that cannot start: that life is over too, and told of like any other.
      if (domain.space === before) throw error
      this.#state.fault(domain.space, error)
    }
    this.#state.destroySpace(before)
    domain.changed.wakeAll()
    return 0
  }

  /** The role, as the core serves it. */
  readonly implementation: Domains = {
    supervised: () => {
      const all = this.domains
      const plans = all.map(domain => domain.supervision)
      return {
        names: all.map(domain => domain.plan.name),
        states: all.map(domain => domain.state),
        restarts: all.map(domain => domain.restarts),
        restartsMax: plans.map(plan => plan.restarts),
        periodsMs: plans.map(plan => plan.periodMs),
        backoffsMs: plans.map(plan => plan.backoffMs),
        heartbeatsMs: plans.map(plan => plan.heartbeatMs ?? 0)
      }
    },
    providers: index => this.#on(index, domain => this.#making.providersOf(domain.plan)
      .map(name => this.#byName.get(name)?.index).filter(found => found !== undefined)),
    restart: index => this.#on(index, domain => this.#restart(domain)),
    kill: index => this.#on(index, domain => {
      this.#state.end(domain.space, 'killed')
      return 0
    }),
    abandon: index => this.#on(index, domain => this.#abandon(domain)),
    beat: index => this.#on(index, domain => domain.heart === null ? domain.restarts : answered(domain.heart.beat(), domain.restarts))
  }

  #on<T> (index: number, act: (domain: SupervisedDomain) => T): T | number {
    const domain = this.domains[index]
    return domain === undefined ? -Errno.ESRCH : act(domain)
  }
}

/** The role in a plan that supervises nothing. */
export const noDomains: Domains = {
  supervised: () => ({ names: [], states: [], restarts: [], restartsMax: [], periodsMs: [], backoffsMs: [], heartbeatsMs: [] }),
  providers: () => -Errno.ESRCH,
  restart: () => -Errno.ESRCH,
  kill: () => -Errno.ESRCH,
  abandon: () => -Errno.ESRCH,
  beat: () => -Errno.ESRCH
}

/** What a domain's heart does: it answers, which it cannot where its threads are all held. */
export const heart: Heart = { beat: () => 0 }

function answered (beat: Eventual<number>, life: number): Eventual<number> {
  if (!isFiber(beat)) return beat < 0 ? beat : life
  return (function * (): Fiber<number> {
    const result = yield * beat
    return result < 0 ? result : life
  })()
}

function * calling (call: () => Eventual<number>): Fiber<number> {
  const result = call()
  return isFiber(result) ? yield * result : result
}

/** A call that outlives the death of who serves it, where it may: if it got no further than `upTo`. */
function guardedCall (call: Target, operation: Operation, upTo: Lost, domain: SupervisedDomain, state: CoreState): Target {
  // Nobody who calls one of these can wait.
  if (!operation.blocks) return call
  return operation.parameters.length <= 4
    ? (a, b, c, d) => {
        const { space } = domain
        if (!space.alive) return repeated(call, upTo, domain, state, [a, b, c, d])
        const result = call(a, b, c, d)
        if (typeof result === 'number' && space.alive) return result
        return outcome(result, space, call, upTo, domain, state, [a, b, c, d])
      }
    : (a, b, c, d, e, f, g, h, i, j, k, l) => {
        const { space } = domain
        if (!space.alive) return repeated(call, upTo, domain, state, [a, b, c, d, e, f, g, h, i, j, k, l])
        const result = call(a, b, c, d, e, f, g, h, i, j, k, l)
        if (typeof result === 'number' && space.alive) return result
        return outcome(result, space, call, upTo, domain, state, [a, b, c, d, e, f, g, h, i, j, k, l])
      }
}

function outcome (
  result: unknown, space: AddressSpace, call: Target, upTo: Lost, domain: SupervisedDomain, state: CoreState, args: unknown[]
): unknown {
  if (typeof result === 'object' && isFiber(result as Eventual<unknown>)) return finished(result as Fiber<unknown>, space, call, upTo, domain, state, args)
  if (space.alive) return result
  return new Attempt(null).at(result, state) <= upTo ? repeated(call, upTo, domain, state, args) : PEER_LOST
}

/** A call under way, to its end. */
function * finished (
  begun: Fiber<unknown>, space: AddressSpace, call: Target, upTo: Lost, domain: SupervisedDomain, state: CoreState, args: unknown[]
): Fiber<unknown> {
  const attempt = new Attempt(begun)
  const result = yield * attempt.run()
  if (space.alive) return result
  return attempt.at(result, state) <= upTo ? yield * repeated(call, upTo, domain, state, args) : PEER_LOST
}

/** Makes a call once its domain lives, again if that dies before it got further than `upTo`; so often at most where it may be what the domain dies of. */
function * repeated (call: Target, upTo: Lost, domain: SupervisedDomain, state: CoreState, args: unknown[]): Fiber<unknown> {
  for (let begun = 0; begun < CALL_REPEATS_MAX;) {
    while (!domain.space.alive) {
      if (domain.state === DomainState.ABANDONED) return PEER_LOST
      yield domain.changed
    }
    const { space } = domain
    const made = call(...args)
    const attempt = new Attempt(typeof made === 'object' && isFiber(made as Eventual<unknown>) ? made as Fiber<unknown> : null)
    const result = attempt.fiber === null ? made : yield * attempt.run()
    if (space.alive) return result
    const at = attempt.at(result, state)
    if (at > upTo) return PEER_LOST
    if (at === Lost.BEGUN || upTo === Lost.BEGUN) begun++
  }
  return PEER_LOST
}

/** One call that is made, and how far it got. */
class Attempt {
  /** Null for one that need not wait. */
  readonly fiber: Fiber<unknown> | null
  /** Its last wait, and how often those queues had been woken by then that hand something over. */
  #wait: Wait | null = null
  #wakes = 0

  constructor (fiber: Fiber<unknown> | null) {
    this.fiber = fiber
  }

  * run (): Fiber<unknown> {
    const fiber = this.fiber!
    let waits = false
    try {
      for (let step = fiber.next(undefined as never); ;) {
        waits = !step.done
        if (step.done) return step.value
        this.#wait = step.value
        this.#wakes = wakesOf(step.value)
        step = fiber.next(yield step.value)
      }
    } finally {
      // Whoever ends this ends the call that waits.
      if (waits) fiber.return(undefined)
    }
  }

  /**
   * How far it got with who died. It has left its queues by now: what was not handed to it then never is. Any result but that
   * the peer is lost is from what was left of the domain, and tells nothing.
   */
  at (result: unknown, state: CoreState): Lost {
    if (result === PEER_LOST && state.lostAt === Lost.UNBEGUN) return Lost.UNBEGUN
    return this.#wait !== null && wakesOf(this.#wait) === this.#wakes ? Lost.WAITING : Lost.BEGUN
  }
}

/** How often the queues of a wait were woken, together, but for those that tell of life and death. */
function wakesOf (wait: Wait): number {
  if (!Array.isArray(wait)) return wakesOne(wait as WaitQueue)
  let sum = 0
  for (const queue of wait as readonly WaitQueue[]) sum += wakesOne(queue)
  return sum
}

function wakesOne (queue: WaitQueue): number {
  return queue instanceof LifeQueue ? 0 : queue.wakes
}

/** A domain takes interrupts again, or is gone: what was pending comes. */
function unmask (domain: SupervisedDomain, interrupts: MachineInterrupts): void {
  domain.masked = false
  const lines = [...domain.pending]
  domain.pending.clear()
  for (const line of lines) interrupts.raise(line)
}
