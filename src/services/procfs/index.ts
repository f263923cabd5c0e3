/**
 * procfs: the system as files: its processes, mounts, plan and counts. Names and formats are Linux's where Linux has them.
 *
 * What it shows it asks of who keeps it; its requirements are late, since the VFS that it asks is the one that mounts it.
 */

import { FileInformation, FileSystem, ProcessInformation, Store, SystemInformation, late, one, optional, service } from '../../roles/index.ts'
import { KeptProcfs } from './kept.ts'
import { Procfs } from './procfs.ts'

export const procfs = service({
  name: 'procfs',
  summary: 'shows processes, mounts, the plan and counts as files',
  provides: { files: FileSystem },
  requires: {
    processes: late(one(ProcessInformation)), files: late(one(FileInformation)), system: one(SystemInformation), store: optional(Store)
  },
  keeps: 'store',
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ arena, caller, counter, requires, keep }) => {
    if (requires.store === undefined) {
      const files = new Procfs(arena, caller, () => requires)
      keep(files)
      return { files }
    }
    const kept = new KeptProcfs(arena, caller, () => requires, counter, () => requires.store!)
    return { files: kept.journal.serving(FileSystem, kept) }
  }
})
