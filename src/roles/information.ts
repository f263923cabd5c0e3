/**
 * What a system tells of itself: processes, descriptors and mounts, the kernel's plan and counts. Each is told by who keeps
 * it, as numbers and names; how it looks is up to who shows it (`procfs`).
 *
 * Rules of use: to be read, never to be acted on: what is told was so at the moment of the call. Authority is that of any
 * role: who holds a capability to it may ask, about everybody. What a program may see is decided by who shows it.
 * Source: Linux `proc(5)`; MINIX 3's `getsysinfo`; Mach's `task_info`.
 */

import { count, list, number, numbers, operation, parameter, record, role, string, strings, text, texts } from './role.ts'
import type { RecordOf, RoleOf } from './role.ts'

/** Entries that one call tells at most; who wants the rest asks again from the next on. */
export const INFORMATION_ENTRIES_MAX = 256

const query = { blocks: true, idempotent: true } as const
const look = { blocks: false, idempotent: true } as const
const process = parameter('process', number)

/** What a process does. */
export const ProcessState = { RUNNABLE: 0, WAITING: 1, ZOMBIE: 2 } as const

export const processFields = {
  process: number,
  parent: number,
  /** Its process group. */
  group: number,
  /** A ProcessState. */
  state: number,
  priority: number,
  /** When it was made, on the monotonic clock. */
  madeNs: number,
  /** How long it has had the processor. */
  ranNs: number,
  /** The same of its children that have been waited for, with theirs. */
  childrenRanNs: number,
  /** Bytes of its memory now. */
  memoryBytes: number,
  args: strings,
  /** Its working directory. */
  directory: string
} as const
export type ProcessRecord = RecordOf<typeof processFields>

/** Provided by the process server. */
export const ProcessInformation = role('ProcessInformation', 'tells of processes', {
  processes: operation('process numbers above `after`, in order, INFORMATION_ENTRIES_MAX at most', [parameter('after', number)], list, query),
  process: operation('one process; -ESRCH when there is none', [process], record(processFields), query),
  environment: operation('the environment of a process, KEY=value', [process], texts, query)
})
export type ProcessInformation = RoleOf<typeof ProcessInformation>

export const openFileFields = {
  /** A FileType. */
  type: number,
  /** Of the mount; 0 of a pipe or socket. */
  device: number,
  inode: number,
  /** DescriptorFlags. */
  flags: number,
  position: number,
  rightsBase: number,
  rightsInheriting: number,
  /** What a preopened directory stands for; else empty. */
  path: string
} as const
export type OpenFileRecord = RecordOf<typeof openFileFields>

/** Provided by the VFS. */
export const FileInformation = role('FileInformation', 'tells of mounts, and of the descriptors of processes', {
  mounts: operation('the mounted tree: columns, one entry for each mount, the root first', [],
    record({ devices: numbers, paths: strings, fileSystems: strings, readOnly: numbers }), query),
  descriptors: operation('the numbers of a process\'s descriptors from `from` on, in order, INFORMATION_ENTRIES_MAX at most; -ESRCH when it has no table',
    [process, parameter('from', number)], list, query),
  descriptorsMax: operation('how many descriptors a process may have; -ESRCH when it has no table', [process], count, query),
  openFile: operation('what a descriptor of a process stands for', [process, parameter('fd', number)], record(openFileFields), query)
})
export type FileInformation = RoleOf<typeof FileInformation>

/** Provided by the core, to those whom the plan gives a gate to it. */
export const SystemInformation = role('SystemInformation', 'tells of the kernel: its plan, domains, gates and counts', {
  kernel: operation('which kernel this is', [], record({ version: string, name: string, core: string }), look),
  plan: operation('the plan, as JSON', [], text, look),
  times: operation('how long the system has run, and how long of that the processor was busy',
    [], record({ uptimeNs: number, busyNs: number }), look),
  limits: operation('what bounds a process, by Resource: the least that its account and those above it may use; Infinity for nothing', [process], list, look),
  counters: operation('what has been counted since boot: columns', [], record({ names: strings, values: numbers }), look),
  domains: operation(
    'the address spaces from number `from` on: columns, INFORMATION_ENTRIES_MAX at most. States are alive, tainted, dead; services of one are joined by commas; ' +
    'calls are those that came in through gates, restarts how often the domain was made anew',
    [parameter('from', number)],
    record({
      spaces: numbers, labels: strings, modes: strings, walls: strings, services: strings, states: strings,
      arenaBytes: numbers, allocatedBytes: numbers, memoryBytes: numbers, calls: numbers, restarts: numbers
    }), look),
  gates: operation('the ways between services that the plan makes: columns. Calls are -1 for a direct one, which is no gate and is not counted',
    [], record({ kinds: strings, from: strings, to: strings, roles: strings, calls: numbers }), look)
})
export type SystemInformation = RoleOf<typeof SystemInformation>
