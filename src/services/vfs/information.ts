/** What the VFS tells of itself: the mounted tree, and what descriptors stand for. */

import { Errno } from '../../fiber/index.ts'
import { INFORMATION_ENTRIES_MAX } from '../../roles/index.ts'
import type { FileInformation } from '../../roles/index.ts'
import type { Mounts } from './mounts.ts'
import type { Tables } from './tables.ts'

export function fileInformation (tables: Tables, mounts: Mounts): FileInformation {
  return {
    mounts: () => ({
      devices: mounts.options.map((_option, index) => index + 1),
      paths: mounts.options.map(option => option.path),
      fileSystems: mounts.options.map(option => option.fileSystem),
      readOnly: mounts.options.map(option => option.readOnly === true ? 1 : 0)
    }),

    descriptors (process, from) {
      const table = tables.of(process)
      if (table === undefined) return -Errno.ESRCH
      const found: number[] = []
      for (let fd = Math.max(0, from); fd < table.entries.length && found.length < INFORMATION_ENTRIES_MAX; fd++) {
        if (table.entries[fd] !== undefined) found.push(fd)
      }
      return found
    },

    descriptorsMax: process => tables.of(process)?.max ?? -Errno.ESRCH,

    openFile (process, fd) {
      const table = tables.of(process)
      if (table === undefined) return -Errno.ESRCH
      const descriptor = table.entries[fd]
      if (descriptor === undefined) return -Errno.EBADF
      const { file } = descriptor
      return {
        type: file.type,
        device: file.mount?.device ?? 0,
        inode: file.inode,
        flags: file.flags,
        // While somebody moves it, it is nowhere.
        position: Math.max(0, file.position),
        rightsBase: descriptor.base,
        rightsInheriting: descriptor.inheriting,
        path: descriptor.preopened ?? ''
      }
    }
  }
}
