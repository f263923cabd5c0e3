/**
 * FileSystem: one file system, by inode numbers and handles (the level of FUSE and of MINIX's VFS protocol).
 *
 * Rules of use: paths, mounts, symbolic links, rights and positions are the VFS's; a file system sees single names
 * ('.' and '..' never), offsets and handles. Inode numbers stay valid while the inode has a link or an open handle.
 * A name is at most NAME_BYTES_MAX bytes of UTF-8 without '/' or NUL: the VFS has checked that.
 * Directory entries are written by `readDirectory` into the window as records (directory-record.ts), whole ones only,
 * as many as it likes but at least one: `-EINVAL` when not even one fits. '.' and '..' are the VFS's to add. Cookies stay valid
 * while entries come and go: an entry that was there all the time is seen exactly once.
 * Creating in a directory that was removed is `-ENOENT`. What only the VFS can know (a mount point in the way, a
 * trailing slash, a read-only mount) never arrives here.
 */

import { bytesIn, bytesOut, count, number, operation, parameter, record, role, status, string, text } from './role.ts'
import type { RecordOf, RoleOf } from './role.ts'

/** Types of files: the numbers of WASI's `filetype`. */
export const FileType = {
  UNKNOWN: 0, BLOCK_DEVICE: 1, CHARACTER_DEVICE: 2, DIRECTORY: 3, REGULAR: 4, SOCKET_DATAGRAM: 5, SOCKET_STREAM: 6,
  SYMBOLIC_LINK: 7
} as const

/** Why a file is opened. */
export const Access = { READ: 1, WRITE: 2 } as const

/** Readiness. HANGUP is reported whether asked for or not. */
export const Ready = { READABLE: 1, WRITABLE: 2, HANGUP: 4 } as const

/** Which attributes `setAttributes` sets. NOW takes the time from the file system's clock. */
export const SetAttributes = { SIZE: 1, ACCESS_TIME: 2, ACCESS_NOW: 4, MODIFY_TIME: 8, MODIFY_NOW: 16 } as const

/** An offset for `write` that means: at the end, whatever it is then. */
export const APPEND = -1

/**
 * An offset for `read` and `write` on a pipe, a socket or a device that means: do not wait. They answer `-EAGAIN` where
 * they would have to; a write that is not atomic may then be short.
 */
export const NO_WAIT = -2

export const attributesFields = {
  /** Unique on the file system. */
  inode: number,
  /** A FileType. */
  type: number,
  links: number,
  /** Bytes. */
  size: number,
  /** Instants as seconds since 1970 and nanoseconds within the second, as a timespec. */
  accessSec: number,
  accessNsec: number,
  modifySec: number,
  modifyNsec: number,
  changeSec: number,
  changeNsec: number
} as const
export type Attributes = RecordOf<typeof attributesFields>

/** Types are below it. */
const TYPES = 8

/**
 * An inode number and a FileType as one word, which is all that a walk needs of each name that it comes through: a
 * lookup's reply is one register, and times that are due for an update stay so. Inode numbers are below 2^50.
 */
export function entryOf (inode: number, type: number): number {
  return inode * TYPES + type
}

/** The inode number of an entry. */
export function inodeOf (entry: number): number {
  return (entry - (entry & (TYPES - 1))) / TYPES
}

/** The FileType of an entry. */
export function typeOf (entry: number): number {
  return entry & (TYPES - 1)
}

const directory = parameter('directory', number)
const inode = parameter('inode', number)
const handle = parameter('handle', number)
const name = parameter('name', string)

export const FileSystem = role('FileSystem', 'keeps files, by inode and handle', {
  root: operation('the inode of the root directory', [], count, { blocks: true, idempotent: true }),
  lookup: operation('what an entry names: its inode and type in one word (entryOf)', [directory, name], count, { blocks: true, idempotent: true }),
  attributes: operation('the attributes of an inode', [inode], record(attributesFields), { blocks: true, idempotent: true }),
  setAttributes: operation('sets the attributes that `which` (SetAttributes) names',
    [inode, parameter('which', number), parameter('size', number), parameter('accessSec', number), parameter('accessNsec', number),
      parameter('modifySec', number), parameter('modifyNsec', number)], status, { blocks: true, idempotent: true }),
  create: operation('makes a regular file or a directory (FileType), where the file system has such; returns its inode', [directory, name, parameter('type', number)],
    count, { blocks: true, idempotent: false }),
  symlink: operation('makes a symbolic link; returns its inode', [directory, name, parameter('target', string)], count,
    { blocks: true, idempotent: false }),
  readLink: operation('the target of a symbolic link', [inode], text, { blocks: true, idempotent: true }),
  link: operation('makes another name for an inode that is not a directory', [inode, directory, name], status,
    { blocks: true, idempotent: false }),
  unlink: operation('removes a name of what is not a directory', [directory, name], status, { blocks: true, idempotent: false }),
  removeDirectory: operation('removes an empty directory', [directory, name], status, { blocks: true, idempotent: false }),
  rename: operation('moves an entry, replacing what stands there as POSIX rename does',
    [parameter('fromDirectory', number), parameter('fromName', string), parameter('toDirectory', number), parameter('toName', string)],
    status, { blocks: true, idempotent: false }),
  open: operation('opens an inode for `access` (Access); returns a handle', [inode, parameter('access', number)], count,
    { blocks: true, idempotent: false }),
  close: operation('gives a handle back', [handle], status, { blocks: true, idempotent: false }),
  read: operation('reads at an offset; 0 at the end of the file; a device or pipe may wait and knows no offset but NO_WAIT',
    [handle, parameter('offset', number), parameter('into', bytesOut)], count, { blocks: true, idempotent: true, waitsFirst: true }),
  write: operation('writes at an offset, or at the end when it is APPEND', [handle, parameter('offset', number), parameter('from', bytesIn)],
    count, { blocks: true, idempotent: false }),
  readDirectory: operation('directory records from a cookie on (0: the start); returns their bytes, 0 at the end',
    [handle, parameter('cookie', number), parameter('into', bytesOut)], count, { blocks: true, idempotent: true }),
  allocate: operation('makes sure of space for a range, growing the file to cover it',
    [handle, parameter('offset', number), parameter('length', number)], status, { blocks: true, idempotent: true }),
  sync: operation('brings an inode to stable storage', [handle, parameter('dataOnly', number)], status, { blocks: true, idempotent: true }),
  ready: operation('which of the events (Ready) hold now', [handle, parameter('events', number)], count, { blocks: true, idempotent: true }),
  awaitReady: operation('waits until one of the events holds, and returns those that do', [handle, parameter('events', number)], count,
    { blocks: true, idempotent: true }),
  available: operation('how many bytes can be read without waiting; of a regular file, its size', [handle], count, { blocks: true, idempotent: true }),
  terminal: operation('1 when the handle is a terminal, else 0', [handle], count, { blocks: true, idempotent: true })
})
export type FileSystem = RoleOf<typeof FileSystem>
