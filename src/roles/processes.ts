/**
 * Processes: programs as POSIX knows them: parents and children, exit, wait, kill, zombies and orphans.
 *
 * The caller is known by its badge, which is its process number. Process 1 is the host's own (init): orphans become
 * its children. Images are capabilities: only who holds one can spawn it.
 */

import { bytesIn, capability, count, granted, number, numbers, operation, parameter, record, role, status, string, strings, text, texts } from './role.ts'
import type { RecordOf, RoleOf } from './role.ts'

export const INIT = 1

/** Signals: the numbers of WASI's `signal`. */
export const Signal = {
  NONE: 0, HUP: 1, INT: 2, QUIT: 3, ILL: 4, TRAP: 5, ABRT: 6, BUS: 7, FPE: 8, KILL: 9, USR1: 10, SEGV: 11, USR2: 12,
  PIPE: 13, ALRM: 14, TERM: 15, CHLD: 16, CONT: 17, STOP: 18, TSTP: 19, TTIN: 20, TTOU: 21, URG: 22, XCPU: 23, XFSZ: 24,
  VTALRM: 25, PROF: 26, WINCH: 27, POLL: 28, PWR: 29, SYS: 30
} as const

const signalNames = new Map<number, string>(Object.entries(Signal).map(([name, number]) => [number, `SIG${name}`]))

/** The name of a signal: `SIGTERM`. */
export function signalName (signal: number): string {
  return signalNames.get(signal) ?? `signal ${signal}`
}

/** The number of a signal by name (`SIGTERM`, `TERM`) or number; throws a TypeError when there is none. */
export function signalNumber (signal: string | number): number {
  if (typeof signal === 'number') {
    if (signalNames.has(signal)) return signal
  } else {
    const found = (Signal as Readonly<Record<string, number>>)[signal.replace(/^SIG/, '')]
    if (found !== undefined) return found
  }
  throw new TypeError(`there is no signal ${signal}; there are ${[...signalNames.values()].slice(1).join(', ')}`)
}

/** How a process ended. EXIT: `code` is its status. SIGNAL: `code` is the Signal that ended it (a fault has one too). */
export const Ending = { EXIT: 0, SIGNAL: 1 } as const

export const endingFields = {
  process: number,
  /** An Ending. */
  kind: number,
  code: number,
  /** What happened, for a person: empty for an exit. */
  message: string
} as const
export type EndingRecord = RecordOf<typeof endingFields>

/** The priority of whoever is given no other: the middle of the usual eight. */
export const PRIORITY_DEFAULT = 4

/** Flags of `wait`. */
export const WAIT_NO_HANG = 1

/** `options` of `spawn`, as bits. */
export const SpawnOptions = {
  /** The child ignores SIGPIPE: writing to a pipe that nobody reads gives it EPIPE. */
  IGNORE_SIGPIPE: 1,
  /** The child has the caller's environment, and `env` does not count. */
  SAME_ENVIRONMENT: 2
} as const

/** `group` of `spawn`: the caller's, or a new one that the child leads; other numbers are groups to join. */
export const SpawnGroup = { SAME: -1, NEW: 0 } as const

/** What `signalAction` sets. */
export const SignalAction = { DEFAULT: 0, IGNORE: 1 } as const

/** How a child is started, whatever it is made of. Its descriptor i is a duplicate of the caller's descriptors[i]. */
const start = [parameter('args', strings), parameter('env', strings), parameter('descriptors', numbers), parameter('priority', number),
  parameter('options', number), parameter('limits', numbers), parameter('descriptorsMax', number), parameter('directory', string),
  parameter('group', number)] as const

export const Processes = role('Processes', 'spawns, waits for and ends processes', {
  spawn: operation(
    'starts an image as a child of the caller; returns its process number. `limits` are those of a new account for it and its descendants, ' +
    'empty: the caller\'s own; `descriptorsMax` 0: as many as the caller may have; `directory` is its working directory, empty: the caller\'s; ' +
    '`priority` is the caller\'s own where that is served later',
    [parameter('image', capability), ...start], count, { blocks: true, idempotent: false }),
  spawnFile: operation('the same from a file that the caller can open, relative to one of its directories',
    [parameter('fd', number), parameter('path', string), ...start], count, { blocks: true, idempotent: false }),
  spawnBytes: operation('the same from the bytes of a program', [parameter('from', bytesIn), ...start], count, { blocks: true, idempotent: false }),
  wait: operation(
    'waits for a child (0: any; negative: any of that process group) to end and takes its zombie away; process 0 with WAIT_NO_HANG when none has',
    [parameter('process', number), parameter('flags', number)], record(endingFields), { blocks: true, idempotent: false }),
  kill: operation('sends a signal (Signal) to a process (negative: to a process group); 0 only asks whether it is there', [parameter('process', number), parameter('signal', number)], status,
    { blocks: true, idempotent: true }),
  raise: operation('sends a signal to the caller', [parameter('signal', number)], status, { blocks: true, idempotent: true }),
  signalAction: operation('what a signal does to the caller from now on (SignalAction); returns what it did',
    [parameter('signal', number), parameter('action', number)], count, { blocks: true, idempotent: false }),
  group: operation('the process group of a process; 0: the caller\'s', [parameter('process', number)], count, { blocks: true, idempotent: true }),
  setGroup: operation('moves the caller (process 0) or a child of it into a process group; 0: a new one that it leads',
    [parameter('process', number), parameter('group', number)], status, { blocks: true, idempotent: true }),
  foreground: operation('the process group that the terminal\'s signals go to; 0: none', [], count, { blocks: true, idempotent: true }),
  setForeground: operation('lets the terminal\'s signals go to a process group; 0: none', [parameter('group', number)], status, { blocks: true, idempotent: true }),
  directory: operation('the caller\'s working directory, an absolute path', [], text, { blocks: true, idempotent: true }),
  setDirectory: operation('sets it; whether it is there is the caller\'s to know', [parameter('path', string)], status, { blocks: true, idempotent: true }),
  identity: operation('the caller\'s process number and its parent\'s', [], record({ process: number, parent: number }), { blocks: true, idempotent: true }),
  args: operation('the caller\'s arguments', [], texts, { blocks: true, idempotent: true }),
  env: operation('the caller\'s environment, KEY=value', [], texts, { blocks: true, idempotent: true }),
  cpuTime: operation('how long the caller has had the processor, in ns', [], count, { blocks: true, idempotent: true }),
  name: operation('the name of a process (its first argument)', [parameter('process', number)], text, { blocks: true, idempotent: true }),
  list: operation('the processes there are, zombies too', [], record({ processes: numbers, states: numbers }), { blocks: true, idempotent: true })
})
export type Processes = RoleOf<typeof Processes>

/** What the process server is told by the core: its fault handler. */
export const ThreadEvents = role('ThreadEvents', 'is told when a program\'s thread has ended', {
  ended: operation('the thread with this badge has ended, as `kind` (Ending) and `code` say',
    [parameter('badge', number), parameter('kind', number), parameter('code', number), parameter('message', string)], status,
    { blocks: true, idempotent: true })
})
export type ThreadEvents = RoleOf<typeof ThreadEvents>

export const usageFields = {
  /** 1 when it waits for something, else 0. */
  waiting: number,
  priority: number,
  /** When it was made, on the monotonic clock. */
  madeNs: number,
  /** How long it has had the processor. */
  ranNs: number,
  /** Bytes of its program's memory; 0 once it has ended. */
  memoryBytes: number
} as const
export type UsageRecord = RecordOf<typeof usageFields>

/** What the core does for the process server: threads and address spaces of programs. */
export const Threads = role('Threads', 'makes and ends address spaces with a thread in them', {
  load: operation('makes an image of the bytes of a program; -ENOEXEC when they are not one', [parameter('from', bytesIn)], granted,
    { blocks: true, idempotent: false }),
  create: operation('makes an address space and a thread for an image; calls through its gates carry `badge`',
    [parameter('image', capability), parameter('badge', number), parameter('priority', number)], granted,
    { blocks: false, idempotent: false }),
  start: operation('lets a thread run', [parameter('thread', capability)], status, { blocks: false, idempotent: false }),
  ranNs: operation('how long a thread has had the processor, in ns', [parameter('thread', capability)], count,
    { blocks: false, idempotent: true }),
  usage: operation('what a thread does and has used', [parameter('thread', capability)], record(usageFields),
    { blocks: false, idempotent: true }),
  end: operation('ends a thread as by a signal', [parameter('thread', capability), parameter('signal', number)], status, { blocks: false, idempotent: true }),
  drop: operation('gives a capability back', [parameter('capability', capability)], status, { blocks: false, idempotent: false })
})
export type Threads = RoleOf<typeof Threads>
