/**
 * Limits as people give them: checked, and made into what the parts of a system that enforce them are told.
 *
 * Those of a program bound it and all that descends from it together, but `descriptors`, which bounds each of them.
 * Those of a system bound all programs together: memory, processor time and processes by the core's own account, what
 * is kept in services by the services' own capacity.
 */

import { DESCRIPTORS_MAX, HANDLES_MAX, PROCESSES_MAX, PROGRAM_MEMORY_BYTES, RAMFS_BYTES_MAX, RAMFS_INODES_MAX, RESOURCES, Resource } from '../roles/index.ts'
import type { Machine } from '../machine/index.ts'
import { withOptions } from '../link/index.ts'
import type { Plan } from '../link/index.ts'
import type { Limits } from './api.ts'

/** The part of all processes that a program and its descendants may be, unless it is said: some are left for others. */
const PROCESSES_OF_ONE = 7 / 8

const units: Readonly<Record<keyof Limits, string>> = {
  memoryBytes: 'bytes', cpuTimeMs: 'milliseconds', processes: 'processes', descriptors: 'descriptors', files: 'files', diskBytes: 'bytes', pipeBytes: 'bytes'
}

/** Throws what is wrong with limits, in a sentence. */
export function checkLimits (where: string, limits: Limits): void {
  if (typeof limits !== 'object' || limits === null) throw new TypeError(`${where}: limits is an object, such as { memoryBytes: 64 * 2 ** 20 }`)
  for (const [name, value] of Object.entries(limits) as [keyof Limits, unknown][]) {
    if (!Object.hasOwn(units, name)) throw new TypeError(`${where}: there is no limit '${name}'; there are ${Object.keys(units).join(', ')}`)
    if (value === undefined || value === Infinity) continue
    if (typeof value !== 'number' || !(value >= 0) || (name !== 'cpuTimeMs' && !Number.isInteger(value))) {
      throw new TypeError(`${where}: limits.${name} is ${typeof value === 'number' ? value : `'${String(value)}'`}; give a ${name === 'cpuTimeMs' ? '' : 'whole '}number of ${units[name]} from 0 up, or Infinity`)
    }
  }
}

/** Limits of an account by Resource, Infinity where nothing is said. */
function byResource (limits: Limits): number[] {
  const all = new Array<number>(RESOURCES).fill(Infinity)
  all[Resource.MEMORY] = limits.memoryBytes ?? Infinity
  all[Resource.CPU] = (limits.cpuTimeMs ?? Infinity) * 1e6
  all[Resource.PROCESSES] = limits.processes ?? Infinity
  all[Resource.FILES] = limits.files ?? Infinity
  all[Resource.DISK] = limits.diskBytes ?? Infinity
  all[Resource.PIPES] = limits.pipeBytes ?? Infinity
  return all
}

/** What a program's account is begun with, defaults too. */
export function programLimits (limits: Limits, machine: Machine): { readonly account: readonly number[], readonly descriptorsMax: number } {
  const processes = Math.max(1, Math.floor(Math.min(PROCESSES_MAX, machine.addressSpacesMax.value) * PROCESSES_OF_ONE))
  return {
    account: byResource({ memoryBytes: PROGRAM_MEMORY_BYTES, processes, ...limits }),
    // 0 would be as many as the host may have.
    descriptorsMax: Math.max(1, Math.min(DESCRIPTORS_MAX, limits.descriptors ?? DESCRIPTORS_MAX))
  }
}

/** What the system's own account is begun with. */
export function systemLimits (limits: Limits): readonly number[] {
  return byResource({ ...limits, files: Infinity, diskBytes: Infinity, pipeBytes: Infinity })
}

/** The plan with the services told how much they may keep. */
export function withLimits (plan: Plan, { descriptors, files, diskBytes, pipeBytes }: Limits): Plan {
  return withOptions(plan, {
    // The host's own descriptors are among them.
    ...(descriptors === undefined ? {} : { vfs: { descriptorsMax: Math.min(HANDLES_MAX, descriptors) } }),
    ...(pipeBytes === undefined ? {} : { pipefs: { bytesMax: pipeBytes } }),
    ...(files === undefined && diskBytes === undefined ? {} : {
      ramfs: { inodesMax: Math.min(RAMFS_INODES_MAX, files ?? Infinity), bytesMax: Math.min(RAMFS_BYTES_MAX, diskBytes ?? Infinity) }
    })
  })
}
