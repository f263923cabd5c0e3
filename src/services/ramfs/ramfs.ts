/**
 * A file system in memory: the operations of the role on inodes (tree.ts) and handles.
 *
 * Nothing here waits but for the clock, and that only when times are looked at that are marked for update (inode.ts).
 * No lock is needed: every operation but those leaves all structures whole before it returns.
 */

import { Errno, chain, utf8Length } from '../../fiber/index.ts'
import type { Eventual } from '../../fiber/index.ts'
import {
  APPEND, Access, ClockId, FILE_BYTES_MAX, FileType, HANDLES_MAX, PATH_BYTES_MAX, Ready, SetAttributes, StateError, entryOf, fieldOf, itemsOf, listOf, wholeOf
} from '../../roles/index.ts'
import type { Attributes, Clock, FileSystem, ServiceState, StateValue, Window } from '../../roles/index.ts'
import type { Payer } from '../payer.ts'
import { Slots } from '../slots.ts'
import type { Inode } from './inode.ts'
import { Mark } from './inode.ts'
import { PAGE_BYTES } from './pages.ts'
import type { PageStore } from './pages.ts'
import { Tree } from './tree.ts'

/** An open inode. */
export interface Handle {
  readonly number: number
  readonly inode: Inode
  readonly access: number
}

/** Bytes of directory records that one call makes at most. */
const LISTING_BYTES = PAGE_BYTES

export class Ramfs implements FileSystem, ServiceState {
  readonly #clock: () => Clock
  readonly #store: PageStore
  /** Read and restored by who keeps them elsewhere; else this file's own. */
  readonly tree: Tree
  readonly handles = new Slots<Handle>()
  /** Where records are made before they are copied out; 0 until the first listing. */
  #listing = 0

  /** `payer`: of files, by their names; the store has one of bytes. */
  constructor (clock: () => Clock, store: PageStore, inodesMax: number, payer: Payer) {
    this.#clock = clock
    this.#store = store
    this.tree = new Tree(store, inodesMax, payer)
  }

  save (): StateValue {
    return { inodes: this.tree.save(), handles: this.handles.save(({ inode, access }) => [inode.number, access]) }
  }

  takeUp (saved: StateValue): void {
    const handles = fieldOf(saved, 'handles')
    const held = listOf(fieldOf(handles, 'items'), 'handles', each => each === null ? 0 : wholeOf(itemsOf(each, 'a handle', 2)[0]!, 'an inode'))
    this.tree.takeUp(fieldOf(saved, 'inodes'), new Set(held))
    this.handles.takeUp(handles, 'handles', HANDLES_MAX, (each, number) => {
      const [of, access] = itemsOf(each, 'a handle', 2)
      const inode = this.tree.get(wholeOf(of!, 'an inode'))
      if (inode === undefined) throw new StateError('a handle of a file that is not there')
      inode.handles++
      return { number, inode, access: wholeOf(access!, 'the access of a handle', 0, Access.READ | Access.WRITE) }
    })
  }

  root (): number {
    return this.tree.root.number
  }

  lookup (directory: number, name: string): number {
    const parent = this.tree.get(directory)
    if (parent === undefined) return -Errno.ENOENT
    if (parent.directory === null) return -Errno.ENOTDIR
    const inode = parent.directory.find(name)
    return inode === undefined ? -Errno.ENOENT : entryOf(inode.number, inode.type)
  }

  attributes (number: number): Eventual<Attributes | number> {
    const inode = this.tree.get(number)
    if (inode === undefined) return -Errno.ENOENT
    return inode.marks === 0 ? inode.attributes() : this.#stamped(inode)
  }

  setAttributes (
    number: number, which: number, size: number, accessSec: number, accessNsec: number, modifySec: number, modifyNsec: number
  ): Eventual<number> {
    const inode = this.tree.get(number)
    if (inode === undefined) return -Errno.ENOENT
    if ((which & SetAttributes.SIZE) !== 0) {
      const failed = this.#resize(inode, size)
      if (failed !== 0) return failed
    }
    const times = which & ~SetAttributes.SIZE
    if (times === 0) return 0
    // Marks that are pending are of earlier changes: they must not overwrite what is set now.
    if ((which & SetAttributes.ACCESS_TIME) !== 0) {
      inode.accessSec = accessSec
      inode.accessNsec = accessNsec
      inode.marks &= ~Mark.ACCESS
    }
    if ((which & SetAttributes.MODIFY_TIME) !== 0) {
      inode.modifySec = modifySec
      inode.modifyNsec = modifyNsec
      inode.marks &= ~Mark.MODIFY
    }
    inode.markChanged()
    if ((which & SetAttributes.ACCESS_NOW) !== 0) inode.marks |= Mark.ACCESS
    if ((which & SetAttributes.MODIFY_NOW) !== 0) inode.marks |= Mark.MODIFY
    return this.#stamp(inode)
  }

  create (directory: number, name: string, type: number): number {
    if (type !== FileType.REGULAR && type !== FileType.DIRECTORY) return -Errno.EINVAL
    const parent = this.tree.get(directory)
    return parent === undefined ? -Errno.ENOENT : this.tree.create(parent, name, type)
  }

  symlink (directory: number, name: string, target: string): number {
    const size = utf8Length(target)
    if (size > PATH_BYTES_MAX) return -Errno.ENAMETOOLONG
    const parent = this.tree.get(directory)
    if (parent === undefined) return -Errno.ENOENT
    return this.tree.create(parent, name, FileType.SYMBOLIC_LINK, target, size)
  }

  readLink (number: number): string | number {
    const inode = this.tree.get(number)
    if (inode === undefined) return -Errno.ENOENT
    return inode.target ?? -Errno.EINVAL
  }

  link (number: number, directory: number, name: string): number {
    const inode = this.tree.get(number)
    const parent = this.tree.get(directory)
    return inode === undefined || parent === undefined ? -Errno.ENOENT : this.tree.link(inode, parent, name)
  }

  unlink (directory: number, name: string): number {
    const parent = this.tree.get(directory)
    return parent === undefined ? -Errno.ENOENT : this.tree.unlink(parent, name)
  }

  removeDirectory (directory: number, name: string): number {
    const parent = this.tree.get(directory)
    return parent === undefined ? -Errno.ENOENT : this.tree.removeDirectory(parent, name)
  }

  rename (fromDirectory: number, fromName: string, toDirectory: number, toName: string): number {
    const from = this.tree.get(fromDirectory)
    const to = this.tree.get(toDirectory)
    return from === undefined || to === undefined ? -Errno.ENOENT : this.tree.rename(from, fromName, to, toName)
  }

  open (number: number, access: number): number {
    const inode = this.tree.get(number)
    if (inode === undefined) return -Errno.ENOENT
    if (inode.type === FileType.SYMBOLIC_LINK) return -Errno.ELOOP
    if (inode.directory !== null && (access & Access.WRITE) !== 0) return -Errno.EISDIR
    if (this.handles.size >= HANDLES_MAX) return -Errno.ENFILE
    inode.handles++
    return this.handles.add(handle => ({ number: handle, inode, access })).number
  }

  close (number: number): Eventual<number> {
    const handle = this.handles.get(number)
    if (handle === undefined) return -Errno.EBADF
    this.handles.remove(number)
    const inode = handle.inode
    inode.handles--
    if (inode.handles > 0) return 0
    if (inode.links === 0) {
      this.tree.forget(inode)
      return 0
    }
    return inode.marks === 0 ? 0 : this.#stamp(inode)
  }

  read (number: number, offset: number, into: Window): number {
    const handle = this.handles.get(number)
    if (handle === undefined || (handle.access & Access.READ) === 0) return -Errno.EBADF
    const inode = handle.inode
    if (inode.pages === null) return -Errno.EISDIR
    if (!(offset >= 0)) return -Errno.EINVAL
    if (inode.accessDue) inode.markAccessed()
    const left = inode.size - offset
    const length = left < into.length ? left : into.length
    if (length <= 0) return 0
    return inode.pages.read(offset, length, into)
  }

  write (number: number, offset: number, from: Window): number {
    const handle = this.handles.get(number)
    if (handle === undefined || (handle.access & Access.WRITE) === 0) return -Errno.EBADF
    const inode = handle.inode
    if (inode.pages === null) return -Errno.EISDIR
    const start = offset === APPEND ? inode.size : offset
    if (!(start >= 0)) return -Errno.EINVAL
    const room = FILE_BYTES_MAX - start
    const length = from.length < room ? from.length : room
    if (length <= 0) return from.length === 0 ? 0 : -Errno.EFBIG
    const done = inode.pages.write(start, length, from)
    if (done <= 0) return done
    if (start + done > inode.size) inode.size = start + done
    inode.markModified()
    return done
  }

  readDirectory (number: number, cookie: number, into: Window): number {
    const handle = this.handles.get(number)
    if (handle === undefined) return -Errno.EBADF
    const directory = handle.inode.directory
    if (directory === null) return -Errno.ENOTDIR
    if (this.#listing === 0) this.#listing = this.#store.arena.allocate(LISTING_BYTES)
    if (this.#listing === 0) return -Errno.ENOMEM
    if (handle.inode.accessDue) handle.inode.markAccessed()
    const { arena } = this.#store
    const length = directory.list(cookie, arena, this.#listing, Math.min(into.length, LISTING_BYTES))
    return length <= 0 ? (length === 0 ? 0 : -Errno.EINVAL) : into.put(0, arena.bytes, this.#listing, length)
  }

  allocate (number: number, offset: number, length: number): number {
    const handle = this.handles.get(number)
    if (handle === undefined || (handle.access & Access.WRITE) === 0) return -Errno.EBADF
    const inode = handle.inode
    if (inode.pages === null) return -Errno.EISDIR
    if (!(offset >= 0 && length >= 0)) return -Errno.EINVAL
    if (offset + length > FILE_BYTES_MAX) return -Errno.EFBIG
    const failed = inode.pages.allocate(offset, length)
    if (failed !== 0) return failed
    if (offset + length > inode.size) inode.size = offset + length
    inode.markModified()
    return 0
  }

  sync (number: number): number {
    return this.handles.get(number) === undefined ? -Errno.EBADF : 0
  }

  ready (number: number, events: number): number {
    if (this.handles.get(number) === undefined) return -Errno.EBADF
    return events & (Ready.READABLE | Ready.WRITABLE)
  }

  awaitReady (number: number, events: number): number {
    return this.ready(number, events)
  }

  available (number: number): number {
    return this.handles.get(number)?.inode.size ?? -Errno.EBADF
  }

  terminal (number: number): number {
    return this.handles.get(number) === undefined ? -Errno.EBADF : 0
  }

  #resize (inode: Inode, size: number): number {
    if (inode.directory !== null) return -Errno.EISDIR
    if (inode.pages === null) return -Errno.EINVAL
    if (!(size >= 0)) return -Errno.EINVAL
    if (size > FILE_BYTES_MAX) return -Errno.EFBIG
    if (size < inode.size) inode.pages.truncate(size)
    inode.size = size
    inode.markModified()
    return 0
  }

  /** The attributes, once the marked times have their value. */
  #stamped (inode: Inode): Eventual<Attributes | number> {
    const stamped = this.#stamp(inode)
    return typeof stamped === 'number' ? inode.attributes() : chain(stamped, () => inode.attributes())
  }

  /** Gives the marked times their value; 0. */
  #stamp (inode: Inode): Eventual<number> {
    const now = this.#clock().now(ClockId.REALTIME)
    if (typeof now !== 'number') {
      return chain(now, late => {
        inode.stamp(Math.max(0, late))
        return 0
      })
    }
    inode.stamp(now > 0 ? now : 0)
    return 0
  }
}
