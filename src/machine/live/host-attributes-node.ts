/** What Node says of a file, in the words of the file system's role; and which names and bytes are names. */

import { sep } from 'node:path'
import type { BigIntStats } from 'node:fs'
import { FileType } from '../../roles/index.ts'
import type { HostAttributes } from '../machine.ts'

const NSEC_PER_SEC = 1_000_000_000n

/** What Node's Stats and Dirent have in common. */
interface Typed {
  isFile (): boolean
  isDirectory (): boolean
  isSymbolicLink (): boolean
  isBlockDevice (): boolean
  isCharacterDevice (): boolean
  isSocket (): boolean
}

/** A FileType. A FIFO has none of its own in WASI. */
export function typeOf (file: Typed): number {
  if (file.isFile()) return FileType.REGULAR
  if (file.isDirectory()) return FileType.DIRECTORY
  if (file.isSymbolicLink()) return FileType.SYMBOLIC_LINK
  if (file.isCharacterDevice()) return FileType.CHARACTER_DEVICE
  if (file.isBlockDevice()) return FileType.BLOCK_DEVICE
  return file.isSocket() ? FileType.SOCKET_STREAM : FileType.UNKNOWN
}

export function attributesOf (stats: BigIntStats): HostAttributes {
  const access = timespec(stats.atimeNs)
  const modify = timespec(stats.mtimeNs)
  const change = timespec(stats.ctimeNs)
  return {
    device: stats.dev,
    inode: stats.ino,
    type: typeOf(stats),
    links: Number(stats.nlink),
    size: Number(stats.size),
    accessSec: access.sec,
    accessNsec: access.nsec,
    modifySec: modify.sec,
    modifyNsec: modify.nsec,
    changeSec: change.sec,
    changeNsec: change.nsec
  }
}

/** Whether a string is a single name: nothing that the host could take for a path. */
export function isName (name: string): boolean {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) return false
  // On Windows a backslash separates, and a colon names a stream of a file or a drive.
  return sep === '/' || !(name.includes(sep) || name.includes(':'))
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The string that UTF-8 bytes are; null when they are none. */
export function stringOf (bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

function timespec (ns: bigint): { sec: number, nsec: number } {
  const nsec = ns % NSEC_PER_SEC
  return nsec < 0n
    ? { sec: Number(ns / NSEC_PER_SEC) - 1, nsec: Number(nsec + NSEC_PER_SEC) }
    : { sec: Number(ns / NSEC_PER_SEC), nsec: Number(nsec) }
}
