/**
 * Paths: split into names, and checked, once for each path that is used again.
 *
 * A '.' within a path is dropped, since what stands before it must be a directory anyway; a last '.' stays, because
 * some calls refuse it. Empty names (repeated slashes) are none.
 */

import { Errno, utf8Length } from '../../fiber/index.ts'
import { NAME_BYTES_MAX, PATH_BYTES_MAX } from '../../roles/index.ts'

export interface Path {
  readonly names: readonly string[]
  /** It ends in a slash: what it names must be a directory. */
  readonly slash: boolean
  readonly absolute: boolean
  /** What is wrong with it, as a negative error number, or 0. */
  readonly error: number
}

/** Paths kept split. */
const KEPT_MAX = 4096

const kept = new Map<string, Path>()

export function parsePath (text: string): Path {
  const known = kept.get(text)
  if (known !== undefined) return known
  const path = split(text)
  // Nothing is lost by forgetting all at once, and nothing is counted on the way here.
  if (kept.size >= KEPT_MAX) kept.clear()
  if (path.error === 0 && text.length <= NAME_BYTES_MAX) kept.set(text, path)
  return path
}

function split (text: string): Path {
  if (text === '') return failed(-Errno.ENOENT)
  if (text.includes('\0')) return failed(-Errno.EINVAL)
  if (text.length > PATH_BYTES_MAX || utf8Length(text) > PATH_BYTES_MAX) return failed(-Errno.ENAMETOOLONG)
  const parts = text.split('/')
  const names: string[] = []
  for (let i = 0; i < parts.length; i++) {
    const name = parts[i]!
    if (name === '' || (name === '.' && !endsAt(parts, i))) continue
    if (name.length * 3 > NAME_BYTES_MAX && utf8Length(name) > NAME_BYTES_MAX) return failed(-Errno.ENAMETOOLONG)
    names.push(name)
  }
  return { names, slash: text.endsWith('/'), absolute: text.startsWith('/'), error: 0 }
}

/** Whether only empty names follow. */
function endsAt (parts: readonly string[], index: number): boolean {
  for (let i = index + 1; i < parts.length; i++) if (parts[i] !== '') return false
  return true
}

function failed (error: number): Path {
  return { names: [], slash: false, absolute: false, error }
}
