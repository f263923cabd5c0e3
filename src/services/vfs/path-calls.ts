/**
 * The calls on paths. Each walks to the last name first, checks, and then asks the file system for one change.
 *
 * Where a path ends in a slash, what it names must be a directory or become one. Mount points are names that nothing
 * changes (-EBUSY). Where POSIX leaves the error open, it is Linux's.
 */

import { Errno, chain, isFiber, utf8Length } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { FileType, LookupFlags, PATH_BYTES_MAX, Rights } from '../../roles/index.ts'
import type { FileAttributes, Files } from '../../roles/index.ts'
import { refusesTimes, withDevice, withDeviceLate } from './descriptor-calls.ts'
import type { Mount } from './mounts.ts'
import type { Tables } from './tables.ts'
import { Follow, Walk } from './walk.ts'

export type PathCalls = Pick<Files, 'attributesAt' | 'setTimesAt' | 'createDirectory' | 'removeDirectory' | 'unlink' | 'link' |
  'symlink' | 'readLink' | 'rename'>

/** The start of a walk: the directory that a descriptor stands for, if it has the right; else the error. */
export function startWalk (tables: Tables, fd: number, right: number, follow: number, creates = false): Walk | number {
  const descriptor = tables.get(fd)
  if (descriptor === undefined) return -Errno.EBADF
  const file = descriptor.file
  if (file.type !== FileType.DIRECTORY || file.mount === null) return -Errno.ENOTDIR
  if ((descriptor.base & right) !== right) return -Errno.ENOTCAPABLE
  return new Walk(file.mount, file.inode, follow, creates)
}

/** The Follow that lookup flags mean, or -1 for flags that there are not. */
export function followOf (lookupFlags: number): number {
  if ((lookupFlags & ~LookupFlags.SYMLINK_FOLLOW) !== 0) return -1
  return lookupFlags === 0 ? Follow.BEFORE_SLASH : Follow.ALWAYS
}

export function pathCalls (tables: Tables): PathCalls {
  /** Walks to where a name is to be made or removed, and does it; `act` is called with nothing wrong so far. */
  function atLastName (fd: number, right: number, path: string, act: (walk: Walk) => Eventual<number>): Eventual<number> {
    const walk = startWalk(tables, fd, right, Follow.NEVER)
    if (typeof walk === 'number') return walk
    const failed = walk.run(path)
    if (typeof failed === 'number') return failed === 0 ? act(walk) : failed
    return actLate(walk, failed, act)
  }

  return {
    attributesAt (fd, lookupFlags, path) {
      const follow = followOf(lookupFlags)
      if (follow < 0) return -Errno.EINVAL
      const walk = startWalk(tables, fd, Rights.PATH_FILESTAT_GET, follow)
      if (typeof walk === 'number') return walk
      const failed = walk.run(path)
      return typeof failed === 'number' ? attributesOf(walk, failed) : attributesLate(walk, failed)
    },

    setTimesAt (fd, lookupFlags, path, which, accessSec, accessNsec, modifySec, modifyNsec) {
      const follow = followOf(lookupFlags)
      if (follow < 0) return -Errno.EINVAL
      const walk = startWalk(tables, fd, Rights.PATH_FILESTAT_SET_TIMES, follow)
      if (typeof walk === 'number') return walk
      const refused = refusesTimes(which, accessNsec, modifyNsec)
      if (refused !== 0) return refused
      return chain(walk.run(path), failed => {
        const missing = failed === 0 ? mustBeThere(walk) : failed
        if (missing !== 0) return missing
        if (walk.mount.readOnly) return -Errno.EROFS
        return walk.mount.fs.setAttributes(walk.inode, which, 0, accessSec, accessNsec, modifySec, modifyNsec)
      })
    },

    createDirectory: (fd, path) => atLastName(fd, Rights.PATH_CREATE_DIRECTORY, path, walk => {
      if (walk.inode !== 0) return -Errno.EEXIST
      if (walk.parentMount.readOnly) return -Errno.EROFS
      return chain(walk.parentMount.fs.create(walk.parent, walk.name, FileType.DIRECTORY), made => Math.min(made, 0))
    }),

    removeDirectory: (fd, path) => atLastName(fd, Rights.PATH_REMOVE_DIRECTORY, path, walk => {
      if (walk.name === '') return walk.dots === '..' ? -Errno.ENOTEMPTY : -Errno.EINVAL
      if (walk.inode === 0) return -Errno.ENOENT
      if (walk.type !== FileType.DIRECTORY) return -Errno.ENOTDIR
      if (isMountPoint(walk)) return -Errno.EBUSY
      if (walk.parentMount.readOnly) return -Errno.EROFS
      if (holdsMountPoint(walk)) return -Errno.ENOTEMPTY
      return changed(walk.parentMount, walk.parentMount.fs.removeDirectory(walk.parent, walk.name))
    }),

    unlink: (fd, path) => atLastName(fd, Rights.PATH_UNLINK_FILE, path, walk => {
      if (walk.name === '') return -Errno.EISDIR
      if (walk.inode === 0) return -Errno.ENOENT
      if (walk.type === FileType.DIRECTORY) return -Errno.EISDIR
      if (walk.slash) return -Errno.ENOTDIR
      if (walk.parentMount.readOnly) return -Errno.EROFS
      return changed(walk.parentMount, walk.parentMount.fs.unlink(walk.parent, walk.name))
    }),

    link (fd, lookupFlags, path, toFd, toPath) {
      const follow = followOf(lookupFlags)
      if (follow < 0) return -Errno.EINVAL
      const from = startWalk(tables, fd, Rights.PATH_LINK_SOURCE, follow)
      if (typeof from === 'number') return from
      const to = startWalk(tables, toFd, Rights.PATH_LINK_TARGET, Follow.NEVER)
      if (typeof to === 'number') return to
      return chain(from.run(path), failed => {
        const missing = failed === 0 ? mustBeThere(from) : failed
        if (missing !== 0) return missing
        return chain(to.run(toPath), failedTo => {
          if (failedTo !== 0) return failedTo
          if (to.inode !== 0) return -Errno.EEXIST
          if (to.slash) return -Errno.ENOENT
          if (from.mount !== to.parentMount) return -Errno.EXDEV
          if (to.parentMount.readOnly) return -Errno.EROFS
          if (from.type === FileType.DIRECTORY) return -Errno.EPERM
          return to.parentMount.fs.link(from.inode, to.parent, to.name)
        })
      })
    },

    symlink: (target, fd, path) => atLastName(fd, Rights.PATH_SYMLINK, path, walk => {
      if (target === '') return -Errno.ENOENT
      if (target.includes('\0')) return -Errno.EINVAL
      // Nothing could follow it: every walk stays below where it started.
      if (target.startsWith('/')) return -Errno.ENOTCAPABLE
      if (utf8Length(target) > PATH_BYTES_MAX) return -Errno.ENAMETOOLONG
      if (walk.inode !== 0) return -Errno.EEXIST
      if (walk.slash) return -Errno.ENOENT
      if (walk.parentMount.readOnly) return -Errno.EROFS
      return chain(walk.parentMount.fs.symlink(walk.parent, walk.name, target), made => Math.min(made, 0))
    }),

    readLink (fd, path) {
      const walk = startWalk(tables, fd, Rights.PATH_READLINK, Follow.BEFORE_SLASH)
      if (typeof walk === 'number') return walk
      return chain(walk.run(path), (failed): Eventual<string | number> => {
        const missing = failed === 0 ? mustBeThere(walk) : failed
        if (missing !== 0) return missing
        return walk.type === FileType.SYMBOLIC_LINK ? walk.mount.fs.readLink(walk.inode) : -Errno.EINVAL
      })
    },

    rename (fd, path, toFd, toPath) {
      const from = startWalk(tables, fd, Rights.PATH_RENAME_SOURCE, Follow.NEVER)
      if (typeof from === 'number') return from
      const to = startWalk(tables, toFd, Rights.PATH_RENAME_TARGET, Follow.NEVER)
      if (typeof to === 'number') return to
      const failed = from.run(path)
      const failedTo = failed === 0 ? to.run(toPath) : 0
      if (typeof failed === 'number' && typeof failedTo === 'number') return failed !== 0 ? failed : rename(from, to, failedTo)
      return renameLate(from, to, failed, failed === 0 ? failedTo : null, toPath)
    }
  }
}

/** `failedTo`: of the second walk, where that was begun. */
function renameLate (from: Walk, to: Walk, failed: Eventual<number>, failedTo: Eventual<number> | null, toPath: string): Eventual<number> {
  return chain(failed, late => {
    if (late !== 0) return late
    return chain(failedTo ?? to.run(toPath), lateTo => rename(from, to, lateTo))
  })
}

function actLate (walk: Walk, failed: Fiber<number>, act: (walk: Walk) => Eventual<number>): Eventual<number> {
  return chain(failed, late => late === 0 ? act(walk) : late)
}

function attributesLate (walk: Walk, failed: Fiber<number>): Eventual<FileAttributes | number> {
  return chain(failed, late => attributesOf(walk, late))
}

function attributesOf (walk: Walk, failed: number): Eventual<FileAttributes | number> {
  const missing = failed === 0 ? mustBeThere(walk) : failed
  if (missing !== 0) return missing
  const { device, fs } = walk.mount
  const found = fs.attributes(walk.inode)
  return isFiber(found) ? withDeviceLate(device, found) : withDevice(device, found)
}

/** Names of a mount are removed or renamed, now or while that goes on. */
function changed (mount: Mount, result: Eventual<number>): Eventual<number> {
  mount.walks?.forget()
  return typeof result === 'number' ? result : changedSlowly(mount, result)
}

function * changedSlowly (mount: Mount, fiber: Fiber<number>): Fiber<number> {
  try {
    return yield * fiber
  } finally {
    mount.walks?.forget()
  }
}

function rename (from: Walk, to: Walk, failed: number): Eventual<number> {
  const refused = failed === 0 ? refusesRename(from, to) : failed
  return refused !== 0 ? refused : changed(from.parentMount, from.parentMount.fs.rename(from.parent, from.name, to.parent, to.name))
}

/** The error of a path that must name something; 0 when it does. */
export function mustBeThere (walk: Walk): number {
  if (walk.inode === 0) return -Errno.ENOENT
  return walk.slash && walk.type !== FileType.DIRECTORY ? -Errno.ENOTDIR : 0
}

function refusesRename (from: Walk, to: Walk): number {
  if (from.parentMount !== to.parentMount) return -Errno.EXDEV
  if (from.name === '' || to.name === '') return -Errno.EBUSY
  if (from.inode === 0) return -Errno.ENOENT
  if (from.type !== FileType.DIRECTORY && (from.slash || to.slash)) return -Errno.ENOTDIR
  if (isMountPoint(from) || isMountPoint(to)) return -Errno.EBUSY
  if (to.inode !== 0 && holdsMountPoint(to)) return from.type === FileType.DIRECTORY ? -Errno.ENOTEMPTY : -Errno.EISDIR
  return from.parentMount.readOnly ? -Errno.EROFS : 0
}

/** Whether the last name is one under which something is mounted. */
function isMountPoint (walk: Walk): boolean {
  return walk.parentMount.at(walk.parent, walk.name) !== undefined
}

/** Whether something is mounted in the directory that was found: then it is not empty, whatever its file system says. */
function holdsMountPoint (walk: Walk): boolean {
  return walk.mount.points.has(walk.inode)
}
