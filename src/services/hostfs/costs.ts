/**
 * What the work of the hostfs is: its own table of inodes, and requests to whom the folder belongs. What that one does is
 * the machine's to say, as with any device; the requests are counted as a client of 9P makes them: a message put together,
 * a queue, an answer taken apart.
 */

import { CALL, SUCCESS, Steps, assumed, block, byte, row, times } from '../../roles/index.ts'
import type { CostRow, CostTable, Lock, RoleCosts } from '../../roles/index.ts'

const { ALLOCATE, CHECK, DIRENT, FIELD, FIELDS, FRAME, LINK, LOCK, PROBE, REFERENCE, REGISTER, RELEASE, SCAN, SLOT, UNLINK } = Steps

const table: Lock = { name: 'inodes' }
const slots: Lock = { name: 'slots' }

/** A request and its answer: seven fields each way, a place in the device's ring and its bell; by hand, of a virtio queue. */
const REQUEST = assumed(180, 80, 600, 8)

const inode = (reason: string, requests: number): CostRow =>
  row(CALL, `the inode, and that the place that is remembered of it still leads there; ${reason}`, [FRAME, PROBE, REFERENCE, CHECK, times(requests, REQUEST), times(requests, FRAME), times(requests, REGISTER)])
const handle = (reason: string, requests: number): CostRow =>
  row(CALL, `the handle; ${reason}`, [FRAME, SLOT, REFERENCE, CHECK, times(requests, REQUEST), times(requests, FRAME), times(requests, REGISTER)])
const name = (of: string): CostRow => row(byte(of), 'a byte of the name put in the request', [{ ...SCAN, instructions: 2, range: [0.5, 8] }])
const remembered = row(SUCCESS, 'its place remembered: an inode found or made in the table', [PROBE, ALLOCATE, FIELDS, FIELDS, LINK, UNLINK, LOCK], table)
const forgotten = row(SUCCESS, 'its place forgotten', [PROBE, FIELDS, LOCK], table)

const files: RoleCosts = {
  root: [row(CALL, 'the root is known', [FRAME, CHECK])],
  lookup: [inode('attributes of the name asked for', 1), name('name'), remembered],
  attributes: [inode('asked for', 1), row(SUCCESS, 'ten words', [times(10, FIELD)])],
  setAttributes: [inode('size and times, one after the other', 2)],
  create: [inode('made, then its attributes asked for', 2), name('name'), remembered],
  symlink: [inode('made, then its attributes asked for', 2), name('name'), name('target'), remembered],
  readLink: [inode('asked for', 1), row(byte('result'), 'a byte of the target', [assumed(2, 0.5, 8, 0.016)])],
  link: [inode('made', 1), name('name'), remembered],
  unlink: [inode('removed', 1), name('name'), forgotten],
  removeDirectory: [inode('removed', 1), name('name'), forgotten],
  rename: [inode('moved', 1), name('fromName'), name('toName'), forgotten, remembered],
  open: [inode('opened, and looked at again', 2), row(SUCCESS, 'a handle, its number', [ALLOCATE, FIELDS, FIELDS, LOCK], slots)],
  close: [handle('closed', 1), row(CALL, 'the handle freed', [RELEASE, FIELDS, LOCK], slots)],
  read: [handle('asked for', 1), row(block('result', 65536), 'a further request for each 64 KiB', [REQUEST, FRAME])],
  write: [handle('handed over', 1), row(block('result', 65536), 'a further request for each 64 KiB', [REQUEST, FRAME])],
  readDirectory: [
    handle('names asked for', 1),
    row(block('result', 40), 'an entry: its attributes asked for, put as a record of about 40 bytes', [REQUEST, FRAME, DIRENT, times(8, FIELD)])
  ],
  allocate: [handle('asked for', 1)],
  sync: [handle('asked for', 1)],
  ready: [handle('always', 0)],
  awaitReady: [handle('always', 0)],
  available: [handle('its size asked for', 1)],
  terminal: [handle('never', 0)]
}

export const costs: CostTable = { FileSystem: files }
