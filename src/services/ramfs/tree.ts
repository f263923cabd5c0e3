/**
 * The tree of a ramfs: its inodes, and what changes names. Every change is checked first and then cannot fail.
 *
 * Source: POSIX.1-2024, `rename`, `link`, `unlink`, `rmdir`, `mkdir`; where POSIX leaves a choice of error, Linux's.
 */

import { Errno, assert } from '../../fiber/index.ts'
import { FileType, LINKS_MAX } from '../../roles/index.ts'
import { Slots } from '../slots.ts'
import { Inode } from './inode.ts'
import type { PageStore } from './pages.ts'

export class Tree {
  readonly #store: PageStore
  readonly #inodes = new Slots<Inode>()
  readonly #inodesMax: number
  readonly root: Inode

  constructor (store: PageStore, inodesMax: number) {
    this.#store = store
    this.#inodesMax = inodesMax
    this.root = this.#make(FileType.DIRECTORY, null)
    this.root.links = 2
    this.root.directory!.parent = this.root
  }

  get (number: number): Inode | undefined {
    return this.#inodes.get(number)
  }

  /** Makes an inode under a name; its number, or an error. */
  create (parent: Inode, name: string, type: number, target: string | null = null): number {
    const directory = parent.directory
    if (directory === null) return -Errno.ENOTDIR
    if (parent.links === 0) return -Errno.ENOENT
    if (directory.find(name) !== undefined) return -Errno.EEXIST
    if (type === FileType.DIRECTORY && parent.links >= LINKS_MAX) return -Errno.EMLINK
    if (this.#inodes.size >= this.#inodesMax) return -Errno.ENOSPC

    const inode = this.#make(type, target)
    inode.links = 1
    if (inode.directory !== null) {
      // Its own '.', and its '..' in the parent.
      inode.links = 2
      inode.directory.parent = parent
      parent.links++
    }
    directory.add(name, inode)
    parent.markModified()
    return inode.number
  }

  link (inode: Inode, parent: Inode, name: string): number {
    const directory = parent.directory
    if (directory === null) return -Errno.ENOTDIR
    if (parent.links === 0) return -Errno.ENOENT
    if (directory.find(name) !== undefined) return -Errno.EEXIST
    if (inode.directory !== null) return -Errno.EPERM
    if (inode.links === 0) return -Errno.ENOENT
    if (inode.links >= LINKS_MAX) return -Errno.EMLINK
    inode.links++
    inode.markChanged()
    directory.add(name, inode)
    parent.markModified()
    return 0
  }

  unlink (parent: Inode, name: string): number {
    const directory = parent.directory
    if (directory === null) return -Errno.ENOTDIR
    const inode = directory.find(name)
    if (inode === undefined) return -Errno.ENOENT
    if (inode.directory !== null) return -Errno.EISDIR
    directory.remove(name)
    parent.markModified()
    this.#unlinked(inode, parent)
    return 0
  }

  removeDirectory (parent: Inode, name: string): number {
    const directory = parent.directory
    if (directory === null) return -Errno.ENOTDIR
    const inode = directory.find(name)
    if (inode === undefined) return -Errno.ENOENT
    if (inode.directory === null) return -Errno.ENOTDIR
    if (inode.directory.size > 0) return -Errno.ENOTEMPTY
    directory.remove(name)
    parent.markModified()
    this.#unlinked(inode, parent)
    return 0
  }

  rename (fromParent: Inode, fromName: string, toParent: Inode, toName: string): number {
    const from = fromParent.directory
    const to = toParent.directory
    if (from === null || to === null) return -Errno.ENOTDIR
    const inode = from.find(fromName)
    if (inode === undefined) return -Errno.ENOENT
    if (toParent.links === 0) return -Errno.ENOENT
    const replaced = to.find(toName)
    const refused = this.#refusesRename(inode, fromParent, toParent, replaced)
    if (refused !== 0) return refused
    if (replaced === inode) return 0

    from.remove(fromName)
    to.replace(toName, inode)
    if (inode.directory !== null && fromParent !== toParent) {
      fromParent.links--
      toParent.links++
      inode.directory.parent = toParent
    }
    if (replaced !== undefined) this.#unlinked(replaced, toParent)
    inode.markChanged()
    fromParent.markModified()
    toParent.markModified()
    return 0
  }

  /** Takes the inode away when nothing holds it any more. */
  forget (inode: Inode): void {
    if (inode.links > 0 || inode.handles > 0) return
    inode.pages?.truncate(0)
    this.#inodes.remove(inode.number)
  }

  #make (type: number, target: string | null): Inode {
    return this.#inodes.add(number => new Inode(number, type, this.#store, target))
  }

  /** A name of the inode in `parent` is gone. */
  #unlinked (inode: Inode, parent: Inode): void {
    if (inode.directory !== null) {
      inode.links = 0
      parent.links--
    } else {
      inode.links--
    }
    assert(parent.links >= 0 && inode.links >= 0, `ramfs: links of inode ${inode.number} below zero`)
    inode.markChanged()
    this.forget(inode)
  }

  /** The error of a rename whose names exist as said, or 0. */
  #refusesRename (inode: Inode, fromParent: Inode, toParent: Inode, replaced: Inode | undefined): number {
    if (inode.directory !== null && isWithin(toParent, inode)) return -Errno.EINVAL
    if (replaced === undefined) {
      return inode.directory !== null && fromParent !== toParent && toParent.links >= LINKS_MAX ? -Errno.EMLINK : 0
    }
    if (replaced === inode) return 0
    if (replaced.directory === null) return inode.directory === null ? 0 : -Errno.ENOTDIR
    if (fromParent !== toParent && isWithin(fromParent, replaced)) return -Errno.ENOTEMPTY
    if (inode.directory === null) return -Errno.EISDIR
    return replaced.directory.size > 0 ? -Errno.ENOTEMPTY : 0
  }
}

/** Whether a directory is `ancestor` or lies below it. */
function isWithin (directory: Inode, ancestor: Inode): boolean {
  let at = directory
  for (;;) {
    if (at === ancestor) return true
    const parent = at.directory!.parent!
    if (parent === at) return false
    at = parent
  }
}
