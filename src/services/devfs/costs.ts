/** What the work of the devfs is: a few fixed names, and calls handed on to the drivers behind them. */

import { CALL, SUCCESS, Steps, byte, row, times } from '../../roles/index.ts'
import type { CostRow, CostTable, Lock, RoleCosts } from '../../roles/index.ts'

const { ALLOCATE, ALLOCATE_BLOCK, CHECK, DIRENT, FIELD, FIELDS, FRAME, LOCK, REFERENCE, RELEASE, RELEASE_BLOCK, SCAN, SLOT } = Steps

/** Names that there are. */
const NAMES = 9
const slots: Lock = { name: 'slots' }

const handle = (reason: string, ...more: Parameters<typeof row>[2]): CostRow => row(CALL, `the handle and its device; ${reason}`, [FRAME, SLOT, REFERENCE, CHECK, ...more])
const none = (reason: string): readonly CostRow[] => [row(CALL, reason, [FRAME, CHECK])]
const search = row(CALL, 'its names, one after the other: half of them on the way', [FRAME, CHECK, times(NAMES / 2, CHECK)])
const refused: readonly CostRow[] = [search]

const files: RoleCosts = {
  root: none('the root is known'),
  lookup: [search, row(byte('name'), 'a byte of the name compared', [{ ...SCAN, instructions: 2, range: [0.5, 6] }]), row(SUCCESS, 'its type asked of the device: the console is called', [FRAME, FIELDS])],
  attributes: [row(CALL, 'the device by its number, its type asked', [FRAME, SLOT, FRAME]), row(SUCCESS, 'ten words, most of them nothing', [times(4, FIELD), FIELDS])],
  setAttributes: none('refused: they are fixed'),
  create: refused,
  symlink: refused,
  readLink: none('refused: it has no links'),
  link: refused,
  unlink: refused,
  removeDirectory: refused,
  rename: refused,
  open: [row(CALL, 'the device by its number, the access', [FRAME, SLOT, CHECK, CHECK]), row(SUCCESS, 'a handle, its number', [ALLOCATE, FIELDS, LOCK], slots)],
  close: [row(CALL, 'the handle freed', [FRAME, SLOT, RELEASE, LOCK], slots)],
  read: [handle('the driver called', CHECK, FRAME, FRAME)],
  write: [handle('the driver called; whether it took all', CHECK, FRAME, FRAME, CHECK)],
  readDirectory: [handle('one entry of it', CHECK, FRAME), row(SUCCESS, 'put as a record, its type asked of the device', [FRAME, ALLOCATE_BLOCK, DIRENT, times(8, FIELD), FRAME, RELEASE_BLOCK])],
  allocate: none('refused: they are devices'),
  sync: none('nothing is to be done'),
  ready: [handle('the driver asked, in both directions', FRAME, CHECK, FRAME, CHECK)],
  awaitReady: [handle('the driver asked', FRAME, CHECK, FRAME, CHECK)],
  available: [handle('the driver asked', FRAME, CHECK)],
  terminal: [handle('the driver asked', FRAME)]
}

export const costs: CostTable = { FileSystem: files }
