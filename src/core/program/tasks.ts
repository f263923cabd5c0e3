/**
 * Tasks: processes whose code does not run on the kernel's stacks, as the core runs them. It is a function of the host's
 * language (`host-code.ts`), or a program on a thread of its own (`thread-code.ts`).
 *
 * A task is a process like any other: an address space with a memory and capabilities, a badge, an end that is told. What
 * is between its calls never runs as a thread of the kernel. A call does: it makes a thread of the task's address
 * space and principal, which goes through the gates that the plan gives programs and ends with the call. So calls may be
 * under way at once, and while none is, others have the processor.
 *
 * Rules: all changes are made by threads, never by the code itself. Host code that enters the kernel does so from a
 * microtask, at the bottom of a stack of its own; a thread of the host is heard as an interrupt is. A kill removes the threads of
 * the task's calls, which give back what they hold, and the process has ended; of its code nothing more is heard.
 */

import { Errno, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { Ending, Resource, Signal, SystemCalls, TASK_CALLS_MAX } from '../../roles/index.ts'
import type { Arena, Implementation, UsageRecord } from '../../roles/index.ts'
import { targetsOf } from '../../gates/index.ts'
import type { Target } from '../../gates/index.ts'
import { TaskEnded } from '../../walls/language/index.ts'
import type { Account } from '../account/index.ts'
import type { KernelObject } from '../capability/index.ts'
import type { CoreState } from '../state.ts'
import { Thread, hostTurn, isAsleep } from '../thread/index.ts'
import type { AddressSpace } from '../thread/index.ts'
import type { TrapCore } from '../trap/index.ts'
import { EntrySlot } from './program-thread.ts'
import type { ProgramDomain } from './programs.ts'
import type { TaskCode, TaskDoor } from './task-code.ts'
import { TaskFiles } from './task-files.ts'

/** Tasks that call without a pause let the host have its turn as often as this. */
const HOST_TURN_NS = 4e6

/** A task that runs. Its capability is that of a thread: what the process server holds of a process. */
export class Task implements KernelObject {
  readonly kind = 'thread'
  readonly label: string
  readonly principal: number
  readonly priority: number
  readonly domain: ProgramDomain
  /** What is between its calls. */
  readonly code: TaskCode
  /** What its memory is charged to, and its processor time where that is limited. */
  readonly account: Account
  /** Bytes of memory that its account has paid for. */
  memoryBytes = 0
  /** When it was made, on the monotonic clock. */
  readonly madeNs: number
  state: 'new' | 'running' | 'ended' = 'new'
  calls: Implementation = {}
  targets: readonly Target[] = []
  /** The threads of its calls under way, and who rejects what each was to give. */
  readonly threads = new Map<Thread, (error: Error) => void>()
  killedBy = 0
  killMessage = ''
  exitCode: number | null = null
  /** How long calls that have ended had the processor, in ns. */
  ranNs = 0

  constructor (label: string, principal: number, priority: number, domain: ProgramDomain, account: Account, nowNs: number, code: (task: Task) => TaskCode) {
    this.label = `${label} (${principal})`
    this.principal = principal
    this.priority = priority
    this.domain = domain
    this.account = account
    this.madeNs = nowNs
    this.code = code(this)
  }

  get memory (): Arena {
    return this.code.memory
  }

  /** Takes so many bytes of memory from its account, or gives them back (negative); false when there are not so many. */
  pay (bytes: number): boolean {
    if (this.hasEnded) return false
    if (bytes < 0) this.account.credit(Resource.MEMORY, -bytes)
    else if (!this.account.charge(Resource.MEMORY, bytes)) return false
    this.memoryBytes += bytes
    return true
  }

  get hasEnded (): boolean {
    return this.state === 'ended'
  }

  get home (): AddressSpace {
    return this.domain.space
  }
}

export class Tasks {
  readonly #state: CoreState
  readonly #traps: TrapCore
  readonly #ended: (badge: number, kind: number, code: number, message: string) => Eventual<number>
  readonly #overran: (account: Account) => void
  readonly #live = new Map<number, Task>()
  /** Files by which tasks are started. */
  readonly files: TaskFiles
  #hostTurnNs = 0

  /** `ended`: who is told that a task has ended. `overran`: ends all that an account pays for whose processor time is used up. */
  constructor (
    state: CoreState, traps: TrapCore, ended: (badge: number, kind: number, code: number, message: string) => Eventual<number>,
    overran: (account: Account) => void
  ) {
    this.#state = state
    this.#overran = overran
    this.#traps = traps
    this.#ended = ended
    this.files = new TaskFiles(state.machine.entropy)
  }

  /** Tasks that have not ended. */
  get count (): number {
    return this.#live.size
  }

  /**
   * Makes one in a domain, which begins when it is started; null when its account has no memory for it: so many bytes at first.
   * `code` is made with the door through which it calls.
   */
  create (label: string, badge: number, priority: number, domain: ProgramDomain, memoryBytes: number, code: (door: TaskDoor) => TaskCode): Task | null {
    const { accounts, machine } = this.#state
    const task = new Task(label, badge, priority, domain, accounts.accountOf(badge), machine.clock.monotonicNs(), made => code(this.#door(made)))
    if (!task.pay(memoryBytes)) {
      this.#release(task)
      return null
    }
    domain.space.memory = task.memory
    const calls = domain.calls()
    task.calls = calls instanceof EntrySlot ? this.#traps.stubs(SystemCalls, task.home, calls.slot) : calls
    task.targets = targetsOf(SystemCalls, task.calls)
    this.#live.set(badge, task)
    return task
  }

  /** Takes back one that was never started. */
  discard (task: Task): void {
    this.#live.delete(task.principal)
    this.#release(task)
  }

  #door (task: Task): TaskDoor {
    const state = this.#state
    return {
      label: task.label,
      get hasEnded () { return task.hasEnded || task.exitCode !== null || state.panicked !== null },
      call: (index, args, answered, lost) => { this.#call(task, index, args, answered, lost) },
      exit: code => { this.#leave(task, code) },
      crash: (signal, why) => { this.#crash(task, signal, why) },
      pay: bytes => task.pay(bytes)
    }
  }

  #release (task: Task): void {
    task.state = 'ended'
    task.code.end()
    task.account.credit(Resource.MEMORY, task.memoryBytes)
    task.memoryBytes = 0
    task.domain.release()
  }

  start (task: Task): number {
    if (task.state !== 'new') return -Errno.EINVAL
    task.state = 'running'
    this.#state.scheduler.hostIsTold()
    task.code.begin()
    return 0
  }

  /** How long its calls had the processor, in ns, and its code as far as the kernel can tell. */
  ranNs (task: Task): number {
    let total = task.ranNs + task.code.ranNs()
    for (const thread of task.threads.keys()) total += this.#state.scheduler.ranNs(thread)
    return total
  }

  usage (task: Task): UsageRecord {
    const busy = task.code.computes || [...task.threads.keys()].some(thread => !isAsleep(thread))
    return { waiting: busy ? 0 : 1, priority: task.priority, madeNs: task.madeNs, ranNs: this.ranNs(task), memoryBytes: task.memory.sizeBytes }
  }

  /** Ends a task as by a signal: at once, or when the call in which it does that itself comes back. */
  end (task: Task, signal: number): number {
    if (task.hasEnded) return -Errno.ESRCH
    if (task.killedBy !== 0) return 0
    task.killedBy = signal
    const { current } = this.#state.scheduler
    if (current !== null && task.threads.has(current)) current.killedBy = signal
    else this.#finish(task)
    return 0
  }

  /** Ends those whose processor time is charged to an account. */
  endWithin (account: Account, signal: number, message: string): void {
    for (const task of [...this.#live.values()]) {
      if (!task.account.within(account) || task.killedBy !== 0) continue
      task.killMessage = message
      this.end(task, signal)
    }
  }

  /** Ends every task. */
  endAll (signal: number): void {
    for (const task of [...this.#live.values()]) this.end(task, signal)
  }

  #leave (task: Task, code: number): void {
    if (task.hasEnded || task.exitCode !== null) return
    task.exitCode = code >>> 0
    this.#finishLater(task)
  }

  /** Its code has failed. */
  #crash (task: Task, signal: number, why: string): void {
    if (task.hasEnded || task.exitCode !== null) return
    if (task.killedBy === 0) {
      task.killedBy = signal
      task.killMessage = why
    }
    this.#finishLater(task)
  }

  /** Ends a task for its code: by a thread, since the code changes nothing itself. */
  #finishLater (task: Task): void {
    const thread = new Thread(this.#state.scheduler, `end of ${task.label}`, 0, task.priority, null)
    thread.fiber = settle(0)
    thread.continuation = () => { this.#finish(task) }
    this.#launch(task, thread)
  }

  #launch (task: Task, thread: Thread): void {
    if (task.code.interrupts) this.#state.scheduler.makeReady(thread)
    else this.#state.scheduler.startThread(thread)
  }

  /** Makes a thread for a call, which runs at once where the processor idles. */
  #call (task: Task, index: number, args: readonly number[], resolve: (result: number) => void, reject: (error: Error) => void): void {
    if (task.threads.size >= TASK_CALLS_MAX) return resolve(Errno.EAGAIN)
    const { scheduler } = this.#state
    const thread = new Thread(scheduler, task.label, task.principal, task.priority, task.home)
    if (task.account.bounds(Resource.CPU)) thread.account = task.account
    thread.fiber = this.#perform(task, thread, index, args)
    thread.continuation = result => { this.#returned(task, thread, result as number, resolve) }
    task.threads.set(thread, reject)
    this.#launch(task, thread)
  }

  /** A system call, in its thread. */
  * #perform (task: Task, thread: Thread, index: number, args: readonly number[]): Fiber<number> {
    const { counters, machine } = this.#state
    const now = machine.clock.monotonicNs()
    if (now - this.#hostTurnNs > HOST_TURN_NS) {
      this.#hostTurnNs = now
      this.#state.scheduler.oweHostTurn()
      yield hostTurn
    }
    counters.calls++
    const exhausted = thread.account === null ? null : thread.account.exhausted(0)
    if (exhausted !== null) {
      this.#overran(exhausted)
      return Errno.EAGAIN
    }
    try {
      return Math.abs(yield * settle(task.targets[index]!.apply(task.calls, args as number[]) as Eventual<number>))
    } catch (error) {
      const result = this.#state.fault(task.home, error)
      if (thread.killedBy === 0) {
        thread.killedBy = Signal.SEGV
        thread.killMessage = `fault in its own domain: ${error instanceof Error ? error.message : String(error)}`
      }
      return Math.abs(result)
    }
  }

  /** A call has come back; with it ends a task that it has killed. */
  #returned (task: Task, thread: Thread, result: number, resolve: (result: number) => void): void {
    task.ranNs += this.#state.scheduler.ranNs(thread)
    if (thread.killedBy !== 0 && !task.hasEnded) {
      task.killedBy = thread.killedBy
      task.killMessage ||= thread.killMessage
      this.#finish(task)
      return
    }
    task.threads.delete(thread)
    resolve(result)
  }

  /** The process has ended: ends its calls, gives everything back, tells who made it. */
  #finish (task: Task): void {
    if (task.hasEnded) return
    const { scheduler } = this.#state
    task.state = 'ended'
    const error = new TaskEnded(task.label)
    for (const [thread, reject] of [...task.threads]) {
      if (thread !== scheduler.current) scheduler.remove(thread)
      reject(error)
    }
    task.threads.clear()
    task.calls = {}
    task.targets = []
    this.#live.delete(task.principal)
    this.#release(task)
    const [kind, code] = task.killedBy !== 0 ? [Ending.SIGNAL, task.killedBy] : [Ending.EXIT, task.exitCode ?? 0]
    scheduler.startFiber(`end of ${task.label}`, 0, 0, null, this.#report(task.principal, kind, code, task.killMessage), () => {})
  }

  * #report (badge: number, kind: number, code: number, message: string): Fiber<number> {
    return yield * settle(this.#ended(badge, kind, code, message))
  }
}
