/**
 * Directory records: how `readDirectory` writes entries.
 *
 * [cookie f64][inode f64][type u32][name length u32][name, UTF-8], little-endian, padded to a multiple of 8 bytes.
 * The cookie names the place *after* the entry: reading from it on gives the next one. 0 is the start. A file system's
 * cookies are integers from FIRST_COOKIE up: those between are for entries that the VFS adds.
 */

import { decodeUtf8, encodeUtf8, utf8Length } from '../fiber/index.ts'
import type { Arena } from './arena.ts'

/** The least cookie of a file system's own. */
export const FIRST_COOKIE = 256

/** Bytes before the name. */
export const DIRECTORY_RECORD_BYTES = 24

export interface DirectoryRecord {
  cookie: number
  inode: number
  /** A FileType. */
  type: number
  name: string
  /** Where the next record starts. */
  next: number
}

/** Bytes that the record of a name takes. */
export function directoryRecordBytes (name: string): number {
  return padded(DIRECTORY_RECORD_BYTES + utf8Length(name))
}

/** Writes a record at an address of an arena that has room for it; returns its bytes. */
export function putDirectoryRecord (
  arena: Arena, at: number, cookie: number, inode: number, type: number, name: string
): number {
  const { bytes, view } = arena
  const start = at + DIRECTORY_RECORD_BYTES
  const length = encodeUtf8(name, bytes, start)
  view.setFloat64(at, cookie, true)
  view.setFloat64(at + 8, inode, true)
  view.setUint32(at + 16, type, true)
  view.setUint32(at + 20, length, true)
  const size = padded(DIRECTORY_RECORD_BYTES + length)
  for (let i = start + length; i < at + size; i++) bytes[i] = 0
  return size
}

/** Reads the record at `at`; a name that is not UTF-8 is read as empty. */
export function takeDirectoryRecord (bytes: Uint8Array, at: number): DirectoryRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint32(at + 20, true)
  const start = at + DIRECTORY_RECORD_BYTES
  return {
    cookie: view.getFloat64(at, true),
    inode: view.getFloat64(at + 8, true),
    type: view.getUint32(at + 16, true),
    name: decodeUtf8(bytes, start, length) ?? '',
    next: at + padded(DIRECTORY_RECORD_BYTES + length)
  }
}

function padded (size: number): number {
  return (size + 7) & ~7
}
