/**
 * Start-up of a program that has its files to itself: what a library OS does before `main`. Opens the standard streams
 * as descriptors 0, 1 and 2 on the devices, and the root directory as 3.
 */

import { settle } from '../fiber/index.ts'
import type { Fiber } from '../fiber/index.ts'
import { LookupFlags, RIGHTS_ALL, Rights } from '../roles/index.ts'
import type { DescriptorTables, Files } from '../roles/index.ts'

const STREAM_RIGHTS = Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE

/** The descriptor of the root, or a negative error number. A stream that the tree has no device for stays closed. */
export function * openStandard (files: Files, tables: DescriptorTables, process: number): Fiber<number> {
  const root = yield * settle(tables.preopen(process, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
  if (root < 0) return root
  const streams: number[] = []
  for (const [name, right] of [['stdin', Rights.FD_READ], ['stdout', Rights.FD_WRITE], ['stderr', Rights.FD_WRITE]] as const) {
    streams.push(yield * settle(files.open(root, LookupFlags.SYMLINK_FOLLOW, `dev/${name}`, 0, STREAM_RIGHTS | right, 0, 0)))
  }
  // The root was opened first, so that the streams could be found: now each takes its place, and the root the next.
  for (const [number, stream] of streams.entries()) if (stream >= 0) yield * settle(files.renumber(stream, number))
  return yield * settle(tables.preopen(process, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
}
