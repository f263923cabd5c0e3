/**
 * Pipes: two open files on one inode of the file system that keeps them.
 */

import { Errno, chain } from '../../fiber/index.ts'
import type { Eventual } from '../../fiber/index.ts'
import { Access, FileType, RIGHTS_ALL, Rights } from '../../roles/index.ts'
import type { Files } from '../../roles/index.ts'
import { Mount } from './mounts.ts'
import { OpenFile } from './open-file.ts'
import { rightsOfType } from './rights.ts'
import { Descriptor, owing } from './tables.ts'
import type { Table, Tables } from './tables.ts'

export function pipeCall (tables: Tables, pipes: () => Mount | null): Files['pipe'] {
  return () => {
    const table = tables.current
    const mount = pipes()
    if (table === undefined || mount === null) return -Errno.ENOSYS
    const fs = mount.fs
    return chain(fs.root(), root => root < 0 ? root : chain(fs.create(root, '', FileType.UNKNOWN), inode =>
      inode < 0 ? inode : openEnds(table, mount, inode)))
  }
}

/** Opens both ends. A pipe goes when its last end is closed, so one that was not opened yet is undone by that. */
function openEnds (table: Table, mount: Mount, inode: number): Eventual<{ read: number, write: number } | number> {
  const { fs } = mount
  const opening = owing(table, fs.open(inode, Access.READ), () => chain(fs.open(inode, Access.READ), end => end < 0 ? end : fs.close(end)))
  return chain(opening, reading => {
    if (reading < 0) return reading
    return chain(owing(table, fs.open(inode, Access.WRITE), () => fs.close(reading)), writing => {
      if (writing < 0) return chain(owing(table, fs.close(reading), () => fs.close(reading)), () => writing)
      return addEnds(table, mount, inode, reading, writing)
    })
  })
}

function addEnds (
  table: Table, mount: Mount, inode: number, reading: number, writing: number
): Eventual<{ read: number, write: number } | number> {
  const rights = rightsOfType(FileType.UNKNOWN, false)
  const end = (handle: number, without: number): number => {
    const file = new OpenFile(mount.fs, mount, handle, inode, FileType.UNKNOWN, 0)
    return table.add(new Descriptor(file, rights & (RIGHTS_ALL ^ without), 0))
  }
  const read = end(reading, Rights.FD_WRITE)
  const write = read < 0 ? read : end(writing, Rights.FD_READ)
  if (write >= 0) return { read, write }
  if (read >= 0) table.remove(read)
  const { fs } = mount
  const closed = owing(table, fs.close(reading), () => chain(fs.close(reading), () => fs.close(writing)))
  return chain(closed, () => chain(owing(table, fs.close(writing), () => fs.close(writing)), () => write))
}
