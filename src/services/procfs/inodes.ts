/**
 * Inode numbers of a procfs: worked out from what they stand for, so that nothing is kept of what nobody has open.
 *
 * process * STRIDE + place. Process 0 is the system: its places are those of `systemEntries`. In a process's directory
 * place 0 is the directory itself, then come its entries, and from DESCRIPTORS on its descriptors by number.
 */

import { FileType } from '../../roles/index.ts'

/** Places of one process: as many as descriptors can ever be, and its entries before them. */
const STRIDE = 2 ** 20
const DESCRIPTORS = 2 ** 10

export type SystemName = '' | 'kaleidos' | 'self' | 'meminfo' | 'mounts' | 'uptime' | 'version' | 'counters' | 'domains' | 'gates' | 'plan'
export type ProcessName = '' | 'cmdline' | 'comm' | 'cwd' | 'environ' | 'fd' | 'limits' | 'stat' | 'status'

interface Entry<N extends string> {
  readonly name: N
  /** A FileType. */
  readonly type: number
  /** The directory that it stands in. */
  readonly parent: N
}

const directory = <N extends string>(name: N, parent: N): Entry<N> => ({ name, type: FileType.DIRECTORY, parent })
const file = <N extends string>(name: N, parent: N): Entry<N> => ({ name, type: FileType.REGULAR, parent })

/** By place, from 1: the root, then what is in it and below it. A name stands once. */
const systemEntries: readonly Entry<SystemName>[] = [
  directory('', ''), directory('kaleidos', ''), { name: 'self', type: FileType.SYMBOLIC_LINK, parent: '' },
  file('meminfo', ''), file('mounts', ''), file('uptime', ''), file('version', ''),
  file('counters', 'kaleidos'), file('domains', 'kaleidos'), file('gates', 'kaleidos'), file('plan', 'kaleidos')
]

/** By place: the directory of a process, then what is in it. */
const processEntries: readonly Entry<ProcessName>[] = [
  directory('', ''), file('cmdline', ''), file('comm', ''), { name: 'cwd', type: FileType.SYMBOLIC_LINK, parent: '' },
  file('environ', ''), directory('fd', ''), file('limits', ''), file('stat', ''), file('status', '')
]

export const ROOT = 1

/** What an inode stands for. */
export type Place =
  | { readonly of: 'system', readonly name: SystemName, readonly type: number }
  | { readonly of: 'process', readonly process: number, readonly name: ProcessName, readonly type: number }
  | { readonly of: 'descriptor', readonly process: number, readonly fd: number, readonly type: number }

/** A name in a directory. */
export interface NamedInode {
  readonly name: string
  readonly inode: number
  readonly type: number
}

/** What an inode number stands for; null when for nothing that there could be. */
export function placeOf (inode: number): Place | null {
  const process = Math.floor(inode / STRIDE)
  const place = inode % STRIDE
  if (process === 0) {
    const entry = systemEntries[place - ROOT]
    return entry === undefined ? null : { of: 'system', name: entry.name, type: entry.type }
  }
  if (place >= DESCRIPTORS) return { of: 'descriptor', process, fd: place - DESCRIPTORS, type: FileType.SYMBOLIC_LINK }
  const entry = processEntries[place]
  return entry === undefined ? null : { of: 'process', process, name: entry.name, type: entry.type }
}

export function processInode (process: number): number {
  return process * STRIDE
}

export function descriptorInode (process: number, fd: number): number {
  return process * STRIDE + DESCRIPTORS + fd
}

/** The fixed names of a directory of the system's. */
export function systemNames (parent: SystemName): NamedInode[] {
  return systemEntries.flatMap((entry, index) => entry.parent === parent && entry.name !== ''
    ? [{ name: entry.name, inode: ROOT + index, type: entry.type }]
    : [])
}

/** The names in the directory of a process. */
export function processNames (process: number): NamedInode[] {
  return processEntries.slice(1).map((entry, index) => ({ name: entry.name, inode: process * STRIDE + index + 1, type: entry.type }))
}

/** The number that a name is, written as numbers are: no sign, no zeros before it; -1 when it is none. */
export function numberOf (name: string): number {
  return /^(0|[1-9][0-9]{0,8})$/.test(name) ? Number(name) : -1
}
