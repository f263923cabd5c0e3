/** ramfs: a file system in memory. Options: `bytesMax` of file data, `inodesMax` of files and of their names. */

import { Accounts, Clock, FileSystem, RAMFS_BYTES_MAX, RAMFS_INODES_MAX, Resource, Store, one, optional, service } from '../../roles/index.ts'
import { Payer } from '../payer.ts'
import { KeptRamfs } from './kept.ts'
import { PageStore } from './pages.ts'
import { Ramfs } from './ramfs.ts'

export const ramfs = service({
  name: 'ramfs',
  summary: 'a file system in memory',
  provides: { files: FileSystem },
  requires: { clock: one(Clock), accounts: optional(Accounts), store: optional(Store) },
  keeps: 'store',
  options: { bytesMax: RAMFS_BYTES_MAX, inodesMax: RAMFS_INODES_MAX },
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ arena, caller, counter, requires, options, keep }) => {
    const payer = (resource: number): Payer => new Payer(() => requires.accounts, caller, resource)
    const ramfs = new Ramfs(() => requires.clock, new PageStore(arena, options.bytesMax, payer(Resource.DISK)), options.inodesMax, payer(Resource.FILES))
    if (requires.store === undefined) {
      keep(ramfs)
      return { files: ramfs }
    }
    const kept = new KeptRamfs(ramfs, arena, counter, () => requires.store!)
    return { files: kept.journal.serving(FileSystem, kept) }
  }
})
