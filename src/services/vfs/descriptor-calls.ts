/**
 * The calls on descriptors: reading, writing, positions, attributes.
 *
 * Each is plain as long as the file system behind it answers at once. The order of checks is everywhere: the
 * descriptor, what kind of file it is, the right, the arguments.
 */

import { Errno, chain, giveUp, isFiber, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import {
  APPEND, DescriptorFlags, FILE_BYTES_MAX, FileType, NO_WAIT, Rights, SetAttributes, Whence
} from '../../roles/index.ts'
import type { Attributes, FileAttributes, Files, Window } from '../../roles/index.ts'
import { MOVING } from './open-file.ts'
import type { OpenFile } from './open-file.ts'
import { drop } from './tables.ts'
import type { Tables } from './tables.ts'

const SYNCING = DescriptorFlags.SYNC | DescriptorFlags.DSYNC
/** Flags that a write to a file with a position has to look at. */
const SPECIAL = SYNCING | DescriptorFlags.APPEND
const FLAGS_ALL = DescriptorFlags.APPEND | DescriptorFlags.DSYNC | DescriptorFlags.NONBLOCK | DescriptorFlags.RSYNC |
  DescriptorFlags.SYNC
const TIMES = SetAttributes.ACCESS_TIME | SetAttributes.ACCESS_NOW | SetAttributes.MODIFY_TIME | SetAttributes.MODIFY_NOW
const NSEC = 1e9
const ADVICES = 6

export type DescriptorCalls = Pick<Files, 'read' | 'write' | 'pread' | 'pwrite' | 'seek' | 'tell' | 'close' | 'renumber' | 'duplicate' | 'duplicateTo' |
  'descriptor' | 'setDescriptorFlags' | 'setRights' | 'preopened' | 'attributes' | 'setSize' | 'setTimes' | 'allocate' |
  'advise' | 'sync'>

export function descriptorCalls (tables: Tables): DescriptorCalls {
  return {
    read (fd, into) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      const file = descriptor.file
      if ((descriptor.base & Rights.FD_READ) === 0) return file.type === FileType.DIRECTORY ? -Errno.EISDIR : -Errno.ENOTCAPABLE
      if (!file.seekable) return file.stream.read(file.handle, waiting(file), into)
      const position = file.position
      if (position < 0) return readSlowly(file, into)
      const got = file.stream.read(file.handle, position, into)
      if (isFiber(got)) return readOn(file, position, got, into)
      if (got > 0) {
        if (got > into.length) return -Errno.EIO
        file.position = position + got
      }
      return got
    },

    write (fd, from) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      const file = descriptor.file
      if ((descriptor.base & Rights.FD_WRITE) === 0) return file.type === FileType.DIRECTORY ? -Errno.EBADF : -Errno.ENOTCAPABLE
      if (!file.seekable) return file.stream.write(file.handle, waiting(file), from)
      const position = file.position
      if (position < 0 || (file.flags & SPECIAL) !== 0) return writeSpecially(file, from)
      const put = file.stream.write(file.handle, position, from)
      if (isFiber(put)) return writeOn(file, position, put, from)
      if (put > 0) {
        if (put > from.length) return -Errno.EIO
        file.position = position + put
      }
      return put
    },

    pread (fd, offset, into) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      const file = descriptor.file
      if (!file.seekable) return file.type === FileType.DIRECTORY ? -Errno.EISDIR : -Errno.ESPIPE
      if ((descriptor.base & Rights.FD_READ) === 0 || (descriptor.base & Rights.FD_SEEK) === 0) return -Errno.ENOTCAPABLE
      if (!(offset >= 0)) return -Errno.EINVAL
      return file.stream.read(file.handle, offset, into)
    },

    pwrite (fd, offset, from) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      const file = descriptor.file
      if (!file.seekable) return file.type === FileType.DIRECTORY ? -Errno.EBADF : -Errno.ESPIPE
      if ((descriptor.base & Rights.FD_WRITE) === 0 || (descriptor.base & Rights.FD_SEEK) === 0) return -Errno.ENOTCAPABLE
      if (!(offset >= 0)) return -Errno.EINVAL
      const put = file.stream.write(file.handle, offset, from)
      return (file.flags & SYNCING) === 0 ? put : synced(file, put)
    },

    seek (fd, offset, whence) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      const file = descriptor.file
      const refused = refusesSeek(file)
      if (refused !== 0) return refused
      const needed = offset === 0 && whence === Whence.CURRENT ? Rights.FD_SEEK | Rights.FD_TELL : Rights.FD_SEEK
      if ((descriptor.base & needed) === 0) return -Errno.ENOTCAPABLE
      if (whence === Whence.SET && file.position !== MOVING) return move(file, 0, offset, file.position)
      if (whence === Whence.CURRENT && file.position >= 0) return move(file, file.position, offset, file.position)
      if (whence !== Whence.SET && whence !== Whence.CURRENT && whence !== Whence.END) return -Errno.EINVAL
      return seekSlowly(file, offset, whence)
    },

    tell (fd) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      const file = descriptor.file
      const refused = refusesSeek(file)
      if (refused !== 0) return refused
      if ((descriptor.base & (Rights.FD_TELL | Rights.FD_SEEK)) === 0) return -Errno.ENOTCAPABLE
      return file.position >= 0 ? file.position : seekSlowly(file, 0, Whence.CURRENT)
    },

    close (fd) {
      const table = tables.current
      const descriptor = table?.entries[fd]
      if (table === undefined || descriptor === undefined) return -Errno.EBADF
      table.remove(fd)
      return drop(table, descriptor.file)
    },

    renumber (fd, to) {
      const table = tables.current
      const moved = table?.entries[fd]
      const replaced = table?.entries[to]
      if (table === undefined || moved === undefined || replaced === undefined) return -Errno.EBADF
      if (fd === to) return 0
      table.entries[to] = moved
      table.remove(fd)
      // It is gone whatever closing it says.
      return chain(drop(table, replaced.file), () => 0)
    },

    duplicate (fd, from) {
      const table = tables.current
      const original = table?.entries[fd]
      if (table === undefined || original === undefined) return -Errno.EBADF
      if (!table.has(from)) return -Errno.EINVAL
      const to = table.lowestFrom(from)
      if (to >= 0) table.put(to, original.duplicate())
      return to
    },

    duplicateTo (fd, to) {
      const table = tables.current
      const original = table?.entries[fd]
      if (table === undefined || original === undefined || !table.has(to)) return -Errno.EBADF
      if (fd === to) return 0
      if (!table.hasRoomAt(to)) return -Errno.ENFILE
      const replaced = table.entries[to]
      table.put(to, original.duplicate())
      // It is gone whatever closing it says.
      return replaced === undefined ? 0 : chain(drop(table, replaced.file), () => 0)
    },

    descriptor (fd) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      const file = descriptor.file
      return { type: file.type, flags: file.flags, rightsBase: descriptor.base, rightsInheriting: descriptor.inheriting }
    },

    setDescriptorFlags (fd, flags) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      if ((descriptor.base & Rights.FD_FDSTAT_SET_FLAGS) === 0) return -Errno.ENOTCAPABLE
      const file = descriptor.file
      const changed = flags ^ file.flags
      if ((changed & ~(DescriptorFlags.APPEND | DescriptorFlags.NONBLOCK)) !== 0) return -Errno.EINVAL
      file.flags = flags
      return 0
    },

    setRights (fd, base, inheriting) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      if ((base & ~descriptor.base) !== 0 || (inheriting & ~descriptor.inheriting) !== 0) return -Errno.ENOTCAPABLE
      descriptor.base = base
      descriptor.inheriting = inheriting
      return 0
    },

    preopened: fd => tables.get(fd)?.preopened ?? -Errno.EBADF,

    attributes (fd) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      if ((descriptor.base & Rights.FD_FILESTAT_GET) === 0) return -Errno.ENOTCAPABLE
      const { mount, inode, type } = descriptor.file
      if (mount === null) return socketAttributes(descriptor.file.handle, type)
      const found = mount.fs.attributes(inode)
      return isFiber(found) ? withDeviceLate(mount.device, found) : withDevice(mount.device, found)
    },

    setSize (fd, size) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      const file = descriptor.file
      if (file.type !== FileType.REGULAR) return -Errno.EINVAL
      if ((descriptor.base & Rights.FD_FILESTAT_SET_SIZE) === 0) return -Errno.ENOTCAPABLE
      if (!(size >= 0)) return -Errno.EINVAL
      if (size > FILE_BYTES_MAX) return -Errno.EFBIG
      return file.mount!.fs.setAttributes(file.inode, SetAttributes.SIZE, size, 0, 0, 0, 0)
    },

    setTimes (fd, which, accessSec, accessNsec, modifySec, modifyNsec) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      if ((descriptor.base & Rights.FD_FILESTAT_SET_TIMES) === 0) return -Errno.ENOTCAPABLE
      const refused = refusesTimes(which, accessNsec, modifyNsec)
      if (refused !== 0) return refused
      const { mount, inode } = descriptor.file
      if (mount === null) return -Errno.EINVAL
      if (mount.readOnly) return -Errno.EROFS
      return mount.fs.setAttributes(inode, which, 0, accessSec, accessNsec, modifySec, modifyNsec)
    },

    allocate (fd, offset, length) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      const file = descriptor.file
      if (file.type === FileType.DIRECTORY) return -Errno.EBADF
      if (!file.seekable) return -Errno.ESPIPE
      if ((descriptor.base & Rights.FD_ALLOCATE) === 0) return -Errno.ENOTCAPABLE
      if (!(offset >= 0) || !(length > 0)) return -Errno.EINVAL
      if (offset + length > FILE_BYTES_MAX) return -Errno.EFBIG
      return file.mount!.fs.allocate(file.handle, offset, length)
    },

    advise (fd, offset, length, advice) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      const file = descriptor.file
      if (file.type === FileType.DIRECTORY) return -Errno.EBADF
      if (!file.seekable) return -Errno.ESPIPE
      if ((descriptor.base & Rights.FD_ADVISE) === 0) return -Errno.ENOTCAPABLE
      return offset >= 0 && length >= 0 && advice >= 0 && advice < ADVICES ? 0 : -Errno.EINVAL
    },

    sync (fd, dataOnly) {
      const descriptor = tables.get(fd)
      if (descriptor === undefined) return -Errno.EBADF
      const file = descriptor.file
      if (!file.seekable && file.type !== FileType.DIRECTORY) return -Errno.EINVAL
      const needed = dataOnly === 0 ? Rights.FD_SYNC : Rights.FD_DATASYNC
      if ((descriptor.base & needed) === 0) return -Errno.ENOTCAPABLE
      return file.mount!.fs.sync(file.handle, dataOnly)
    }
  }
}

/** Attributes as programs see them. */
export function withDevice (device: number, found: Attributes | number): FileAttributes | number {
  if (typeof found === 'number') return found
  return {
    device, inode: found.inode, type: found.type, links: found.links, size: found.size,
    accessSec: found.accessSec, accessNsec: found.accessNsec, modifySec: found.modifySec, modifyNsec: found.modifyNsec,
    changeSec: found.changeSec, changeNsec: found.changeNsec
  }
}

export function withDeviceLate (device: number, found: Fiber<Attributes | number>): Eventual<FileAttributes | number> {
  return chain(found, late => withDevice(device, late))
}

/** The error of times that contradict themselves or are none; 0 when they can be set. */
export function refusesTimes (which: number, accessNsec: number, modifyNsec: number): number {
  const both = (one: number, other: number): boolean => (which & one) !== 0 && (which & other) !== 0
  if ((which & ~TIMES) !== 0) return -Errno.EINVAL
  if (both(SetAttributes.ACCESS_TIME, SetAttributes.ACCESS_NOW)) return -Errno.EINVAL
  if (both(SetAttributes.MODIFY_TIME, SetAttributes.MODIFY_NOW)) return -Errno.EINVAL
  if (!(accessNsec >= 0 && accessNsec < NSEC && modifyNsec >= 0 && modifyNsec < NSEC)) return -Errno.EINVAL
  return 0
}

/** Whether a set of descriptor flags has only known ones. */
export function knownFlags (flags: number): boolean {
  return (flags & ~FLAGS_ALL) === 0
}

/** The offset by which a pipe or device knows whether it may wait. */
function waiting (file: OpenFile): number {
  return (file.flags & DescriptorFlags.NONBLOCK) === 0 ? 0 : NO_WAIT
}

function refusesSeek (file: OpenFile): number {
  if (file.seekable) return 0
  return file.type === FileType.DIRECTORY ? -Errno.EBADF : -Errno.ESPIPE
}

function socketAttributes (handle: number, type: number): FileAttributes {
  return {
    device: 0, inode: handle, type, links: 1, size: 0,
    accessSec: 0, accessNsec: 0, modifySec: 0, modifyNsec: 0, changeSec: 0, changeNsec: 0
  }
}

// ---- positions that have to be waited for

/** Moves the position to `from + offset` and returns it; where that is no position, leaves it at `old`. */
function move (file: OpenFile, from: number, offset: number, old: number): number {
  const position = from + offset
  const possible = position >= 0 && position <= FILE_BYTES_MAX
  file.release(possible ? position : old)
  return possible ? position : -Errno.EINVAL
}

function * seekSlowly (file: OpenFile, offset: number, whence: number): Fiber<number> {
  const position = yield * file.hold()
  let held = true
  try {
    const end = whence === Whence.END ? yield * settle(file.size()) : 0
    if (end < 0) return end
    held = false
    return move(file, whence === Whence.SET ? 0 : whence === Whence.END ? end : position, offset, position)
  } finally {
    if (held) file.release(position)
  }
}

/** Goes on with a read at the position that the file system has begun but that has to wait. */
function * readOn (file: OpenFile, position: number, begun: Fiber<number>, into: Window): Fiber<number> {
  if (file.position !== position) {
    giveUp(begun)
    return yield * readSlowly(file, into)
  }
  file.position = MOVING
  return yield * moved(file, position, begun, into.length)
}

function * readSlowly (file: OpenFile, into: Window): Fiber<number> {
  const position = yield * file.hold()
  return yield * moved(file, position, file.stream.read(file.handle, position, into), into.length)
}

function * writeOn (file: OpenFile, position: number, begun: Fiber<number>, from: Window): Fiber<number> {
  if (file.position !== position) {
    giveUp(begun)
    return yield * writeSlowly(file, from)
  }
  file.position = MOVING
  return yield * moved(file, position, begun, from.length)
}

function * writeSlowly (file: OpenFile, from: Window): Fiber<number> {
  const position = yield * file.hold()
  return yield * moved(file, position, file.stream.write(file.handle, position, from), from.length)
}

/** Moves the held position by what the transfer of so many bytes comes to, and lets go of it. A file system that has lost count moves nothing. */
function * moved (file: OpenFile, position: number, transfer: Eventual<number>, most: number): Fiber<number> {
  let done = 0
  try {
    const count = yield * settle(transfer)
    done = count <= most ? count : -Errno.EIO
    return done
  } finally {
    file.release(position + Math.max(0, done))
  }
}

/** A write of a file with flags, or whose position is held. */
function writeSpecially (file: OpenFile, from: Window): Eventual<number> {
  const put = (file.flags & DescriptorFlags.APPEND) === 0 ? writeSlowly(file, from) : append(file, from)
  return (file.flags & SYNCING) === 0 ? put : synced(file, put)
}

/** Writes at the end and leaves the position behind what was written. */
function append (file: OpenFile, from: Window): Eventual<number> {
  return chain(file.stream.write(file.handle, APPEND, from), done => {
    if (done <= 0) return done
    return chain(file.size(), end => {
      if (end >= 0 && file.position !== MOVING) file.position = end
      return done
    })
  })
}

/** A write whose bytes are on stable storage before it returns. */
function synced (file: OpenFile, put: Eventual<number>): Eventual<number> {
  return chain(put, done => {
    if (done <= 0) return done
    const dataOnly = (file.flags & DescriptorFlags.SYNC) === 0 ? 1 : 0
    return chain(file.mount!.fs.sync(file.handle, dataOnly), failed => failed < 0 ? failed : done)
  })
}
