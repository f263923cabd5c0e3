/** Folders of a machine that has none: every operation says so (ENODEV). */

import { Errno } from '../fiber/index.ts'
import type { MachineFolders } from './machine.ts'

const none = (): number => -Errno.ENODEV

export const noFolders: MachineFolders = {
  shares: [],
  openShare: none, find: none, open: none, createFile: none, close: none, attributes: none, attributesAt: none, read: none, write: none,
  allocate: none, setSize: none, setTimes: none, sync: none, entries: none, rewind: none, createDirectory: none, symlink: none,
  readLink: none, link: none, unlink: none, removeDirectory: none, rename: none
}
