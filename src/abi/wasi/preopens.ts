/**
 * Preopened directories: how a program that names files by absolute paths finds a descriptor to start from.
 *
 * They stand from descriptor 3 on, without a gap, as the C library of WASI expects it. A path belongs to the one whose
 * own path is the longest prefix of it, by whole names.
 * Source: wasi-libc, `preopens.c` (`__wasilibc_find_abspath`).
 */

import { Errno, settle, utf8Length } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { DESCRIPTORS_MAX } from '../../roles/index.ts'
import type { Personality } from './personality.ts'

/** Where the preopened directories begin: after standard input, output and error. */
export const FIRST_PREOPEN = 3

/** Gives the name of a preopened directory to `put`, when it fits in `room` bytes; returns the errno. */
export function * prestatName (personality: Personality, fd: number, room: number, put: (name: string) => void): Fiber<number> {
  const name = yield * settle(personality.requires.files.preopened(fd))
  if (typeof name === 'number') return -name
  if (utf8Length(name) > room) return Errno.ENAMETOOLONG
  put(name)
  return Errno.SUCCESS
}

/** The paths of the caller's preopened directories, in the order of their descriptors from FIRST_PREOPEN on. */
export function * preopens (personality: Personality): Fiber<string[]> {
  const paths: string[] = []
  for (let fd = FIRST_PREOPEN; fd < DESCRIPTORS_MAX; fd++) {
    const path = yield * settle(personality.requires.files.preopened(fd))
    if (typeof path === 'number') break
    paths.push(path)
  }
  return paths
}

/** The directory in which a path is to be looked up, and the path from there; null when no directory holds it: the empty path is in none. */
export function locate (paths: readonly string[], path: string): { fd: number, path: string } | null {
  if (path === '') return null
  const wanted = stripped(path)
  let found = -1
  let length = -1
  for (let i = 0; i < paths.length; i++) {
    const prefix = stripped(paths[i]!).replace(/\/+$/, '')
    if (prefix.length > length && holds(prefix, wanted)) {
      found = i
      length = prefix.length
    }
  }
  if (found < 0) return null
  const rest = wanted.slice(length).replace(/^\/+/, '')
  return { fd: FIRST_PREOPEN + found, path: rest === '' ? '.' : rest }
}

function holds (prefix: string, path: string): boolean {
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`)
}

/** Without what says only `here` or `from the root`: leading slashes and `./`, a lone `.`. */
function stripped (path: string): string {
  return path.replace(/^(?:\/|\.(?:\/|$))+/, '')
}
