/**
 * What the core's own work is: its path lengths at gates, in the scheduler, and for the roles that it provides.
 *
 * A path is what is done once at one point, as one row, in instructions of the core alone: entering and leaving supervisor
 * mode with the registers saved, loading another address space, mapping a page and what the caches and the TLB do then are the
 * machine's profile's. So published totals are taken here with those parts off, and where a figure stands on a total, its
 * source is said; what is marked `from memory` was not seen again when this was written.
 *
 * Paths are kept by kind of core: `trap`, that of a monolithic kernel; `l4`, by capability, counted in C and as long as
 * Liedtke's in assembler; `sel4` and `fiasco`, two kernels in use of that kind, to compare with; `mach`, with ports.
 */

import { CALL, SUCCESS, Steps, assumed, block, element, row, times } from '../roles/index.ts'
import type { CostRow, CostTable, Lock, RoleCosts, Step } from '../roles/index.ts'

const {
  ALLOCATE, ALLOCATE_BLOCK, CAPABILITY, CHECK, DERIVE, FIELD, FIELDS, FRAME, LINK, LOCK, NOBODY, PAGE, PROBE, REFERENCE, RELEASE, RELEASE_BLOCK, REVOKE, SIFT, SLOT,
  TIME, UNLINK, WAIT: QUEUE, WAKE
} = Steps

// ---- at gates

/** A call through a gate, on its way in and back; and what each argument adds. Of a wait: what it is to be put by, and to go on. */
export interface GatePaths {
  readonly in: CostRow
  readonly out: CostRow
  /** For each word of arguments or result in the message. */
  readonly word: CostRow
  /** For each window: derived for the callee, and taken back. Mapping it is the machine's. */
  readonly window: CostRow
  readonly windowEnd: CostRow
  /** For each capability. */
  readonly capability: CostRow
  readonly capabilityEnd: CostRow
}

const once = (reason: string, ...steps: readonly Step[]): CostRow => row(CALL, reason, steps)

/** The number checked, its function called with the registers: counted. */
const DISPATCH = assumed(18, 15, 30, 2)
const nothing = once('registers carry them')

const capability = once('a capability derived for the callee', CAPABILITY, DERIVE)
const capabilityEnd = once('and taken back', REVOKE)
const window = once('a window of the caller\'s checked, and one derived from it for the callee', CHECK, FIELDS, FIELDS, LINK)
const windowEnd = once('and taken back', UNLINK, FIELDS)
const word = once('copied from one message buffer to the other', FIELD)

const trap: GatePaths = {
  // A system call that does nothing takes 74 instructions on L4Re, saving and restoring of the registers included (its page on performance).
  in: once('the call\'s number checked against the table, the capability that it is made by, who calls; its function called', DISPATCH, CAPABILITY, FIELDS),
  out: once('the result put in its register; whether a signal or another thread is due', FIELDS, CHECK),
  word: nothing,
  // The supervisor reaches the caller's memory itself: what is checked stands in the tables of who reads it.
  window: nothing, windowEnd: nothing, capability, capabilityEnd
}

/**
 * One way of a call by capability: endpoint, who waits there, four words, who is to be answered, who is current. 45 cycles on the Alpha,
 * 86 on the R4600 and 121 on the Pentium with entry, exit and switch of address space (Liedtke et al., HotOS 1997; Elphinstone and Heiser, SOSP 2013, table 1): a single-issue R4600
 * can have executed no more than 80 instructions, 10 to 20 of them entry and exit, so about 65 in assembler. The same in C is 53 to 86
 * (counted: rpc_one_way). seL4's and Fiasco's are longer: below. Lines: capability, endpoint, two threads, two messages, stack;
 * Barrelfish counted 13 for L4Ka's (Baumann et al., SOSP 2009, table 3).
 */
const L4_WAY: Step = assumed(65, 45, 250, 8)
/**
 * What L4 puts by at an entry and takes at the exit, its messages being in registers: stack pointer and instruction pointer. 16 cycles of a
 * 486, where entry and exit of L3 take 123 and the hardware's part of it 107 (Liedtke, SOSP 1995): eight instructions.
 */
const L4_FEW: Step = assumed(8, 4, 16, 0.5)

const rpc: GatePaths = {
  in: once('one way of a call by capability: endpoint, receiver, words, reply, who is current; the few registers that are saved', L4_WAY, L4_FEW),
  out: once('the reply, and waiting for the next call: the same way back', L4_WAY, L4_FEW),
  word, window, windowEnd, capability, capabilityEnd
}

/** An IPC of seL4's takes 212 cycles of logic, one way, on a core that issues one instruction a cycle (Du et al., ISCA 2019, table 1): 150 to 200 instructions. */
const sel4Way: Step = assumed(170, 120, 220, 8)
/** 587 instructions there and back between address spaces, 148 of them two entries and exits (L4Re's page on performance: counted by hardware; one way or both is not said). */
const fiascoWay: Step = assumed(220, 180, 440, 13)

const sel4Rpc: GatePaths = { ...rpc, in: once('one way of the fast path in C, lookup of the capability in a tree of nodes included', sel4Way), out: once('the same way back', sel4Way) }
const fiascoRpc: GatePaths = { ...rpc, in: once('one way of an IPC of L4Re\'s', fiascoWay), out: once('the same way back', fiascoWay) }

/*
 * Mach 3.0, one way of a message, as its sources do it (osfmk/ipc: mach_msg, ipc_kmsg, ipc_right, ipc_mqueue), by hand in steps: message
 * taken from user memory into a buffer of the kernel's; two names of ports made rights, each in the sender's space under its lock; the
 * port's lock and queue; the receiver found and made ready, or handed the processor; the rights made names in the receiver's space; the
 * message copied out; the buffer freed. About 430 instructions. A null RPC of Mach 3.0 between two address spaces takes 95 µs on an R2000
 * of 16.7 MHz, which executes an instruction a cycle but for cache misses and write stalls: 1,580 cycles, of which two entries (64 instructions each), exits (35)
 * and stack handoffs (83) are 364 (Draves, Bershad, Rashid, Dean, SOSP 1991, tables 3 and 4): so at most 600 one way, and 440 at the 1.4 cycles an instruction
 * that stalls make of it. On x86 it is longer: 535 µs on an 80386 of 20 MHz are 10,700 cycles, at 4.4 to 4.9 an instruction (Crawford, IEEE Micro 1990; from
 * memory) 1,100 one way with what the scheduler does: the most of the range.
 */
const MACH_COPY_IN = assumed(60, 40, 120, 3)
const machSend: readonly Step[] = [
  MACH_COPY_IN, FRAME, FRAME, ALLOCATE, // the message taken
  LOCK, SLOT, CHECK, CHECK, REFERENCE, SLOT, CHECK, CHECK, REFERENCE, FIELDS, FIELDS, // two names made rights
  FRAME, LOCK, CHECK, CHECK, FIELDS, LINK // the port and its queue
]
const machReceive: readonly Step[] = [
  FRAME, LOCK, UNLINK, CHECK, FIELDS, // off the queue
  LOCK, SLOT, PROBE, FIELDS, FIELDS, REFERENCE, CHECK, // the rights made names: a free entry, or the one that is there
  assumed(50, 30, 110, 3), RELEASE // copied out, freed
]
/** Making the receiver ready is the scheduler's, and stands there. */
const machWay = (reason: string): CostRow => {
  const way = once(reason, ...machSend, ...machReceive)
  return { ...way, range: [300, 1100] }
}

const port: GatePaths = {
  in: machWay('a message to a port: taken, rights translated, queued, its receiver made ready; taken off, rights made names, given'),
  out: machWay('the reply to the reply port: the same'),
  word: once('copied into the kernel\'s buffer and out of it', FIELD, FIELD),
  window: once('memory out of line: an entry of a map made, to be copied when it is written', FRAME, ALLOCATE, ALLOCATE, FIELDS, FIELDS, LINK, LINK, LOCK, LOCK),
  windowEnd: once('the entry taken out, its object freed', FRAME, PROBE, UNLINK, RELEASE, RELEASE, LOCK, LOCK),
  capability: once('a right in the message: found in the sender\'s space, entered in the receiver\'s', SLOT, CHECK, REFERENCE, PROBE, FIELDS, FIELDS, LOCK, LOCK),
  capabilityEnd: once('taken out', SLOT, FIELDS, LOCK)
}

/**
 * A trapped system call made a message to who serves it, and the answer put into the registers: with the core's own way of sending. The
 * registers are words of the message, whose bytes are counted where they are copied.
 */
const reflected = (gate: GatePaths, way: string): GatePaths => ({
  ...gate,
  in: sum(`the trap recognized as another system's, its message made of the thread's registers; ${way}`, gate.in, once('made', CHECK, FIELDS, FIELDS, CHECK)),
  out: sum(`the answer, ${way}; the registers put back, the thread resumed`, gate.out, once('put back', CHECK, FIELDS, FIELDS)),
  word: nothing
})

/**
 * A trap that goes back to the program's own domain: one entry, a frame put on its stack (whose words are counted where they are copied), and
 * the handler gone on with; back, the handler sets the register and goes on behind the trap in user mode, which enters nothing.
 */
const ownHandler: GatePaths = {
  in: once('the trap recognized as another system\'s, its frame made, the program gone on with in its handler', CHECK, CAPABILITY, FIELDS, FIELDS, CHECK),
  out: once('the register set, the frame taken off: in user mode', FIELDS),
  word: nothing, window: nothing, windowEnd: nothing, capability: nothing, capabilityEnd: nothing
}

function sum (reason: string, one: CostRow, other: CostRow): CostRow {
  return {
    measure: CALL, instructions: one.instructions + other.instructions, range: [one.range[0] + other.range[0], one.range[1] + other.range[1]],
    dataLines: one.dataLines + other.dataLines, reason
  }
}

/** `own handler` is a `reflect` to the program's own domain. */
export type PathsGate = 'trap' | 'rpc' | 'port' | 'reflect' | 'own handler'
export type PathsCore = 'trap' | 'l4' | 'sel4' | 'fiasco' | 'mach'

/** By core and gate; a core has only those that it performs. */
export const gatePaths: Readonly<Record<PathsCore, Readonly<Partial<Record<PathsGate, GatePaths>>>>> = {
  trap: { trap },
  l4: { trap, rpc, reflect: reflected(rpc, 'sent as an rpc is'), 'own handler': ownHandler },
  sel4: { trap, rpc: sel4Rpc, reflect: reflected(sel4Rpc, 'sent as an rpc is') },
  fiasco: { trap, rpc: fiascoRpc, reflect: reflected(fiascoRpc, 'sent as an rpc is') },
  mach: { trap, port, reflect: reflected(port, 'sent as a message to the exception port'), 'own handler': ownHandler }
}

/** By core: gates by which short messages go in registers, so that entering and leaving saves and restores none (Liedtke, SOSP 1993, section 5.3). */
export const inRegisters: Readonly<Record<PathsCore, readonly PathsGate[]>> = { trap: [], l4: ['rpc'], sel4: [], fiasco: [], mach: [] }

// ---- in the scheduler

export interface SchedulerPaths {
  /** The next thread chosen: the best priority that has one, its first. */
  readonly pickNext: CostRow
  /** A thread put on its queue. */
  readonly makeReady: CostRow
  /** From one thread to another: registers and stack; its address space and what the caches do are the machine's. */
  readonly switch: CostRow
  /** The current thread put on a queue to wait. */
  readonly wait: CostRow
  readonly timerTick: CostRow
  /** The handler of an interrupt found and called, its end told. */
  readonly interrupt: CostRow
}

/** The registers that a C function must keep, saved and taken: twelve words each way and the stack. By hand, as in xv6's and Linux's `switch_to`. */
const SWITCH = assumed(40, 24, 90, 5)

const run: Lock = { name: 'ready queues' }

export const schedulerPaths: SchedulerPaths = {
  pickNext: { ...once('the first thread of the best priority, by a bit map: counted', assumed(39, 25, 60, 3), LOCK), lock: run },
  makeReady: { ...once('a thread put on the queue of its priority; whether it should run at once', LINK, FIELDS, CHECK, LOCK), lock: run },
  switch: once('registers and stack of one thread saved, those of another taken; its time counted', SWITCH, FIELDS, TIME),
  wait: once('the current thread put on a queue', FRAME, QUEUE, CHECK, LOCK),
  timerTick: once('the time counted, whether a slice or a sleep is over', FRAME, TIME, FIELDS, FIELDS, CHECK, CHECK, SIFT),
  interrupt: once('the line\'s handler found and called, its end told', FRAME, SLOT, FIELDS, CHECK, FRAME, NOBODY)
}

// ---- page faults

/**
 * A program touches a page of its memory that is not there: what is done by whose pager it is. The exception's entry and exit, entering the page in the
 * page tables and filling it are the machine's; asking a pager is a message through the core's gate, with three words (who, address, what for).
 */
export interface FaultPaths {
  /** In the core, where nobody else pages: whose address that is, what may be done there, a free page taken. */
  readonly empty: CostRow
  /** The same for a page of the program's file, which is in memory already. */
  readonly file: CostRow
  /** In the core, where a pager is asked: whose address that is, who is to be asked. */
  readonly asked: CostRow
}

/** Regions of an address space in a tree or a list: assumed four looked at. */
const REGION = times(4, CHECK)

export const faultPaths: FaultPaths = {
  empty: once('the address and what was tried, its region (assumed the fourth) and what it allows, a free page taken, in the books of both', FRAME, CHECK, CHECK, LOCK, REGION, FRAME, ALLOCATE, FIELDS, FIELDS, CHECK),
  file: once('the same, and the page found among those of the file', FRAME, CHECK, CHECK, LOCK, REGION, FRAME, FIELDS, PAGE, REFERENCE, FIELDS, FIELDS, CHECK),
  asked: once('the address and what was tried, its pager, a message made of them', FRAME, CHECK, CHECK, FIELDS, FIELDS)
}

// ---- the roles that the core provides

const spaces: Lock = { name: 'address spaces' }
const accounts: Lock = { name: 'accounts' }

const PAGE_BYTES = 4096
/** Pages of a program that ends: assumed. Those that it touches are told when it does (program/page-faults.ts). */
const PAGES = 48

const found = (reason: string, ...more: readonly Step[]): CostRow => once(`a capability of the caller's; ${reason}`, FRAME, CAPABILITY, REFERENCE, ...more)

const threads: RoleCosts = {
  load: [
    once('the header of the program read and checked: assumed ten segments', FRAME, times(10, FIELDS), times(20, CHECK)),
    row(block('from', PAGE_BYTES), 'a page of it taken and entered', [FRAME, ALLOCATE, FIELDS, CHECK]),
    row(SUCCESS, 'a capability made for it', [ALLOCATE, FIELDS, LINK, LOCK], spaces)
  ],
  create: [
    found('who pays, a thread with its stack made and its registers set', FRAME, CHECK, CHECK, ALLOCATE_BLOCK, ALLOCATE_BLOCK, times(12, FIELDS), times(18, FIELD)),
    row(SUCCESS, 'page tables: the supervisor\'s half copied into the root (256 words), two leaves emptied (1,024 words, by a string instruction at least)', [
      times(3, ALLOCATE), assumed(900, 300, 2600, 40)
    ]),
    row(SUCCESS, 'a capability made, its gates\' among them: assumed three', [times(3, ALLOCATE), times(3, DERIVE), LINK, LOCK], spaces)
  ],
  start: [found('put on the queue of its priority', LINK, FIELDS, CHECK), { ...schedulerPaths.makeReady, reason: 'made ready' }],
  ranNs: [found('its time', TIME, FIELDS)],
  usage: [found('five words of it', TIME, times(5, FIELD))],
  end: [found('taken off the queue that it waits on, made ready to end', UNLINK, CHECK, WAKE, FIELDS)],
  drop: [
    row(CALL, 'a capability taken out', [FRAME, CAPABILITY, REVOKE, RELEASE, LOCK], spaces),
    row(SUCCESS, `what it was the last to: of a thread its ${PAGES} pages and tables given back, in one of two`, [
      times(PAGES / 2, assumed(18, 0, 80, 0.6)), { ...RELEASE_BLOCK, range: [0, 160] }
    ])
  ]
}

const accountCosts: RoleCosts = {
  enter: [row(CALL, 'the parent\'s account found, one process more in it and in all above: assumed two', [FRAME, PROBE, CHECK, times(2, FIELDS), PROBE, LINK, LOCK], accounts)],
  leave: [row(CALL, 'one process less', [FRAME, PROBE, UNLINK, times(2, FIELDS), CHECK, LOCK], accounts)],
  of: [once('a process\'s account found', FRAME, PROBE, CHECK, FIELDS)],
  charge: [row(CALL, 'the account and all above: assumed two; whether each has so much left', [FRAME, PROBE, CHECK, times(2, CHECK), times(2, FIELDS), LOCK], accounts)],
  credit: [row(CALL, 'the account and all above: assumed two', [FRAME, PROBE, CHECK, times(2, FIELDS), LOCK], accounts)]
}

const told = (reason: string): readonly CostRow[] => [once(reason, FRAME, times(3, FIELD), FIELDS)]

const information: RoleCosts = {
  kernel: told('three texts handed out'),
  plan: told('a text handed out'),
  times: told('two numbers'),
  limits: [once('the account of the process, and those above it: assumed two', FRAME, PROBE, times(2, CHECK)), row(element('result'), 'a resource', [FIELD, times(2, CHECK)])],
  counters: [...told('names and numbers'), row(element('result'), 'a counter', [FIELD, FIELD])],
  domains: [once('from which number on', FRAME, CHECK), row(element('result'), 'a domain: ten columns', [times(10, FIELD), FIELDS])],
  gates: [once('all of them', FRAME), row(element('result'), 'a gate: five columns', [times(5, FIELD), FIELDS])]
}

const domains: RoleCosts = {
  supervised: [...told('columns of all'), row(element('result'), 'a domain: seven columns', [times(7, FIELD)])],
  providers: [once('its name, and those that it is joined to: assumed ten', FRAME, CHECK, times(10, CHECK))],
  restart: [
    once('whether it is dead; the old page tables, capabilities (assumed ten) and threads given back', FRAME, CHECK, times(10, REVOKE), RELEASE_BLOCK),
    row(SUCCESS, `an address space and a thread made as for a program, its ${PAGES} pages taken and entered, capabilities derived: assumed ten`, [
      times(3, ALLOCATE), assumed(900, 300, 2600, 40), times(PAGES, assumed(30, 15, 120, 0.7)), times(10, DERIVE)
    ])
  ],
  kill: [once('marked dead, those who wait for it made ready: assumed two', FRAME, CHECK, FIELDS, times(2, WAKE))],
  abandon: [once('those who wait told: assumed two', FRAME, CHECK, FIELDS, times(2, WAKE))],
  beat: [once('the domain found', FRAME, CHECK, FIELDS)]
}

/** What the roles cost that the core provides. */
export const costs: CostTable = { Threads: threads, Accounts: accountCosts, SystemInformation: information, Domains: domains }
