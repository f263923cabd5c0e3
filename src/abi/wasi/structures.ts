/**
 * The structures of WASI preview 1: their sizes, and how they are written. Padding is left as it was.
 * Source: `typenames.witx`; the offsets are those that its layout rules give.
 */

import type { DescriptorRecord, FileAttributes } from '../../roles/index.ts'
import { put64, putTime } from './memory.ts'

/** filetype u8 at 0, flags u16 at 2, base rights u64 at 8, inheriting rights u64 at 16. */
export const FDSTAT_BYTES = 24
export function putFdstat (view: DataView, at: number, record: DescriptorRecord): void {
  view.setUint8(at, record.type)
  view.setUint16(at + 2, record.flags, true)
  put64(view, at + 8, record.rightsBase)
  put64(view, at + 16, record.rightsInheriting)
}

/** device, inode u64; filetype u8 at 16; links, size, access, modification and change times u64 from 24. */
export const FILESTAT_BYTES = 64
export function putFilestat (view: DataView, at: number, attributes: FileAttributes): void {
  put64(view, at, attributes.device)
  put64(view, at + 8, attributes.inode)
  view.setUint8(at + 16, attributes.type)
  put64(view, at + 24, attributes.links)
  put64(view, at + 32, attributes.size)
  putTime(view, at + 40, attributes.accessSec, attributes.accessNsec)
  putTime(view, at + 48, attributes.modifySec, attributes.modifyNsec)
  putTime(view, at + 56, attributes.changeSec, attributes.changeNsec)
}

/** Kind u8 at 0 (0: a directory, the only one), length of its path u32 at 4. */
export const PRESTAT_BYTES = 8
export function putPrestat (view: DataView, at: number, pathBytes: number): void {
  view.setUint8(at, 0)
  view.setUint32(at + 4, pathBytes, true)
}

/** Next cookie, inode u64; length of the name u32 at 16; filetype u8 at 20; three bytes of padding; then the name. */
export const DIRENT_BYTES = 24

/** Address and length u32. */
export const IOVEC_BYTES = 8

/**
 * userdata u64; tag u8 at 8 (an event type); from 16 either a clock: id u32, timeout u64 at 24, precision u64 at 32,
 * flags u16 at 40; or a descriptor u32.
 */
export const SUBSCRIPTION_BYTES = 48

/** userdata u64; errno u16 at 8; type u8 at 10; bytes u64 at 16 and flags u16 at 24 of a descriptor. */
export const EVENT_BYTES = 32
export const EventType = { CLOCK: 0, FD_READ: 1, FD_WRITE: 2 } as const

/** Rights from their two words, or -1 when there are bits that are no right. */
export function rightsOf (low: number, high: number): number {
  return high === 0 && (low >>> 30) === 0 ? low : -1
}

/** Masks of the flags there are. */
export const FDFLAGS_ALL = 0x1f
export const OFLAGS_ALL = 0xf
export const LOOKUPFLAGS_ALL = 1

/** `fstflags`: the bits of SetAttributes' times, one place lower. */
const FSTFLAGS_ALL = 0xf
const BOTH_ACCESS = 3
const BOTH_MODIFY = 12

/** SetAttributes from `fstflags`, or -1 when a time is to be set in two ways or a bit is no flag. */
export function setTimesOf (flags: number): number {
  if ((flags & ~FSTFLAGS_ALL) !== 0) return -1
  if ((flags & BOTH_ACCESS) === BOTH_ACCESS || (flags & BOTH_MODIFY) === BOTH_MODIFY) return -1
  return flags << 1
}
