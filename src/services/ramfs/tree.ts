/**
 * The tree of a ramfs: its inodes, and what changes names. Every change is checked first and then cannot fail.
 * What is limited, and paid for, is names: each further link of a file counts as one more file, as in Linux's tmpfs.
 * A symbolic link's target that is longer than SHORT_TARGET takes a page of the quota.
 *
 * Source: POSIX.1-2024, `rename`, `link`, `unlink`, `rmdir`, `mkdir`; where POSIX leaves a choice of error, Linux's.
 */

import { Errno, assert } from '../../fiber/index.ts'
import { FileType, LINKS_MAX, StateError, fieldOf, listOf, wholeOf } from '../../roles/index.ts'
import type { StateValue } from '../../roles/index.ts'
import type { Payer } from '../payer.ts'
import { Slots } from '../slots.ts'
import type { Directory, Entry } from './directory.ts'
import { Inode } from './inode.ts'
import type { PageStore } from './pages.ts'

/** Bytes of a symbolic link's target that stand in its inode. */
const SHORT_TARGET = 128

export class Tree {
  readonly #store: PageStore
  readonly #payer: Payer
  /** Names in all directories. */
  #names = 0
  readonly #inodes = new Slots<Inode>()
  readonly #inodesMax: number
  /** Written by `takeUp` alone. */
  root: Inode

  constructor (store: PageStore, inodesMax: number, payer: Payer) {
    this.#store = store
    this.#payer = payer
    this.#inodesMax = inodesMax
    this.root = this.#make(FileType.DIRECTORY, null)
    this.root.links = 2
    this.root.directory!.parent = this.root
  }

  /** An inode as it was before, at its number. The root is there. `settle` follows the last one. */
  restore (number: number, type: number, target: string | null): Inode {
    if (number === this.root.number) return this.root
    const inode = new Inode(number, type, this.#store, target)
    this.#inodes.place(number, inode)
    return inode
  }

  /** A name as it was before: paid for already. */
  restoreName (parent: Inode, name: string, cookie: number, inode: Inode, account: number): void {
    parent.directory!.restore(name, cookie, inode, account)
    this.#names++
  }

  settle (): void {
    this.#inodes.settle()
  }

  all (): Iterable<Inode> {
    return this.#inodes.all()
  }

  get (number: number): Inode | undefined {
    return this.#inodes.get(number)
  }

  save (): StateValue {
    return this.#inodes.save(inode => inode.save())
  }

  /**
   * Takes up what `save` told. Counts of links follow from the names, and a tree it must be: each directory but the root
   * under one name at most, and none within itself. `held` are those that somebody has open.
   */
  takeUp (saved: StateValue, held: ReadonlySet<number>): void {
    const told = listOf(fieldOf(saved, 'items'), 'inodes', item => item)
    this.#inodes.takeUp(saved, 'inodes', this.#inodesMax, (inode, number) => Inode.takenUp(number, inode, this.#store))
    const root = this.#inodes.get(1)
    if (root === undefined || root.directory === null) throw new StateError('the root of a file system is no directory')
    for (const inode of this.#inodes.all()) {
      if (inode.target !== null && inode.size > SHORT_TARGET && !this.#store.takeBack()) throw new StateError('there is no room for the target of a link')
      inode.directory?.takeUp(fieldOf(told[inode.number - 1]!, 'directory'), number => {
        const named = this.#inodes.get(wholeOf(number, 'the number of an inode'))
        if (named === undefined || named === root || (named.directory !== null && named.links > 0)) throw new StateError('a directory has two names, or a name stands for nothing')
        named.links += named.directory === null ? 1 : 2
        if (named.directory !== null) {
          named.directory.parent = inode
          inode.links++
        }
        this.#names++
        return named
      })
    }
    root.links += 2
    root.directory.parent = root
    const reached = new Set([root])
    for (const inode of reached) for (const named of inode.directory?.inodes ?? []) reached.add(named)
    for (const inode of this.#inodes.all()) {
      if (reached.has(inode)) continue
      if (!held.has(inode.number) || (inode.directory !== null && inode.directory.size > 0)) throw new StateError('a file has neither a name nor anybody who has it open')
      inode.links = 0
      if (inode.directory !== null) inode.directory.parent = root
    }
    this.root = root
  }

  /** Makes an inode under a name; its number, or an error. */
  create (parent: Inode, name: string, type: number, target: string | null = null, targetBytes = 0): number {
    const directory = parent.directory
    if (directory === null) return -Errno.ENOTDIR
    if (parent.links === 0) return -Errno.ENOENT
    if (directory.find(name) !== undefined) return -Errno.EEXIST
    if (type === FileType.DIRECTORY && parent.links >= LINKS_MAX) return -Errno.EMLINK
    if (this.#inodes.size >= this.#inodesMax) return -Errno.ENOSPC
    const account = this.#takeName()
    if (account < 0) return account
    const room = targetBytes > SHORT_TARGET ? this.#store.reserve() : 0
    if (room < 0) {
      this.#giveName(account)
      return room
    }

    const inode = this.#make(type, target)
    inode.size = targetBytes
    inode.targetAccount = room
    inode.links = 1
    if (inode.directory !== null) {
      // Its own '.', and its '..' in the parent.
      inode.links = 2
      inode.directory.parent = parent
      parent.links++
    }
    directory.add(name, inode, account)
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
    const account = this.#takeName()
    if (account < 0) return account
    inode.links++
    inode.markChanged()
    directory.add(name, inode, account)
    parent.markModified()
    return 0
  }

  unlink (parent: Inode, name: string): number {
    const directory = parent.directory
    if (directory === null) return -Errno.ENOTDIR
    const entry = directory.entry(name)
    if (entry === undefined) return -Errno.ENOENT
    const inode = entry.inode!
    if (inode.directory !== null) return -Errno.EISDIR
    this.#removeName(directory, entry)
    parent.markModified()
    this.#unlinked(inode, parent)
    return 0
  }

  removeDirectory (parent: Inode, name: string): number {
    const directory = parent.directory
    if (directory === null) return -Errno.ENOTDIR
    const entry = directory.entry(name)
    if (entry === undefined) return -Errno.ENOENT
    const inode = entry.inode!
    if (inode.directory === null) return -Errno.ENOTDIR
    if (inode.directory.size > 0) return -Errno.ENOTEMPTY
    this.#removeName(directory, entry)
    parent.markModified()
    this.#unlinked(inode, parent)
    return 0
  }

  rename (fromParent: Inode, fromName: string, toParent: Inode, toName: string): number {
    const from = fromParent.directory
    const to = toParent.directory
    if (from === null || to === null) return -Errno.ENOTDIR
    const entry = from.entry(fromName)
    if (entry === undefined) return -Errno.ENOENT
    const inode = entry.inode!
    if (toParent.links === 0) return -Errno.ENOENT
    const target = to.entry(toName)
    const replaced = target?.inode ?? undefined
    const refused = this.#refusesRename(inode, fromParent, toParent, replaced)
    if (refused !== 0) return refused
    if (replaced === inode) return 0

    const { account } = entry
    if (target !== undefined) this.#giveName(target.account)
    from.remove(entry)
    to.replace(toName, inode, account)
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
    if (inode.target !== null && inode.size > SHORT_TARGET) this.#store.release(inode.targetAccount)
    this.#inodes.remove(inode.number)
  }

  /** Room for one more name, charged to the caller: the account that paid, or an error. */
  #takeName (): number {
    if (this.#names >= this.#inodesMax) return -Errno.ENOSPC
    const account = this.#payer.charge(1)
    if (account >= 0) this.#names++
    return account
  }

  #giveName (account: number): void {
    this.#payer.credit(account, 1)
    this.#names--
  }

  #removeName (directory: Directory, entry: Entry): void {
    this.#giveName(entry.account)
    directory.remove(entry)
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
