/** What the work of the pipefs is. Bytes are copied through windows, which count them themselves. */

import { CALL, PIPE_BYTES, SUCCESS, Steps, WAIT, assumed, block, row } from '../../roles/index.ts'
import type { CostRow, CostTable, Lock, RoleCosts } from '../../roles/index.ts'

const { ALLOCATE, ALLOCATE_BLOCK, CHECK, FIELD, FIELDS, FRAME, LINK, LOCK, NOBODY, REFERENCE, RELEASE, RELEASE_BLOCK, RING, SLOT, UNLINK, WAIT: QUEUE, WAKE } = Steps

/** Its ring, its ends and those who wait, of both ends. */
const pipe: Lock = { name: 'pipe', of: 'handle', opened: 'inode' }
const pipeOf: Lock = { name: 'pipe', of: 'inode' }
const slots: Lock = { name: 'slots' }

const end = (reason: string): CostRow => row(CALL, `the end of the pipe, and that it is of that kind; ${reason}`, [FRAME, SLOT, REFERENCE, CHECK])
const none = (reason: string): readonly CostRow[] => [row(CALL, reason, [FRAME, CHECK])]

/**
 * Whoever waits on the other side is woken in one of two transfers: a pipe's ends take turns, or one is behind and finds
 * nobody. What the thread's going on costs is the core's.
 */
const wakes = { ...WAKE, instructions: (WAKE.instructions + NOBODY.instructions) / 2, range: [NOBODY.range[0], WAKE.range[1]] } as const

const files: RoleCosts = {
  root: none('the root is known'),
  lookup: none('nothing has a name'),
  attributes: [row(CALL, 'the pipe', [FRAME, SLOT, REFERENCE]), row(SUCCESS, 'ten words, most of them nothing', [FIELD, FIELD, FIELD, FIELD, FIELDS])],
  setAttributes: none('refused: it has none that can be set'),
  create: [
    row(CALL, 'who pays: the account of the caller looked at', [FRAME, CHECK, CHECK, FRAME, FIELDS]),
    row(SUCCESS, 'a pipe made, with two queues and no ring yet; its number', [ALLOCATE, FIELDS, FIELDS, FIELDS, FIELDS, LOCK], slots)
  ],
  symlink: none('refused: it has no names'),
  readLink: none('refused: it has no links'),
  link: none('refused: it has no names'),
  unlink: none('refused: it has no names'),
  removeDirectory: none('refused: it has no names'),
  rename: none('refused: it has no names'),
  open: [
    row(CALL, 'the pipe, and one end more of it', [FRAME, SLOT, CHECK, FIELDS, LOCK], pipeOf),
    row(SUCCESS, 'a handle, its number', [ALLOCATE, FIELDS, LOCK], slots)
  ],
  close: [
    row(CALL, 'one end less, and those woken who wait for what no longer comes', [FRAME, FIELDS, CHECK, wakes, LOCK], pipe),
    row(CALL, 'the handle freed; with the last end the pipe and its ring, and who paid is credited: in one of two', [
      SLOT, RELEASE, { ...RELEASE_BLOCK, instructions: RELEASE_BLOCK.instructions / 2, range: [0, 120] }, { ...RELEASE, instructions: RELEASE.instructions / 2, range: [0, 60] }, LOCK
    ], slots)
  ],
  read: [
    end('whether it may wait'),
    row(CALL, 'bytes taken from the ring, in one piece or two: the window called; room told to who waits for it', [RING, FRAME, CHECK, FIELDS, wakes, LOCK], pipe),
    row(WAIT, 'a place in the line of readers, left again', [FRAME, FIELDS, QUEUE, LINK, UNLINK, LOCK], pipe)
  ],
  write: [
    end('whether it may wait, whether anybody reads'),
    row(CALL, 'bytes put into the ring, in one piece or two, whole where they are few: the window called; bytes told to who waits for them', [RING, FRAME, CHECK, CHECK, FIELDS, wakes, LOCK], pipe),
    row(block('result', PIPE_BYTES / 16), 'room for 4 KiB more found in the ring, the ring made larger where it must be (assumed: one time in sixteen)', [
      CHECK, { ...ALLOCATE_BLOCK, instructions: ALLOCATE_BLOCK.instructions / 16, range: [0, 120], dataLines: 0.2 }
    ], pipe),
    row(WAIT, 'a place in the line of writers, left again', [FRAME, FIELDS, QUEUE, LINK, UNLINK, LOCK], pipe)
  ],
  readDirectory: none('refused: it has no names'),
  allocate: none('refused: it has no files'),
  sync: none('refused: nothing is stored'),
  ready: [end('looked at'), row(CALL, 'bytes, room, and whether the other end is there', [CHECK, CHECK, FIELDS, LOCK], pipe)],
  awaitReady: [
    end('looked at'),
    row(CALL, 'bytes, room, and whether the other end is there', [CHECK, CHECK, FIELDS, LOCK], pipe),
    row(WAIT, 'a place on two queues, left again', [FRAME, QUEUE, QUEUE, UNLINK, UNLINK, LOCK], pipe)
  ],
  available: [end('looked at'), row(CALL, 'bytes in the ring', [FIELDS, LOCK], pipe)],
  terminal: [row(CALL, 'it is none', [FRAME, SLOT, assumed(2, 1, 4, 0)])]
}

export const costs: CostTable = { FileSystem: files }
