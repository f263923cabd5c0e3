/**
 * `chdir` and `getcwd`: the working directory, which WASI has none of.
 *
 * It is an absolute path as the process's own preopened directories name it, without links, `.` or `..`; the process
 * server keeps it, and children begin in it. It gives no authority: what it names is reached through descriptors only.
 * The calls of WASI itself know nothing of it: a C library that has one of its own is told by kaleidos.h.
 */

import { Errno, giveWay, settle, utf8Length } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { FileType, LookupFlags, PATH_BYTES_MAX, SYMLINKS_MAX } from '../../roles/index.ts'
import type { Arena } from '../../roles/index.ts'
import { inside, put32, putString, takePath } from './memory.ts'
import { begin } from './personality.ts'
import type { Calls, Personality } from './personality.ts'
import { locate, preopens } from './preopens.ts'

/** How many names are looked at before others have a turn: each is a walk from the root, and a path can have thousands. */
const NAMES_A_TURN = 16

export function directoryStateCalls (personality: Personality): Calls<'chdir' | 'getcwd'> {
  const { caller, requires, counter } = personality

  function * change (path: string): Fiber<number> {
    const whole = yield * absolute(personality, path)
    if (typeof whole === 'number') return whole
    const directories = yield * preopens(personality)
    const place = locate(directories, whole)
    if (place === null) return Errno.ENOENT
    const attributes = yield * settle(requires.files.attributesAt(place.fd, LookupFlags.SYMLINK_FOLLOW, place.path))
    if (typeof attributes === 'number') return -attributes
    if (attributes.type !== FileType.DIRECTORY) return Errno.ENOTDIR
    const plain = yield * withoutLinks(personality, directories, whole)
    if (typeof plain === 'number') return plain
    const set = yield * settle(requires.processes.setDirectory(plain))
    return set < 0 ? -set : Errno.SUCCESS
  }

  function * get (memory: Arena, buffer: number, room: number, out: number): Fiber<number> {
    const directory = yield * settle(requires.processes.directory())
    if (typeof directory === 'number') return -directory
    if (utf8Length(directory) > room) return Errno.ERANGE
    put32(memory.view, out, putString(memory, buffer, room, directory, counter))
    return Errno.SUCCESS
  }

  return {
    chdir (at, length) {
      const path = caller.memory === null ? Errno.EFAULT : takePath(caller.memory, at, length, counter)
      if (typeof path === 'number') return path
      return path === '' ? Errno.ENOENT : begin(change(path))
    },

    getcwd (buffer, length, out) {
      const memory = caller.memory
      if (memory === null || !inside(memory, out >>> 0, 4) || !inside(memory, buffer >>> 0, length >>> 0)) return Errno.EFAULT
      return begin(get(memory, buffer >>> 0, length >>> 0, out >>> 0))
    }
  }
}

/** A path as it is from the working directory on; or the errno. What it means is looked up by who uses it. */
export function * absolute (personality: Personality, path: string): Fiber<string | number> {
  if (path.startsWith('/') || path === '') return path
  const directory = yield * settle(personality.requires.processes.directory())
  if (typeof directory === 'number') return -directory
  return directory === '/' ? `/${path}` : `${directory}/${path}`
}

/** The path with each symbolic link in it resolved, and each `.` and `..`; or the errno. */
function * withoutLinks (personality: Personality, directories: readonly string[], path: string): Fiber<string | number> {
  const left = path.split('/').reverse()
  const done: string[] = []
  for (let links = 0, names = 0; left.length > 0;) {
    const name = left.pop()!
    if (name === '' || name === '.') continue
    if (name === '..') {
      done.pop()
      continue
    }
    if (++names % NAMES_A_TURN === 0) yield giveWay
    const here = `/${[...done, name].join('/')}`
    // Nor would it be a working directory that any call could start from.
    if (here.length > PATH_BYTES_MAX) return Errno.ENAMETOOLONG
    const place = locate(directories, here)
    // Above the preopened directories there is nothing that could be a link.
    const target = place === null ? -Errno.EINVAL : yield * settle(personality.requires.files.readLink(place.fd, place.path))
    if (typeof target === 'number') {
      done.push(name)
      continue
    }
    if (++links > SYMLINKS_MAX) return Errno.ELOOP
    if (target.startsWith('/')) done.length = 0
    left.push(...target.split('/').reverse())
    if (left.length > PATH_BYTES_MAX) return Errno.ENAMETOOLONG
  }
  return `/${done.join('/')}`
}
