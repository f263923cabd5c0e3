/**
 * The linker: turns a plan into a running system.
 *
 * Checks the whole plan first and starts nothing if anything is wrong. Then: a domain is an address space with an arena;
 * services start in dependency order; each requirement gets the neighbour itself (`direct`) or a stub for the gate,
 * behind which stands a capability of the requiring domain, derived from the core's own and badged. Programs' domains
 * are made as programs are: with the same gates, badged with their process numbers.
 */

import { runPlain } from '../fiber/index.ts'
import type { Devices, Locks, Machine, MachineInterrupts } from '../machine/index.ts'
import { Accounts, Arena, DescriptorTables, DomainEvents, Domains, Ending, Files, Heart, INIT, Processes, RESOURCES, SystemInformation, ThreadEvents, Threads } from '../roles/index.ts'
import type { CostTable, Environment, Implementation, Role, ServiceState } from '../roles/index.ts'
import { CallCore, CoreState, Endpoint, Entry, EntrySlot, OwnHandler, OwnHandlerCore, Port, PortCore, PortServer, Programs, RemoteCore, RemoteDomain, RemoteEndpoint, Server, TrapCore, faultCostsOf } from '../core/index.ts'
import type { AddressSpace, CallEffects, CoreTables, FaultCosts, ProgramDomain, Tally } from '../core/index.ts'
import { directStubs, reflectStubs } from '../gates/index.ts'
import type { PlacedConnection } from '../gates/index.ts'
import type { CompiledCache } from '../walls/wasm/index.ts'
import { checkPlan } from './check.ts'
import type { DeviceDecorator } from './decorators.ts'
import { compileCosts } from './costs.ts'
import type { OperationCosts } from './costs.ts'
import { standsElsewhere } from './elsewhere.ts'
import { PlanError } from './errors.ts'
import { unmetBy } from './gates.ts'
import { informationOf } from './information.ts'
import type { JoinedGate } from './information.ts'
import { onlyNeeded } from './needed.ts'
import type { DomainPlan, GateName, Plan } from './plan.ts'
import type { Registry } from './registry.ts'
import { meteringFor } from './metering.ts'
import { openStandard } from './start-up.ts'
import { System } from './system.ts'
import { timedStubs } from './timed.ts'
import type { TimedCore } from './timed.ts'
import type { HostDomain } from './system.ts'
import { TracedState } from './traced-core.ts'
import { Tracer } from './tracer.ts'
import type { TraceSink } from './trace-events.ts'
import { domainInterrupts } from './domain-interrupts.ts'
import { Supervision, heart, noDomains } from './supervision/index.ts'
import { CORE, PROGRAMS, gateTo, providersOf, provides, supervisorOf, wire } from './wiring.ts'
import type { Connection, Instance, Wiring } from './wiring.ts'
import { wordErrors } from './words.ts'

/** Bytes of a domain's arena at most, unless the plan says otherwise. */
const ARENA_BYTES_MAX = 2 ** 31
/** Bytes of the arena of the services that stand in a program's own domain, at first and at most. */
const LIBRARY_BYTES = 8192
const LIBRARY_BYTES_MAX = 2 ** 26
/** Badges of service domains begin here, above all process numbers. */
const DOMAIN_BADGE = 2 ** 30
const HOST = 'host'

/** What a decorator is told of the gate that it may wrap. */
export interface GateInfo {
  readonly from: string
  readonly to: string
  readonly role: Role
  readonly gate: GateName
}

/** What a plan does not say. */
export interface LinkOptions {
  /** What all programs together may use, by Resource; none by default. */
  readonly limits?: readonly number[]
  /** Where compiled programs are kept by content. */
  readonly compiled?: CompiledCache
  /** System calls that the program imports which this system is for; null when it is not known. */
  readonly systemCalls?: readonly string[] | null
  /** The module that runs where a domain of services stands in another thread or process of the host. */
  readonly occupant?: string
  /** What services' work is, by their names, where the machine's time is modelled. */
  readonly costs?: ReadonlyMap<string, CostTable>
  /** And what the core's is. */
  readonly coreCosts?: CoreTables
  /** Wraps the stubs of gates: counted, traced, faulty. */
  readonly decorate?: (stubs: Implementation, info: GateInfo) => Implementation
  /** Wraps what is served behind gates that are not `direct`: on the other side of what `decorate` wraps. */
  readonly decorateServed?: (implementation: Implementation, info: GateInfo) => Implementation
  /** What system calls write: with it, what programs' calls come to is kept, so that programs can be saved. */
  readonly effects?: CallEffects
  /** Wraps the parts of the machine that services drive: each as one service has it. */
  readonly decorateDevice?: DeviceDecorator
  /** Takes what happens, as it happens. Without, nothing of the system is wrapped for it. */
  readonly trace?: TraceSink
}

/** Makes a system of a plan, and starts its services. Throws a PlanError, having started nothing, when anything is wrong. */
export function link (given: Plan, registry: Registry, machine: Machine, options: LinkOptions): System {
  const startNs = machine.clock.monotonicNs()
  const errors = [...checkPlan(given, registry), ...(wordErrors(given).length > 0 ? [] : unmetBy(given, machine, options.occupant !== undefined))]
  if (errors.length > 0) throw new PlanError(given, errors)
  const prune = given.policies?.onlyNeeded === true && options.systemCalls !== undefined && options.systemCalls !== null
  const whole = wire(given, registry)
  const plan = prune ? onlyNeeded(given, whole, options.systemCalls!) : given
  return new Linking(plan, prune ? wire(plan, registry) : whole, machine, options).system(startNs, whole)
}

/** One run of the linker. */
class Linking {
  readonly #plan: Plan
  readonly #wiring: Wiring
  readonly #machine: Machine
  readonly #options: LinkOptions
  readonly #state: CoreState
  readonly #traps: TrapCore
  readonly #calls: CallCore
  /** Null where nobody wants to know. */
  readonly #tracer: Tracer | null
  readonly #ports: PortCore
  readonly #remotes: RemoteCore
  readonly #ownHandlers: OwnHandlerCore
  readonly #spaces = new Map<string, AddressSpace>()
  readonly #servers = new Map<string, Server | PortServer | RemoteDomain>()
  /** Who a domain is to those it calls, through all its lives. */
  readonly #badges = new Map<string, number>()
  /** What an instance provides, by the name under which it does. */
  readonly #provided = new Map<string, Readonly<Record<string, Implementation>>>()
  /** How what a service keeps is told, by instance. Not of those that each program has. */
  readonly #states = new Map<string, ServiceState>()
  /** The core's slot of each object that serves a role to another, by label. */
  readonly #objects = new Map<string, number>()
  /** The same by connection, where all who make it share one object. */
  readonly #slots = new WeakMap<Connection, number>()
  #programs: Programs | null = null
  /** How often programs' traps went back to them. */
  readonly #ownTraps: Tally = { calls: 0 }
  /** The ways that were made, by who calls, whom, as what role and through which gate. */
  readonly #joined = new Map<string, JoinedGate>()
  /** What the plan says of each address space; the host's has no domain. */
  readonly #domains = new WeakMap<AddressSpace, DomainPlan>()
  readonly #information: Implementation
  /** Null where no domain is supervised. */
  readonly #supervision: Supervision | null
  /** The endpoints of supervised domains, by domain: what serves there changes when one is made anew. */
  readonly #rebound = new Map<string, { readonly object: Endpoint | Port | RemoteEndpoint, readonly connection: Connection }[]>()
  /** Connections to what starts later, still to be made. */
  readonly #late: (() => void)[] = []
  /** Where time is modelled: what the gates tell, and to whom. */
  readonly #timed: TimedCore | null
  readonly #costs = new Map<string, Readonly<Record<string, OperationCosts<Locks>>>>()

  constructor (plan: Plan, wiring: Wiring, machine: Machine, options: LinkOptions) {
    this.#plan = plan
    this.#wiring = wiring
    this.#machine = machine
    this.#options = options
    const scheduler = plan.scheduler.policy === 'round-robin' ? plan.scheduler : { sliceUs: 1000, priorities: 1 }
    const core = { scheduler: { ...scheduler, preemptible: plan.policies?.preemptible ?? false, ...options.coreCosts === undefined ? {} : { paths: options.coreCosts.schedulerPaths } }, panicOnOops: plan.policies?.panicOnOops ?? false, limits: options.limits ?? new Array<number>(RESOURCES).fill(Infinity) }
    this.#tracer = options.trace === undefined ? null : new Tracer(options.trace, machine)
    this.#state = this.#tracer === null ? new CoreState(machine, core) : new TracedState(this.#tracer, machine, core)
    const { timing } = machine
    timing?.isolate(plan.policies?.caches ?? 'shared', plan.domains.length)
    const { scheduler: running } = this.#state
    const kind = plan.core === 'none' ? 'trap' : plan.core
    this.#timed = timing === null ? null : { timing, copied: () => { running.tellCopied() }, paths: options.coreCosts?.gatePaths[kind] ?? {}, inRegisters: options.coreCosts?.inRegisters[kind] ?? [], principal: () => running.current?.principal ?? 0 }
    this.#traps = new TrapCore(this.#state)
    this.#calls = new CallCore(this.#state)
    this.#ports = new PortCore(this.#state)
    this.#remotes = new RemoteCore(this.#state)
    this.#ownHandlers = new OwnHandlerCore(this.#state)
    this.#supervision = plan.domains.some(domain => domain.supervision !== undefined) ? this.#makeSupervision() : null
    this.#information = informationOf(plan, this.#state, space => this.#domains.get(space), () => this.#joined.values(), space => this.#supervision?.named(space.label)?.restarts ?? 0) as unknown as Implementation
  }

  system (startNs: number, whole: Wiring): System {
    for (const domain of this.#ordered()) if (domain.programs !== 'each') this.#makeDomain(domain)
    const programs = this.#programs = this.#makePrograms()
    // Those of programs' own domains start with their programs.
    for (const instance of this.#inOrder(this.#wiring.instances.filter(other => other.domain.programs !== 'each'))) this.#start(instance)
    this.#connectLate()
    for (const server of this.#servers.values()) if (server instanceof RemoteDomain) server.begin()
    this.#supervision?.watch()
    const host = this.#makeHost()
    return new System({
      plan: this.#plan, wiring: this.#wiring, whole, machine: this.#machine, state: this.#state, programs, host,
      domains: this.#spaces, states: this.#states, bootNs: this.#machine.clock.monotonicNs() - startNs, direct: this.#plan.core === 'none'
    })
  }

  /** The supervisor first: its address space is number 0. */
  #ordered (): DomainPlan[] {
    return [...this.#plan.domains].sort((a, b) => Number(b.mode === 'supervisor') - Number(a.mode === 'supervisor'))
  }

  #makeDomain (domain: DomainPlan): void {
    const space = this.#makeSpace(domain)
    if (domain.supervision === undefined) return
    const supervised = this.#supervision!.add(domain, domain.supervision, space)
    if (domain.supervision.heartbeatMs !== undefined) supervised.heart = this.#makeHeart(domain)
  }

  /** The core's way to ask a domain whether it serves. */
  #makeHeart (domain: DomainPlan): Heart {
    const { name: to } = this.#wiring.instances.find(instance => instance.domain === domain)!
    const { supervisor } = this.#state
    const connection: Connection = {
      from: CORE, fromDomain: supervisor.label, requires: 'heart', route: null, role: Heart, to, toDomain: domain.name, gate: this.#plan.core === 'mach' ? 'port' : 'rpc', late: false
    }
    const slot = this.#capability(connection, supervisor, 0, '', label => this.#object(connection, this.#heartOf(domain), label))
    return this.#stubs(connection, supervisor, slot) as unknown as Heart
  }

  #heartOf (domain: DomainPlan): Implementation {
    const server = this.#servers.get(domain.name)
    return server instanceof RemoteDomain ? server.provide(null, Heart) : heart as unknown as Implementation
  }

  /** An address space and a server for a domain, at first and whenever it is made anew. */
  #makeSpace (domain: DomainPlan): AddressSpace {
    const arenaBytesMax = domain.arenaBytesMax ?? ARENA_BYTES_MAX
    const elsewhere = standsElsewhere(domain)
    const arena = elsewhere ? null : new Arena({ name: domain.name, sizeBytesMax: arenaBytesMax })
    const space = this.#state.createSpace(domain.name, arena, domain.mode === 'supervisor')
    this.#spaces.set(domain.name, space)
    this.#domains.set(space, domain)
    const threads = typeof domain.threads === 'string' ? Infinity : domain.threads ?? 1
    this.#servers.set(domain.name, elsewhere ? this.#remotes.domain(space, {
      wall: domain.wall as 'thread' | 'process', threads, arenaBytesMax, occupant: this.#options.occupant!, ...domain.heapBytesMax === undefined ? {} : { heapBytesMax: domain.heapBytesMax }
    }) : this.#plan.core === 'mach' ? this.#ports.server(space, threads) : new Server(space, threads, this.#state.counters))
    const badge = this.#badges.get(domain.name)
    if (badge === undefined) this.#badges.set(domain.name, DOMAIN_BADGE + space.id)
    return space
  }

  /** Instances in an order in which each comes after those among them that it requires, but for what may start later. */
  #inOrder (instances: readonly Instance[]): Instance[] {
    const order: Instance[] = []
    const visit = (instance: Instance): void => {
      if (order.includes(instance)) return
      for (const connection of this.#wiring.connections) {
        const required = connection.from === instance.name && !connection.late ? instances.find(other => other.name === connection.to) : undefined
        if (required !== undefined) visit(required)
      }
      order.push(instance)
    }
    instances.forEach(visit)
    return order
  }

  #instance (name: string): Instance {
    return this.#wiring.instances.find(instance => instance.name === name)!
  }

  #start (instance: Instance): void {
    const space = this.#spaces.get(instance.domain.name)!
    const server = this.#servers.get(instance.domain.name)
    if (server instanceof RemoteDomain) this.#provided.set(instance.name, this.#place(instance, server))
    else this.#provided.set(instance.name, this.#instantiate(instance, space, this.#badges.get(instance.domain.name)!, new Map()))
  }

  #makeSupervision (): Supervision {
    const events = this.#wiring.connections.find(connection => connection.from === CORE && connection.role === DomainEvents)!
    let listener: DomainEvents | null = null
    return new Supervision(this.#state, {
      watcher: events.toDomain,
      callersEnter: this.#plan.core === 'l4' && this.#plan.domains.every(({ wall }) => wall === 'none' || wall === 'language' || wall === 'wasm'),
      events: () => listener ??= this.#connect(events, this.#state.supervisor, 0) as unknown as DomainEvents,
      providersOf: domain => [...new Set(this.#wiring.connections
        .filter(({ fromDomain, toDomain, late: later }) => fromDomain === domain.name && toDomain !== domain.name && !later)
        .map(({ toDomain }) => toDomain))],
      remake: (domain, adopt) => { this.#remake(domain, adopt) }
    })
  }

  /** Makes a domain anew, with services that begin, behind the endpoints that its clients have capabilities to. */
  #remake (domain: DomainPlan, adopt: (space: AddressSpace) => void): void {
    const space = this.#makeSpace(domain)
    adopt(space)
    for (const instance of this.#inOrder(this.#wiring.instances.filter(other => other.domain === domain))) this.#start(instance)
    this.#connectLate()
    for (const { object, connection } of this.#rebound.get(domain.name) ?? []) this.#bind(object, connection)
    const server = this.#servers.get(domain.name)
    if (server instanceof RemoteDomain) server.begin()
  }

  #bind (object: Endpoint | Port | RemoteEndpoint, connection: Connection): void {
    const { to, role } = connection
    const served = this.#servedAt(connection, role === Heart ? this.#heartOf(this.#instance(to).domain) : implementationOf(this.#instance(to), role, this.#provided.get(to)!))
    const server = this.#servers.get(connection.toDomain)!
    if (object instanceof RemoteEndpoint) object.rebind(server as RemoteDomain, served)
    else if (object instanceof Endpoint) object.rebind(server as Server, served)
    else object.rebind(server as PortServer, served)
  }

  /** Has a service start where its domain stands; what stands for it here. */
  #place (instance: Instance, server: RemoteDomain): Readonly<Record<string, Implementation>> {
    const { name, definition, options, domain } = instance
    const { space } = server
    const badge = this.#badges.get(domain.name)!
    const requires: Record<string, PlacedConnection[]> = {}
    for (const connection of this.#wiring.connections.filter(({ from }) => from === name)) {
      const { requires: required, route, role, to, gate, late } = connection
      const connect = (): Implementation => this.#connect(connection, space, badge)
      const placed = gate === 'direct' ? { route, sibling: to, neighbour: 0 } : { route, sibling: null, neighbour: server.allow(role, late ? this.#deferred(role, connect) : connect()) }
      ;(requires[required] ??= []).push(placed)
      if (gate === 'direct') this.#join(connection, null)
    }
    server.place({ instance: name, service: definition.name, options, requires })
    return Object.fromEntries(Object.entries(definition.provides).map(([key, role]) => [key, server.provide(name, role)]))
  }

  /** Starts a service in an address space. `siblings`: what else stands in a program's own domain already. */
  #instantiate (instance: Instance, space: AddressSpace, badge: number, siblings: ReadonlyMap<string, Readonly<Record<string, Implementation>>>): Readonly<Record<string, Implementation>> {
    const { definition } = instance
    const requires: Record<string, unknown> = {}
    const connect = (connection: Connection): Implementation => connection.late
      ? this.#deferred(connection.role, () => this.#connect(connection, space, badge, siblings))
      : this.#connect(connection, space, badge, siblings)
    for (const [name, requirement] of Object.entries(definition.requires)) {
      const connections = this.#wiring.connections.filter(connection => connection.from === instance.name && connection.requires === name)
      if (requirement.many) requires[name] = new Map(connections.map(connection => [connection.route!, connect(connection)]))
      else requires[name] = connections[0] === undefined ? undefined : connect(connections[0])
    }
    const environment: Environment = {
      requires: requires as never,
      arena: space.arena!,
      caller: space.caller,
      counter: this.#state.counters,
      devices: Object.fromEntries((definition.devices ?? []).map(name => [name, this.#device(name as keyof Devices, space, instance.name)])),
      options: { ...definition.options as object, ...instance.options },
      keep: state => { this.#states.set(instance.name, state) }
    }
    return definition.start(environment as never)
  }

  /** Stubs that lead to their provider once it has started. */
  #deferred (role: Role, connect: () => Implementation): Implementation {
    const stubs: Record<string, unknown> = {}
    this.#late.push(() => {
      const provider = connect()
      for (const name of Object.keys(role.operations)) stubs[name] = provider[name]!.bind(provider)
    })
    return stubs as Implementation
  }

  /** Makes the connections that were put off. */
  #connectLate (): void {
    for (const connect of this.#late.splice(0)) connect()
  }

  /** A part of the machine, as a service in that domain drives it: what its interrupt handlers throw is the domain's fault. */
  #device (name: keyof Devices, space: AddressSpace, service: string): unknown {
    const interrupts = name !== 'interrupts' ? this.#machine.interrupts : this.#tracer?.interrupts(this.#machine.interrupts, space.label) ?? this.#machine.interrupts
    const plain = name === 'interrupts' ? interrupts : this.#machine[name]
    const device = this.#options.decorateDevice?.(plain, { service, device: name }) ?? plain
    const supervised = this.#supervision?.device(name, device as object, space) ?? null
    if (supervised !== null) return supervised
    return name === 'interrupts' ? domainInterrupts(device as MachineInterrupts, space.id === 0, handler => { this.#state.interrupt(space, handler) }) : device
  }

  /** What a domain gets for a connection: the neighbour, or stubs over a capability of its own. */
  #connect (connection: Connection, space: AddressSpace, badge: number, siblings?: ReadonlyMap<string, Readonly<Record<string, Implementation>>>): Implementation {
    const { role, to, gate } = connection
    const timed = (stubs: Implementation): Implementation => this.#timed === null ? stubs : this.#timedStubs(stubs, connection, this.#timed)
    if (to === CORE) return this.#decorated(timed(this.#ofCore(connection, space)), connection, space)
    const provided = siblings?.get(to) ?? this.#provided.get(to)!
    const implementation = implementationOf(this.#instance(to), role, provided)
    if (gate === 'direct') {
      this.#join(connection, null)
      return this.#decorated(timed(directStubs(implementation)), connection, space)
    }
    const stubs = connection.fromDomain === connection.toDomain
      ? this.#ownHandler(connection, implementation, space, badge)
      : this.#served(connection, implementation, space, badge)
    const lasting = this.#supervision?.guarded(role, timed(stubs), connection.toDomain, this.#instance(to).definition.consumes ?? []) ?? timed(stubs)
    return this.#decorated(lasting, connection, space)
  }

  /** On a machine whose time is modelled: stubs that tell what calls cost. */
  #timedStubs (stubs: Implementation, { role, gate, to, fromDomain, toDomain }: Connection, core: TimedCore, served = false): Implementation {
    const ofCore = to === CORE
    const domain = ofCore ? supervisorOf(this.#plan)! : this.#instance(to).domain
    const rows = (ofCore ? this.#options.coreCosts?.costs : this.#options.costs?.get(this.#instance(to).definition.name))?.[role.name]
    if (rows === undefined) throw new TypeError(`${to} says nothing of what ${role.name} costs (costs.ts), so it cannot stand on a machine whose time is modelled`)
    const key = `${to} ${role.name}`
    let costs = this.#costs.get(key)
    if (costs === undefined) this.#costs.set(key, costs = compileCosts(role, rows, { lock: name => core.timing.locks(`${to}: ${name}`), figure: row => core.timing.figure(row) }))
    const single = gate !== 'direct' && (domain.threads ?? 1) === 1 && domain.mode === 'user' && domain.programs === undefined
    const big = gate !== 'direct' && domain.mode === 'supervisor' && this.#plan.policies?.locking === 'big'
    const held = single || big ? core.timing.locks(`the one thread of ${toDomain}`) : null
    // A message is served by a thread of its receiver's, which tells what that costs.
    const elsewhere = this.#plan.core === 'mach' && (gate === 'port' || gate === 'reflect') && fromDomain !== toDomain
    const bare = elsewhere && !served
    return timedStubs(stubs, {
      role, gate: served ? 'direct' : gate, own: fromDomain === toDomain, to, supervisor: domain.mode === 'supervisor', fromSupervisor: supervisorOf(this.#plan)?.name === fromDomain,
      costs: bare ? null : costs, held: bare ? null : held
    }, core)
  }

  /** A program's traps, sent back to the emulation library in its own domain: each program has a handler of its own. */
  #ownHandler (connection: Connection, implementation: Implementation, space: AddressSpace, badge: number): Implementation {
    const { role, to, from } = connection
    const label = `${role.name} of ${to} to ${from}`
    this.#join(connection, this.#ownTraps)
    const slot = space.capabilities.mint(new OwnHandler(label, space, role, this.#serving(implementation, connection, connection.toDomain), this.#ownTraps), badge)
    return reflectStubs(role, this.#ownHandlers, space, slot)
  }

  /** What was asked for around the stubs that a domain gets: outermost what tells of the calls, so that it tells of all that is done in one. */
  #decorated (stubs: Implementation, { from, to, toDomain, role, gate }: Connection, space: AddressSpace): Implementation {
    const decorated = this.#options.decorate?.(stubs, { from, to, role, gate }) ?? stubs
    // Neighbours of a domain that each program has are in that program's own.
    return this.#tracer?.calling(role, decorated, {
      from, to, fromDomain: space.label, toDomain: gate === 'direct' ? space.label : toDomain, role: role.name, gate
    }) ?? decorated
  }

  /** What is asked for around what a domain serves through a gate: outermost, too. */
  #serving (implementation: Implementation, { from, to, role, gate }: Connection, domain: string): Implementation {
    const decorated = this.#options.decorateServed?.(implementation, { from, to, role, gate }) ?? implementation
    return this.#tracer?.serving(role, decorated, domain) ?? decorated
  }

  /** A role of the core's own, as it is served to one domain. */
  #ofCore (connection: Connection, space: AddressSpace): Implementation {
    const { role, gate } = connection
    const own = (role === SystemInformation ? this.#information : role === Domains ? this.#supervision?.implementation ?? noDomains : role === Accounts ? this.#state.accounts : this.#programs!.threadsFor(space)) as unknown as Implementation
    if (gate === 'direct') {
      this.#join(connection, null)
      return own
    }
    // Threads and images are named by slots of the domain that asks: each has an entry of its own.
    const whose = role === Threads ? ` for ${space.label} (${space.id})` : ''
    const slot = this.#capability(connection, space, this.#badges.get(space.label) ?? DOMAIN_BADGE + space.id, whose, label => new Entry(label, this.#state.supervisor, role, this.#serving(own, connection, this.#state.supervisor.label), false))
    return this.#stubs(connection, space, slot)
  }

  /** What an instance provides, behind a gate. */
  #served (connection: Connection, implementation: Implementation, space: AddressSpace, badge: number): Implementation {
    return this.#stubs(connection, space, this.#capability(connection, space, badge, '', label => this.#object(connection, implementation, label)))
  }

  /** What a program gets for its system calls: stubs; or, where they are traps that nobody decorates, the capability alone. */
  #programCalls (
    connection: Connection, space: AddressSpace, badge: number, siblings: ReadonlyMap<string, Readonly<Record<string, Implementation>>>
  ): Implementation | EntrySlot {
    if (connection.gate !== 'trap' || this.#options.decorate !== undefined || this.#tracer !== null || this.#timed !== null) return this.#connect(connection, space, badge, siblings)
    const implementation = implementationOf(this.#instance(connection.to), connection.role, this.#provided.get(connection.to)!)
    const slot = this.#capability(connection, space, badge, '', label => this.#object(connection, implementation, label))
    return new EntrySlot(slot, () => this.#traps.stubs(connection.role, space, slot))
  }

  #object (connection: Connection, implementation: Implementation, label: string): Entry | Endpoint | Port | RemoteEndpoint {
    const { to, role, gate } = connection
    const domain = this.#instance(to).domain.name
    const served = this.#servedAt(connection, implementation)
    if (gate === 'trap') return new Entry(label, this.#spaces.get(domain)!, role, served)
    const server = this.#servers.get(domain)!
    const object = server instanceof RemoteDomain ? new RemoteEndpoint(label, server, role, served) : server instanceof Server
      ? new Endpoint(label, server, role, served, gate === 'reflect' ? 'handler' : 'endpoint')
      : new Port(label, server, role, served, gate === 'reflect')
    if (this.#supervision?.named(domain) !== undefined) this.#rebound.set(domain, [...this.#rebound.get(domain) ?? [], { object, connection }])
    return object
  }

  /** What is called behind an endpoint, port or entry: the implementation, with what was asked for around it. */
  #servedAt (connection: Connection, implementation: Implementation): Implementation {
    const served = this.#serving(implementation, connection, this.#instance(connection.to).domain.name)
    const byMessage = this.#plan.core === 'mach' && connection.gate !== 'trap'
    return byMessage && this.#timed !== null && connection.role !== Heart ? this.#timedStubs(served, connection, this.#timed, true) : served
  }

  #stubs ({ role, gate, to, toDomain }: Connection, space: AddressSpace, slot: number): Implementation {
    if (this.#servers.get(toDomain) instanceof RemoteDomain) return this.#remotes.stubs(role, space, slot)
    // What the core does itself, for whoever asks from elsewhere, is its entry's.
    if (to === CORE) return this.#traps.stubs(role, space, slot)
    switch (gate) {
      case 'trap': return this.#traps.stubs(role, space, slot)
      case 'reflect': return reflectStubs(role, this.#plan.core === 'mach' ? this.#ports : this.#calls, space, slot)
      default: return this.#plan.core === 'mach' ? this.#ports.stubs(role, space, slot) : this.#calls.stubs(role, space, slot)
    }
  }

  /**
   * A capability derived into the caller's space; its slot. Each gate has an object of the core for itself, so that it
   * counts the calls through that.
   */
  #capability (connection: Connection, space: AddressSpace, badge: number, whose: string, make: (label: string) => Entry | Endpoint | Port | RemoteEndpoint): number {
    const known = whose === '' ? this.#slots.get(connection) : undefined
    return space.capabilities.derive(this.#state.root, known ?? this.#rootSlot(connection, whose, make), undefined, badge)
  }

  /** The core's slot of what serves a connection, made when it is first asked for. */
  #rootSlot (connection: Connection, whose: string, make: (label: string) => Entry | Endpoint | Port | RemoteEndpoint): number {
    const { from, to, role } = connection
    const label = `${role.name} of ${to} to ${from}${whose}`
    let rootSlot = this.#objects.get(label)
    if (rootSlot === undefined) {
      const object = make(label)
      this.#join(connection, object)
      rootSlot = this.#state.root.mint(object, 0)
      this.#objects.set(label, rootSlot)
    }
    if (whose === '') this.#slots.set(connection, rootSlot)
    return rootSlot
  }

  /** Keeps who is joined to whom, once for all programs. */
  #join ({ from, to, toDomain, role, gate }: Connection, object: JoinedGate['object']): void {
    const key = `${gate} ${from} ${to} ${role.name}`
    if (!this.#joined.has(key)) this.#joined.set(key, { from, to, toDomain, role: role.name, gate, object })
  }

  #makePrograms (): Programs {
    const domain = this.#wiring.programs[0]!
    const events = this.#wiring.connections.find(connection => connection.from === CORE && connection.role === ThreadEvents)!
    let listener: ThreadEvents | null = null
    return new Programs(this.#state, this.#traps, {
      cache: this.#options.compiled,
      ...(this.#options.effects === undefined ? {} : { effects: this.#options.effects }),
      onlyOnce: domain.programs === 'one',
      ...this.#faultCosts(domain),
      metering: meteringFor(this.#plan, this.#machine.timing !== null),
      placeds: this.#remotes.placeds,
      ...domain.heapBytesMax === undefined ? {} : { heapBytesMax: domain.heapBytesMax },
      domain: (label, badge) => this.#traced(label, badge, domain.programs === 'one' ? this.#sharedDomain(domain, badge) : this.#ownDomain(domain, label, badge)),
      ended: (badge, kind, code, message) => {
        this.#tracer?.ends(badge, kind === Ending.EXIT ? 'exit' : 'signal', code, message)
        listener ??= this.#connect(events, this.#state.supervisor, 0) as unknown as ThreadEvents
        return listener.ended(badge, kind, code, message)
      }
    })
  }

  /** Where time is modelled: what it costs that programs touch their memory. One that is its kernel's domain has it from the boot. */
  #faultCosts (domain: DomainPlan): { readonly faults?: FaultCosts } {
    const { coreCosts } = this.#options
    if (coreCosts === undefined || domain.programs === 'one') return {}
    const { core } = this.#plan
    const { gate, toDomain } = this.#programConnection(domain)
    return { faults: faultCostsOf(coreCosts, core === 'none' ? 'trap' : core, core === 'mach' && gate === 'reflect' && toDomain === supervisorOf(this.#plan)?.name) }
  }

  /** A program's domain that tells when it begins. */
  #traced (label: string, badge: number, domain: ProgramDomain): ProgramDomain {
    const tracer = this.#tracer
    if (tracer === null) return domain
    return {
      ...domain,
      begin: () => {
        tracer.begins(badge, label, domain.space.label)
        domain.begin()
      }
    }
  }

  #programConnection (domain: DomainPlan): Connection {
    return this.#wiring.connections.find(connection => connection.from === PROGRAMS && connection.fromDomain === domain.name)!
  }

  /** A program that is one with its services: their domain is its own. */
  #sharedDomain (domain: DomainPlan, badge: number): ProgramDomain {
    const space = this.#spaces.get(domain.name)!
    return {
      space,
      calls: () => this.#connect(this.#programConnection(domain), space, badge),
      // Nothing stands between the program and its services, so the register is the program's for good: only the
      // host's calls set it, for their time.
      begin: () => { setCaller(space, badge) },
      release: () => { space.memory = null }
    }
  }

  /** A domain of its own, with the services that the plan gives each program, and gates badged with its number. */
  #ownDomain (domain: DomainPlan, label: string, badge: number): ProgramDomain {
    const instances = this.#inOrder(this.#wiring.instances.filter(instance => instance.domain === domain))
    const library = instances.length === 0
      ? null
      : new Arena({ name: `library of ${label}`, sizeBytes: LIBRARY_BYTES, sizeBytesMax: domain.arenaBytesMax ?? LIBRARY_BYTES_MAX })
    const space = this.#state.createSpace(label, library, false)
    this.#domains.set(space, domain)
    const pager = this.#plan.domains.find(other => other.pagerOf === domain.name)
    if (pager !== undefined) space.pager = this.#spaces.get(pager.name)!
    return {
      space,
      calls: () => {
        setCaller(space, badge)
        const siblings = new Map<string, Readonly<Record<string, Implementation>>>()
        for (const instance of instances) siblings.set(instance.name, this.#instantiate(instance, space, badge, siblings))
        this.#connectLate()
        this.#openStandard(instances, siblings, badge)
        return this.#programCalls(this.#programConnection(domain), space, badge, siblings)
      },
      begin: () => {},
      release: () => { this.#state.destroySpace(space) }
    }
  }

  /** A program that has its files to itself begins with what its own VFS opens for it: no neighbour can wait for that. */
  #openStandard (instances: readonly Instance[], siblings: ReadonlyMap<string, Readonly<Record<string, Implementation>>>, badge: number): void {
    const owner = instances.find(instance => provides(instance, DescriptorTables))
    if (owner === undefined) return
    const provided = siblings.get(owner.name)!
    const files = implementationOf(owner, Files, provided) as unknown as Files
    const tables = implementationOf(owner, DescriptorTables, provided) as unknown as DescriptorTables
    runPlain(openStandard(files, tables, badge))
  }

  /** The host as a domain: it calls through the gates that the plan gives programs. */
  #makeHost (): HostDomain {
    const arena = new Arena({ name: HOST, sizeBytesMax: ARENA_BYTES_MAX })
    const programs = this.#wiring.programs[0]!
    const direct = programs.programs === 'one'
    const space = direct ? this.#spaces.get(programs.name)! : this.#state.createSpace(HOST, arena, false)
    const reach = (role: Role): Implementation | null => {
      const [provider] = providersOf(this.#plan, this.#wiring.instances, null, role)
      if (provider === undefined) return null
      const gate = direct ? 'direct' : gateTo(this.#plan, programs.name, provider) ?? (this.#plan.core === 'mach' ? 'port' : 'rpc')
      const connection = { from: HOST, fromDomain: programs.name, requires: role.name, route: null, role, to: provider.name, toDomain: provider.domain, gate, late: false }
      return this.#connect(connection, space, INIT)
    }
    return {
      space, arena,
      files: reach(Files) as unknown as Files | null,
      tables: reach(DescriptorTables) as unknown as DescriptorTables | null,
      processes: reach(Processes) as unknown as Processes,
      reach
    }
  }
}

/** The program is its domain's only caller. */
function setCaller (space: AddressSpace, badge: number): void {
  space.caller.principal = badge
  space.caller.immediate = badge
  space.caller.memory = space.memory
}

function implementationOf (instance: Instance, role: Role, provided: Readonly<Record<string, Implementation>>): Implementation {
  const name = Object.keys(instance.definition.provides).find(key => instance.definition.provides[key] === role)
  return provided[name!]!
}

