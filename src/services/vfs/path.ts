/**
 * Paths: split into names, and checked, once for each path that is used again soon.
 *
 * A '.' within a path is dropped, since what stands before it must be a directory anyway; a last '.' stays, because
 * some calls refuse it. Empty names (repeated slashes) are none.
 */

import { Errno, packedArray, utf8Length } from '../../fiber/index.ts'
import { NAME_BYTES_MAX, PATH_BYTES_MAX } from '../../roles/index.ts'

export interface Path {
  readonly text: string
  /** Where it is kept, below KEPT_MAX; two paths may share it. */
  readonly place: number
  readonly names: readonly string[]
  /** It ends in a slash: what it names must be a directory. */
  readonly slash: boolean
  readonly absolute: boolean
  /** What is wrong with it, as a negative error number, or 0. */
  readonly error: number
}

/** Paths kept split, each in the place that a few of its characters give; a power of two. */
const KEPT_MAX = 4096

const kept = packedArray<Path>(KEPT_MAX, failed(-Errno.ENOENT))
const SLASH = 47
const DOT = 46

export function parsePath (text: string): Path {
  const { length } = text
  const last = length - 1
  const place = length > 2
    ? (text.charCodeAt(last) + text.charCodeAt(last - 1) * 10 + text.charCodeAt(last - 2) * 100 + length * 1000) & (KEPT_MAX - 1)
    : length
  const known = kept[place]
  if (known !== undefined && known.text === text) return known
  const path = split(text, place)
  if (path.error === 0 && length <= NAME_BYTES_MAX) kept[place] = path
  return path
}

function split (text: string, place: number): Path {
  const { length } = text
  if (length === 0) return failed(-Errno.ENOENT)
  const names: string[] = []
  let start = 0
  let dots = false
  let long = false
  for (let i = 0; i <= length; i++) {
    const unit = i === length ? SLASH : text.charCodeAt(i)
    if (unit === 0) return failed(-Errno.EINVAL)
    if (unit !== SLASH) continue
    if (i > start) {
      const name = text.slice(start, i)
      if (i === start + 1 && text.charCodeAt(start) === DOT) dots = true
      if (name.length * 3 > NAME_BYTES_MAX && utf8Length(name) > NAME_BYTES_MAX) long = true
      names.push(name)
    }
    start = i + 1
  }
  if (long || (length * 3 > PATH_BYTES_MAX && utf8Length(text) > PATH_BYTES_MAX)) return failed(-Errno.ENAMETOOLONG)
  return {
    text, place,
    names: dots ? names.filter((name, i) => name !== '.' || i === names.length - 1) : names,
    slash: text.charCodeAt(length - 1) === SLASH, absolute: text.charCodeAt(0) === SLASH, error: 0
  }
}

function failed (error: number): Path {
  return { text: '', place: 0, names: [], slash: false, absolute: false, error }
}
