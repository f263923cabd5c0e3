/** ramfs: a file system in memory. Options: `bytesMax` of file data, `inodesMax` of files and of their names. */

import { Accounts, Clock, FileSystem, RAMFS_BYTES_MAX, RAMFS_INODES_MAX, Resource, one, optional, service } from '../../roles/index.ts'
import { Payer } from '../payer.ts'
import { PageStore } from './pages.ts'
import { Ramfs } from './ramfs.ts'

export const ramfs = service({
  name: 'ramfs',
  summary: 'a file system in memory',
  provides: { files: FileSystem },
  requires: { clock: one(Clock), accounts: optional(Accounts) },
  options: { bytesMax: RAMFS_BYTES_MAX, inodesMax: RAMFS_INODES_MAX },
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ arena, caller, requires, options }) => {
    const payer = (resource: number): Payer => new Payer(() => requires.accounts, caller, resource)
    return {
      files: new Ramfs(() => requires.clock, new PageStore(arena, options.bytesMax, payer(Resource.DISK)), options.inodesMax, payer(Resource.FILES))
    }
  }
})
