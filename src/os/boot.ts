/** `boot`: a kernel, a machine, and what a person does with both. Which host it is on is said once, by `libraryOn`. */

import { Errno, assert, giveWay, settle } from '../fiber/index.ts'
import type { Fiber } from '../fiber/index.ts'
import {
  DescriptorFlags, INIT, LookupFlags, PRIORITY_DEFAULT, RIGHTS_ALL, Resource, Rights, Signal, SpawnGroup, SpawnOptions as SpawnFlags, StateError, signalNumber
} from '../roles/index.ts'
import type { StateValue } from '../roles/index.ts'
import { loadCoreCosts } from '../core/index.ts'
import { busyWith, link, loadCosts, meteringFor, restoreSystem, saveSystem, withShares } from '../link/index.ts'
import type { Plan, System } from '../link/index.ts'
import type { TaskImage } from '../walls/language/index.ts'
import { HostedImage } from '../walls/wasm/index.ts'
import { callEffects, taskImage } from '../abi/index.ts'
import type { Task } from '../abi/index.ts'
import type { Image } from '../walls/wasm/index.ts'
import type { Host, Machine } from '../machine/index.ts'
import type { BootOptions, Connection, DomainAccess, FileAccess, Library, OperatingSystem, Process, Program, ProgramSource, Reactor, ReactorOptions, RestoreOptions, Share, SpawnOptions, Stats } from './api.ts'
import { ClosedError, ProgramError, SecondProgramError, SystemError, must } from './errors.ts'
import { domainAccess } from './domains.ts'
import { fileAccess } from './file-access.ts'
import { asHostCan } from './suspension.ts'
import { checkSpawnOptions } from './spawn-options.ts'
import { checkLimits, programLimits, systemLimits, withLimits } from './limits.ts'
import { HostedProcess } from './process.ts'
import type { Spawned } from './process.ts'
import { ProgramLoader, meteringOn } from './program.ts'
import { reactorOf } from './reactor.ts'
import { Snapshot, SnapshotError, asSnapshotError, readSaved, savedOf } from './snapshot/index.ts'
import type { HeldByHost, Origin } from './snapshot/index.ts'
import { connectionOf } from './connection.ts'
import type { HostedConnection } from './connection.ts'
import { bytesOf } from './staging.ts'
import { occupantOf } from './places.ts'
import { services as builtIn } from './services.ts'

/** Connections that wait to be accepted. */
const LISTEN_BACKLOG = 128
/** How long a system that is to be saved may take to come to rest, and the programs of one that is taken up to come to where they were. */
const REST_MS = 1000
const WITHIN_MS = 60_000

/** The library on a host: what `index.ts` gives on Node, and `browser.ts` in a page, but for model machines, which not all need. */
export function libraryOn (host: Host): Omit<Library, 'modelMachine'> {
  const programs = new ProgramLoader(host)
  return {
    boot: options => bootOn(host, programs, options),
    restore: (snapshot, options) => restoreOn(host, programs, snapshot, options),
    loadProgram: (bytes, options) => programs.load(bytes, options, options?.machine === undefined ? 'live' : meteringOn(options.machine))
  }
}

async function bootOn (host: Host, programs: ProgramLoader, options: BootOptions): Promise<OperatingSystem> {
  checkKernel(options)
  const shares = options.shares ?? []
  const machine = options.machine ?? host.machine({
    shares: shares.map(share => ({ hostPath: share.hostPath, writable: share.writable ?? true })), console: options.console === true
  })
  const { limits = {}, services = builtIn } = options
  checkLimits('boot', limits)
  try {
    const plan = withShares(withLimits(asHostCan(options.kernel, machine), limits), shares.map(share => ({ guestPath: share.guestPath, writable: share.writable ?? true })))
    checkShares(machine, shares)
    const program = options.program === undefined || typeof options.program === 'function' ? null : programs.of(options.program, {}, meteringFor(plan, machine.timing !== null))
    const origin: Origin = {
      kernel: options.kernel, plan, limits: systemLimits(limits), systemCalls: program === null ? null : program.image.systemCalls,
      services, shares, snapshots: options.snapshots === true
    }
    const system = await linkOn(programs, machine, origin, options)
    const os = new RunningSystem(system, host, programs, origin, options.machine === undefined)
    await os.ready()
    for (const [path, executable] of Object.entries(options.executables ?? {})) await os.install(path, executable)
    return os
  } catch (error) {
    if (options.machine === undefined) machine.close()
    throw error
  }
}

/** A system of an origin on a machine, which nobody has called yet. */
async function linkOn (programs: ProgramLoader, machine: Machine, { plan, services, limits, systemCalls, snapshots }: Origin, options: Pick<BootOptions, 'occupant' | 'decorate' | 'decorateServed' | 'decorateDevice' | 'trace'>): Promise<System> {
  return link(plan, services, machine, {
    ...(machine.timing === null ? {} : { costs: await loadCosts(plan, services), coreCosts: await loadCoreCosts() }),
    limits, systemCalls,
    occupant: options.occupant ?? occupantOf(),
    compiled: programs.compiled,
    ...(snapshots ? { effects: callEffects } : {}),
    ...(options.decorate === undefined ? {} : { decorate: options.decorate }),
    ...(options.decorateServed === undefined ? {} : { decorateServed: options.decorateServed }),
    ...(options.decorateDevice === undefined ? {} : { decorateDevice: options.decorateDevice }),
    ...(options.trace === undefined ? {} : { trace: options.trace })
  })
}

async function restoreOn (host: Host, programs: ProgramLoader, given: unknown, options: RestoreOptions = {}): Promise<OperatingSystem> {
  const snapshot = given instanceof Snapshot ? given : given instanceof Uint8Array ? Snapshot.read(given, bytes => host.digestOf(bytes)) : null
  if (snapshot === null) throw new TypeError('restore: a snapshot is what os.snapshot() gives, or the bytes of its file')
  checkOptions('restore', options, restoreOptions)
  const { shares = [], withinMs = WITHIN_MS } = options
  let machine: Machine | null = null
  try {
    const { origin, system: saved, host: held } = readSaved(snapshot.state, shares, options.services ?? builtIn)
    machine = options.machine ?? host.machine({ shares: shares.map(share => ({ hostPath: share.hostPath, writable: share.writable ?? true })), console: options.console === true })
    checkShares(machine, shares)
    const system = await linkOn(programs, machine, origin, options)
    const os = new RunningSystem(system, host, programs, origin, options.machine === undefined)
    await os.restore(saved, held, options.executables ?? {}, withinMs * 1e6)
    return os
  } catch (error) {
    if (options.machine === undefined) machine?.close()
    throw asSnapshotError('restore', error)
  }
}

/** Says to those who write JavaScript what the types say to others. */
function checkKernel (options: unknown): void {
  const kernel = (options as { readonly kernel?: unknown } | undefined)?.kernel
  if (typeof kernel === 'function') throw new TypeError('boot: kernel is a plan; call the function that makes it: kernels.microkernel()')
  const plan = kernel as Partial<Plan> | null | undefined
  if (typeof plan !== 'object' || plan === null || !Array.isArray(plan.domains) || !Array.isArray(plan.gates)) {
    throw new TypeError('boot: kernel is a plan, such as kernels.microkernel(): boot({ kernel: kernels.microkernel() })')
  }
  checkOptions('boot', options as object, bootOptions)
  const { trace, ...decorators } = options as Readonly<Record<'decorate' | 'decorateServed' | 'decorateDevice' | 'trace', unknown>>
  for (const name of ['decorate', 'decorateServed', 'decorateDevice'] as const) {
    const decorate = decorators[name]
    if (decorate !== undefined && typeof decorate !== 'function') throw new TypeError(`boot: ${name} is a function, such as traced(call => …)`)
  }
  const { services: given } = options as Readonly<Record<'services', unknown>>
  if (given !== undefined && !(given instanceof Map)) throw new TypeError("boot: services is a Map of service definitions by name: new Map([...services, ['clock', mine]])")
  if (trace !== undefined && typeof trace !== 'function') throw new TypeError('boot: trace is a function that takes events: event => …, or the record of a traceRecorder()')
}

const bootOptions: Readonly<Record<keyof BootOptions, true>> = {
  kernel: true, machine: true, services: true, occupant: true, shares: true, program: true, executables: true, limits: true, decorate: true, decorateServed: true, decorateDevice: true, trace: true, console: true,
  snapshots: true
}
const restoreOptions: Readonly<Record<keyof RestoreOptions, true>> = {
  machine: true, services: true, occupant: true, shares: true, executables: true, decorate: true, decorateServed: true, decorateDevice: true, trace: true, console: true, withinMs: true
}

function checkOptions (operation: string, options: object, known: Readonly<Record<string, true>>): void {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name)) throw new TypeError(`${operation}: there is no option '${name}'; there are ${Object.keys(known).join(', ')}`)
  }
}

/** A folder that is not there would else be told of as a root that cannot be opened. */
function checkShares (machine: Machine, shares: readonly Share[]): void {
  shares.forEach(({ hostPath }, number) => {
    machine.folders.close(must(machine.folders.openShare(number), 'share', hostPath))
  })
}

/** The system behind an `OperatingSystem` that `boot` gave: for tests and tools of this tree, not of the library. */
export function systemOf (os: OperatingSystem): System {
  if (os instanceof RunningSystem) return os.system
  throw new TypeError('not a system that boot() gave')
}

class RunningSystem implements OperatingSystem {
  readonly kernel: Plan
  readonly fs: FileAccess
  readonly domains: DomainAccess
  readonly system: System
  readonly #host: Host
  readonly #programs: ProgramLoader
  readonly #origin: Origin
  readonly #ownsMachine: boolean
  readonly #taskFiles = new Map<Task, string>()
  /** Where tasks were installed, for who takes the system up elsewhere. */
  readonly #installed = new Map<string, Task>()
  readonly #processes = new Map<number, HostedProcess>()
  readonly #connections = new Map<number, HostedConnection>()
  #root = -1
  #closed = false
  /** Whoever closes it again waits for the same end. */
  #closing: Promise<void> | null = null

  constructor (system: System, host: Host, programs: ProgramLoader, origin: Origin, ownsMachine: boolean) {
    this.system = system
    this.#host = host
    this.#programs = programs
    this.#origin = origin
    this.kernel = origin.kernel
    this.#ownsMachine = ownsMachine
    const root = (): Fiber<number> => this.#openRoot()
    this.fs = fileAccess(system, root, operation => { if (this.#closed) throw new ClosedError(operation) })
    this.domains = domainAccess(system, operation => { if (this.#closed) throw new ClosedError(operation) })
  }

  /** The first call through the gates: after it the system serves. */
  async ready (): Promise<void> {
    await this.system.run('init', () => this.system.host.tables === null ? settle(0) : this.#openRoot())
  }

  /** Takes up a saved system, in the place of `ready`. */
  async restore (saved: StateValue, held: HeldByHost, tasks: Readonly<Record<string, unknown>>, withinNs: number): Promise<void> {
    for (const [path, text] of held.tasks) {
      const task = Object.hasOwn(tasks, path) ? tasks[path] : undefined
      if (typeof task !== 'function') throw new StateError(`${path} was a task, which is host code and in no snapshot: give it again, by executables`)
      this.system.programs.taskFiles.restore(text, taskImage(task as Task, task.name || path))
      this.#taskFiles.set(task as Task, text)
      this.#installed.set(path, task as Task)
    }
    const metering = meteringOn(this.system.machine)
    await restoreSystem(this.system, saved, (module, name) => this.#programs.load(module, { name }, metering).image, withinNs, () => this.#turn())
    this.#root = held.root
    for (const process of held.processes) this.#adopt(process)
    for (const fd of held.connections) this.#keepConnection(fd)
  }

  /** A turn of the host's event loop. */
  #turn (): Promise<void> {
    return new Promise(resolve => { this.#host.turn(resolve) })
  }

  #adopt (spawned: Spawned): void {
    const process = new HostedProcess(this.system, Promise.resolve(spawned), (['stdout', 'stderr'] as const).filter(which => spawned[which] >= 0), null)
    this.#processes.set(spawned.process, process)
    // It may have ended on the way: whoever took the system up has a turn to find it.
    const forget = async (): Promise<void> => {
      await this.#turn()
      this.#processes.delete(spawned.process)
    }
    process.wait().then(forget, forget)
  }

  /** Keeps a process until it has ended. */
  #hosted (process: HostedProcess): HostedProcess {
    process.started.then(number => {
      this.#processes.set(number, process)
      const forget = (): void => { this.#processes.delete(number) }
      process.wait().then(forget, forget)
    }, () => {})
    return process
  }

  get processes (): ReadonlyMap<number, Process> {
    return this.#processes
  }

  get connections (): readonly Connection[] {
    return [...this.#connections.values()]
  }

  async snapshot ({ withinMs = REST_MS }: { readonly withinMs?: number } = {}): Promise<Snapshot> {
    if (this.#closed) throw new ClosedError('snapshot')
    const { system } = this
    const endNs = system.machine.clock.monotonicNs() + withinMs * 1e6
    for (;;) {
      // Asked within the kernel, and done when that is idle: so nothing comes in between.
      const busy = await system.run('rest', () => settle(busyWith(system))) ?? this.#hostIsBusy()
      if (busy !== null && system.machine.clock.monotonicNs() >= endNs) throw new SnapshotError(`snapshot: the system is not at rest: ${busy}`)
      if (busy !== null) {
        await this.#turn()
        continue
      }
      try {
        return new Snapshot(this.#saved(), bytes => this.#host.digestOf(bytes))
      } catch (error) {
        throw asSnapshotError('snapshot: the system cannot be saved', error)
      }
    }
  }

  async fork (options: RestoreOptions = {}): Promise<OperatingSystem> {
    return await restoreOn(this.#host, this.#programs, await this.snapshot(options.withinMs === undefined ? {} : { withinMs: options.withinMs }), {
      services: this.#origin.services, shares: this.#origin.shares, executables: Object.fromEntries(this.#installed), ...options
    })
  }

  /** What the host itself is in the middle of, in a sentence; null for nothing. */
  #hostIsBusy (): string | null {
    const fed = [...this.#processes].find(([, process]) => process.isBeingFed)
    if (fed !== undefined) return `the host waits for process ${fed[0]} to read its input`
    return [...this.#connections.values()].some(connection => connection.isBeingFed) ? 'the host waits for a program to read from a connection' : null
  }

  #saved (): StateValue {
    return savedOf(this.#origin, saveSystem(this.system), {
      root: this.#root, processes: [...this.#processes.values()].flatMap(process => process.held ?? []), connections: [...this.#connections.keys()],
      tasks: [...this.#installed].map(([path, task]) => [path, this.#taskFiles.get(task)!])
    })
  }

  spawn (program: ProgramSource, options: SpawnOptions = {}): Process {
    if (this.#closed) throw new ClosedError('spawn')
    checkSpawnOptions('spawn', options)
    options.signal?.throwIfAborted()
    if (typeof program === 'function') {
      const name = options.args?.[0] ?? (program.name || 'task')
      return this.#start(taskImage(program, name), name, { ...options, args: options.args ?? [name] })
    }
    const name = options.args?.[0] ?? 'program'
    const { image, bytes } = this.#programs.of(program, { name }, this.system.programs.metering)
    this.system.programs.saved?.keepSource(image, bytes)
    if (!image.isCommand) {
      throw new ProgramError('export', `${image.label} exports no function _start: it is no program but a reactor or a library; host code calls it by react()`)
    }
    return this.#start(image, name, options)
  }

  async react (program: Uint8Array | ArrayBuffer | Program, options: ReactorOptions = {}): Promise<Reactor> {
    if (this.#closed) throw new ClosedError('react')
    checkSpawnOptions('react', options)
    options.signal?.throwIfAborted()
    const imports = options.imports ?? {}
    const name = options.args?.[0] ?? 'reactor'
    const { image } = this.#programs.of(program, { name, hostModules: Object.keys(imports) }, meteringOn(this.system.machine))
    const process = this.#start(new HostedImage(image, imports), name, options)
    return await reactorOf(this.system, process, options.sliceMs === undefined ? undefined : options.sliceMs * 1e6)
  }

  async install (path: string, program: Uint8Array | Task): Promise<void> {
    const contents = typeof program === 'function' ? this.#taskFile(path, program) : program
    const folder = path.slice(0, path.lastIndexOf('/'))
    if (folder !== '') await this.fs.mkdir(folder, { recursive: true })
    await this.fs.writeFile(path, contents as string | Uint8Array)
    if (typeof program === 'function') this.#installed.set(path, program)
    else this.#installed.delete(path)
  }

  /** What a file has to hold that starts a task; one task has one such text, in however many files. */
  #taskFile (path: string, task: Task): string {
    let text = this.#taskFiles.get(task)
    if (text === undefined) {
      text = must<string>(this.system.programs.taskFiles.register(taskImage(task, task.name || path)), 'install', path)
      this.#taskFiles.set(task, text)
    }
    return text
  }

  async interrupt (signal: string | number = 'SIGINT'): Promise<boolean> {
    if (this.#closed) throw new ClosedError('interrupt')
    const number = signalNumber(signal)
    const { processes } = this.system.host
    const result = await this.system.run('interrupt', function * () {
      const group = yield * settle(processes.foreground())
      return group > 0 ? yield * settle(processes.kill(-group, number)) : -Errno.ESRCH
    })
    return result === -Errno.ESRCH ? false : must(result, 'interrupt', '') === 0
  }

  #start (image: Image | TaskImage, name: string, options: SpawnOptions): Process {
    const lacking = this.system.lacking(image.systemCalls)
    if (lacking.length > 0) {
      throw new ProgramError('import', `${name} needs ${lacking.join(', ')}, and this image was made for a program that does without; boot one with { program } for it`)
    }
    const { limits: given = {} } = options
    checkLimits(`spawn ${name}`, given)
    const limits = programLimits(given, this.system.machine)
    const memoryMax = limits.account[Resource.MEMORY]!
    if (image.initialMemoryBytes > memoryMax) {
      throw new ProgramError('limit', `${name} begins with ${image.initialMemoryBytes} bytes of memory and tables, and may have ${memoryMax}: give it a larger limits.memoryBytes (--mem on the command line)`)
    }
    const spawned = this.system.run(`spawn ${name}`, () => this.#spawn(image, options, limits))
    const piped = (['stdout', 'stderr'] as const).filter(which => options[which] === undefined || options[which] === 'pipe')
    const process = this.#hosted(new HostedProcess(this.system, spawned, piped, options.signal ?? null))
    void feed(process, options.stdin)
    return process
  }

  async connect (name: string): Promise<Connection> {
    if (this.#closed) throw new ClosedError(`connect ${name}`)
    const { system } = this
    const { files, tables } = system.host
    if (files === null || tables === null) throw new SystemError(-Errno.ENOSYS, 'connect', name, 'this system has no files, and so no sockets')
    const fd = must(await system.run('connect', () => settle(tables.connect(INIT, name))), 'connect', name)
    return this.#keepConnection(fd)
  }

  #keepConnection (fd: number): Connection {
    const connection = connectionOf(this.system, this.system.host.files!, fd, () => { this.#connections.delete(fd) })
    this.#connections.set(fd, connection)
    return connection
  }

  stats (): Stats {
    const { state, programs, bootNs } = this.system
    return {
      kernel: this.kernel.name,
      counters: { ...state.counters },
      processes: programs.count,
      arenas: [...state.spaces.values()].filter(space => space.arena !== null).map(space => ({
        domain: space.label, sizeBytes: space.arena!.sizeBytes, allocatedBytes: space.arena!.allocatedBytes
      })),
      tainted: state.tainted,
      bootNs
    }
  }

  addressability (): { domain: string, addresses: string[] }[] {
    return this.system.addressable().map(({ domain, arenas }) => ({ domain, addresses: arenas.map(arena => arena.name) }))
  }

  close (): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close (): Promise<void> {
    this.#closed = true
    // On a machine that was closed before, nothing runs any more.
    if (this.system.state.panicked === null && !this.system.machine.closed) await this.#killAll()
    await this.system.machine.console.flush()
    this.system.abandon(new ClosedError('what was under way'))
    if (this.#ownsMachine) this.system.machine.close()
  }

  /** Kills every process, and waits until the end of each has been worked out. */
  async #killAll (): Promise<void> {
    const { programs, state } = this.system
    programs.close()
    // By the core: the process server may be what has died.
    await this.system.run('kill all', function * () {
      yield giveWay
      programs.endAll(Signal.KILL)
    })
    // Served last: whoever was killed has run before it is looked at again.
    await this.system.run('ends of all', function * () {
      while (programs.count > 0) yield giveWay
    }, state.scheduler.priorities - 1)
  }

  [Symbol.asyncDispose] (): Promise<void> {
    return this.close()
  }

  /** The host's own descriptor of the root directory. */
  * #openRoot (): Fiber<number> {
    if (this.#root >= 0) return this.#root
    assert(this.system.host.tables !== null, 'there are no files')
    const fd = yield * settle(this.system.host.tables.preopen(INIT, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
    this.#root = must(fd, 'open', '/')
    return this.#root
  }

  * #spawn (image: Image | TaskImage, options: SpawnOptions, limits: ReturnType<typeof programLimits>): Fiber<Spawned> {
    const { host } = this.system
    const given: number[] = []
    const kept = { stdin: -1, stdout: -1, stderr: -1 }
    try {
      if (host.files !== null) {
        yield * this.#descriptors(options, given, kept)
        // What cannot be suspended does what it can at once: it reads and writes short, or is told to come again.
        if (image instanceof HostedImage) for (const fd of given) yield * settle(host.files.setDescriptorFlags(fd, DescriptorFlags.NONBLOCK))
      }
      const args = options.args ?? ['program']
      const env = Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`)
      const slot = must(host.space.capabilities.mint(image, 0), 'spawn', args[0]!)
      const flags = options.ignoreSigpipe === true ? SpawnFlags.IGNORE_SIGPIPE : 0
      const process = yield * settle(host.processes.spawn(slot, args, env, given, options.priority ?? PRIORITY_DEFAULT, flags, limits.account,
        limits.descriptorsMax, options.cwd ?? '/', typeof options.group === 'number' ? options.group : SpawnGroup.NEW))
      host.space.capabilities.delete(slot)
      if (process === -Errno.ENOTSUP && this.system.programs.onlyOnce) throw new SecondProgramError(this.kernel.name)
      if (process === -Errno.ENOEXEC) throw new ProgramError('malformed', `${args[0] ?? 'program'} cannot be started: ${this.system.programs.refusal}`)
      return { process: must(process, 'spawn', args[0] ?? 'program'), ...kept }
    } catch (error) {
      for (const fd of Object.values(kept)) if (fd >= 0) yield * settle(host.files!.close(fd))
      throw error
    } finally {
      for (const fd of given) if (fd >= 0) void (yield * settle(host.files!.close(fd)))
    }
  }

  /** Opens what the child is to have: its standard streams, then its directories. `given` is for it, `kept` for the host. */
  * #descriptors (options: SpawnOptions, given: number[], kept: { stdin: number, stdout: number, stderr: number }): Fiber<void> {
    const files = this.system.host.files!
    const root = yield * this.#openRoot()
    const device = function * (name: string, rights: number): Fiber<number> {
      return must(yield * settle(files.open(root, LookupFlags.SYMLINK_FOLLOW, `dev/${name}`, 0, rights, 0, 0)), 'open', `/dev/${name}`)
    }
    const stream = function * (which: 'stdin' | 'stdout' | 'stderr'): Fiber<void> {
      const choice = options[which] === undefined ? 'pipe' : options[which]
      const rights = which === 'stdin' ? STREAM_IN : STREAM_OUT
      if (choice === null) given.push(yield * device('null', rights))
      else if (choice === 'inherit') given.push(yield * device(which, rights))
      else {
        const pipe = must(yield * settle(files.pipe()), 'pipe', which)
        assert(typeof pipe !== 'number', 'a pipe is two descriptors')
        given.push(which === 'stdin' ? pipe.read : pipe.write)
        kept[which] = which === 'stdin' ? pipe.write : pipe.read
      }
    }
    yield * stream('stdin')
    yield * stream('stdout')
    yield * stream('stderr')
    for (const [guest, path] of Object.entries(options.preopens ?? { '/': '/' })) {
      const fd = yield * settle(this.system.host.tables!.preopen(INIT, path, guest, RIGHTS_ALL, RIGHTS_ALL))
      given.push(must(fd, 'preopen', path))
    }
    for (const name of options.listen ?? []) {
      const fd = yield * settle(this.system.host.tables!.listen(INIT, name, LISTEN_BACKLOG, 0))
      given.push(must(fd, 'listen', name))
    }
  }
}

const STREAM_COMMON = Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE
const STREAM_IN = STREAM_COMMON | Rights.FD_READ
const STREAM_OUT = STREAM_COMMON | Rights.FD_WRITE

/** Writes what the caller gave as standard input, and ends it. A process that does not read it all is no error. */
async function feed (process: Process, stdin: SpawnOptions['stdin']): Promise<void> {
  if (stdin === undefined || stdin === null || stdin === 'inherit' || stdin === 'pipe') return
  try {
    if (stdin instanceof ReadableStream) {
      await stdin.pipeTo(process.stdin)
      return
    }
    const writer = process.stdin.getWriter()
    await writer.write(bytesOf(stdin, 'stdin'))
    await writer.close()
  } catch (error) {
    // It ended, or closed its input, before it had read everything; `wait` tells how.
    if (!(error instanceof SystemError) || error.code !== 'EOWNERDEAD') return
    // How much of it there is nobody knows: an input that ends there would be taken for whole, and one that does not is waited for.
    await process.kill('SIGKILL').catch(() => {})
  }
}

