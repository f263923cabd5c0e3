/**
 * `path_*`: calls on paths, which start in an open directory.
 *
 * Paths are taken from memory before anything else happens. What they mean, trailing slashes and links with them, is
 * the files' to say.
 */

import { Errno, isFiber, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import type { Arena } from '../../roles/index.ts'
import { inside, nanosecondsOf, put32, putString, secondsOf, takePath } from './memory.ts'
import { begin, deliverSlowly, errnoOf } from './personality.ts'
import type { Calls, Personality } from './personality.ts'
import { FDFLAGS_ALL, FILESTAT_BYTES, LOOKUPFLAGS_ALL, OFLAGS_ALL, putFilestat, rightsOf, setTimesOf } from './structures.ts'

type PathCalls = Calls<
  'path_create_directory' | 'path_filestat_get' | 'path_filestat_set_times' | 'path_link' | 'path_open' |
  'path_readlink' | 'path_remove_directory' | 'path_rename' | 'path_symlink' | 'path_unlink_file'
>

export function pathCalls (personality: Personality): PathCalls {
  const { caller, requires, counter } = personality

  const take = (memory: Arena | null, at: number, length: number): string | number =>
    memory === null ? Errno.EFAULT : takePath(memory, at, length, counter)

  function * readLink (memory: Arena, fd: number, path: string, buffer: number, room: number, out: number): Fiber<number> {
    const target = yield * settle(requires.files.readLink(fd, path))
    if (typeof target === 'number') return -target
    put32(memory.view, out, putString(memory, buffer, room, target, counter))
    return Errno.SUCCESS
  }

  /** A call that takes a directory and a path and gives a status. */
  const onPath = (call: (fd: number, path: string) => Eventual<number>) => (fd: number, at: number, length: number): Eventual<number> => {
    const path = take(caller.memory, at, length)
    return typeof path === 'number' ? path : errnoOf(call(fd, path))
  }

  return {
    path_create_directory: onPath((fd, path) => requires.files.createDirectory(fd, path)),
    path_remove_directory: onPath((fd, path) => requires.files.removeDirectory(fd, path)),
    path_unlink_file: onPath((fd, path) => requires.files.unlink(fd, path)),

    path_filestat_get (fd, lookupFlags, at, length, out) {
      const memory = caller.memory
      if (memory === null || !inside(memory, out >>> 0, FILESTAT_BYTES)) return Errno.EFAULT
      const path = take(memory, at, length)
      if (typeof path === 'number') return path
      if ((lookupFlags & ~LOOKUPFLAGS_ALL) !== 0) return Errno.EINVAL
      const found = requires.files.attributesAt(fd, lookupFlags, path)
      if (typeof found === 'number') return -found
      if (isFiber(found)) return deliverSlowly(memory, out >>> 0, found, putFilestat)
      putFilestat(memory.view, out >>> 0, found)
      return Errno.SUCCESS
    },

    path_filestat_set_times (fd, lookupFlags, at, length, accessLo, accessHi, modifyLo, modifyHi, flags) {
      const path = take(caller.memory, at, length)
      if (typeof path === 'number') return path
      const which = setTimesOf(flags)
      if (which < 0 || (lookupFlags & ~LOOKUPFLAGS_ALL) !== 0) return Errno.EINVAL
      return errnoOf(requires.files.setTimesAt(fd, lookupFlags, path, which, secondsOf(accessLo, accessHi),
        nanosecondsOf(accessLo, accessHi), secondsOf(modifyLo, modifyHi), nanosecondsOf(modifyLo, modifyHi)))
    },

    path_link (fd, lookupFlags, at, length, toFd, toAt, toLength) {
      const memory = caller.memory
      const path = take(memory, at, length)
      if (typeof path === 'number') return path
      const toPath = take(memory, toAt, toLength)
      if (typeof toPath === 'number') return toPath
      if ((lookupFlags & ~LOOKUPFLAGS_ALL) !== 0) return Errno.EINVAL
      return errnoOf(requires.files.link(fd, lookupFlags, path, toFd, toPath))
    },

    path_open (fd, lookupFlags, at, length, openFlags, baseLo, baseHi, inheritingLo, inheritingHi, flags, out) {
      const memory = caller.memory
      if (memory === null || !inside(memory, out >>> 0, 4)) return Errno.EFAULT
      const path = take(memory, at, length)
      if (typeof path === 'number') return path
      if ((lookupFlags & ~LOOKUPFLAGS_ALL) !== 0 || (openFlags & ~OFLAGS_ALL) !== 0 || (flags & ~FDFLAGS_ALL) !== 0) return Errno.EINVAL
      const base = rightsOf(baseLo, baseHi)
      const inheriting = rightsOf(inheritingLo, inheritingHi)
      if (base < 0 || inheriting < 0) return Errno.EINVAL
      const opened = requires.files.open(fd, lookupFlags, path, openFlags, base, inheriting, flags)
      if (typeof opened !== 'number') return deliverSlowly(memory, out >>> 0, opened, put32)
      if (opened < 0) return -opened
      put32(memory.view, out >>> 0, opened)
      return Errno.SUCCESS
    },

    path_readlink (fd, at, length, buffer, bufferLength, out) {
      const memory = caller.memory
      if (memory === null || !inside(memory, out >>> 0, 4) || !inside(memory, buffer >>> 0, bufferLength >>> 0)) return Errno.EFAULT
      const path = take(memory, at, length)
      if (typeof path === 'number') return path
      return begin(readLink(memory, fd, path, buffer >>> 0, bufferLength >>> 0, out >>> 0))
    },

    path_rename (fd, at, length, toFd, toAt, toLength) {
      const memory = caller.memory
      const path = take(memory, at, length)
      if (typeof path === 'number') return path
      const toPath = take(memory, toAt, toLength)
      return typeof toPath === 'number' ? toPath : errnoOf(requires.files.rename(fd, path, toFd, toPath))
    },

    path_symlink (targetAt, targetLength, fd, at, length) {
      const memory = caller.memory
      const target = take(memory, targetAt, targetLength)
      if (typeof target === 'number') return target
      const path = take(memory, at, length)
      return typeof path === 'number' ? path : errnoOf(requires.files.symlink(target, fd, path))
    }
  }
}
