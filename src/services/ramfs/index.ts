/** ramfs: a file system in memory. Options: `bytesMax` of file data, `inodesMax`. */

import { Clock, FileSystem, RAMFS_BYTES_MAX, RAMFS_INODES_MAX, one, service } from '../../roles/index.ts'
import { PageStore } from './pages.ts'
import { Ramfs } from './ramfs.ts'

export const ramfs = service({
  name: 'ramfs',
  summary: 'a file system in memory',
  provides: { files: FileSystem },
  requires: { clock: one(Clock) },
  options: { bytesMax: RAMFS_BYTES_MAX, inodesMax: RAMFS_INODES_MAX },
  start: ({ arena, requires, options }) => ({
    files: new Ramfs(() => requires.clock, new PageStore(arena, options.bytesMax), options.inodesMax)
  })
})
