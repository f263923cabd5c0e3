/**
 * procfs: the system as files: its processes, mounts, plan and counts. Names and formats are Linux's where Linux has them.
 *
 * What it shows it asks of who keeps it; its requirements are late, since the VFS that it asks is the one that mounts it.
 */

import { FileInformation, FileSystem, ProcessInformation, SystemInformation, late, one, service } from '../../roles/index.ts'
import { Procfs } from './procfs.ts'

export const procfs = service({
  name: 'procfs',
  summary: 'shows processes, mounts, the plan and counts as files',
  provides: { files: FileSystem },
  requires: {
    processes: late(one(ProcessInformation)), files: late(one(FileInformation)), system: one(SystemInformation)
  },
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ arena, caller, requires }) => ({ files: new Procfs(arena, caller, () => requires) })
})
