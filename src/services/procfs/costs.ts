/** What the work of the procfs is: numbers that others tell, put as text when a file is opened, and handed out from there. */

import { CALL, SUCCESS, Steps, assumed, block, byte, row, times } from '../../roles/index.ts'
import type { CostRow, CostTable, Lock, RoleCosts } from '../../roles/index.ts'

const { ALLOCATE, ALLOCATE_BLOCK, CHECK, DIGIT, DIRENT, FIELD, FIELDS, FRAME, LOCK, REFERENCE, RELEASE, RELEASE_BLOCK, SCAN, SLOT, TIME } = Steps

/** Fixed names of a directory, and what comes after them. */
const NAMES = 8
const slots: Lock = { name: 'slots' }

const handle = (reason: string, ...more: Parameters<typeof row>[2]): CostRow => row(CALL, `the handle; ${reason}`, [FRAME, SLOT, REFERENCE, CHECK, ...more])
const none = (reason: string): readonly CostRow[] => [row(CALL, reason, [FRAME])]
const refused = none('refused: it is only read')
const place = (reason: string, ...more: Parameters<typeof row>[2]): CostRow => row(CALL, `what the inode stands for, by a division; ${reason}`, [FRAME, TIME, CHECK, CHECK, ...more])

const files: RoleCosts = {
  root: none('the root is known'),
  lookup: [
    place('the fixed names, half of them on the way; who keeps it asked whether it is there', times(NAMES / 2, CHECK), FRAME),
    row(byte('name'), 'a byte of the name: compared, or read as a digit of a number', [{ ...SCAN, instructions: 4, range: [1, 8] }])
  ],
  attributes: [place('who keeps it asked whether it is there', FRAME), row(SUCCESS, 'ten words, most of them nothing', [times(4, FIELD), FIELDS])],
  setAttributes: refused,
  create: refused,
  symlink: refused,
  readLink: [place('who keeps it asked', FRAME, CHECK), row(byte('result'), 'a byte of text', [assumed(2, 0.5, 8, 0.016)])],
  link: refused,
  unlink: refused,
  removeDirectory: refused,
  rename: refused,
  open: [
    place('the access; who keeps it asked', CHECK, CHECK, FRAME),
    row(SUCCESS, 'the text put together: assumed 52 fields of two digits, as `stat` has them; room for it', [times(52, FIELDS), times(104, DIGIT), ALLOCATE_BLOCK]),
    row(SUCCESS, 'a handle, its number', [ALLOCATE, FIELDS, LOCK], slots)
  ],
  close: [row(CALL, 'the text and the handle freed', [FRAME, SLOT, RELEASE_BLOCK, RELEASE, LOCK], slots)],
  read: [handle('the range of it; the window called', CHECK, CHECK, FRAME)],
  write: refused,
  readDirectory: [
    handle('which directory; who keeps the rest asked; room for records, given back', CHECK, CHECK, FRAME, ALLOCATE_BLOCK, RELEASE_BLOCK),
    row(block('result', 32), 'an entry of about 32 bytes put as a record, its name made of a number of three digits', [DIRENT, CHECK, FIELDS, times(3, DIGIT)])
  ],
  allocate: refused,
  sync: none('nothing is to be done'),
  ready: [handle('always')],
  awaitReady: [handle('always')],
  available: [handle('the length of its text', FIELDS)],
  terminal: [handle('never')]
}

export const costs: CostTable = { FileSystem: files }
