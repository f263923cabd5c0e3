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
import { Descriptor } from './tables.ts'
import type { Table, Tables } from './tables.ts'

export function pipeCall (tables: Tables, pipes: () => Mount | null): Files['pipe'] {
  return () => {
    const table = tables.current
    const mount = pipes()
    if (table === undefined || mount === null) return -Errno.ENOSYS
    const fs = mount.fs
    return chain(fs.root(), root => root < 0 ? root : chain(fs.create(root, '', FileType.UNKNOWN), inode => {
      if (inode < 0) return inode
      return chain(fs.open(inode, Access.READ), reading => {
        if (reading < 0) return reading
        return chain(fs.open(inode, Access.WRITE), writing => {
          if (writing < 0) return chain(fs.close(reading), () => writing)
          return addEnds(table, mount, inode, reading, writing)
        })
      })
    }))
  }
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
  return chain(mount.fs.close(reading), () => chain(mount.fs.close(writing), () => write))
}
