/** What the files of a process say. Source: Linux `proc(5)`: `/proc/pid/stat`, `status`, `cmdline`, `comm`, `environ`, `fd`, `limits`. */

import { settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { FileType, ProcessState, Resource } from '../../roles/index.ts'
import type { OpenFileRecord, ProcessRecord } from '../../roles/index.ts'
import type { ProcessName } from './inodes.ts'
import type { Sources } from './procfs.ts'
import { commandOf, escaped, fields, kilobytes } from './text.ts'

/** Clock ticks a second, in which Linux tells times. */
const TICKS = 100
/** Fields of `stat`. */
const STAT_FIELDS = 52

const states: Readonly<Record<number, readonly [letter: string, name: string]>> = {
  [ProcessState.RUNNABLE]: ['R', 'running'], [ProcessState.WAITING]: ['S', 'sleeping'], [ProcessState.ZOMBIE]: ['Z', 'zombie']
}

/** What a file of a process says now; an error when there is no such process. */
export function * processText ({ processes, files, system }: Sources, number: number, name: ProcessName): Fiber<string | number> {
  if (name === 'environ') {
    const environment = yield * settle(processes.environment(number))
    return typeof environment === 'number' ? environment : terminated(environment)
  }
  const process = yield * settle(processes.process(number))
  if (typeof process === 'number') return process
  switch (name) {
    // What a zombie was started with is gone with its memory.
    case 'cmdline': return process.state === ProcessState.ZOMBIE ? '' : terminated(process.args)
    case 'comm': return `${escaped(commandOf(process.args))}\n`
    case 'limits': {
      // A zombie has no descriptors, and bounds for none.
      const descriptors = yield * settle(files.descriptorsMax(number))
      const bounds = system.limits(number)
      return typeof bounds === 'number' ? bounds : limits(bounds, descriptors)
    }
    case 'stat': return stat(process)
    default: return status(process)
  }
}

/** What a descriptor is a symbolic link to: a path where one is known, else what it is and its number, as Linux shows pipes. */
export function descriptorTarget (open: OpenFileRecord): string {
  if (open.path !== '') return open.path
  return `${kinds[open.type] ?? 'file'}:[${open.device === 0 ? '' : `${open.device}:`}${open.inode}]`
}

const kinds: Readonly<Record<number, string>> = {
  [FileType.CHARACTER_DEVICE]: 'device', [FileType.BLOCK_DEVICE]: 'device', [FileType.DIRECTORY]: 'directory',
  [FileType.SOCKET_STREAM]: 'socket', [FileType.SOCKET_DATAGRAM]: 'socket', [FileType.UNKNOWN]: 'pipe'
}

function terminated (texts: readonly string[]): string {
  return texts.map(each => `${each}\0`).join('')
}

/** One line of 52 numbers (but for the name and the state); those that have no meaning here are 0. */
function stat (process: ProcessRecord): string {
  const values: (string | number)[] = Array.from({ length: STAT_FIELDS }, () => 0)
  // By the numbers of proc(5), which begin at 1.
  const set = (field: number, value: string | number): void => { values[field - 1] = value }
  set(1, process.process)
  set(2, `(${escaped(commandOf(process.args))})`)
  set(3, letterOf(process))
  set(4, process.parent)
  set(5, process.group)
  set(14, ticks(process.ranNs))
  set(16, ticks(process.childrenRanNs))
  set(18, process.priority)
  set(20, 1)
  set(22, ticks(process.madeNs))
  set(23, process.memoryBytes)
  set(24, Math.ceil(process.memoryBytes / 4096))
  return `${values.join(' ')}\n`
}

function status (process: ProcessRecord): string {
  return fields({
    Name: escaped(commandOf(process.args)),
    State: `${letterOf(process)} (${states[process.state]![1]})`,
    Tgid: process.process,
    Pid: process.process,
    PPid: process.parent,
    NSpgid: process.group,
    VmSize: kilobytes(process.memoryBytes),
    VmRSS: kilobytes(process.memoryBytes),
    Threads: 1,
    Priority: process.priority,
    CpuTimeNs: Math.round(process.ranNs)
  })
}

/** Linux's columns and names, and its rows first as far as there are such bounds here. Nothing can raise one: soft and hard are the same. */
function limits (bounds: readonly number[], descriptors: number): string {
  const line = (...cells: readonly [name: string, soft: string, hard: string, units: string]): string =>
    `${cells[0].padEnd(25)} ${cells[1].padEnd(20)} ${cells[2].padEnd(20)} ${cells[3].padEnd(10)}\n`
  const row = (name: string, bound: number, units: string): string => {
    const value = bound === Infinity ? 'unlimited' : String(bound)
    return line(name, value, value, units)
  }
  return [
    line('Limit', 'Soft Limit', 'Hard Limit', 'Units'),
    row('Max cpu time', bounds[Resource.CPU]! / 1e9, 'seconds'),
    row('Max processes', bounds[Resource.PROCESSES]!, 'processes'),
    row('Max open files', Math.max(0, descriptors), 'files'),
    row('Max address space', bounds[Resource.MEMORY]!, 'bytes'),
    row('Max files', bounds[Resource.FILES]!, 'inodes'),
    row('Max disk space', bounds[Resource.DISK]!, 'bytes'),
    row('Max pipe buffers', bounds[Resource.PIPES]!, 'bytes')
  ].join('')
}

function letterOf (process: ProcessRecord): string {
  return states[process.state]![0]
}

function ticks (ns: number): number {
  return Math.floor(ns / (1e9 / TICKS))
}
