/**
 * Listing a directory: '.', '..' and mount points first, then what the file system says.
 *
 * Cookies below FIRST_COOKIE are ours, in the order in which the entries are shown; a file system's own go through as
 * they are, and so do its records, straight into the caller's window. Only in a directory with mount points are they
 * made here first and those left out that a mount hides.
 */

import { Errno, chain } from '../../fiber/index.ts'
import type { Eventual } from '../../fiber/index.ts'
import {
  FIRST_COOKIE, FileType, READ, Rights, WRITE, Window, directoryRecordBytes, putDirectoryRecord, takeDirectoryRecord
} from '../../roles/index.ts'
import type { Arena, CopyCounter, Files } from '../../roles/index.ts'
import type { Mount } from './mounts.ts'
import type { OpenFile } from './open-file.ts'
import type { Tables } from './tables.ts'

/** Bytes of records that are made or filtered at once. */
const SCRATCH_BYTES = 4096

interface Shown {
  readonly name: string
  readonly inode: number
}

export function listingCall (tables: Tables, arena: Arena, counter: CopyCounter): Files['readDirectory'] {
  return (fd, cookie, into) => {
    const descriptor = tables.get(fd)
    if (descriptor === undefined) return -Errno.EBADF
    const file = descriptor.file
    if (file.type !== FileType.DIRECTORY || file.mount === null) return -Errno.ENOTDIR
    if ((descriptor.base & Rights.FD_READDIR) === 0) return -Errno.ENOTCAPABLE
    if (!(cookie >= 0)) return -Errno.EINVAL
    const points = file.mount.points.get(file.inode)
    const done = cookie < FIRST_COOKIE ? putShown(arena, shownIn(file, points), cookie, into) : 0
    if (done < 0) return done
    const from = cookie < FIRST_COOKIE ? 0 : cookie
    const rest = done === 0 ? into : into.slice(done)
    const more = points === undefined
      ? file.mount.fs.readDirectory(file.handle, from, rest)
      : filtered(file, points, from, rest, arena, counter)
    // What is there already is an answer, whatever else did not fit.
    return done === 0 ? more : chain(more, count => done + Math.max(0, count))
  }
}

function shownIn (file: OpenFile, points: ReadonlyMap<string, Mount> | undefined): Shown[] {
  const shown = [{ name: '.', inode: file.inode }, { name: '..', inode: file.above }]
  for (const [name, mount] of points ?? []) shown.push({ name, inode: mount.root })
  return shown
}

/** Writes our entries from `cookie` on; their bytes, or `-EINVAL` when not even one fits. */
function putShown (arena: Arena, shown: readonly Shown[], cookie: number, into: Window): number {
  let done = 0
  for (let index = cookie; index < shown.length; index++) {
    const { name, inode } = shown[index]!
    const size = directoryRecordBytes(name)
    if (done + size > into.length) return done === 0 ? -Errno.EINVAL : done
    const address = arena.allocate(size)
    if (address === 0) return -Errno.ENOMEM
    putDirectoryRecord(arena, address, index + 1, inode, FileType.DIRECTORY, name)
    const put = into.put(done, arena.bytes, address, size)
    arena.free(address, size)
    if (put < 0) return put
    done += size
  }
  return done
}

/** The file system's records without those that a mount hides. */
function filtered (
  file: OpenFile, points: ReadonlyMap<string, Mount>, cookie: number, into: Window, arena: Arena, counter: CopyCounter
): Eventual<number> {
  const room = Math.min(into.length, SCRATCH_BYTES)
  const scratch = arena.allocate(SCRATCH_BYTES)
  if (scratch === 0) return -Errno.ENOMEM
  const window = Window.of(arena, scratch, room, READ | WRITE, counter)!
  return chain(file.mount!.fs.readDirectory(file.handle, cookie, window), count => {
    let done = 0
    let last = cookie
    let failed = 0
    for (let at = 0; at < count && failed === 0;) {
      const record = takeDirectoryRecord(arena.bytes, scratch + at)
      const size = record.next - (scratch + at)
      if (!points.has(record.name)) {
        failed = Math.min(0, into.put(done, arena.bytes, scratch + at, size))
        done += size
      }
      last = record.cookie
      at += size
    }
    arena.free(scratch, SCRATCH_BYTES)
    if (count <= 0) return count
    if (failed !== 0) return failed
    // All of them hidden: 0 would say that the directory ends here.
    return done === 0 ? filtered(file, points, last, into, arena, counter) : done
  })
}
