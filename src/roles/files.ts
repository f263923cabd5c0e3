/**
 * Files: the calls on descriptors and paths that programs make, served by the VFS.
 *
 * The caller is known by its badge: each process has a descriptor table of its own, and a number in it means nothing
 * in another's. Rights, flags and lookups are those of WASI preview 1, checked here, on the trusted side of the gate.
 * Every path is relative to an open directory and cannot leave it.
 */

import { bytesIn, bytesOut, count, list, number, numbers, operation, parameter, record, role, status, string, text } from './role.ts'
import { attributesFields } from './file-system.ts'
import type { RecordOf, RoleOf } from './role.ts'

/** Rights of a descriptor: the bits of WASI's `rights` (all below 2^30, so that they are numbers). */
export const Rights = {
  FD_DATASYNC: 1 << 0, FD_READ: 1 << 1, FD_SEEK: 1 << 2, FD_FDSTAT_SET_FLAGS: 1 << 3, FD_SYNC: 1 << 4, FD_TELL: 1 << 5,
  FD_WRITE: 1 << 6, FD_ADVISE: 1 << 7, FD_ALLOCATE: 1 << 8, PATH_CREATE_DIRECTORY: 1 << 9, PATH_CREATE_FILE: 1 << 10,
  PATH_LINK_SOURCE: 1 << 11, PATH_LINK_TARGET: 1 << 12, PATH_OPEN: 1 << 13, FD_READDIR: 1 << 14, PATH_READLINK: 1 << 15,
  PATH_RENAME_SOURCE: 1 << 16, PATH_RENAME_TARGET: 1 << 17, PATH_FILESTAT_GET: 1 << 18, PATH_FILESTAT_SET_SIZE: 1 << 19,
  PATH_FILESTAT_SET_TIMES: 1 << 20, FD_FILESTAT_GET: 1 << 21, FD_FILESTAT_SET_SIZE: 1 << 22, FD_FILESTAT_SET_TIMES: 1 << 23,
  PATH_SYMLINK: 1 << 24, PATH_REMOVE_DIRECTORY: 1 << 25, PATH_UNLINK_FILE: 1 << 26, POLL_FD_READWRITE: 1 << 27,
  SOCK_SHUTDOWN: 1 << 28, SOCK_ACCEPT: 1 << 29
} as const
export const RIGHTS_ALL = 2 ** 30 - 1

/** Flags of a descriptor: WASI's `fdflags`. */
export const DescriptorFlags = { APPEND: 1, DSYNC: 2, NONBLOCK: 4, RSYNC: 8, SYNC: 16 } as const
/** WASI's `oflags`. */
export const OpenFlags = { CREATE: 1, DIRECTORY: 2, EXCLUSIVE: 4, TRUNCATE: 8 } as const
/** WASI's `lookupflags`. */
export const LookupFlags = { SYMLINK_FOLLOW: 1 } as const
/** WASI's `whence`. */
export const Whence = { SET: 0, CURRENT: 1, END: 2 } as const

export const fileAttributesFields = {
  /** Unique to the mounted file system. */
  device: number,
  ...attributesFields
} as const
export type FileAttributes = RecordOf<typeof fileAttributesFields>

export const descriptorFields = { type: number, flags: number, rightsBase: number, rightsInheriting: number } as const
export type DescriptorRecord = RecordOf<typeof descriptorFields>

const fd = parameter('fd', number)
const path = parameter('path', string)
const follow = parameter('lookupFlags', number)
const into = parameter('into', bytesOut)
const from = parameter('from', bytesIn)
const times = [parameter('which', number), parameter('accessSec', number), parameter('accessNsec', number),
  parameter('modifySec', number), parameter('modifyNsec', number)] as const
const query = { blocks: true, idempotent: true } as const
const change = { blocks: true, idempotent: false } as const
const take = { blocks: true, idempotent: false, waitsFirst: true } as const

export const Files = role('Files', 'serves descriptors and paths to programs', {
  open: operation('opens a path; returns a descriptor, the lowest that is free',
    [fd, follow, path, parameter('openFlags', number), parameter('rightsBase', number), parameter('rightsInheriting', number),
      parameter('descriptorFlags', number)], count, change),
  close: operation('closes a descriptor', [fd], status, change),
  renumber: operation('moves a descriptor onto another, which is closed first', [fd, parameter('to', number)], status, change),
  duplicate: operation('another descriptor of the same open file with the same rights; returns the lowest free number from `from` on',
    [fd, parameter('from', number)], count, change),
  duplicateTo: operation('the same at a number, which is closed first if it is open; nothing where it is the same number',
    [fd, parameter('to', number)], status, change),
  read: operation('reads at the position and moves it', [fd, into], count, take),
  write: operation('writes at the position and moves it', [fd, from], count, change),
  pread: operation('reads at an offset', [fd, parameter('offset', number), into], count, query),
  pwrite: operation('writes at an offset', [fd, parameter('offset', number), from], count, query),
  seek: operation('moves the position (Whence); returns the new one', [fd, parameter('offset', number), parameter('whence', number)], count, change),
  tell: operation('the position', [fd], count, query),
  descriptor: operation('type, flags and rights of a descriptor', [fd], record(descriptorFields), query),
  setDescriptorFlags: operation('sets the flags of a descriptor', [fd, parameter('flags', number)], status, query),
  setRights: operation('gives up rights; -ENOTCAPABLE for more than it has', [fd, parameter('base', number), parameter('inheriting', number)], status, query),
  preopened: operation('the path that a preopened descriptor stands for', [fd], text, query),
  attributes: operation('attributes of an open file', [fd], record(fileAttributesFields), query),
  setSize: operation('truncates or extends a file', [fd, parameter('size', number)], status, query),
  setTimes: operation('sets the times that `which` (SetAttributes) names', [fd, ...times], status, query),
  allocate: operation('makes sure of space for a range', [fd, parameter('offset', number), parameter('length', number)], status, query),
  advise: operation('says how a range will be used (WASI `advice`)', [fd, parameter('offset', number), parameter('length', number), parameter('advice', number)], status, query),
  sync: operation('brings a file to stable storage', [fd, parameter('dataOnly', number)], status, query),
  readDirectory: operation('directory records from a cookie on, as FileSystem.readDirectory writes them, \'.\' and \'..\' first; 0 at the end',
    [fd, parameter('cookie', number), into], count, query),
  attributesAt: operation('attributes of a path', [fd, follow, path], record(fileAttributesFields), query),
  setTimesAt: operation('sets times of a path', [fd, follow, path, ...times], status, query),
  createDirectory: operation('makes a directory', [fd, path], status, change),
  removeDirectory: operation('removes an empty directory', [fd, path], status, change),
  unlink: operation('removes a name of a file', [fd, path], status, change),
  link: operation('makes another name of a file', [fd, follow, path, parameter('toFd', number), parameter('toPath', string)], status, change),
  symlink: operation('makes a symbolic link', [parameter('target', string), fd, path], status, change),
  readLink: operation('the target of a symbolic link', [fd, path], text, query),
  rename: operation('moves a name', [fd, path, parameter('toFd', number), parameter('toPath', string)], status, change),
  poll: operation(
    'waits until a request holds or the monotonic clock shows deadlineNs (Infinity: never, 0: does not wait). Requests are pairs ' +
    '[fd, events (Ready)]; returns a pair for each: [events that hold or a negative error number, bytes available]',
    [parameter('requests', numbers), parameter('deadlineNs', number)], list, query),
  pipe: operation('a pipe; the caller gets a descriptor for each end', [], record({ read: number, write: number }), change),
  accept: operation('takes a connection from a listening socket; returns its descriptor', [fd, parameter('descriptorFlags', number)], count, take),
  receive: operation('receives from a socket (flags: 1 peek, 2 wait for all)', [fd, parameter('flags', number), into], count, change),
  send: operation('sends on a socket', [fd, parameter('flags', number), from], count, change),
  shutdown: operation('ends a direction of a socket (1 receiving, 2 sending, 3 both)', [fd, parameter('how', number)], status, change)
})
export type Files = RoleOf<typeof Files>

/** The part of the VFS that only the process server (and the host) may call: whose tables there are. */
export const DescriptorTables = role('DescriptorTables', 'makes and ends the descriptor tables of processes', {
  inherit: operation(
    'makes the table of a process from descriptors of another: descriptor i is a duplicate of descriptors[i] of `parent`, none where that is negative; ' +
    'it holds at most descriptorsMax of them, and no more than its parent\'s (0: as many)',
    [parameter('process', number), parameter('parent', number), parameter('descriptors', numbers), parameter('descriptorsMax', number)], status, change),
  preopen: operation('opens an absolute path of the mounted tree as the next preopened directory of a process; returns the descriptor',
    [parameter('process', number), path, parameter('guestPath', string), parameter('rightsBase', number), parameter('rightsInheriting', number)], count, change),
  listen: operation('gives a process a listening socket under a name, for connections to accept; returns the descriptor',
    [parameter('process', number), parameter('name', string), parameter('backlog', number), parameter('descriptorFlags', number)], count, change),
  connect: operation('gives a process a connection to who listens under a name; returns the descriptor',
    [parameter('process', number), parameter('name', string)], count, change),
  release: operation('closes all descriptors of a process', [parameter('process', number)], status, query)
})
export type DescriptorTables = RoleOf<typeof DescriptorTables>
