/**
 * Anchors on Linux: descriptors, and /proc.
 *
 * An anchor is a descriptor opened with O_PATH, which stands for a file without opening it. `/proc/self/fd/N` is a
 * link that the kernel resolves to that very file, and `/proc/self/fd/N/name` an entry of that very directory: the
 * same as `openat(N, name)`. A name is one name and is opened with O_NOFOLLOW, so no step can leave the directory,
 * whoever renames or replaces what meanwhile. Opening for reading goes through the anchor's own link, so it opens
 * what was looked at.
 *
 * What it does not hold: a directory that a program of the host moves out of the share stays reachable for whoever has
 * it open, as with `openat`. A mount of the host inside the share is entered.
 * Source: open(2), O_PATH and O_NOFOLLOW; proc_pid_fd(5); the passthrough of virtiofsd.
 */

import { closeSync, constants, fstatSync, lstatSync, openSync, statfsSync, utimesSync } from 'node:fs'
import type { Anchor, Anchors } from './anchors-node.ts'

/** Linux's, on every processor that Node runs on; Node has no name for it. */
const O_PATH = 0o10000000
const PROC_SUPER_MAGIC = 0x9fa0
const FILE_MODE = 0o666

/** Whether this host has what these anchors need. */
export function procAnchorsWork (): boolean {
  try {
    return process.platform === 'linux' && statfsSync('/proc/self/fd').type === PROC_SUPER_MAGIC
  } catch {
    return false
  }
}

const path = (anchor: Anchor): string => `/proc/self/fd/${anchor.fd}`
const entryPath = (directory: Anchor, name: string): string => `/proc/self/fd/${directory.fd}/${name}`

export const procAnchors: Anchors = {
  name: 'descriptors',
  root: hostPath => anchorOn(openSync(hostPath, O_PATH | constants.O_DIRECTORY)),
  find: (directory, name) => anchorOn(openSync(entryPath(directory, name), O_PATH | constants.O_NOFOLLOW)),
  open: (anchor, flags) => ({ ...anchor, fd: openSync(path(anchor), flags | constants.O_NONBLOCK | constants.O_NOCTTY) }),
  create: (directory, name, flags) =>
    anchorOn(openSync(entryPath(directory, name), flags | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, FILE_MODE)).anchor,
  attributes: anchor => fstatSync(anchor.fd, { bigint: true }),
  attributesAt: (directory, name) => lstatSync(entryPath(directory, name), { bigint: true, throwIfNoEntry: false }),
  path,
  entryPath,
  setTimes: (anchor, access, modify) => utimesSync(path(anchor), access, modify),
  moved: anchor => anchor,
  close: anchor => closeSync(anchor.fd)
}

function anchorOn (fd: number): ReturnType<Anchors['find']> {
  const attributes = fstatSync(fd, { bigint: true })
  return { anchor: { fd, path: '', device: attributes.dev, inode: attributes.ino }, attributes }
}
