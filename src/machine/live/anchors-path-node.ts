/**
 * Anchors where there is no /proc: paths, checked before each use.
 *
 * An anchor is the canonical path at which a file was found, and its identity. Before a host call the path is
 * resolved again: it must still be canonical (no part has become a symbolic link) and lead to the same file, or the call
 * fails with ESTALE. A file that is open is used by its descriptor.
 *
 * What it does not hold: between the check and the call, another program of the host that may write in the share can
 * put a link in the place of a directory, and the call follows it. A program inside cannot: its calls come one at a
 * time. An anchor whose file another program moves is lost.
 */

import { closeSync, constants, fstatSync, lstatSync, lutimesSync, futimesSync, openSync, realpathSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import type { BigIntStats } from 'node:fs'
import type { Anchor, Anchors } from './anchors-node.ts'

const FILE_MODE = 0o666
/** Windows has neither, and Node none of its names there. */
const NOFOLLOW = constants.O_NOFOLLOW ?? 0
const NONBLOCK = constants.O_NONBLOCK ?? 0

export const pathAnchors: Anchors = {
  name: 'checked paths',
  root: hostPath => found(realpathSync(hostPath)),
  find: (directory, name) => found(entryPath(directory, name)),
  open (anchor, flags) {
    const fd = openSync(path(anchor), flags | NOFOLLOW | NONBLOCK)
    return same(anchor, fd) ? { ...anchor, fd } : stale(fd)
  },
  create (directory, name, flags) {
    const where = entryPath(directory, name)
    const fd = openSync(where, flags | constants.O_CREAT | constants.O_EXCL | NOFOLLOW, FILE_MODE)
    const { dev, ino } = fstatSync(fd, { bigint: true })
    return { fd, path: where, device: dev, inode: ino }
  },
  attributes: anchor => anchor.fd >= 0 ? fstatSync(anchor.fd, { bigint: true }) : lstatSync(path(anchor), { bigint: true }),
  attributesAt: (directory, name) => lstatSync(entryPath(directory, name), { bigint: true, throwIfNoEntry: false }),
  path,
  entryPath,
  setTimes (anchor, access, modify) {
    // A descriptor needs no check; one that may only read may still set times.
    if (anchor.fd >= 0) futimesSync(anchor.fd, access, modify)
    else lutimesSync(path(anchor), access, modify)
  },
  moved (anchor, from, to) {
    const inside = anchor.path === from || anchor.path.startsWith(from + sep)
    return inside ? { ...anchor, path: to + anchor.path.slice(from.length) } : anchor
  },
  close (anchor) {
    if (anchor.fd >= 0) closeSync(anchor.fd)
  }
}

function found (where: string): { anchor: Anchor, attributes: BigIntStats } {
  const attributes = lstatSync(where, { bigint: true })
  return { anchor: { fd: -1, path: where, device: attributes.dev, inode: attributes.ino }, attributes }
}

function path (anchor: Anchor): string {
  const attributes = lstatSync(anchor.path, { bigint: true })
  if (attributes.dev !== anchor.device || attributes.ino !== anchor.inode) return stale(-1)
  // A link is not resolved, but what leads to it is.
  const canonical = attributes.isSymbolicLink() ? join(realpathSync(dirname(anchor.path)), basename(anchor.path)) : realpathSync(anchor.path)
  return canonical === anchor.path ? canonical : stale(-1)
}

function entryPath (directory: Anchor, name: string): string {
  return join(path(directory), name)
}

function same (anchor: Anchor, fd: number): boolean {
  const { dev, ino } = fstatSync(fd, { bigint: true })
  return dev === anchor.device && ino === anchor.inode
}

function stale (fd: number): never {
  if (fd >= 0) closeSync(fd)
  throw Object.assign(new Error('another file stands at this path now'), { code: 'ESTALE' })
}
