/**
 * Start-up of a program that has its files to itself: what a library OS does before `main`. Opens the standard streams
 * as descriptors 0, 1 and 2 on the devices, and the root directory as 3.
 */

import { settle } from '../fiber/index.ts'
import type { Fiber } from '../fiber/index.ts'
import { LookupFlags, RIGHTS_ALL, Rights } from '../roles/index.ts'
import type { DescriptorTables, Files } from '../roles/index.ts'

const STREAM_RIGHTS = Rights.FD_FDSTAT_SET_FLAGS | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE

const streams = [['stdin', Rights.FD_READ], ['stdout', Rights.FD_WRITE], ['stderr', Rights.FD_WRITE]] as const

/** 0, or a negative error number. A stream that the tree has no device for stays closed. */
export function * openStandard (files: Files, tables: DescriptorTables, process: number): Fiber<number> {
  // The root takes the first four numbers, since the streams are found from it; then each stream takes its own.
  let root = -1
  for (let count = 0; count <= streams.length; count++) {
    root = yield * settle(tables.preopen(process, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
    if (root < 0) return root
  }
  for (const [number, [name, right]] of streams.entries()) {
    const stream = yield * settle(files.open(root, LookupFlags.SYMLINK_FOLLOW, `dev/${name}`, 0, STREAM_RIGHTS | right, 0, 0))
    yield * settle(stream < 0 ? files.close(number) : files.renumber(stream, number))
  }
  return 0
}
