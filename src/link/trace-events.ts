/**
 * Trace events: what a traced system tells of its run, one value for each thing that happens.
 *
 * A call through a gate is told by its way in and its way out, on both sides: `call` and `return` by who calls, `enter`
 * and `leave` by who serves. What lies between `call` and `enter` is the gate's way in, between `leave` and `return` its way
 * out. A `direct` call has no gate between, and tells `call` and `return` alone. Each `call` is followed by one `return` and
 * each `enter` by one `leave`, however the call ends: where its thread is killed, `outcome` is 'ended'. Calls of a thread lie
 * within each other but for those that are awaited at once (`race`): `parent` says which made which.
 *
 * Events come in the order in which they happen; `atNs` never goes back on a processor. A system that stops in the middle
 * (a panic, `close`) leaves calls open.
 */

import type { GateName } from './plan.ts'

/** Who runs: a thread of a program, of the host, or of the core's own. */
export interface TraceThread {
  /** A number of its own, from 1 in the order of first being seen. */
  readonly id: number
  readonly label: string
  /** On whose behalf it runs: a process number, 0 for the system. */
  readonly principal: number
}

/** A way from who calls to who serves. */
export interface TraceGate {
  /** Instances of services, `core`, `host` or `programs`. */
  readonly from: string
  readonly to: string
  /** Where they stand: names of domains; a program's own is called as the program. */
  readonly fromDomain: string
  readonly toDomain: string
  readonly role: string
  readonly gate: GateName
}

/** A call: the same value in all events that tell of it. */
export interface TraceCall extends TraceGate {
  /** From 1 up, in the order of calling. */
  readonly id: number
  /** The call in the course of which it is made; 0 for none. */
  readonly parent: number
  readonly operation: string
  readonly thread: TraceThread | null
}

/** How a call ended: with a result; because its thread was killed or nobody waits for it any more; by an exception. */
export type TraceOutcome = 'returned' | 'ended' | 'threw'

/** What the machine charged for a piece of work, where work costs virtual time. */
export interface TraceCharge {
  readonly what: string
  readonly cycles: number
}

/** What the system had counted by then: the differences between two events are what was done in between. */
export interface TraceCounts {
  readonly crossings: number
  readonly switches: number
  readonly grants: number
  readonly bytesCopied: number
}

interface Told {
  /** On the machine's monotonic clock: virtual time on a machine that has that. */
  readonly atNs: number
  readonly processor: number
  /** Whose turn it is; null between threads and where an interrupt comes to an idle processor. */
  readonly thread: TraceThread | null
  /** Where it happens. */
  readonly domain: string
  readonly counts: TraceCounts
  /** What was charged since the event before, in order; absent where the machine has no such charges. */
  readonly charges?: readonly TraceCharge[]
}

/** Who calls is about to; in the domain of the caller. */
export interface CallEvent extends Told { readonly kind: 'call', readonly call: TraceCall }
/** The operation begins, in the domain of who serves. */
export interface EnterEvent extends Told { readonly kind: 'enter', readonly call: TraceCall }
/** The operation has ended there. */
export interface LeaveEvent extends Told {
  readonly kind: 'leave'
  readonly call: TraceCall
  readonly outcome: TraceOutcome
  /** Whether it could not return at once. */
  readonly waited: boolean
}
/** Who called has the result. */
export interface ReturnEvent extends Told {
  readonly kind: 'return'
  readonly call: TraceCall
  readonly outcome: TraceOutcome
  readonly waited: boolean
  /** Where it is a number: below 0 an error. Else null. */
  readonly result: number | null
}
/** The current address space changes, to that of `domain`. */
export interface SwitchEvent extends Told { readonly kind: 'switch', readonly from: string }
/** A handler of an interrupt begins, in the domain that handles it. */
export interface InterruptEvent extends Told { readonly kind: 'interrupt', readonly line: string }
export interface InterruptEndEvent extends Told { readonly kind: 'interrupt-end', readonly line: string }
/** The thread waits, on one of several queues. */
export interface BlockEvent extends Told { readonly kind: 'block', readonly queues: readonly string[] }
/** A thread that waited is made ready by the thread of this event; `queue` is null where a kill ends its wait. */
export interface WakeEvent extends Told { readonly kind: 'wake', readonly woken: TraceThread, readonly queue: string | null }
/** The thread gets the processor. */
export interface RunEvent extends Told { readonly kind: 'run' }
/** The thread leaves it: because it waits, gives way, has ended, or lends it to another for a moment. */
export interface StopEvent extends Told { readonly kind: 'stop', readonly why: 'waits' | 'gives way' | 'ended' | 'lends' }
/** A process begins; its program's first instruction is next. */
export interface BeginEvent extends Told { readonly kind: 'begin', readonly process: number, readonly program: string }
/** It has ended: by itself with a status, or by a signal of this number. */
export interface EndEvent extends Told {
  readonly kind: 'end'
  readonly process: number
  readonly program: string
  readonly by: 'exit' | 'signal'
  readonly code: number
  readonly message: string
}
/** An exception left a service of the domain. */
export interface FaultEvent extends Told { readonly kind: 'fault', readonly message: string }

export type TraceEvent =
  | CallEvent | EnterEvent | LeaveEvent | ReturnEvent
  | SwitchEvent | InterruptEvent | InterruptEndEvent
  | BlockEvent | WakeEvent | RunEvent | StopEvent
  | BeginEvent | EndEvent | FaultEvent

/**
 * Takes the events of a run, as they happen. It is called within the kernel: it keeps or writes, and returns. One that
 * throws is not called again, and what it threw is an unhandled rejection.
 */
export type TraceSink = (event: TraceEvent) => void
