/**
 * The process server: spawn, wait, exit, kill as POSIX has them, on the threads and address spaces of the core.
 *
 * Authority: a process may signal itself and what descends from it; init (the host) may signal all. Images are named
 * by capabilities. A program that is spawned from a file is read with the descriptors and rights of the caller.
 * Signals have their default actions, to end or nothing, or are ignored: a WASI program has no handlers. Nothing is
 * stopped and continued. Process groups are POSIX's, in one session, with the one terminal that there is: the group in
 * its foreground is kept here, and is who an interrupt from the keyboard goes to.
 */

import { Errno, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import {
  ARGUMENT_BYTES_MAX, Accounts, DescriptorTables, Ending, FileType, Files, INFORMATION_ENTRIES_MAX, INIT, LookupFlags, PATH_BYTES_MAX,
  ProcessInformation, ProcessState, Processes, READ, Resource, Rights, Signal, SignalAction, SpawnGroup, SpawnOptions, StateError, ThreadEvents, Threads,
  WAIT_NO_HANG, WRITE, Window, fieldOf, one, optional, service, wholeOf
} from '../../roles/index.ts'
import type { Arena, Caller, CopyCounter, EndingRecord, ProcessRecord as ProcessDescription, Required, ServiceState, StateValue, UsageRecord } from '../../roles/index.ts'
import { ProcessTable } from './table.ts'
import type { ProcessRecord } from './table.ts'

/** Arguments of a process are charged in whole pages of its memory: what most have costs nothing. */
const ARGUMENT_PAGE_BYTES = 65536

/** Largest program file that is loaded. */
const PROGRAM_BYTES_MAX = 256 * 1024 * 1024

/** A system whose programs use no files has neither descriptors nor programs in files. */
const requires = { threads: one(Threads), accounts: optional(Accounts), tables: optional(DescriptorTables), files: optional(Files) } as const
const provides = { processes: Processes, information: ProcessInformation, events: ThreadEvents } as const

const ignored: ReadonlySet<number> = new Set([Signal.CHLD, Signal.URG, Signal.WINCH, Signal.CONT])
const stops: ReadonlySet<number> = new Set([Signal.STOP, Signal.TSTP, Signal.TTIN, Signal.TTOU])

export const proc = service<typeof provides, typeof requires>({
  name: 'proc',
  summary: 'processes: parents and children, wait, kill',
  provides,
  requires,
  costs: async () => (await import('./costs.ts')).costs,
  start: environment => {
    const server = new ProcessServer(environment.requires, environment.arena, environment.caller, environment.counter)
    environment.keep(server)
    return { processes: server.processes, information: server.information, events: server.events }
  }
})

/** What a child is started with. */
interface Start {
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly descriptors: readonly number[]
  readonly priority: number
  readonly options: number
  readonly limits: readonly number[]
  readonly descriptorsMax: number
  readonly directory: string
  readonly group: number
}

/** The parameters of the three operations that start something, after what that is. */
function startOf (
  [args, env, descriptors, priority, options, limits, descriptorsMax, directory, group]: Parameters<Processes['spawn']> extends [number, ...infer Rest] ? Rest : never
): Start {
  return { args, env, descriptors, priority, options, limits, descriptorsMax, directory, group }
}

/** Bytes of texts with a NUL after each, as they count against ARGUMENT_BYTES_MAX. */
function bytesOf (texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length + 1, 0)
}

function hasNul (text: string): boolean {
  return text.includes('\0')
}

function isSignal (signal: number): boolean {
  return Number.isInteger(signal) && signal > Signal.NONE && signal <= Signal.SYS
}

/** What is wrong with a path as a working directory, as a negative error number. */
function wrongDirectory (path: string): number {
  if (!path.startsWith('/') || path.includes('\0')) return -Errno.EINVAL
  return path.length > PATH_BYTES_MAX ? -Errno.ENAMETOOLONG : 0
}

class ProcessServer implements ServiceState {
  readonly #threads: Threads
  readonly #accounts: Accounts | undefined
  readonly #tables: DescriptorTables | undefined
  readonly #files: Files | undefined
  readonly #arena: Arena
  readonly #caller: Caller
  readonly #counter: CopyCounter
  readonly #table: ProcessTable
  /** The process group that the terminal's signals go to; 0 for none. */
  #foreground = 0
  /** Processes that were never started and whose descriptors may still be open: who spawned them was ended before. */
  readonly #unreleased = new Set<number>()

  constructor (neighbours: Required<typeof requires>, arena: Arena, caller: Caller, counter: CopyCounter) {
    this.#threads = neighbours.threads
    this.#accounts = neighbours.accounts
    this.#table = new ProcessTable(record => { this.#forget(record) })
    this.#tables = neighbours.tables
    this.#files = neighbours.files
    this.#arena = arena
    this.#caller = caller
    this.#counter = counter
  }

  save (): StateValue {
    if (this.#unreleased.size > 0) throw new StateError('a process that was never started has descriptors open')
    return { table: this.#table.save(), foreground: this.#foreground }
  }

  takeUp (saved: StateValue): void {
    this.#table.takeUp(fieldOf(saved, 'table'))
    this.#foreground = wholeOf(fieldOf(saved, 'foreground'), 'the group in the foreground')
  }

  readonly processes: Processes = {
    spawn: (image, ...start) => this.#spawn(this.#caller.principal, image, startOf(start)),
    spawnFile: (fd, path, ...start) => this.#spawnFile(this.#caller.principal, fd, path, startOf(start)),
    spawnBytes: (from, ...start) => this.#spawnBytes(this.#caller.principal, from, startOf(start)),
    wait: (process, flags) => this.#wait(this.#caller.principal, process, flags),
    kill: (process, signal) => this.#kill(this.#caller.principal, process, signal),
    raise: signal => this.#kill(this.#caller.principal, this.#caller.principal, signal),
    signalAction: (signal, action) => this.#signalAction(signal, action),
    group: process => this.#table.get(process === 0 ? this.#caller.principal : process)?.group ?? -Errno.ESRCH,
    setGroup: (process, group) => this.#setGroup(this.#caller.principal, process, group),
    foreground: () => this.#foreground,
    setForeground: group => this.#setForeground(this.#caller.principal, group),
    directory: () => this.#table.get(this.#caller.principal)?.directory ?? -Errno.ESRCH,
    setDirectory: path => this.#setDirectory(path),
    identity: () => {
      const record = this.#table.get(this.#caller.principal)
      return record === undefined ? -Errno.ESRCH : { process: record.process, parent: record.parent }
    },
    args: () => this.#table.get(this.#caller.principal)?.args ?? -Errno.ESRCH,
    env: () => this.#table.get(this.#caller.principal)?.env ?? -Errno.ESRCH,
    cpuTime: () => {
      const record = this.#table.get(this.#caller.principal)
      return record === undefined || record.thread === 0 ? -Errno.ESRCH : this.#threads.ranNs(record.thread)
    },
    name: process => this.#table.get(process)?.args[0] ?? -Errno.ESRCH,
    list: () => {
      const all = [...this.#table.all]
      return { processes: all.map(record => record.process), states: all.map(record => record.ending === null ? 0 : 1) }
    }
  }

  readonly information: ProcessInformation = {
    processes: after => {
      const found: number[] = []
      for (const { process } of this.#table.all) {
        if (process > after && found.push(process) === INFORMATION_ENTRIES_MAX) break
      }
      return found
    },
    process: process => {
      const record = this.#table.get(process)
      return record === undefined ? -Errno.ESRCH : this.#describe(record)
    },
    environment: process => this.#table.get(process)?.env ?? -Errno.ESRCH
  }

  readonly events: ThreadEvents = {
    ended: (badge, kind, code, message) => this.#ended(badge, kind, code, message)
  };

  * #spawn (parent: number, image: number, start: Start): Fiber<number> {
    const parentRecord = this.#table.get(parent)
    if (parentRecord === undefined || parentRecord.ending !== null) return -Errno.ESRCH
    const env = (start.options & SpawnOptions.SAME_ENVIRONMENT) === 0 ? start.env : parentRecord.env
    const wrong = this.#wrongWith(parent, start, env)
    if (wrong !== 0) return wrong
    const record = this.#table.add(parentRecord, start.args, env)
    if (record === null) return -Errno.EAGAIN
    if (start.group !== SpawnGroup.SAME) record.group = start.group === SpawnGroup.NEW ? record.process : start.group
    if (start.directory !== '') record.directory = start.directory
    // Who was put behind others does not get in front of them by a child.
    record.priority = Math.max(start.priority, parentRecord.priority)
    if ((start.options & SpawnOptions.IGNORE_SIGPIPE) !== 0) record.ignored |= 1 << Signal.PIPE
    let started = false
    try {
      const refused = this.#enter(record, bytesOf(start.args) + bytesOf(env), start.limits)
      if (refused < 0) return refused
      const inherited = this.#tables === undefined
        ? 0
        : yield * settle(this.#tables.inherit(record.process, parent, start.descriptors, start.descriptorsMax))
      if (inherited < 0) return inherited
      const thread = this.#threads.create(image, record.process, record.priority)
      if (thread < 0) {
        this.#unreleased.add(record.process)
        yield * this.#release(record.process)
        return thread
      }
      record.thread = thread
      this.#threads.start(thread)
      started = true
      if (record.pending !== 0) this.#threads.end(thread, record.pending)
      return record.process
    } finally {
      if (!started) this.#table.remove(record)
    }
  }

  /**
   * Whether there is room for one more child, asked before its program is read: 0, or a negative error number. It takes nothing:
   * who comes in between may take the last place, and then the child is refused when it is entered.
   */
  #roomFor (parent: number): number {
    if (this.#table.isFull) return -Errno.EAGAIN
    const accounts = this.#accounts
    const account = accounts === undefined ? 0 : accounts.of(parent, Resource.PROCESSES)
    if (account === 0) return 0
    if (accounts!.charge(account, Resource.PROCESSES, 1) < 0) return -Errno.EAGAIN
    accounts!.credit(account, Resource.PROCESSES, 1)
    return 0
  }

  /** What a child cannot be started with, as a negative error number; 0 when all is well. */
  #wrongWith (parent: number, start: Start, env: readonly string[]): number {
    if (bytesOf(start.args) + bytesOf(env) > ARGUMENT_BYTES_MAX) return -Errno.E2BIG
    if (start.args.some(hasNul) || env.some(hasNul)) return -Errno.EINVAL
    const wrong = wrongDirectory(start.directory)
    if (start.directory !== '' && wrong !== 0) return wrong
    if (start.group === SpawnGroup.SAME || start.group === SpawnGroup.NEW) return 0
    return start.group > 0 ? this.#mayUse(parent, start.group) : -Errno.EINVAL
  }

  * #spawnFile (parent: number, fd: number, path: string, start: Start): Fiber<number> {
    const files = this.#files
    if (files === undefined) return -Errno.ENOSYS
    const full = this.#roomFor(parent)
    if (full !== 0) return full
    const rights = Rights.FD_READ | Rights.FD_FILESTAT_GET
    const file = yield * settle(files.open(fd, LookupFlags.SYMLINK_FOLLOW, path, 0, rights, 0, 0))
    if (file < 0) return file
    const image = yield * this.#load(files, file)
    try {
      yield * settle(files.close(file))
      return image < 0 ? image : yield * this.#spawn(parent, image, start)
    } finally {
      if (image >= 0) this.#threads.drop(image)
    }
  }

  * #spawnBytes (parent: number, from: Window, start: Start): Fiber<number> {
    if (from.length > PROGRAM_BYTES_MAX) return -Errno.EFBIG
    const full = this.#roomFor(parent)
    if (full !== 0) return full
    const image = yield * settle(this.#threads.load(from))
    if (image < 0) return image
    try {
      return yield * this.#spawn(parent, image, start)
    } finally {
      this.#threads.drop(image)
    }
  }

  /** Reads an open file into the arena and makes an image of it. */
  * #load (files: Files, file: number): Fiber<number> {
    const attributes = yield * settle(files.attributes(file))
    if (typeof attributes === 'number') return attributes
    if (attributes.type !== FileType.REGULAR) return -Errno.EACCES
    const size = attributes.size
    if (size > PROGRAM_BYTES_MAX) return -Errno.EFBIG
    if (size === 0) return -Errno.ENOEXEC
    const address = this.#arena.allocate(size)
    if (address === 0) return -Errno.ENOMEM
    try {
      for (let at = 0; at < size;) {
        const window = Window.of(this.#arena, address + at, size - at, WRITE, this.#counter)!
        const n = yield * settle(files.read(file, window))
        if (n < 0) return n
        if (n === 0) return -Errno.ENOEXEC
        at += n
      }
      return yield * settle(this.#threads.load(Window.of(this.#arena, address, size, READ, this.#counter)!))
    } finally {
      this.#arena.free(address, size)
    }
  }

  #wait (parent: number, process: number, flags: number): Eventual<EndingRecord | number> {
    const record = this.#table.get(parent)
    if (record === undefined) return -Errno.ESRCH
    const ended = this.#reap(record, process)
    if (ended !== null) return ended
    if ((flags & WAIT_NO_HANG) !== 0) return { process: 0, kind: Ending.EXIT, code: 0, message: '' }
    return this.#waitLong(record, process)
  }

  * #waitLong (record: ProcessRecord, process: number): Fiber<EndingRecord | number> {
    const queue = process > 0 ? this.#table.get(process)!.ended : record.childEnded
    for (;;) {
      yield queue
      const ended = this.#reap(record, process)
      if (ended !== null) return ended
    }
  }

  /** A child that has ended, taken out of the table; an error number when there is no such child, null when none has. */
  #reap (record: ProcessRecord, process: number): EndingRecord | number | null {
    let there = false
    for (const child of process > 0 ? [process] : record.children) {
      if (!record.children.has(child)) continue
      const waited = this.#table.get(child)!
      if (process < 0 && waited.group !== -process) continue
      there = true
      if (waited.ending === null) continue
      this.#table.reap(record, waited)
      return waited.ending
    }
    return there ? null : -Errno.ECHILD
  }

  #kill (from: number, process: number, signal: number): number {
    if (!isSignal(signal) && signal !== Signal.NONE) return -Errno.EINVAL
    if (process < 0) return this.#killGroup(from, -process, signal)
    const record = this.#table.get(process)
    if (record === undefined || process === INIT) return process === INIT ? -Errno.EPERM : -Errno.ESRCH
    return this.#maySignal(from, record) ? this.#deliver(record, signal) : -Errno.EPERM
  }

  /** Every process of a group that the caller may signal; an error when it may signal none. */
  #killGroup (from: number, group: number, signal: number): number {
    const members = this.#table.group(group)
    if (members.length === 0) return -Errno.ESRCH
    let result: number = -Errno.EPERM
    const own = this.#table.family(from)
    for (const record of members) {
      if (record.process === INIT || !own.has(record.process)) continue
      const delivered = this.#deliver(record, signal)
      if (result < 0) result = delivered
    }
    return result
  }

  #maySignal (from: number, record: ProcessRecord): boolean {
    return record.process !== INIT && (from === INIT || this.#table.descends(record.process, from))
  }

  #deliver (record: ProcessRecord, signal: number): number {
    if (signal === Signal.NONE || ignored.has(signal) || record.ending !== null) return 0
    if ((record.ignored & 1 << signal) !== 0) return 0
    if (stops.has(signal)) return -Errno.ENOTSUP
    if (record.thread === 0) {
      record.pending ||= signal
      return 0
    }
    return this.#threads.end(record.thread, signal)
  }

  #describe (record: ProcessRecord): ProcessDescription {
    const used = record.used ?? this.#usage(record)
    // Init is the host, which has no thread here: it waits for what its children do.
    const waits = used === null ? record.process === INIT : used.waiting !== 0
    return {
      process: record.process,
      parent: record.parent,
      group: record.group,
      state: record.ending !== null ? ProcessState.ZOMBIE : waits ? ProcessState.WAITING : ProcessState.RUNNABLE,
      priority: used?.priority ?? 0,
      madeNs: used?.madeNs ?? 0,
      ranNs: used?.ranNs ?? 0,
      childrenRanNs: record.childrenRanNs,
      memoryBytes: used?.memoryBytes ?? 0,
      args: record.args,
      directory: record.directory
    }
  }

  /** What its thread has used; null when it has none, or not yet. */
  #usage (record: ProcessRecord): UsageRecord | null {
    const usage = record.thread === 0 ? -Errno.ESRCH : this.#threads.usage(record.thread)
    return typeof usage === 'number' ? null : usage
  }

  /** Takes a place and the bytes of its arguments from the account that a process is to use; 0 or an error number. */
  #enter (record: ProcessRecord, bytes: number, limits: readonly number[]): number {
    const accounts = this.#accounts
    if (accounts === undefined) return 0
    const entered = accounts.enter(record.process, record.parent, limits)
    if (entered < 0) return entered
    record.entered = true
    const room = bytes - bytes % ARGUMENT_PAGE_BYTES
    const account = room === 0 ? 0 : accounts.of(record.process, Resource.MEMORY)
    if (account === 0) return 0
    if (accounts.charge(account, Resource.MEMORY, room) < 0) return -Errno.ENOMEM
    record.account = account
    record.argumentBytes = room
    return 0
  }

  /** Gives back what `#enter` took. */
  #forget (record: ProcessRecord): void {
    if (record.account !== 0) this.#accounts!.credit(record.account, Resource.MEMORY, record.argumentBytes)
    if (record.entered) this.#accounts!.leave(record.process)
  }

  #signalAction (signal: number, action: number): number {
    const record = this.#table.get(this.#caller.principal)
    if (record === undefined) return -Errno.ESRCH
    // Nobody can do anything about these two.
    if (!isSignal(signal) || signal === Signal.KILL || signal === Signal.STOP) return -Errno.EINVAL
    if (action !== SignalAction.DEFAULT && action !== SignalAction.IGNORE) return -Errno.EINVAL
    const bit = 1 << signal
    const before = (record.ignored & bit) === 0 ? SignalAction.DEFAULT : SignalAction.IGNORE
    record.ignored = action === SignalAction.IGNORE ? record.ignored | bit : record.ignored & ~bit
    return before
  }

  #setGroup (from: number, process: number, group: number): number {
    const record = this.#table.get(process === 0 ? from : process)
    const caller = this.#table.get(from)
    if (record === undefined || caller === undefined || record.ending !== null) return -Errno.ESRCH
    if (record !== caller && !caller.children.has(record.process)) return -Errno.ESRCH
    const wanted = group === 0 ? record.process : group
    if (!(wanted > 0)) return -Errno.EINVAL
    const allowed = wanted === record.process ? 0 : this.#mayUse(from, wanted)
    if (allowed === 0) record.group = wanted
    return allowed
  }

  #setForeground (from: number, group: number): number {
    if (!(group >= 0)) return -Errno.EINVAL
    const allowed = group === 0 ? 0 : this.#mayUse(from, group)
    if (allowed === 0) this.#foreground = group
    return allowed
  }

  /** Whether a process may put others into a group, or it into the foreground: one of its members is its own or descends from it. */
  #mayUse (from: number, group: number): number {
    const own = this.#table.family(from)
    return this.#table.group(group).some(record => own.has(record.process)) ? 0 : -Errno.EPERM
  }

  #setDirectory (path: string): number {
    const record = this.#table.get(this.#caller.principal)
    const wrong = wrongDirectory(path)
    if (record === undefined || wrong !== 0) return record === undefined ? -Errno.ESRCH : wrong
    record.directory = path
    return 0
  }

  /** Closes what a process had open. */
  * #release (process: number): Fiber<void> {
    if (this.#tables !== undefined) yield * settle(this.#tables.release(process))
    this.#unreleased.delete(process)
  }

  * #ended (process: number, kind: number, code: number, message: string): Fiber<number> {
    const record = this.#table.get(process)
    if (record === undefined) return -Errno.ESRCH
    for (const unstarted of [...this.#unreleased]) yield * this.#release(unstarted)
    yield * this.#release(process)
    record.used = this.#usage(record)
    this.#threads.drop(record.thread)
    this.#table.end(record, { process, kind, code, message })
    return 0
  }
}
