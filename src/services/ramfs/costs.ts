/** What the work of the ramfs is. Bytes of files are copied through windows, which count them themselves. */

import { CALL, RAMFS_BYTES_MAX, SUCCESS, Steps, assumed, block, byte, row } from '../../roles/index.ts'
import type { CostRow, CostTable, Lock, RoleCosts } from '../../roles/index.ts'

const { ALLOCATE, ALLOCATE_BLOCK, CHECK, DIRENT, FIELD, FIELDS, FRAME, LINK, LOCK, PAGE, PROBE, REFERENCE, RELEASE, SCAN, SLOT, TIME, UNLINK } = Steps

const PAGE_BYTES = 4096

/** Names of a directory are looked up and changed under its lock, contents and attributes under the inode's: the same one. */
const inode = (of: string): Lock => ({ name: 'inode', of })
const ofHandle: Lock = { name: 'inode', of: 'handle', opened: 'inode' }
/** Of handles and of inodes. */
const slots: Lock = { name: 'slots' }

const handle = (reason: string, ...more: Parameters<typeof row>[2]): CostRow =>
  row(CALL, `the handle, whether it is of that kind and may; ${reason}`, [FRAME, SLOT, REFERENCE, CHECK, ...more])

/** A name hashed, and found in its directory. */
const found = (name: string, directory: string, reason: string, ...more: Parameters<typeof row>[2]): readonly CostRow[] => [
  row(CALL, 'the directory\'s inode, and that it is one', [FRAME, SLOT, REFERENCE, CHECK]),
  row(byte(name), 'the name hashed', [SCAN]),
  row(CALL, `the name looked up; ${reason}`, [PROBE, CHECK, LOCK, ...more], inode(directory))
]

/** What a new name takes. */
const made = (directory: string): readonly CostRow[] => [
  row(SUCCESS, 'an inode from the free ones, its number', [ALLOCATE, FIELDS, FIELDS, LOCK], slots),
  row(SUCCESS, 'who pays: the account of the caller looked at, the names counted', [FRAME, CHECK, FIELDS]),
  row(SUCCESS, 'an entry made and put into the directory, by name and in order; its times marked', [ALLOCATE, LINK, LINK, FIELDS, FIELDS, FIELDS], inode(directory))
]

const removed = (directory: string): readonly CostRow[] => [
  row(SUCCESS, 'the entry taken out and freed, who paid credited, links counted down, times marked', [UNLINK, UNLINK, RELEASE, FRAME, FIELDS, FIELDS, FIELDS], inode(directory)),
  row(SUCCESS, 'the inode, when this was its last name and nobody has it open: assumed, half of the times', [assumed(25, 0, 200, 2)], slots)
]

const none = (reason: string): readonly CostRow[] => [row(CALL, reason, [FRAME])]

const files: RoleCosts = {
  root: none('the root is known'),
  lookup: found('name', 'directory', 'its inode and type made one word', FIELDS),
  attributes: [
    row(CALL, 'the inode', [FRAME, SLOT, REFERENCE]),
    row(SUCCESS, 'ten words of it, and marked times stamped: the clock is called where any are', [FIELD, FIELD, FIELD, FIELD, FIELD, FIELD, FIELD, FIELD, FIELD, FIELD, CHECK, TIME, LOCK], inode('inode'))
  ],
  setAttributes: [
    row(CALL, 'the inode', [FRAME, SLOT, REFERENCE]),
    row(SUCCESS, 'each of five that may be set looked for, times stamped', [CHECK, CHECK, CHECK, FIELDS, FIELDS, FRAME, TIME, LOCK], inode('inode')),
    row(SUCCESS, 'the size, where it is set, and the pages that are cut off: assumed none, at most a few', [assumed(20, 0, 400, 2)], inode('inode'))
  ],
  create: [...found('name', 'directory', 'that it is not there'), ...made('directory')],
  symlink: [...found('name', 'directory', 'that it is not there'), ...made('directory'), row(byte('target'), 'the target looked through and kept', [SCAN])],
  readLink: [row(CALL, 'the inode, that it is a link', [FRAME, SLOT, REFERENCE, CHECK]), row(byte('result'), 'the target handed out', [assumed(1, 0.25, 4, 0.016)])],
  link: [
    ...found('name', 'directory', 'that it is not there'),
    row(CALL, 'the inode, that it is no directory', [SLOT, REFERENCE, CHECK, CHECK]),
    row(SUCCESS, 'who pays: the account of the caller looked at, the names counted', [FRAME, CHECK, FIELDS]),
    row(SUCCESS, 'an entry made and put into the directory, by name and in order', [ALLOCATE, LINK, LINK, FIELDS, FIELDS], inode('directory')),
    row(SUCCESS, 'one link more', [FIELDS, LOCK], inode('inode'))
  ],
  unlink: [...found('name', 'directory', 'that it is no directory', CHECK), ...removed('directory')],
  removeDirectory: [...found('name', 'directory', 'that it is a directory and empty', CHECK, CHECK), ...removed('directory')],
  rename: [
    ...found('fromName', 'fromDirectory', 'its entry'),
    ...found('toName', 'toDirectory', 'what stands there'),
    row(CALL, 'that nothing is moved into itself: directories up to the root (assumed three)', [CHECK, FIELDS, FIELDS, FIELDS]),
    row(SUCCESS, 'the entry taken out', [UNLINK, UNLINK, RELEASE, FIELDS, FIELDS], inode('fromDirectory')),
    row(SUCCESS, 'put in there', [ALLOCATE, LINK, LINK, FIELDS, FIELDS], inode('toDirectory'))
  ],
  open: [
    row(CALL, 'the inode, its type and the access', [FRAME, SLOT, REFERENCE, CHECK, CHECK]),
    row(SUCCESS, 'a handle, its number', [ALLOCATE, FIELDS, FIELDS, LOCK], slots)
  ],
  close: [
    row(CALL, 'the handle taken out and freed', [FRAME, SLOT, FIELDS, RELEASE, LOCK], slots),
    row(SUCCESS, 'one handle less of the inode; marked times stamped, the clock called where any are', [REFERENCE, CHECK, FIELDS, FRAME, TIME, LOCK], ofHandle)
  ],
  read: [
    handle('the length, up to the end of the file', CHECK, CHECK),
    row(CALL, 'whether the access time is marked', [FIELDS, LOCK], ofHandle),
    row(block('result', PAGE_BYTES), 'a page found, the window called to copy it', [FRAME, PAGE, CHECK, FRAME])
  ],
  write: [
    handle('the length, up to the largest file', CHECK, CHECK),
    row(block('result', PAGE_BYTES), 'a page found, or a new one taken and paid for (assumed in one of two); the window called to copy it', [
      FRAME, PAGE, CHECK, FRAME, { instructions: 45, range: [0, 240], dataLines: 3 }
    ], ofHandle),
    row(CALL, 'the size and the times', [FIELDS, FIELDS, LOCK], ofHandle)
  ],
  readDirectory: [
    handle('the place after the cookie, by bisection (ten steps in a directory of a thousand)', assumed(60, 10, 90, 8)),
    row({ per: 'block', of: 'result', bytes: 40 }, 'an entry put as a record of about 40 bytes, its name too', [DIRENT, CHECK, assumed(12, 4, 40, 1)], ofHandle)
  ],
  allocate: [
    handle('the range', CHECK, CHECK),
    row(block('length', PAGE_BYTES, RAMFS_BYTES_MAX), 'a page looked for, and taken where there is a hole (assumed: everywhere)', [PAGE, CHECK, ALLOCATE_BLOCK, FIELDS], ofHandle)
  ],
  sync: [handle('nothing is to be done')],
  ready: [handle('always')],
  awaitReady: [handle('always')],
  available: [handle('its size', FIELDS)],
  terminal: [handle('never')]
}

export const costs: CostTable = { FileSystem: files }
