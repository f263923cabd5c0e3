/**
 * Threads: what the scheduler runs. A thread is a program's (on a WebAssembly stack of its own) or the kernel's own.
 *
 * A thread that waits inside the kernel has a `fiber`; a program's thread that waits is also suspended in its
 * trampoline, and `continuation` takes the result of its call there. State changes are the scheduler's only.
 */

import type { Fiber, Wait, WaitQueue, Waiter } from '../../fiber/index.ts'
import type { Rest } from '../../machine/index.ts'
import type { Account } from '../account/index.ts'
import type { AddressSpace } from './address-space.ts'
import type { Scheduler } from './scheduler.ts'

export type ThreadState = 'new' | 'ready' | 'running' | 'waiting' | 'ended'

/** What takes the result of a thread's fiber: a suspended program, or a host's promise. */
export type Continuation = (value: unknown) => void

export class Thread implements Waiter {
  readonly kind = 'thread'
  readonly label: string
  /** On whose behalf it runs: a process number; 0 is the system. A server's thread runs on that of the message that it serves. */
  principal: number
  /** 0 is served first. */
  readonly priority: number
  /** The address space that it runs in at home; null for a thread of the supervisor. */
  readonly space: AddressSpace | null
  readonly scheduler: Scheduler

  // Written by the scheduler:
  state: ThreadState = 'new'
  fiber: Fiber<unknown> | null = null
  /** Set while the thread is suspended or waits for a result. */
  continuation: Continuation | null = null
  /** Starts the thread's code, the first time. */
  begin: (() => void) | null = null
  /** The queue or queues it waits on; null when it does not wait. */
  waitsOn: Wait | null = null
  /** The queue that woke it. */
  woken: WaitQueue | null = null
  /** Deadline of its time slice, monotonic ns; 0 when it has not run since it gave way. */
  sliceEndsNs = 0
  /** The signal that is to end it, 0 for none. It takes effect when the thread next runs. */
  killedBy = 0
  /** Why, for a person. */
  killMessage = ''
  /** The status it gave itself by `proc_exit`, or null. */
  exitCode: number | null = null
  /** What its processor time is charged to; null when nothing limits that. */
  account: Account | null = null
  /** The thread whose request it serves, where it is a server's; a fault on the way is that one's end. */
  serves: Thread | null = null
  /** Time it has run, in ns. */
  ranNs = 0
  /** When it was last made current. */
  startedNs = 0
  /** Where time is modelled: from when on it can run, and whose turns it has missed. */
  readyNs = 0
  passedOver = 0
  /** When it last left a processor: it cannot go on before. */
  leftNs = 0
  /** What is left of a call within which it was preempted. */
  owed: Rest | null = null
  /** A program's thread: it goes on in its own stack when it was given the processor. */
  suspendable = false
  /** Whether host code called it synchronously (a reactor): then it cannot be suspended. */
  synchronous = false

  constructor (scheduler: Scheduler, label: string, principal: number, priority: number, space: AddressSpace | null) {
    this.scheduler = scheduler
    this.label = label
    this.principal = principal
    this.priority = priority
    this.space = space
  }

  /** It has run until now. */
  charge (nowNs: number): void {
    const ranNs = nowNs - this.startedNs
    this.ranNs += ranNs
    this.startedNs = nowNs
    this.account?.ran(ranNs)
  }

  /** How long it has run up to now, when it is the current one, in ns. */
  ranUpTo (nowNs: number): number {
    return this.ranNs + nowNs - this.startedNs
  }

  wake (queue: WaitQueue): void {
    this.scheduler.wake(this, queue)
  }
}
