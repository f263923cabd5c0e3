/**
 * Plans: kernel architectures as pure data. No code runs in a plan; it can be printed, compared, drawn and checked.
 *
 * A plan names the core, the domains with the services in each, the wall around each, the gate between each pair that
 * talks, the routes where a role has several providers, the scheduler and the policies. What later kernels need can be
 * said already: services per program (a domain of services with `programs: 'each'`), a whole system as a guest (`guest`), static
 * partitions with a time schedule (`scheduler.policy: 'time-triggered'`), domains in other threads and processes of the host (walls `thread`, `process`) or on other machines
 * (`node` with `place`). The linker says of a plan what it needs that this machine does not have.
 */

export type CoreName = 'none' | 'trap' | 'l4' | 'mach'
export type WallName = 'none' | 'language' | 'wasm' | 'thread' | 'process' | 'node'
export type GateName = 'direct' | 'trap' | 'rpc' | 'port' | 'ring' | 'reflect' | 'hypercall' | 'wire'

/** A service in a domain: its definition's name, or that with a name of its own and options. */
export type Placement = string | {
  readonly service: string
  /** How routes and other plans' lines name this instance; the service's name unless given. */
  readonly as?: string
  readonly options?: Readonly<Record<string, unknown>>
}

/**
 * What is done when a user domain dies: it is made anew, behind the same endpoints, by the service that provides `DomainEvents`.
 * Restarts are counted as Erlang/OTP counts them (restart intensity).
 */
export interface SupervisionPlan {
  /** How often within `periodMs`; one death more, and it stays dead. */
  readonly restarts: number
  readonly periodMs: number
  /** How long the second restart within the period waits; each further one twice as long. The first waits for nothing. */
  readonly backoffMs: number
  /** It is called so often, and ended when it has not answered by the next time. Never unless said. */
  readonly heartbeatMs?: number
  /** Where what it keeps for its clients outlives it. Without, it keeps nothing. */
  readonly state?: 'store'
}

/** A protection domain: what stands in it, behind which wall, and what it may use. */
export interface DomainPlan {
  readonly name: string
  readonly mode: 'supervisor' | 'user'
  readonly wall: WallName
  readonly services: readonly Placement[]
  /** Whether programs run here: `one` shares the domain with its services, `each` gives every program a copy of it. */
  readonly programs?: 'one' | 'each'
  /**
   * How many calls it serves at once; `migrating`: the caller's own thread of control enters it; `on-demand`: it makes
   * another thread of its own when all wait. Default 1.
   */
  readonly threads?: number | 'migrating' | 'on-demand'
  /** The programs' domain whose memory it pages, and so has mapped: it can address that, as a supervisor can all. */
  readonly pagerOf?: string
  readonly supervision?: SupervisionPlan
  /** Most bytes of its arena. */
  readonly arenaBytesMax?: number
  /** Most bytes of its heap, where it has one of its own: behind a wall that is a thread or a process. The host ends it beyond. */
  readonly heapBytesMax?: number
  /** Machine parts that a user domain is given; a supervisor has them all. */
  readonly devices?: readonly string[]
  /** A whole system inside: its supervisor runs here, on a virtual machine. */
  readonly guest?: Plan
  /** The machine where it runs, by name, behind the wall `node`; a thread or process is one of its own. */
  readonly place?: string
  /** Its partition in a time-triggered schedule. */
  readonly partition?: string
}

/**
 * A way from one domain to another. `from` and `to` are names of domains; `*` is any. The first that fits counts.
 * A `reflect` speaks of the system calls of unmodified programs only, which trap; whatever else goes between the two domains
 * takes the next that fits. The core itself is entered by a trap, whatever leads to services that stand beside it. From a programs' domain to itself, by name, it leads to the emulation library there.
 */
export interface GatePlan {
  readonly from: string
  readonly to: string
  readonly gate: GateName
}

/** Which provider fills a requirement. */
export interface RoutePlan {
  /** The instance that requires. */
  readonly from: string
  /** The name under which it requires. */
  readonly requires: string
  /** The instance that provides. */
  readonly to: string
  /** The route's name, where the requirement takes many. */
  readonly as?: string
}

export type SchedulerPlan =
  | { readonly policy: 'round-robin', readonly sliceUs: number, readonly priorities: number }
  | {
    readonly policy: 'time-triggered'
    readonly majorFrameUs: number
    /** In order; each partition's window within the major frame. */
    readonly minorFrames: readonly { readonly partition: string, readonly startUs: number, readonly lengthUs: number }[]
  }

/** What is done where kernels differ in nothing but a choice. */
export interface PoliciesPlan {
  /** A fault in a supervisor domain: true panics at once; false kills the current task and goes on, tainted. */
  readonly panicOnOops?: boolean
  /** Whether a call within the supervisor can be preempted, outside of its critical sections. Default false: only when it returns. */
  readonly preemptible?: boolean
  /** Where time is modelled: whether domains share caches and TLB (the default), empty them when the address space changes, or have parts of their own. */
  readonly caches?: 'shared' | 'flushed' | 'partitioned'
  /** On several processors: one lock for the whole supervisor, or one for each thing that is shared (the default). */
  readonly locking?: 'big' | 'fine'
  /** Only the services that the program's imports need are started. */
  readonly onlyNeeded?: boolean
}

/** A kernel architecture. */
export interface Plan {
  readonly name: string
  readonly summary: string
  readonly core: CoreName
  readonly domains: readonly DomainPlan[]
  readonly gates: readonly GatePlan[]
  readonly routes?: readonly RoutePlan[]
  readonly scheduler: SchedulerPlan
  readonly policies?: PoliciesPlan
}
