/**
 * The targets: published comparisons of architectures, as figures that the model has to meet.
 *
 * They were fixed, with the workloads (workloads.ts), before the first comparison, and none of them is an input of a profile or a cost
 * table. A figure that was seen in a source that can be looked up is `confirmed`; one that is known from memory of the paper is
 * `memory`: it is shown, and counted apart. The mark of each source is that of the list of published figures that this came
 * from (B: whole systems, A: primitives).
 * A figure that the model can say nothing about stands here all the same, with why.
 */

export type Status = 'confirmed' | 'memory'

/** What of a modelled system is compared. */
export type Quantity =
  | 'getpid' | 'pipe latency' | 'pipe bandwidth' | 'build' | 'AIM' | 'null RPC' | 'page tables' | 'SQLite'

/** How far a modelled figure may be from a published one, as a share of that. */
export const TOLERANCE = 0.25

export interface Figure {
  readonly id: string
  readonly quantity: Quantity
  /** The system as the source calls it. */
  readonly system: string
  /** The plan that stands for it: a preset, or one of this folder. */
  readonly plan: string
  /** The profile of the machine that it was measured on. */
  readonly machine: string
  readonly published: number
  /** `% slower`: what is added to the base's time, since a ratio near 1 would always be near another. */
  readonly unit: 'cycles' | 'µs' | 'MB/s' | '% slower' | '× base'
  readonly status: Status
  /** Whether the absolute figure is a target, or only its ratio to the base of the same quantity. */
  readonly absolute: boolean
}

/** Systems in which figures of a quantity are divided by that of the base, for ratios. */
export const bases: Readonly<Partial<Record<Quantity, string>>> = {
  getpid: 'linux', 'pipe latency': 'linux', 'pipe bandwidth': 'linux', 'null RPC': 'L4', SQLite: 'linux'
}

const HAERTIG = 'Härtig, Hohmuth, Liedtke, Schönberg, Wolter, SOSP 1997'
const LIEDTKE = 'Liedtke, SOSP 1995, table 2'
const UNIKRAFT = 'Kuenzer et al., Unikraft, EuroSys 2021, artifact'

/** Where figures are from, by the beginning of their marks. */
export const sources: Readonly<Record<string, string>> = { B00: HAERTIG, B01: HAERTIG, B02: UNIKRAFT, A03: LIEDTKE, A04: LIEDTKE }

type Row = readonly [system: string, plan: string, published: number]

function figures (id: string, quantity: Quantity, machine: string, unit: Figure['unit'], status: Status, absolute: boolean, rows: readonly Row[]): Figure[] {
  return rows.map(([system, plan, published]) => ({
    id, quantity, system, plan, machine, published, unit, status, absolute
  }))
}

/** Of a ratio to the base's time. */
function slower (ratio: number): number {
  return 100 * (ratio - 1)
}

export const targets: readonly Figure[] = [
  ...figures('B001', 'getpid', 'pentium', 'cycles', 'memory', true, [['Linux', 'linux', 223]]),
  ...figures('B002', 'getpid', 'pentium', 'cycles', 'memory', true, [['L4Linux', 'l4linux', 526]]),
  ...figures('B003', 'getpid', 'pentium', 'cycles', 'memory', true, [['L4Linux (trampoline)', 'l4linux-trampoline', 753]]),
  ...figures('B004', 'getpid', 'pentium', 'cycles', 'memory', true, [['MkLinux (kernel)', 'mklinux-kernel', 2050]]),
  ...figures('B005', 'getpid', 'pentium', 'cycles', 'memory', true, [['MkLinux (user)', 'mklinux-user', 14_710]]),
  ...figures('B010', 'pipe latency', 'pentium', 'µs', 'memory', true, [
    ['Linux', 'linux', 29], ['L4Linux', 'l4linux', 46], ['L4Linux (trampoline)', 'l4linux-trampoline', 56],
    ['MkLinux (kernel)', 'mklinux-kernel', 316], ['MkLinux (user)', 'mklinux-user', 722]
  ]),
  ...figures('B010', 'pipe bandwidth', 'pentium', 'MB/s', 'memory', false, [
    ['Linux', 'linux', 41], ['L4Linux', 'l4linux', 40], ['L4Linux (trampoline)', 'l4linux-trampoline', 38],
    ['MkLinux (kernel)', 'mklinux-kernel', 13], ['MkLinux (user)', 'mklinux-user', 10]
  ]),
  ...figures('B009', 'build', 'pentium', '% slower', 'memory', true, [
    ['L4Linux', 'l4linux', slower(506 / 476)], ['L4Linux (trampoline)', 'l4linux-trampoline', slower(509 / 476)],
    ['MkLinux (kernel)', 'mklinux-kernel', slower(555 / 476)], ['MkLinux (user)', 'mklinux-user', slower(605 / 476)]
  ]),
  // The abstract's: 5 % of maximum throughput lost, and the penalty of MkLinux 5 and 7 times that.
  ...figures('B006', 'AIM', 'pentium', '% slower', 'confirmed', true, [
    ['L4Linux', 'l4linux', slower(1 / 0.95)], ['MkLinux (kernel)', 'mklinux-kernel', slower(1 / 0.75)], ['MkLinux (user)', 'mklinux-user', slower(1 / 0.65)]
  ]),
  ...figures('A037', 'null RPC', 'i486', '× base', 'memory', false, [['L4, 10 µs', 'L4', 1]]),
  ...figures('A039', 'null RPC', 'i486', '× base', 'memory', false, [['Mach 3, 230 µs', 'Mach', 23]]),
  // 113.6 µs for 3 GB and 46.4 µs for 32 MB: what 1,520 more entries for pages of 2 MiB take, in µs.
  ...figures('B024', 'page tables', 'i7-9700k', 'µs', 'confirmed', true, [['Unikraft', 'page tables', 113.6 - 46.4]]),
  ...figures('B027', 'SQLite', 'i7-9700k', '× base', 'confirmed', false, [['Linux native, 1.153 s', 'linux', 1], ['Unikraft, musl native, 1.065 s', 'unikernel', 1.065 / 1.153]])
]

/** Figures of the same sources of which the model has nothing to say, and why. */
export const leftOut: readonly (readonly [id: string, what: string, why: string])[] = [
  ['B007', 'AIM averaged over all loads', 'the same mix as B006 at other loads; multiprogramming of AIM is not modelled'],
  ['B008', 'typical penalty of 5 to 10 %', 'a summary of B009'],
  ['B010', 'pipes of L4 itself, synchronous RPC, mapping RPC', 'designs that no plan here has'],
  ['B011', 'traps and Appel\'s benchmarks of virtual memory', 'programs here do not handle page faults themselves'],
  ['B022', 'boot of a guest on five monitors', 'no virtual machine monitor is modelled; the guest\'s 55 to 85 µs are set-up of devices that it has and we do not'],
  ['B023', 'boot of OSv, Rump, HermiTux, Docker, Alpine', 'no plan stands for them, and most of it is their monitors and user space'],
  ['B026', 'allocators under nginx', 'needs a network; the spread that it shows is no kernel\'s'],
  ['B028', '1.7 to 2.7 times Linux guests', 'throughput over a network'],
  ['A038', 'QNX, 486 at 33 MHz', 'no plan stands for QNX\'s send, receive and reply'],
  ['A039', 'Mach 3, R2000 at 16.7 MHz', 'no profile of an R2000'],
  ['A040', 'SRC RPC and LRPC, CVAX', 'no profile of a CVAX, and no plan with argument stacks that both sides map'],
  ['A041', 'SPIN and Mach, Alpha', 'no profile of an Alpha, no plan with extensions'],
  ['A042', 'Amoeba, 68020', 'no profile of a 68020, and RPC over a network protocol'],
  ['A043', 'Exo-tlrpc, Spring, DP-Mach', 'restricted semantics on an R2000, a SPARC V8 and a 486 at 66 MHz: no plan has them']
]
