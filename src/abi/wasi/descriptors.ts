/** `fd_*` without those that move bytes: descriptors, their files' attributes and positions. And `pipe`, `dup`, `dup2` of our own. */

import { Errno, isFiber, utf8Length } from '../../fiber/index.ts'
import { Whence } from '../../roles/index.ts'
import { deltaOf, inside, nanosecondsOf, offsetOf, put32, put64, putString, secondsOf } from './memory.ts'
import { begin, deliver, deliverSlowly, errnoOf } from './personality.ts'
import type { Calls, Personality } from './personality.ts'
import { prestatName } from './preopens.ts'
import {
  FDFLAGS_ALL, FDSTAT_BYTES, FILESTAT_BYTES, PRESTAT_BYTES, putFdstat, putFilestat, putPrestat, rightsOf, setTimesOf
} from './structures.ts'

/** The last `advice` that there is. */
const ADVICE_LAST = 5

type DescriptorCalls = Calls<
  'fd_advise' | 'fd_allocate' | 'fd_close' | 'fd_datasync' | 'fd_fdstat_get' | 'fd_fdstat_set_flags' |
  'fd_fdstat_set_rights' | 'fd_filestat_get' | 'fd_filestat_set_size' | 'fd_filestat_set_times' | 'fd_prestat_get' |
  'fd_prestat_dir_name' | 'fd_renumber' | 'pipe' | 'dup' | 'dup2' | 'fd_seek' | 'fd_sync' | 'fd_tell'
>

export function descriptorCalls (personality: Personality): DescriptorCalls {
  const { caller, requires, counter } = personality
  return {
    fd_advise (fd, offsetLo, offsetHi, lengthLo, lengthHi, advice) {
      const offset = offsetOf(offsetLo, offsetHi)
      const length = offsetOf(lengthLo, lengthHi)
      if (offset < 0 || length < 0 || advice < 0 || advice > ADVICE_LAST) return Errno.EINVAL
      return errnoOf(requires.files.advise(fd, offset, length, advice))
    },

    fd_allocate (fd, offsetLo, offsetHi, lengthLo, lengthHi) {
      const offset = offsetOf(offsetLo, offsetHi)
      const length = offsetOf(lengthLo, lengthHi)
      if (offset < 0 || length < 0) return Errno.EINVAL
      return errnoOf(requires.files.allocate(fd, offset, length))
    },

    fd_close: fd => errnoOf(requires.files.close(fd)),
    fd_datasync: fd => errnoOf(requires.files.sync(fd, 1)),
    fd_sync: fd => errnoOf(requires.files.sync(fd, 0)),
    fd_renumber: (fd, to) => errnoOf(requires.files.renumber(fd, to)),

    pipe (out) {
      const memory = caller.memory
      const at = out >>> 0
      if (memory === null || !inside(memory, at, 8)) return Errno.EFAULT
      return deliver(memory, at, requires.files.pipe(), (view, to, ends: { read: number, write: number }) => {
        put32(view, to, ends.read)
        put32(view, to + 4, ends.write)
      })
    },

    dup (fd, from, out) {
      const memory = caller.memory
      const at = out >>> 0
      if (memory === null || !inside(memory, at, 4)) return Errno.EFAULT
      return deliver(memory, at, requires.files.duplicate(fd, from), put32)
    },

    dup2: (fd, to) => errnoOf(requires.files.duplicateTo(fd, to)),

    fd_fdstat_get (fd, out) {
      const memory = caller.memory
      const at = out >>> 0
      if (memory === null || !inside(memory, at, FDSTAT_BYTES)) return Errno.EFAULT
      const found = requires.files.descriptor(fd)
      if (typeof found === 'number') return -found
      if (isFiber(found)) return deliverSlowly(memory, at, found, putFdstat)
      putFdstat(memory.view, at, found)
      return Errno.SUCCESS
    },

    fd_fdstat_set_flags (fd, flags) {
      if ((flags & ~FDFLAGS_ALL) !== 0) return Errno.EINVAL
      return errnoOf(requires.files.setDescriptorFlags(fd, flags))
    },

    fd_fdstat_set_rights (fd, baseLo, baseHi, inheritingLo, inheritingHi) {
      const base = rightsOf(baseLo, baseHi)
      const inheriting = rightsOf(inheritingLo, inheritingHi)
      if (base < 0 || inheriting < 0) return Errno.EINVAL
      return errnoOf(requires.files.setRights(fd, base, inheriting))
    },

    fd_filestat_get (fd, out) {
      const memory = caller.memory
      const at = out >>> 0
      if (memory === null || !inside(memory, at, FILESTAT_BYTES)) return Errno.EFAULT
      const found = requires.files.attributes(fd)
      if (typeof found === 'number') return -found
      if (isFiber(found)) return deliverSlowly(memory, at, found, putFilestat)
      putFilestat(memory.view, at, found)
      return Errno.SUCCESS
    },

    fd_filestat_set_size (fd, sizeLo, sizeHi) {
      const size = offsetOf(sizeLo, sizeHi)
      return size < 0 ? Errno.EINVAL : errnoOf(requires.files.setSize(fd, size))
    },

    fd_filestat_set_times (fd, accessLo, accessHi, modifyLo, modifyHi, flags) {
      const which = setTimesOf(flags)
      if (which < 0) return Errno.EINVAL
      return errnoOf(requires.files.setTimes(fd, which, secondsOf(accessLo, accessHi), nanosecondsOf(accessLo, accessHi),
        secondsOf(modifyLo, modifyHi), nanosecondsOf(modifyLo, modifyHi)))
    },

    fd_prestat_get (fd, out) {
      const memory = caller.memory
      const at = out >>> 0
      if (memory === null || !inside(memory, at, PRESTAT_BYTES)) return Errno.EFAULT
      return deliver(memory, at, requires.files.preopened(fd),
        (view, to, path: string) => putPrestat(view, to, utf8Length(path)))
    },

    fd_prestat_dir_name (fd, path, length) {
      const memory = caller.memory
      const at = path >>> 0
      const room = length >>> 0
      if (memory === null || !inside(memory, at, room)) return Errno.EFAULT
      return begin(prestatName(personality, fd, room, name => putString(memory, at, room, name, counter)))
    },

    fd_seek (fd, offsetLo, offsetHi, whence, out) {
      const memory = caller.memory
      const at = out >>> 0
      if (memory === null || !inside(memory, at, 8)) return Errno.EFAULT
      if (whence < Whence.SET || whence > Whence.END) return Errno.EINVAL
      const position = requires.files.seek(fd, deltaOf(offsetLo, offsetHi), whence)
      if (typeof position !== 'number') return deliverSlowly(memory, at, position, put64)
      if (position < 0) return -position
      put64(memory.view, at, position)
      return Errno.SUCCESS
    },

    fd_tell (fd, out) {
      const memory = caller.memory
      const at = out >>> 0
      if (memory === null || !inside(memory, at, 8)) return Errno.EFAULT
      return deliver(memory, at, requires.files.tell(fd), put64)
    }
  }
}
