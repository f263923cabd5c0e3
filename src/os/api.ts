/**
 * The library's interface: what `boot` gives. The command line and the lab use nothing else.
 */

import type { DirectoryEntry, FileStat, FileTimes, Task } from '../abi/index.ts'
import type { Machine } from '../machine/index.ts'
import type { Decorator, DeviceDecorator, Plan, Registry, SystemCounters, TraceSink } from '../link/index.ts'
import type { ModelMachine } from '../machine/model/index.ts'
import type { ModelOptions } from './model.ts'

export type * from '../abi/index.ts'

/** A host folder that programs see. */
export interface Share {
  readonly hostPath: string
  /** Where it stands in the kernel's tree. */
  readonly guestPath: string
  /** Whether programs may change it. Default true. */
  readonly writable?: boolean
}

/**
 * What programs may use. Of a program (`spawn`): it and all that it starts together, but for `descriptors`, which each
 * of them may have. Of a system (`boot`): all programs together. Each is a bound that nothing gets beyond; what is used
 * by what has ended or was removed can be used again, but for processor time.
 */
export interface Limits {
  /** Memories of programs and their arguments. Beyond, `memory.grow` gives -1 and a program cannot be started (ENOMEM). Default of a program: 1 GiB. */
  readonly memoryBytes?: number
  /** Time on the processor, the kernel's work for them too. Beyond, they are ended by SIGXCPU. */
  readonly cpuTimeMs?: number
  /** Processes, those that have ended and were not waited for too (EAGAIN). Default of a program: seven eighths of what the system has. */
  readonly processes?: number
  /** Descriptors: of each process (EMFILE, default 1024); of a system in all processes, the host's own too (ENFILE). */
  readonly descriptors?: number
  /** Names of files, directories and links in the system's memory: EDQUOT for a program, ENOSPC for a system. */
  readonly files?: number
  /** Bytes of files in the system's memory, by pages of 4 KiB: EDQUOT for a program, ENOSPC for a system. */
  readonly diskBytes?: number
  /** What pipes can hold, 64 KiB each (ENFILE). */
  readonly pipeBytes?: number
}

/** What `boot` makes a system of. */
export interface BootOptions {
  /** The architecture: `kernels.microkernel()`, or a plan of one's own. */
  readonly kernel: Plan
  /** Default: a live machine on this host. */
  readonly machine?: Machine
  /** The services that the plan can name. Default: `services`, those of this build. */
  readonly services?: Registry
  /**
   * Where a domain stands in another thread or process: the URL of the module that runs there, which exports
   * `occupy(domain, end)` and calls `runDomain` with the services that it has. Default: those of this build.
   */
  readonly occupant?: string
  readonly shares?: readonly Share[]
  /** The program that this system is made for: kernels that start only what is needed look at its imports. */
  readonly program?: ProgramSource
  /** Programs to install before anything runs, by path: `{ '/bin/ls': ls }`. See `install`. */
  readonly executables?: Readonly<Record<string, Task | Uint8Array>>
  /** What all programs together may use. Default: what the kernel's services have. */
  readonly limits?: Limits
  /** Wraps the gates that services and programs are given: `counted`, `traced`, `faulty` or one's own. */
  readonly decorate?: Decorator
  /** Wraps what is served behind gates, so on their other side; a `direct` call has none. */
  readonly decorateServed?: Decorator
  /** Wraps the parts of the machine that services drive, each as one service has it. */
  readonly decorateDevice?: DeviceDecorator
  /** Takes what happens in the system, as it happens: calls through gates, switches, interrupts, waits. Default: nobody is told. */
  readonly trace?: TraceSink
  /** Whether the machine's console is this process's standard streams. Default false: nothing is read or written. */
  readonly console?: boolean
  /**
   * Whether a system in which programs run can be saved (`snapshot`, `fork`): what their calls come to is kept then, which takes memory
   * and time. Default false: it can be saved while none runs.
   */
  readonly snapshots?: boolean
}

/** What a snapshot is taken up with. The plan, limits and programs are the snapshot's; what is the host's is given again. */
export interface RestoreOptions extends Pick<BootOptions, 'machine' | 'services' | 'occupant' | 'decorate' | 'decorateServed' | 'decorateDevice' | 'trace' | 'console'> {
  /** Folders of the host, as many and at the same places as the system had. */
  readonly shares?: readonly Share[]
  /** The tasks that were installed, by the same paths; programs are in the snapshot. */
  readonly executables?: Readonly<Record<string, Task | Uint8Array>>
  /** How long programs may take to come to where they were. Default 60,000. */
  readonly withinMs?: number
}

/** A system at rest, as a value, that can be taken up any number of times. It holds all that the system's files do. */
export interface Snapshot {
  /** The SHA-256 of what it holds, hexadecimal: equal for equal systems. */
  readonly identity: string
  /** A file of it, for `restore`. */
  readonly bytes: Uint8Array
}

/** A program that was read, checked, rewritten for preemption and compiled once; can be spawned on any system. */
export interface Program {
  readonly name: string
  /** Bytes of the module as given. */
  readonly sizeBytes: number
  /** Names of what it imports, as `module.name`. */
  readonly imports: readonly string[]
}

/** What can be started: the bytes of a WebAssembly module, what `loadProgram` made of them, or a task. */
export type ProgramSource = Uint8Array | ArrayBuffer | Program | Task

/** What a program is started with. */
export interface SpawnOptions {
  /** Arguments, the program's name first. Default: ['program']. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /**
   * Bytes or a text are given whole; a stream is followed; 'pipe' (the default) is written by `process.stdin`;
   * null is empty; 'inherit' is the console. The texts 'inherit' and 'pipe' themselves can be given as bytes.
   */
  readonly stdin?: string | Uint8Array | ArrayBuffer | ReadableStream<Uint8Array | string> | 'inherit' | 'pipe' | null
  /** `pipe` (default) is read from `process.stdout`; 'inherit' is the console; null goes nowhere. */
  readonly stdout?: 'pipe' | 'inherit' | null
  readonly stderr?: 'pipe' | 'inherit' | null
  /** Directories that the program sees, guest name to path in the kernel's tree. Default: { '/': '/' }. */
  readonly preopens?: Readonly<Record<string, string>>
  /** Names of sockets on which the program accepts connections: descriptors after the directories, listening already. */
  readonly listen?: readonly string[]
  /** Writing where nobody reads gives EPIPE; by default it ends the process by SIGPIPE, as on Unix. */
  readonly ignoreSigpipe?: boolean
  /** The working directory, for programs that ask for it (module `kaleidos`, tasks). Default: '/'. */
  readonly cwd?: string
  /** Its process group: a new one that it leads (the default), or the number of one to join. */
  readonly group?: 'new' | number
  /**
   * Ends it by SIGKILL when it aborts; `wait` and `output` then fail with the signal's reason. One that has aborted already
   * is thrown by `spawn`.
   */
  readonly signal?: AbortSignal
  /** 0 is served first; default the middle. */
  readonly priority?: number
  /** What it may use, with all that it starts; those may be given less, never more. */
  readonly limits?: Limits
}

/** How a process ended. */
export interface Exit {
  readonly kind: 'exit' | 'signal'
  /** The status as a shell gives it: the exit code, or 128 and the signal's number. */
  readonly status: number
  /** `SIGSEGV` and so on, when a signal or a fault ended it. */
  readonly signal: string | null
  /** What happened, for a person; empty for an exit. */
  readonly message: string
}

/** All that a process wrote, and how it ended. */
export interface Output extends Exit {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  /** `stdout` as text. */
  readonly text: string
}

/** A process as the host sees it; `await using` ends it. Its streams are there when `stdin`, `stdout`, `stderr` are pipes, the default. */
export interface Process extends AsyncDisposable {
  /** The process number, once it is started. */
  readonly started: Promise<number>
  readonly stdin: WritableStream<Uint8Array | string>
  readonly stdout: ReadableStream<Uint8Array>
  readonly stderr: ReadableStream<Uint8Array>
  /** How it ended. Fails with a SystemError when it could not be started: EAGAIN, ENOMEM … */
  wait (): Promise<Exit>
  /** A signal by name (`SIGTERM`, the default) or number. */
  kill (signal?: string | number): Promise<void>
  /** All output, and how it ended; the same, however often it is asked. Needs streams that nobody else reads. */
  output (): Promise<Output>
  /** Its output line by line as it comes, without the ends of lines. Leaving the loop early closes the stream. */
  lines (stream?: 'stdout' | 'stderr'): AsyncGenerator<string, void, undefined>
}

/** The host's end of a stream socket. Closing `writable` is the end of input for the program. */
export interface Connection {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
}

/** A program that host code calls by its exports (a WASI reactor). */
export interface Reactor {
  readonly process: Process
  /** What JavaScript glue is given. Its exports are called as the process; a trap ends that and is thrown. */
  readonly instance: WebAssembly.Instance
  /** Runs its start function and `_initialize`, as WASI asks before any other call. */
  initialize (): void
}

/** What a reactor is made with. */
export interface ReactorOptions extends SpawnOptions {
  /** What its JavaScript glue gives it, beside the system calls. */
  readonly imports?: WebAssembly.Imports
  /** How long one call may take before the program is trapped. Default 10,000. */
  readonly sliceMs?: number
}

/** What files are written from: a text as UTF-8, or bytes. */
export type FileData = string | Uint8Array | ArrayBuffer

/**
 * Files of the kernel's tree, by absolute path, as the host: with every right, and through the gates that programs have.
 * Errors are `SystemError`s with a `code` such as ENOENT.
 */
export interface FileAccess {
  /** Makes the file, or replaces what is in it. */
  writeFile (path: string, data: FileData): Promise<void>
  /** Writes at the end; makes the file if there is none. */
  appendFile (path: string, data: FileData): Promise<void>
  readFile (path: string): Promise<Uint8Array>
  /** The file as UTF-8. */
  readText (path: string): Promise<string>
  /** The file piece by piece, as it is asked for. */
  readable (path: string): ReadableStream<Uint8Array>
  /** Makes the file or empties it, and writes piece by piece. */
  writable (path: string): WritableStream<FileData>
  /** `recursive` makes the directories above it too, and minds none that is there. */
  mkdir (path: string, options?: { readonly recursive?: boolean }): Promise<void>
  /** Names in a directory, sorted, without `.` and `..`. */
  readdir (path: string): Promise<string[]>
  /** The same with what each is. */
  entries (path: string): Promise<DirectoryEntry[]>
  stat (path: string): Promise<FileStat>
  /** Of a symbolic link itself. */
  lstat (path: string): Promise<FileStat>
  exists (path: string): Promise<boolean>
  rename (from: string, to: string): Promise<void>
  copyFile (from: string, to: string): Promise<void>
  truncate (path: string, size?: number): Promise<void>
  /** Sets when it was last read and written. */
  utimes (path: string, times: FileTimes): Promise<void>
  symlink (target: string, path: string): Promise<void>
  readlink (path: string): Promise<string>
  link (from: string, to: string): Promise<void>
  unlink (path: string): Promise<void>
  rmdir (path: string): Promise<void>
  /** Removes a file; with `recursive` a directory and all in it. `force`: it need not be there. */
  rm (path: string, options?: { readonly recursive?: boolean, readonly force?: boolean }): Promise<void>
}

/** A domain that the kernel makes anew when it dies. */
export interface DomainStatus {
  readonly name: string
  /** `abandoned`: it died more often than its plan says, or nobody is there to make it anew. */
  readonly state: 'alive' | 'dead' | 'abandoned'
  readonly restarts: number
}

/** The domains that the plan supervises. */
export interface DomainAccess {
  /** None where the plan supervises none. */
  list (): Promise<DomainStatus[]>
  /** Ends one, as a fault of its own would. */
  kill (name: string): Promise<void>
}

/** How large the byte memory of a domain is, and how much of it is given out. */
export interface ArenaStats {
  readonly domain: string
  readonly sizeBytes: number
  readonly allocatedBytes: number
}

/** What a system has counted and holds. */
export interface Stats {
  readonly kernel: string
  /** Exact counts since boot: calls, crossings, switches, grants, bytesCopied, refusals … */
  readonly counters: SystemCounters
  readonly processes: number
  readonly arenas: readonly ArenaStats[]
  /** Faults of domains so far; a supervisor that survived one is tainted. */
  readonly tainted: boolean
  readonly bootNs: number
}

/** The library's entry points, on one host. */
export interface Library {
  /** Boots a kernel. Throws a PlanError with all that is wrong with the plan, a ProgramError for the program it is made for. */
  boot (options: BootOptions): Promise<OperatingSystem>
  /** Reads a program. Throws a ProgramError that says what is wrong with it. */
  loadProgram (bytes: Uint8Array | ArrayBuffer, options?: LoadOptions): Program
  /**
   * Makes a system of a snapshot or its file: it goes on as the saved one would. Throws a SnapshotError that says why not: bytes
   * that are damaged or of another format, a folder or a task that was not given.
   */
  restore (snapshot: Snapshot | Uint8Array, options?: RestoreOptions): Promise<OperatingSystem>
  /** Makes a deterministic machine in virtual time, to be given to `boot`. Throws a TypeError that says what is wrong. */
  modelMachine (options: ModelOptions): ModelMachine
}

/** How a program is read. */
export interface LoadOptions {
  /** For messages. Default: 'program'. */
  readonly name?: string
  /** The machine that it is to run on first: what is rewritten for one in virtual time counts what it executes. Default: a live one. */
  readonly machine?: Machine
  /** Import modules that host code fills: for a reactor with JavaScript glue. */
  readonly hostModules?: readonly string[]
  /**
   * A folder of the host in which rewritten programs are kept, so that the next process need not rewrite them. It is made
   * where it is missing, and used only if nobody but this user may write it: who can decides what runs. Not in a page.
   */
  readonly cache?: string
}

/** A system that runs; `await using` closes it. */
export interface OperatingSystem extends AsyncDisposable {
  readonly kernel: Plan
  readonly fs: FileAccess
  /** Servers that are made anew when they die: `kernels.microkernel({ supervised: true })`. */
  readonly domains: DomainAccess
  /** Starts a program. Throws a ProgramError at once when the bytes are no program that can run. */
  spawn (program: ProgramSource, options?: SpawnOptions): Process
  /** Makes an executable file of a program or a task, and the directories above it: then it can be spawned by path. */
  install (path: string, program: Uint8Array | Task): Promise<void>
  /** Sends a signal to the process group in the terminal's foreground, as a terminal does with Ctrl-C; false when there is none. */
  interrupt (signal?: string | number): Promise<boolean>
  /** Connects to a program that listens under a name (`listen` of its options). */
  connect (name: string): Promise<Connection>
  /** Makes an instance of a program that host code calls. */
  react (program: Uint8Array | ArrayBuffer | Program, options?: ReactorOptions): Promise<Reactor>
  /** Programs that the host has started, in this system or in the one that it was taken up from, and that have not ended. */
  readonly processes: ReadonlyMap<number, Process>
  /** The host's connections that are open, in the order in which they were made. */
  readonly connections: readonly Connection[]
  /**
   * The system as a value, once it is at rest: every program waits in a call. Throws a SnapshotError that names what runs when it is not
   * within `withinMs` (default 1000).
   */
  snapshot (options?: { readonly withinMs?: number }): Promise<Snapshot>
  /** Another system that goes on from here as this one does, with a machine of its own. Throws as `snapshot` and `restore` do. */
  fork (options?: RestoreOptions): Promise<OperatingSystem>
  stats (): Stats
  /** Who can address what: one line a domain. */
  addressability (): readonly { readonly domain: string, readonly addresses: readonly string[] }[]
  /** Kills what still runs, lets its output go out, and ends the machine that `boot` made. */
  close (): Promise<void>
}
