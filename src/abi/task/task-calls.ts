/**
 * The task API: the system calls of a task, for code of the host's language.
 *
 * Each call is a system call of WASI preview 1 or of the module `kaleidos`, made by the task's own process through the
 * gates of its kernel; a few are several of them. They return promises; what fails throws a SystemError whose `code` is
 * the error's name (`ENOENT`). Calls may be under way at once, each in a thread of the process. Once the process has
 * ended, every call rejects with TaskEnded.
 *
 * Paths are absolute or start in the working directory. Texts are UTF-8.
 */

/** A program that is a function. Its exit status is what it returns; nothing is 0. What it throws ends it as a crash. */
export type Task = (calls: TaskCalls) => number | void | Promise<number | void>

export interface FileStat {
  readonly type: 'file' | 'directory' | 'symlink' | 'device' | 'other'
  readonly size: number
  readonly links: number
  readonly device: number
  readonly inode: number
  readonly accessedMs: number
  readonly modifiedMs: number
  readonly changedMs: number
}

export interface DirectoryEntry {
  readonly name: string
  readonly type: FileStat['type']
  readonly inode: number
}

export interface OpenOptions {
  /** Default: true, unless `write` or `append` is given. */
  readonly read?: boolean
  readonly write?: boolean
  /** Every write goes to the end; implies `write`. */
  readonly append?: boolean
  /** Makes the file if it is not there. */
  readonly create?: boolean
  /** With `create`: fails with EEXIST if it is there. */
  readonly exclusive?: boolean
  readonly truncate?: boolean
  /** Fails with ENOTDIR if it is no directory. */
  readonly directory?: boolean
  /** Whether a symbolic link at the end of the path is followed. Default: true. */
  readonly follow?: boolean
  /** Reads and writes fail with EAGAIN where they would wait. */
  readonly nonBlocking?: boolean
}

/** A time to set: ms since 1970, or now. Left out: unchanged. */
export interface FileTimes {
  readonly accessedMs?: number | 'now'
  readonly modifiedMs?: number | 'now'
}

export interface ChildOptions {
  /** Arguments, the program's name first. Default: the path alone. */
  readonly args?: readonly string[]
  /** Default: the caller's. */
  readonly env?: Readonly<Record<string, string>>
  /** The child's descriptor i is a duplicate of the caller's descriptors[i], -1 is none. Default: [0, 1, 2]. */
  readonly descriptors?: readonly number[]
  /** Whether it gets the caller's directories too. Default: true; without it reaches no files but through `descriptors`. */
  readonly directories?: boolean
  /** Its working directory. Default: the caller's. */
  readonly cwd?: string
  /** Its process group: the caller's (the default), a new one that it leads, or the number of one. */
  readonly group?: 'same' | 'new' | number
}

/** How a child ended. */
export interface ChildExit {
  readonly process: number
  /** As a shell gives it: the exit code, or 128 and the signal's number. */
  readonly status: number
  /** `SIGTERM` and so on, when a signal ended it. */
  readonly signal: string | null
}

/** Which children to wait for: one by number, any (the default), any of a process group. */
export type Children = number | 'any' | { readonly group: number }

export interface PollRequest {
  readonly fd: number
  /** Waits until it can be read, or written, without waiting. */
  readonly for: 'read' | 'write'
}

export interface PollResult extends PollRequest {
  /** Bytes that can be read. */
  readonly bytes: number
  /** The other side has closed. */
  readonly hangup: boolean
  /** Why it cannot be waited for, such as EBADF; null otherwise. */
  readonly error: string | null
}

export interface TaskCalls {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>

  // ---- descriptors

  open (path: string, options?: OpenOptions): Promise<number>
  close (fd: number): Promise<void>
  /** At most `size` bytes (default 65,536), at least one; none at the end. */
  read (fd: number, size?: number): Promise<Uint8Array<ArrayBuffer>>
  /** Writes everything, and says how many bytes that were. */
  write (fd: number, data: Uint8Array | string): Promise<number>
  pread (fd: number, offset: number, size?: number): Promise<Uint8Array<ArrayBuffer>>
  pwrite (fd: number, offset: number, data: Uint8Array | string): Promise<number>
  /** Moves the position, and says where it is. */
  seek (fd: number, offset: number, from?: 'start' | 'current' | 'end'): Promise<number>
  fstat (fd: number): Promise<FileStat>
  /** Brings a file to stable storage. */
  sync (fd: number): Promise<void>
  pipe (): Promise<{ readonly read: number, readonly write: number }>
  /** Another descriptor of the same open file: the lowest free number, from `from` on. */
  dup (fd: number, from?: number): Promise<number>
  /** Makes the number `to` another descriptor of the same open file; what it was is closed. */
  dup2 (fd: number, to: number): Promise<void>
  isTerminal (fd: number): Promise<boolean>
  /** Waits until one of them holds; those that hold. None when the time is over; without one it waits for good. */
  poll (requests: readonly PollRequest[], timeoutMs?: number): Promise<PollResult[]>

  // ---- paths

  stat (path: string): Promise<FileStat>
  /** Of a symbolic link itself. */
  lstat (path: string): Promise<FileStat>
  /** Without `.` and `..`, by name. */
  readdir (path: string): Promise<DirectoryEntry[]>
  mkdir (path: string): Promise<void>
  rmdir (path: string): Promise<void>
  unlink (path: string): Promise<void>
  rename (from: string, to: string): Promise<void>
  link (from: string, to: string): Promise<void>
  symlink (target: string, path: string): Promise<void>
  readlink (path: string): Promise<string>
  utimes (path: string, times: FileTimes): Promise<void>
  /** Of a file by path or descriptor. */
  truncate (file: string | number, size: number): Promise<void>
  chdir (path: string): Promise<void>
  cwd (): Promise<string>

  // ---- whole files and streams, of the calls above

  readFile (path: string): Promise<Uint8Array<ArrayBuffer>>
  readText (path: string): Promise<string>
  writeFile (path: string, data: Uint8Array | string): Promise<void>
  /** What comes out of a descriptor, piece by piece, to its end. */
  chunks (fd: number): AsyncIterable<Uint8Array<ArrayBuffer>>
  /** The same by lines, without their ends. */
  lines (fd: number): AsyncIterable<string>
  /** Writes a line to standard output. */
  print (text: string): Promise<void>

  // ---- processes

  /** Starts the program in a file, of these bytes, or another task, as a child; its process number. */
  spawn (program: string | Uint8Array | Task, options?: ChildOptions): Promise<number>
  /** Waits for a child to end, and takes its zombie away. ECHILD when there is none to wait for. */
  wait (which?: Children): Promise<ChildExit>
  /** The same, but null when none has ended yet. */
  waitNow (which?: Children): Promise<ChildExit | null>
  /** Sends a signal, by name (`SIGTERM`, the default) or number; 0 only asks whether the process is there. */
  kill (process: number, signal?: string | number): Promise<void>
  killGroup (group: number, signal?: string | number): Promise<void>
  /** What a signal does to this process from now on; children begin with it. `SIGKILL` cannot be ignored. */
  signal (signal: string | number, action: 'default' | 'ignore'): Promise<void>
  pid (): Promise<number>
  ppid (): Promise<number>
  /** The process group of a process; of this one by default. */
  group (process?: number): Promise<number>
  /** Moves this process (0) or a child into a process group; 0: a new one that it leads. */
  setGroup (process: number, group: number): Promise<void>
  /** The process group that an interrupt from the terminal goes to; 0: none. */
  foreground (fd?: number): Promise<number>
  setForeground (group: number, fd?: number): Promise<void>
  /** Ends this process. Whatever it has under way ends with it. */
  exit (status?: number): never

  // ---- time and chance

  /** Ms since 1970. */
  now (): Promise<number>
  /** Ns of a clock that never goes back. */
  monotonicNs (): Promise<number>
  /** Ns that this process has had the processor: the time of its calls, not of its code between them. */
  cpuTimeNs (): Promise<number>
  sleep (ms: number): Promise<void>
  random (size: number): Promise<Uint8Array<ArrayBuffer>>
}
