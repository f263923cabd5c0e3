/**
 * Making and ending descriptor tables: what the process server asks for, and how a process gets its first directories.
 */

import { Errno, chain, isFiber, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { DESCRIPTORS_MAX, FileType, HANDLES_MAX, INIT } from '../../roles/index.ts'
import type { DescriptorTables } from '../../roles/index.ts'
import type { Mount, Mounts } from './mounts.ts'
import { openInode } from './open-call.ts'
import { mustBeThere } from './path-calls.ts'
import type { Table, Tables } from './tables.ts'
import { Follow, Walk } from './walk.ts'

export function tableCalls (tables: Tables, mounts: Mounts): Pick<DescriptorTables, 'inherit' | 'preopen' | 'release'> {
  return {
    inherit (process, parent, descriptors, descriptorsMax) {
      if (tables.of(process) !== undefined) return -Errno.EEXIST
      const from = tables.of(parent)
      if (!(descriptorsMax >= 0)) return -Errno.EINVAL
      const max = Math.min(descriptorsMax || Infinity, from?.max ?? DESCRIPTORS_MAX, DESCRIPTORS_MAX)
      if (descriptors.length > max) return -Errno.EMFILE
      for (const fd of descriptors) if (fd >= 0 && from?.entries[fd] === undefined) return -Errno.EBADF
      if (descriptors.filter(fd => fd >= 0).length > tables.quota.left) return -Errno.ENFILE
      tables.make(process, max).fill(descriptors.map(fd => {
        const original = fd < 0 ? undefined : from?.entries[fd]
        return original?.duplicate()
      }))
      return 0
    },

    preopen (process, path, guestPath, rightsBase, rightsInheriting) {
      if (!path.startsWith('/')) return -Errno.EINVAL
      const open = (root: Mount): Eventual<number> =>
        preopenIn(root, path, tables.of(process) ?? tables.make(process, process === INIT ? HANDLES_MAX : DESCRIPTORS_MAX), guestPath, rightsBase, rightsInheriting)
      if (mounts.root !== null) return open(mounts.root)
      return chain(mounts.assemble(), failed => failed < 0 ? failed : open(mounts.root!))
    },

    // Who releases a process is not ended meanwhile: what it closes is closed.
    release (process) {
      const table = tables.of(process)
      if (table === undefined) return 0
      tables.end(process)
      const closing: Fiber<number>[] = []
      for (const descriptor of table.clear()) {
        const closed = descriptor.file.drop()
        if (isFiber(closed)) closing.push(closed)
      }
      for (const undo of table.owed) {
        const undone = undo()
        if (isFiber(undone)) closing.push(undone)
      }
      return closing.length === 0 ? 0 : closeAll(closing)
    }
  }
}

/** Opens a path of the mounted tree, which may be absolute here. */
function preopenIn (
  root: Mount, path: string, table: Table, guestPath: string, base: number, inheriting: number
): Eventual<number> {
  const walk = new Walk(root, root.root, Follow.ALWAYS)
  const relative = path.replace(/^\/+/, '')
  return chain(walk.run(relative === '' ? '.' : relative), failed => {
    const missing = failed === 0 ? mustBeThere(walk) : failed
    if (missing !== 0) return missing
    if (walk.type !== FileType.DIRECTORY) return -Errno.ENOTDIR
    return openInode(table, walk.mount, walk.inode, walk.type, walk.inode, base, inheriting, 0, guestPath)
  })
}

/** Finishes all closings, whatever each says. */
function * closeAll (closing: readonly Fiber<number>[]): Fiber<number> {
  for (const fiber of closing) yield * settle(fiber)
  return 0
}
