/**
 * Programs: how the core makes, runs and ends them.
 *
 * A program is a WebAssembly instance on a stack of its own. Its calls come through the trampoline (`try`, `wait`),
 * which serves whatever thread is current. A trap, an exit or a kill ends the instance and nothing else; who made the
 * thread is told through the role ThreadEvents.
 *
 * A kill takes effect when the thread next has the processor: what its call was waiting for is given back, and the
 * trampoline traps. A thread that has never run just ends. A suspended stack is never dropped.
 */

import { Errno, assert, giveUp, giveWay, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber, Wait, WaitQueue } from '../../fiber/index.ts'
import { Arena, Ending, PROCESSES_MAX, Resource, Signal, SystemCalls, THREAD_HEAP_BYTES } from '../../roles/index.ts'
import type { Implementation, Threads, UsageRecord, Window } from '../../roles/index.ts'
import { Noted } from '../noted.ts'
import { HostedImage, KILLED, ProgramInstance, SpareMemories, Trampoline, WOULD_BLOCK, loadImage, trapOf } from '../../walls/wasm/index.ts'
import type { CompiledCache, Image, ImageError, Metering } from '../../walls/wasm/index.ts'
import { TaskImage } from '../../walls/language/index.ts'
import { REFUSED, isWaiting } from '../state.ts'
import type { CoreState } from '../state.ts'
import { AnswerQueue, answering, hostTurn, isAsleep } from '../thread/index.ts'
import type { Account } from '../account/index.ts'
import type { Placeds } from '../remote/index.ts'
import type { TrapCore } from '../trap/index.ts'
import type { AddressSpace } from '../thread/index.ts'
import type { FaultCosts } from './page-faults.ts'
import { EntrySlot, ProgramThread } from './program-thread.ts'
import { hasStackRoom } from './stack-room.ts'
import { CallLog } from './call-log.ts'
import type { CallEffects } from './call-log.ts'
import { SavedPrograms } from './saved-programs.ts'
import type { TaskFiles } from './task-files.ts'
import { HostCode } from './host-code.ts'
import { ProgramRunners } from './program-runners.ts'
import { ThreadCode, sizesOf } from './thread-code.ts'
import { Task, Tasks } from './tasks.ts'
import { TimedCalls } from './timed-calls.ts'
import { after } from './turns.ts'

export interface ProgramDomain {
  readonly space: AddressSpace
  /** Made once its memory is there. */
  readonly calls: () => Implementation | EntrySlot
  /** Called when its first instruction is about to run. */
  readonly begin: () => void
  /** Called once it has ended. */
  readonly release: () => void
}

export interface ProgramsOptions {
  /** Where compiled programs are kept by content; each is compiled anew without. */
  readonly cache: CompiledCache | undefined
  /** Whether there is one program in all the system's life. */
  readonly onlyOnce: boolean
  /** How programs are read, which says where they run: in the kernel's thread, or each on a thread of its own. */
  readonly metering: Metering
  /** Who stands at places of the host. */
  readonly placeds: Placeds
  /** Bytes of objects that each program may have on a heap of its own. */
  readonly heapBytesMax?: number
  /** Makes the domain of a program: its address space, and its system calls as the plan's gates serve them. */
  readonly domain: (label: string, badge: number) => ProgramDomain
  /** Where time is modelled: what page faults cost; absent where programs have none. */
  readonly faults?: FaultCosts
  /** What calls write to programs' memories: with it, what calls came to is kept, so that programs can be saved. */
  readonly effects?: CallEffects
  /** Who is told that a thread has ended. */
  readonly ended: (badge: number, kind: number, code: number, message: string) => Eventual<number>
}

export class Programs {
  readonly #state: CoreState
  readonly #traps: TrapCore
  readonly #options: ProgramsOptions
  readonly #trampoline: Trampoline
  readonly #spares = new SpareMemories()
  /** Threads of the host; null where programs run in the kernel's, or there are none. */
  readonly #runners: ProgramRunners | null
  /** Programs that have a thread, by badge. */
  readonly #live = new Map<number, ProgramThread>()
  readonly #tasks: Tasks
  /** How programs call and give way where time is modelled; null elsewhere. */
  readonly #timed: TimedCalls | null
  #made = 0
  /** How often programs have asked for more memory. */
  #growths = 0
  #closed = false
  /** Why the last image that could not be made an instance of was refused, for a person. */
  refusal = ''

  constructor (state: CoreState, traps: TrapCore, options: ProgramsOptions) {
    this.#state = state
    this.#traps = traps
    this.#options = options
    this.#tasks = new Tasks(state, traps, options.ended, account => { this.#endWithin(account) })
    const { timing, places } = state.machine
    const timed = this.#timed = timing === null
      ? null
      : new TimedCalls(state, timing, {
        perform: (thread, index, a, b, c, d, e, f, g, h, i, j, k) => this.#perform(thread, index, a, b, c, d, e, f, g, h, i, j, k),
        begun: (thread, fiber) => this.#begun(thread, fiber),
        abandon: (thread, result) => this.#abandon(thread, result),
        overran: (thread, moreNs) => this.#overran(thread, moreNs),
        resumed: (thread, value) => this.#resumed(thread, value)
      }, options.faults)
    const { effects } = options
    this.saved = effects === undefined ? null : new SavedPrograms(state, effects, {
      live: this.#live, perform: (thread, index, args) => this.#perform(thread, index, ...args as []), begun: (thread, fiber) => this.#begun(thread, fiber),
      create: (space, image, badge, priority, slot) => this.#createAt(space, image, badge, priority, slot), start: thread => this.#start(thread), tasks: this.#tasks
    })
    this.#runners = options.metering === 'thread' && places !== null ? new ProgramRunners(places, options.heapBytesMax ?? THREAD_HEAP_BYTES, account => { this.#endWithin(account) }) : null
    if (this.#runners !== null) options.placeds.add(this.#runners)
    this.#trampoline = new Trampoline({
      try: Object.fromEntries(Object.keys(SystemCalls.operations).map((name, index) => {
        const call = timed === null ? this.#tryCall(index) : timed.call(index)
        return [name, this.saved?.logged(index, call) ?? call]
      })),
      wait: timed === null ? () => this.#wait() : () => timed.wait(this.#running()),
      exit: code => { this.#running().exitCode = code >>> 0 },
      giveWay: timed === null ? () => this.#giveWay() : () => timed.giveWay(this.#running()),
      grow: pages => this.saved === null ? this.#grow(pages) : this.saved.grow(this.#running(), pages, () => this.#grow(pages))
    })
  }

  /** What can be saved of them; null where what their calls come to is not kept. */
  readonly saved: SavedPrograms | null

  /** Threads as they are served to one domain: its slots are what it names images and threads by. */
  threadsFor (space: AddressSpace): Threads {
    return {
      load: from => this.#load(space, from),
      create: (image, badge, priority) => this.#create(space, image, badge, priority),
      start: slot => this.#withThread(space, slot, thread => thread instanceof Task ? this.#tasks.start(thread) : this.#start(thread)),
      ranNs: slot => this.#withThread(space, slot, thread =>
        thread instanceof Task ? this.#tasks.ranNs(thread) : this.#state.scheduler.ranNs(thread)),
      usage: slot => this.#withThread(space, slot, thread => thread instanceof Task ? this.#tasks.usage(thread) : this.#usage(thread)),
      end: (slot, signal) => this.#withThread(space, slot, thread =>
        thread instanceof Task ? this.#tasks.end(thread, signal) : this.#end(thread, signal)),
      drop: slot => space.capabilities.delete(slot)
    }
  }

  /** Reads a program; an ImageError when it can't run here. */
  load (label: string, bytes: Uint8Array): Image | ImageError {
    const { cache } = this.#options
    const image = loadImage(label, bytes, { metering: this.metering, ...(cache === undefined ? {} : { cache }) })
    if (this.saved !== null && !('error' in image)) this.saved.keepSource(image, bytes)
    return image
  }

  /** How programs have to be read that are to run here. */
  get metering (): Metering {
    return this.#options.metering
  }

  /** Threads or processes of the host that programs have, or that wait for one. */
  get placeCount (): number {
    return this.#runners?.count ?? 0
  }

  /** Files by which tasks are started. */
  get taskFiles (): TaskFiles {
    return this.#tasks.files
  }

  /** Makes no program any more: the system is being shut down. */
  close (): void {
    this.#closed = true
    this.#runners?.close()
  }

  /** Whether there is one program in all the system's life. */
  get onlyOnce (): boolean {
    return this.#options.onlyOnce
  }

  /** Programs that have a thread now. */
  get count (): number {
    return this.#live.size + this.#tasks.count
  }

  #load (space: AddressSpace, from: Window): number {
    // What could not be started need not be compiled.
    const refused = this.#refused
    if (refused !== 0) return refused
    const bytes = new Uint8Array(from.length)
    const taken = from.take(0, bytes, 0, bytes.length)
    if (taken < 0) return taken
    const task = this.taskFiles.find(bytes)
    if (task !== undefined) return space.capabilities.mint(task, 0)
    const image = this.load('program', bytes)
    if ('error' in image) return image.error === 'limit' ? -Errno.ENOMEM : -Errno.ENOEXEC
    if (!image.isCommand) return -Errno.ENOEXEC
    return space.capabilities.mint(image, 0)
  }

  /** Why no further program can be made, whatever it is: a negative error number, or 0. */
  get #refused (): number {
    if (this.#closed) return -Errno.EAGAIN
    if (this.#options.onlyOnce && this.#made > 0) return -Errno.ENOTSUP
    return this.#live.size + (this.#runners?.running ?? 0) >= this.#state.machine.addressSpacesMax.value || this.count >= PROCESSES_MAX ? -Errno.EAGAIN : 0
  }

  /**
   * The host has no room for a program that the machine has room for. Where time is modelled a run must not depend on its host:
   * there it ends.
   */
  #hostIsFull (): number {
    if (this.#state.machine.timing !== null) this.#state.panic(`this host has no room for another program (${this.#live.size} run): the run would go on otherwise than on another host`)
    return -Errno.EAGAIN
  }

  #create (space: AddressSpace, slot: number, badge: number, priority: number): number {
    const capability = this.#state.check(space, slot, 'image')
    if (capability === null) return REFUSED
    const refused = this.#refused
    if (refused !== 0) return refused
    if (!Number.isInteger(priority)) return -Errno.EINVAL
    const level = Math.min(this.#state.scheduler.priorities - 1, Math.max(0, priority))
    if (capability.object instanceof TaskImage) return this.#createTask(space, capability.object, badge, level)
    const image = capability.object as Image
    if (this.metering === 'thread' && !(image instanceof HostedImage)) return this.#createOnThread(space, image, badge, level)
    return this.#createAt(space, image, badge, level)
  }

  /** Makes a program's thread, with a capability to it in a slot: whichever is free, unless one is said. */
  #createAt (space: AddressSpace, image: Image, badge: number, level: number, slot?: number): number {
    const { memories } = this.#state.machine
    // Those that are kept for the next program are memories of the host too.
    if (!memories.available(image.memoryCount) && !(this.#spares.clear() && memories.available(image.memoryCount))) return this.#hostIsFull()
    const domain = this.#options.domain(`${image.label} (${badge})`, badge)
    const thread = new ProgramThread(this.#state.scheduler, image, badge, level, domain.space, this.#state.machine.clock.monotonicNs())
    const account = this.#state.accounts.accountOf(badge)
    if (account.bounds(Resource.CPU)) thread.account = account
    const release = (): void => {
      account.credit(Resource.MEMORY, thread.memoryBytes)
      thread.memoryBytes = 0
      domain.release()
    }
    const memoryBytes = image.initialMemoryBytes
    if (!account.charge(Resource.MEMORY, memoryBytes)) {
      domain.release()
      return -Errno.ENOMEM
    }
    thread.memoryBytes = memoryBytes
    try {
      thread.instance = new ProgramInstance(image, this.#trampoline, image instanceof HostedImage ? image.hostImports : {}, this.#spares)
    } catch (error) {
      release()
      this.refusal = trapOf(error).message
      // Its cap was checked when it was loaded, so the host has no room for one more: a page's other workers take of it too.
      return error instanceof RangeError ? this.#hostIsFull() : -Errno.ENOEXEC
    }
    memories.take(thread.instance.memory, image.memoryCount)
    let made: number
    try {
      domain.space.memory = Arena.ofMemory(`memory of ${thread.label}`, thread.instance.memory)
      thread.bind(SystemCalls, domain.calls())
      made = space.capabilities.mint(thread, badge, undefined, slot)
    } catch (error) {
      memories.give(thread.instance.memory)
      release()
      throw error
    }
    if (made < 0) {
      memories.give(thread.instance.memory)
      release()
      return made
    }
    thread.onEnd = release
    thread.onBegin = domain.begin
    thread.begin = () => { this.#begin(thread) }
    thread.synchronous = image instanceof HostedImage
    if (this.#options.effects !== undefined && !thread.synchronous) thread.log = new CallLog(this.#options.effects)
    this.#live.set(badge, thread)
    this.#made++
    return made
  }

  #createTask (space: AddressSpace, image: TaskImage, badge: number, priority: number): number {
    const domain = this.#options.domain(`${image.label} (${badge})`, badge)
    const task = this.#tasks.create(image.label, badge, priority, domain, image.initialMemoryBytes,
      door => new HostCode(image, door, this.#tasks.files, domain.begin))
    return this.#minted(space, task, badge)
  }

  /** The capability of a task that was made; an error number where there was no memory for it, or is no room for that. */
  #minted (space: AddressSpace, task: Task | null, badge: number): number {
    if (task === null) return -Errno.ENOMEM
    const made = space.capabilities.mint(task, badge)
    if (made < 0) this.#tasks.discard(task)
    else this.#made++
    return made
  }

  /** A program on a thread of its own, with a memory that it shares with the kernel. */
  #createOnThread (space: AddressSpace, image: Image, badge: number, priority: number): number {
    const { memories } = this.#state.machine
    if (image.compiled.metering !== 'thread') return -Errno.ENOEXEC
    if (!memories.available(1) && !(this.#spares.clear() && memories.available(1))) return this.#hostIsFull()
    const runners = this.#runners
    const runner = runners?.take() ?? null
    if (runners === null || runner === null) return this.#hostIsFull()
    const account = this.#state.accounts.accountOf(badge)
    let memory: WebAssembly.Memory
    try {
      memory = this.#spares.take(sizesOf(image, account))
    } catch (error) {
      runners.give(runner, true)
      this.refusal = trapOf(error).message
      return error instanceof RangeError ? this.#hostIsFull() : -Errno.ENOEXEC
    }
    const domain = this.#options.domain(`${image.label} (${badge})`, badge)
    const program = { image, runner, memory, account, entered: domain.begin }
    const task = this.#tasks.create(image.label, badge, priority, domain, image.initialMemoryBytes,
      door => new ThreadCode(this.#state, runners, this.#spares, program, door))
    return this.#minted(space, task, badge)
  }

  #withThread<T> (space: AddressSpace, slot: number, act: (thread: ProgramThread | Task) => T): T | number {
    const capability = this.#state.check(space, slot, 'thread')
    return capability === null ? REFUSED : act(capability.object as unknown as ProgramThread | Task)
  }

  #usage (thread: ProgramThread): UsageRecord {
    return {
      waiting: isAsleep(thread) ? 1 : 0,
      priority: thread.priority,
      madeNs: thread.madeNs,
      ranNs: this.#state.scheduler.ranNs(thread),
      memoryBytes: thread.instance === null ? 0 : thread.home.memory?.sizeBytes ?? 0
    }
  }

  #start (thread: ProgramThread): number {
    if (thread.state !== 'new') return -Errno.EINVAL
    // What host code calls runs when it is called.
    if (thread.synchronous) thread.state = 'waiting'
    else this.#state.scheduler.makeReady(thread)
    return 0
  }

  #end (thread: ProgramThread, signal: number): number {
    if (thread.state === 'ended') return -Errno.ESRCH
    if (thread.killedBy !== 0) return 0
    thread.killedBy = signal
    if (thread.synchronous && this.#state.scheduler.current !== thread) this.#finish(thread, null)
    else if (thread.state === 'new') this.#start(thread)
    else if (thread.state !== 'running') this.#state.scheduler.cancel(thread)
    return 0
  }

  /** Ends every program, as by a signal. For the host alone, and for want of a process server too. */
  endAll (signal: number): void {
    for (const thread of [...this.#live.values()]) this.#end(thread, signal)
    this.#tasks.endAll(signal)
  }

  #begin (thread: ProgramThread): void {
    thread.onBegin?.()
    if (thread.killedBy !== 0) {
      this.#ended(thread, null)
      return
    }
    if (this.#overran(thread, 0)) {
      this.#ended(thread, null)
      return
    }
    if (this.#timed === null) thread.fill(thread.startedNs)
    else this.#timed.begins(thread)
    thread.instance!.run().then(() => { this.#ended(thread, null) }, (error: unknown) => { this.#ended(thread, error) })
  }

  /** The instance has ended, by itself or not; it had the processor. */
  #ended (thread: ProgramThread, error: unknown): void {
    const { scheduler, machine: { timing } } = this.#state
    assert(scheduler.current === thread, `${thread.label} ended while it was not running`)
    if (timing !== null) {
      // How deep a stack is, is the host's: what was executed down to its end is nothing that a run may depend on.
      if (!isStackOverflow(error)) this.#timed!.told(thread)
      timing.note(Noted.END, thread.principal)
    }
    this.#finish(thread, error)
    scheduler.dispatch()
  }

  /** Decides how a thread ended, gives everything back, tells who made it. */
  #finish (thread: ProgramThread, error: unknown): void {
    const { kind, code, message } = endingOf(thread, error)
    thread.state = 'ended'
    if (thread.instance !== null) this.#giveMemory(thread, thread.instance)
    thread.instance = null
    thread.unbind()
    this.#live.delete(thread.principal)
    thread.onEnd?.()
    this.#state.scheduler.startFiber(`end of ${thread.label}`, 0, 0, null, this.#report(thread.principal, kind, code, message), () => {})
  }

  /** Its memory is in use no more, and a later program's where host code cannot have it. */
  #giveMemory (thread: ProgramThread, instance: ProgramInstance): void {
    this.#state.machine.memories.give(instance.memory)
    if (thread.synchronous) return
    thread.home.memory?.retire()
    instance.giveMemory(this.#spares)
  }

  /** The thread of a program that has not ended. */
  thread (badge: number): ProgramThread | undefined {
    return this.#live.get(badge)
  }

  /** A program's system calls as its gates serve them: for who makes them in its place, as suites do. */
  callsOf (thread: ProgramThread): SystemCalls {
    const { home, entrySlot, calls } = thread
    return (entrySlot >= 0 ? this.#traps.stubs(SystemCalls, home, entrySlot) : calls) as unknown as SystemCalls
  }

  /** The instance of a program that host code calls; null when there is none, or it has ended. */
  hosted (badge: number): ProgramInstance | null {
    const thread = this.#live.get(badge)
    return thread !== undefined && thread.synchronous ? thread.instance : null
  }

  /**
   * Runs host code's call into a hosted program, on the caller's stack and as that program: it cannot be suspended, so
   * a call of it that would wait fails with EAGAIN, and when `sliceNs` is over it is trapped. A trap ends the program
   * and is thrown on.
   */
  enter<T> (badge: number, sliceNs: number, body: () => T): T {
    const thread = this.#live.get(badge)
    const { scheduler, machine, panicked } = this.#state
    if (panicked !== null) throw new Error(`the system has stopped: ${panicked}`)
    if (thread === undefined || !thread.synchronous) throw new Error('the program has ended')
    const call = (): T => {
      try {
        return body()
      } catch (error) {
        // Host code that it calls may have called it again, and seen its end before this.
        const ends = isTrap(error) || thread.killedBy !== 0 || thread.exitCode !== null
        if (ends && thread.state !== 'ended') this.#finish(thread, error)
        throw error
      }
    }
    if (scheduler.current === thread) return call()
    thread.onBegin?.()
    thread.startedNs = machine.clock.monotonicNs()
    thread.sliceEndsNs = thread.startedNs + sliceNs
    if (machine.timing === null) thread.fill(thread.startedNs)
    else thread.grant(machine.timing)
    return scheduler.lend(thread, call)
  }

  * #report (badge: number, kind: number, code: number, message: string): Fiber<unknown> {
    return yield * settle(this.#options.ended(badge, kind, code, message))
  }

  #running (): ProgramThread {
    const thread = this.#state.scheduler.current
    assert(thread instanceof ProgramThread, 'a program runs that is not current')
    return thread
  }

  #tryCall (index: number): (...args: number[]) => number {
    const { scheduler, counters } = this.#state
    return (a, b, c, d, e, f, g, h, i, j, k) => {
      const thread = scheduler.current as ProgramThread
      counters.calls++
      if (thread.synchronous && !hasStackRoom()) {
        thread.killedBy = Signal.SEGV
        thread.killMessage = 'stack overflow: it called itself too deeply'
        return KILLED
      }
      let result: unknown
      if (thread.entrySlot >= 0) {
        result = this.#traps.trap(thread.home, thread.entrySlot, index, a, b, c, d, e, f, g, h, i, j, k)
      } else {
        try {
          result = thread.targets[index]!.call(thread.implementation, a, b, c, d, e, f, g, h, i, j, k)
        } catch (error) {
          // It has ended further up on this stack, where host code called it again: it has no calls any more.
          if (thread.state === 'ended') return KILLED
          result = this.#faulted(thread, error)
        }
      }
      if (thread.killedBy !== 0) return this.#abandon(thread, result)
      if (typeof result === 'number') return result < 0 ? -result : result
      return this.#begun(thread, result as Fiber<number>)
    }
  }

  /** A call that returned a fiber: runs it to its first wait. */
  #begun (thread: ProgramThread, fiber: Fiber<number>): number {
    let step: IteratorResult<Wait, number>
    try {
      step = fiber.next(undefined as never)
      if (thread.synchronous) step = this.#answered(fiber, step)
      // Host code called it, so it cannot be suspended: what it would wait for is given back, by whoever holds it.
      if (!step.done && thread.synchronous) {
        const holder = answering(step.value)
        fiber.return(0)
        if (holder !== null) this.#state.scheduler.handOff(holder)
      }
    } catch (error) {
      this.#faulted(thread, error)
      return KILLED
    }
    if (thread.killedBy !== 0) {
      fiber.return(0)
      return KILLED
    }
    if (step.done) return Math.abs(step.value)
    if (thread.synchronous) return Errno.EAGAIN
    thread.fiber = fiber
    thread.pendingWait = step.value
    return WOULD_BLOCK
  }

  /** What a call of a program that cannot be suspended comes to where it only waits for threads of the kernel that are ready. */
  #answered (fiber: Fiber<number>, first: IteratorResult<Wait, number>): IteratorResult<Wait, number> {
    const { scheduler } = this.#state
    let step = first
    while (!step.done) {
      const { value: wait } = step
      const answer = (Array.isArray(wait) ? wait as readonly WaitQueue[] : [wait as WaitQueue]).find(queue => queue instanceof AnswerQueue)
      if (answer === undefined) return step
      const { wakes } = answer
      while (answer.wakes === wakes) {
        const thread = answering(wait)
        if (thread === null || !scheduler.handOff(thread)) return step
      }
      step = fiber.next(answer)
    }
    return step
  }

  #perform (thread: ProgramThread, index: number, a?: number, b?: number, c?: number, d?: number, e?: number, f?: number, g?: number,
    h?: number, i?: number, j?: number, k?: number): unknown {
    if (thread.entrySlot >= 0) return this.#traps.trap(thread.home, thread.entrySlot, index, a, b, c, d, e, f, g, h, i, j, k)
    try {
      return thread.targets[index]!.call(thread.implementation, a, b, c, d, e, f, g, h, i, j, k)
    } catch (error) {
      // It has ended further up on this stack, where host code called it again: it has no calls any more.
      return thread.state === 'ended' ? KILLED : this.#faulted(thread, error)
    }
  }

  /** What a program that waited goes on with. */
  #resumed (thread: ProgramThread, value: unknown): number {
    if (value === KILLED || thread.killedBy !== 0 || this.#overran(thread, 0)) return KILLED
    const result = Math.abs(value as number)
    if (thread.log !== null) thread.log.end(result, thread.home.memory!)
    return result
  }

  /** An exception left a service that stands in the program's own domain: the domain is gone, and the program with it. */
  #faulted (thread: ProgramThread, error: unknown): number {
    const result = this.#state.fault(thread.home, error)
    if (thread.killedBy === 0) {
      thread.killedBy = Signal.SEGV
      thread.killMessage = `fault in its own domain: ${String(error)}`
    }
    return result
  }

  /** Ends what a call of a program that was ended meanwhile came to. */
  #abandon (thread: ProgramThread, result: unknown): number {
    try {
      if (isWaiting(result)) giveUp(result)
    } catch (error) {
      this.#faulted(thread, error)
    }
    return KILLED
  }

  #wait (): Promise<number> {
    const thread = this.#running()
    const promise = new Promise<number>(resolve => {
      thread.continuation = value => {
        resolve(this.#resumed(thread, value))
      }
    })
    const wait = thread.pendingWait as Wait
    thread.pendingWait = null
    this.#state.scheduler.wait(thread, wait)
    this.#state.scheduler.dispatch()
    return promise
  }

  /** Whether the processor time that a program may have is used up, with so much more: then it ends, and all that share the account. */
  #overran (thread: ProgramThread, moreNs: number): boolean {
    const account = thread.account === null ? null : thread.account.exhausted(moreNs)
    if (account === null) return false
    this.#endWithin(account)
    return true
  }

  /** Ends all that an account pays for, since its processor time is used up. */
  #endWithin (account: Account): void {
    const message = `its processor time of ${account.limits[Resource.CPU]! / 1e9} s is used up`
    for (const other of [...this.#live.values()]) {
      if (other.account === null || !other.account.within(account) || other.killedBy !== 0) continue
      other.killMessage = message
      this.#end(other, Signal.XCPU)
    }
    this.#tasks.endWithin(account, Signal.XCPU, message)
  }

  /** Where time is modelled: growing takes the host long and the program nothing, so the host is heard after so many. */
  #growsMuch (thread: ProgramThread): void {
    this.#state.scheduler.oweHostTurn()
    if (thread.instance !== null) thread.instance.fuel = 0
  }

  /** A program wants so many pages more, or gives them back: whether its account has them. */
  #grow (pages: number): number {
    const thread = this.#running()
    const account = this.#state.accounts.accountOf(thread.principal)
    const bytes = pages * PAGE_BYTES
    if (bytes < 0) account.credit(Resource.MEMORY, -bytes)
    else {
      if (this.#state.machine.timing !== null && ++this.#growths % GROWTHS_A_TURN === 0) this.#growsMuch(thread)
      if (!account.charge(Resource.MEMORY, bytes)) return 0
    }
    thread.memoryBytes += bytes
    this.#timed?.grows(thread, bytes)
    return 1
  }

  /** A program has used up its fuel: lets others run, or the host, or just goes on. */
  #giveWay (): number {
    const thread = this.#running()
    const { machine, scheduler, counters } = this.#state
    if (thread.killedBy !== 0 || thread.state === 'ended') return KILLED
    const now = machine.clock.monotonicNs()
    if (this.#overran(thread, now - thread.startedNs)) return KILLED
    thread.refuel(now)
    const sliceOver = now >= thread.sliceEndsNs
    const contended = sliceOver && scheduler.contended(thread.priority)
    if (thread.synchronous) {
      if (sliceOver) {
        thread.killedBy = Signal.XCPU
        thread.killMessage = 'its time slice ran out, and a program that is called synchronously cannot wait'
        return KILLED
      }
    } else if (sliceOver && !contended && !machine.processor.giveWayDue(now)) {
      thread.sliceEndsNs = now + scheduler.sliceNs
    } else if (sliceOver || machine.processor.giveWayDue(now)) {
      if (contended) counters.preemptions++
      thread.fiber = after(sliceOver ? giveWay : hostTurn)
      thread.pendingWait = thread.fiber.next(undefined as never).value
      return WOULD_BLOCK
    }
    return 0
  }
}

function endingOf (thread: ProgramThread, error: unknown): { kind: number, code: number, message: string } {
  if (thread.killedBy !== 0) return { kind: Ending.SIGNAL, code: thread.killedBy, message: thread.killMessage }
  if (thread.exitCode !== null) return { kind: Ending.EXIT, code: thread.exitCode, message: '' }
  if (error === null || error === undefined) return { kind: Ending.EXIT, code: 0, message: '' }
  const trap = trapOf(error)
  return { kind: Ending.SIGNAL, code: trap.signal, message: trap.message }
}

/** Whether what was thrown out of WebAssembly ends the program: an exception of its own it could go on after. */
function isTrap (error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError || isStackOverflow(error)
}

function isStackOverflow (error: unknown): boolean {
  return error instanceof RangeError && /call stack/i.test(error.message)
}

/** Growths of programs' memories between two turns of the host. */
const GROWTHS_A_TURN = 2048
/** Of a WebAssembly memory. */
const PAGE_BYTES = 65536
