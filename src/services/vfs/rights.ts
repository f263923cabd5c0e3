/**
 * Rights that apply to each type of file. Others are taken away when one is opened, as WASI's `path_open` allows.
 * Source: the tables of wasi-common's first implementation of preview 1 (`RIGHTS_REGULAR_FILE_BASE` and its like).
 */

import { FileType, Rights } from '../../roles/index.ts'

/** A file, whether it can be sought in or not. */
const FILE = Rights.FD_DATASYNC | Rights.FD_READ | Rights.FD_SEEK | Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_SYNC |
  Rights.FD_TELL | Rights.FD_WRITE | Rights.FD_ADVISE | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_GET |
  Rights.FD_FILESTAT_SET_SIZE | Rights.FD_FILESTAT_SET_TIMES | Rights.POLL_FD_READWRITE

const DIRECTORY = Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_SYNC | Rights.FD_ADVISE | Rights.PATH_CREATE_DIRECTORY |
  Rights.PATH_CREATE_FILE | Rights.PATH_LINK_SOURCE | Rights.PATH_LINK_TARGET | Rights.PATH_OPEN | Rights.FD_READDIR |
  Rights.PATH_READLINK | Rights.PATH_RENAME_SOURCE | Rights.PATH_RENAME_TARGET | Rights.PATH_FILESTAT_GET |
  Rights.PATH_FILESTAT_SET_SIZE | Rights.PATH_FILESTAT_SET_TIMES | Rights.FD_FILESTAT_GET | Rights.FD_FILESTAT_SET_TIMES |
  Rights.PATH_SYMLINK | Rights.PATH_REMOVE_DIRECTORY | Rights.PATH_UNLINK_FILE | Rights.POLL_FD_READWRITE

/** A pipe, or a stream of the console that is no terminal. */
const STREAM = Rights.FD_READ | Rights.FD_WRITE | Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE

/** A connection; and a listening socket, through which connections are opened. */
export const CONNECTION = STREAM | Rights.SOCK_SHUTDOWN
export const LISTENING = Rights.SOCK_ACCEPT | Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE

/** libc knows a terminal as a character device in which it may not seek. */
const SEEKING = Rights.FD_SEEK | Rights.FD_TELL

export function rightsOfType (type: number, terminal: boolean): number {
  switch (type) {
    case FileType.DIRECTORY: return DIRECTORY
    case FileType.REGULAR: case FileType.BLOCK_DEVICE: return FILE
    case FileType.CHARACTER_DEVICE: return terminal ? STREAM : STREAM | SEEKING
    default: return STREAM
  }
}

/** Rights that what is opened through a descriptor of this type can have. */
export function inheritableOfType (type: number): number {
  return type === FileType.DIRECTORY ? DIRECTORY | FILE | CONNECTION | LISTENING : 0
}

/** Rights that need a file opened for reading, and for writing. */
export const READING = Rights.FD_READ | Rights.FD_READDIR
export const WRITING = Rights.FD_WRITE | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_SET_SIZE
