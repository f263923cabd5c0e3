/**
 * A folder of the host as a file system: the operations of the role on inodes (inode-table.ts) and handles.
 *
 * Everything is the host's: contents, attributes, times, what is allowed. The machine's folders see to it that no name
 * leads out of the share. Other programs of the host may change it at any time: each operation asks the host anew and
 * checks that a remembered place still leads to the inode it is meant for.
 *
 * What it does not hold: the number of an inode that is not open and that another program of the host has moved is
 * good again only after a lookup. `allocate` makes sure that the host has as much space now; it cannot reserve it.
 */

import { Errno } from '../../fiber/index.ts'
import {
  APPEND, Access, FILE_BYTES_MAX, FileType, HANDLES_MAX, READ, Ready, SetAttributes, StateError, WRITE,
  directoryRecordBytes, entryOf, inodeOf, itemsOf, listOf, putDirectoryRecord, textOf, wholeOf
} from '../../roles/index.ts'
import type { Arena, Attributes, FileSystem, ServiceState, StateValue, Window } from '../../roles/index.ts'
import type { HostAttributes, MachineFolders } from '../../machine/index.ts'
import { Slots } from '../slots.ts'
import { HostTree } from './host-tree.ts'
import type { Inode, InodeTable } from './inode-table.ts'
import { Listing, cookieOf, placeOf } from './listing.ts'

export interface HostfsOptions {
  /** The number of the machine's share. */
  readonly share: number
  readonly readOnly: boolean
  readonly inodesMax: number
}

interface Handle {
  readonly number: number
  readonly inode: Inode
  readonly access: number
  /** The machine's: open for a file that is read or written, held otherwise. */
  readonly machine: number
  listing: Listing | null
}

/** Bytes of directory records that one call makes at most. */
const LISTING_BYTES = 4096

export class Hostfs implements FileSystem, ServiceState {
  readonly #folders: MachineFolders
  readonly #options: HostfsOptions
  readonly #arena: Arena
  readonly #handles = new Slots<Handle>()
  readonly #tree: HostTree
  /** Where directory records are made before they are copied out; 0 until the first. */
  #records = 0

  constructor (folders: MachineFolders, arena: Arena, options: HostfsOptions) {
    this.#folders = folders
    this.#arena = arena
    this.#options = options
    this.#tree = new HostTree(folders, options.share, options.inodesMax)
  }

  // ---- its state

  /** What is open, by the path where it was seen. The files themselves are the host's, and are not told. */
  save (): StateValue {
    return this.#handles.save(({ inode, access }) => [this.#tree.pathOf(inode), inode.number, access])
  }

  /** Opens the same again: what is not there any more, or is another file now, cannot be taken up. */
  takeUp (saved: StateValue): void {
    this.#handles.takeUp(saved, 'open files of a host folder', HANDLES_MAX, (each, number) => {
      const [names, of, mode] = itemsOf(each, 'an open file of a host folder', 3)
      const path = listOf(names!, 'a path', name => textOf(name, 'a name'))
      const access = wholeOf(mode!, 'an access', 0, Access.READ | Access.WRITE)
      let at = this.root()
      for (const name of path) at = at < 0 ? at : inodeOf(Math.max(0, this.lookup(at, name)))
      const table = this.#tree.table()
      const inode = typeof table === 'number' || at !== wholeOf(of!, 'an inode') ? undefined : table.get(at)
      const refused = (access & Access.WRITE) !== 0 && (this.#options.readOnly || inode?.type === FileType.DIRECTORY)
      const machine = inode === undefined || refused ? -Errno.ENOENT : this.#opened(table as InodeTable, inode, access)
      if (machine < 0) throw new StateError(`'${path.join('/')}' in a folder of the host was open, and is not there any more as it was`)
      inode!.handles.add(machine)
      return { number, inode: inode!, access, machine, listing: null }
    })
  }

  // ---- inodes

  root (): number {
    const table = this.#tree.table()
    return typeof table === 'number' ? table : table.root.number
  }

  lookup (directory: number, name: string): number {
    return this.#in(directory, (folder, table) => {
      const host = this.#folders.attributesAt(folder, name)
      if (typeof host !== 'number') return entryOf(this.#tree.place(table, host, directory, name), host.type)
      if (host === -Errno.ENOENT) table.clear(directory, name)
      return host
    })
  }

  attributes (number: number): Attributes | number {
    return this.#of(number, inode => {
      const host = this.#tree.attributes(inode)
      return typeof host === 'number' ? host : attributesOf(host, inode.number)
    })
  }

  setAttributes (
    number: number, which: number, size: number, accessSec: number, accessNsec: number, modifySec: number, modifyNsec: number
  ): number {
    if (this.#options.readOnly) return -Errno.EROFS
    return this.#of(number, inode => {
      const resizes = (which & SetAttributes.SIZE) !== 0
      const refused = resizes ? checkSize(inode, size) : 0
      if (refused !== 0) return refused
      return this.#tree.with(inode, handle => {
        const resized = resizes ? this.#folders.setSize(handle, size) : 0
        if (resized < 0 || (which & ~SetAttributes.SIZE) === 0) return resized
        const access = chosenTime(which, SetAttributes.ACCESS_TIME, SetAttributes.ACCESS_NOW, accessSec)
        const modify = chosenTime(which, SetAttributes.MODIFY_TIME, SetAttributes.MODIFY_NOW, modifySec)
        return this.#folders.setTimes(handle, access, accessNsec, modify, modifyNsec)
      })
    })
  }

  create (directory: number, name: string, type: number): number {
    if (type !== FileType.REGULAR && type !== FileType.DIRECTORY) return -Errno.EINVAL
    return this.#adding(directory, name, folder => {
      if (type === FileType.DIRECTORY) return this.#folders.createDirectory(folder, name)
      const made = this.#folders.createFile(folder, name)
      return made < 0 ? made : this.#folders.close(made)
    })
  }

  symlink (directory: number, name: string, target: string): number {
    return this.#adding(directory, name, folder => this.#folders.symlink(folder, name, target))
  }

  readLink (number: number): string | number {
    return this.#of(number, inode => {
      if (inode.type !== FileType.SYMBOLIC_LINK) return -Errno.EINVAL
      return this.#tree.at(inode, (folder, name) => this.#folders.readLink(folder, name))
    })
  }

  link (number: number, directory: number, name: string): number {
    return this.#changing(directory, (folder, table) => {
      const inode = table.get(number)
      if (inode === undefined) return -Errno.ENOENT
      if (inode.type === FileType.DIRECTORY) return -Errno.EPERM
      const linked = this.#tree.at(inode, (fromFolder, fromName) => this.#folders.link(fromFolder, fromName, folder, name))
      if (linked === 0) table.place(inode, directory, name)
      return linked
    })
  }

  unlink (directory: number, name: string): number {
    return this.#removing(directory, name, folder => this.#folders.unlink(folder, name))
  }

  removeDirectory (directory: number, name: string): number {
    return this.#removing(directory, name, folder => this.#folders.removeDirectory(folder, name))
  }

  rename (fromDirectory: number, fromName: string, toDirectory: number, toName: string): number {
    return this.#changing(fromDirectory, (from, table) => this.#changing(toDirectory, to => {
      const moved = this.#folders.rename(from, fromName, to, toName)
      if (moved < 0) return moved
      const inode = table.at(fromDirectory, fromName)
      // Two names of one file: the host leaves both, as POSIX says.
      if (inode !== undefined && inode === table.at(toDirectory, toName)) return 0
      if (inode === undefined) table.clear(toDirectory, toName)
      else table.place(inode, toDirectory, toName)
      table.clear(fromDirectory, fromName)
      return 0
    }))
  }

  // ---- handles

  open (number: number, access: number): number {
    return this.#of(number, (inode, table) => {
      if (inode.type === FileType.SYMBOLIC_LINK) return -Errno.ELOOP
      if ((access & Access.WRITE) !== 0 && inode.type === FileType.DIRECTORY) return -Errno.EISDIR
      if ((access & Access.WRITE) !== 0 && this.#options.readOnly) return -Errno.EROFS
      if (this.#handles.size >= HANDLES_MAX) return -Errno.ENFILE
      const isDirectory = inode.type === FileType.DIRECTORY
      const machine = this.#opened(table, inode, access)
      if (machine < 0) return machine
      const handle = this.#handles.add(own => ({ number: own, inode, access, machine, listing: null }))
      inode.handles.add(machine)
      // Whether it may be read is said by opening it, not by the first reading.
      const refused = isDirectory && (access & Access.READ) !== 0 ? this.#list(handle) : 0
      if (refused === 0) return handle.number
      this.close(handle.number)
      return refused
    })
  }

  /** A handle of the machine's on an inode, with that access. */
  #opened (table: InodeTable, inode: Inode, access: number): number {
    return inode.type === FileType.DIRECTORY || access === 0 ? this.#tree.find(table, inode) : this.#tree.with(inode, handle =>
      this.#folders.open(handle, (access & Access.READ) !== 0, (access & Access.WRITE) !== 0))
  }

  close (number: number): number {
    const handle = this.#handles.get(number)
    if (handle === undefined) return -Errno.EBADF
    this.#handles.remove(number)
    handle.inode.handles.delete(handle.machine)
    handle.listing?.close()
    const closed = this.#folders.close(handle.machine)
    this.#tree.released(handle.inode)
    return closed
  }

  read (number: number, offset: number, into: Window): number {
    return this.#using(number, Access.READ, handle => {
      if (offset < 0) return -Errno.EINVAL
      let from = offset
      return into.transfer(WRITE, 0, into.length, (bytes, at, length) => {
        const count = this.#folders.read(handle.machine, from, bytes, at, length)
        from += count
        return count
      })
    })
  }

  write (number: number, offset: number, from: Window): number {
    return this.#using(number, Access.WRITE, handle => {
      if (offset < 0 && offset !== APPEND) return -Errno.EINVAL
      const room = offset === APPEND ? from.length : FILE_BYTES_MAX - offset
      if (room <= 0 && from.length > 0) return -Errno.EFBIG
      let to = offset
      return from.transfer(READ, 0, Math.min(room, from.length), (bytes, at, length) => {
        const count = this.#folders.write(handle.machine, to, bytes, at, length)
        if (offset !== APPEND) to += count
        return count
      })
    })
  }

  allocate (number: number, offset: number, length: number): number {
    return this.#using(number, Access.WRITE, handle =>
      offset + length > FILE_BYTES_MAX ? -Errno.EFBIG : this.#folders.allocate(handle.machine, offset, length))
  }

  sync (number: number, dataOnly: number): number {
    const handle = this.#handles.get(number)
    if (handle === undefined) return -Errno.EBADF
    if (handle.access !== 0 && handle.listing === null) return this.#folders.sync(handle.machine, dataOnly !== 0)
    const open = this.#folders.open(handle.machine, true, false)
    if (open < 0) return open
    const synced = this.#folders.sync(open, dataOnly !== 0)
    this.#folders.close(open)
    return synced
  }

  readDirectory (number: number, cookie: number, into: Window): number {
    const handle = this.#handles.get(number)
    if (handle === undefined) return -Errno.EBADF
    if (handle.inode.type !== FileType.DIRECTORY) return -Errno.ENOTDIR
    const start = placeOf(cookie)
    if (start < 0) return -Errno.EINVAL
    if (this.#records === 0) this.#records = this.#arena.allocate(LISTING_BYTES)
    if (this.#records === 0) return -Errno.ENOMEM
    const opened = handle.listing === null ? this.#list(handle) : 0
    const ready = opened === 0 && start === 0 ? handle.listing!.rewind() : opened
    if (ready < 0) return ready
    const length = this.#putRecords(handle, start, Math.min(into.length, LISTING_BYTES))
    return length <= 0 ? length : into.put(0, this.#arena.bytes, this.#records, length)
  }

  ready (number: number, events: number): number {
    return this.#handles.get(number) === undefined ? -Errno.EBADF : events & (Ready.READABLE | Ready.WRITABLE)
  }

  awaitReady (number: number, events: number): number {
    return this.ready(number, events)
  }

  available (number: number): number {
    const handle = this.#handles.get(number)
    if (handle === undefined) return -Errno.EBADF
    const host = this.#folders.attributes(handle.machine)
    return typeof host === 'number' ? host : host.size
  }

  terminal (number: number): number {
    return this.#handles.get(number) === undefined ? -Errno.EBADF : 0
  }

  // ---- directories

  #list (handle: Handle): number {
    const open = this.#folders.open(handle.machine, true, false)
    if (open < 0) return open
    handle.listing = new Listing(this.#folders, open)
    return 0
  }

  /** Records from a place on, at most `room` bytes of them; -EINVAL when there is an entry and its record is larger. */
  #putRecords (handle: Handle, start: number, room: number): number {
    let length = 0
    for (let place = start; ; place++) {
      const entry = handle.listing!.at(place)
      if (entry === null) return length
      if (typeof entry === 'number') return length > 0 ? length : entry
      if (length + directoryRecordBytes(entry.name) > room) return length > 0 ? length : -Errno.EINVAL
      const host = this.#folders.attributesAt(handle.machine, entry.name)
      // It has gone since it was listed.
      if (host === -Errno.ENOENT) continue
      // A directory that may be read and not searched: names are all there is to know.
      const [inode, type] = typeof host === 'number' ? [0, entry.type] : [this.#tree.numberOf(host), host.type]
      length += putDirectoryRecord(this.#arena, this.#records + length, cookieOf(place + 1), inode, type, entry.name)
    }
  }

  // ---- in common

  #of<T> (number: number, operation: (inode: Inode, table: InodeTable) => T): T | number {
    const table = this.#tree.table()
    if (typeof table === 'number') return table
    const inode = table.get(number)
    return inode === undefined ? -Errno.ENOENT : operation(inode, table)
  }

  #in<T> (directory: number, operation: (folder: number, table: InodeTable) => T): T | number {
    const table = this.#tree.table()
    if (typeof table === 'number') return table
    const folder = this.#tree.folder(directory)
    return folder < 0 ? folder : operation(folder, table)
  }

  #changing (directory: number, operation: (folder: number, table: InodeTable) => number): number {
    return this.#options.readOnly ? -Errno.EROFS : this.#in(directory, operation)
  }

  /** Makes an entry; returns its inode's number. */
  #adding (directory: number, name: string, make: (folder: number) => number): number {
    return this.#changing(directory, (folder, table) => {
      const made = make(folder)
      if (made < 0) return made
      const host = this.#folders.attributesAt(folder, name)
      return typeof host === 'number' ? host : this.#tree.place(table, host, directory, name)
    })
  }

  #removing (directory: number, name: string, remove: (folder: number) => number): number {
    return this.#changing(directory, (folder, table) => {
      const removed = remove(folder)
      if (removed === 0) table.clear(directory, name)
      return removed
    })
  }

  #using (number: number, access: number, operation: (handle: Handle) => number): number {
    const handle = this.#handles.get(number)
    if (handle === undefined) return -Errno.EBADF
    if (handle.inode.type === FileType.DIRECTORY) return -Errno.EISDIR
    return (handle.access & access) === 0 ? -Errno.EBADF : operation(handle)
  }
}

function checkSize (inode: Inode, size: number): number {
  if (inode.type === FileType.DIRECTORY) return -Errno.EISDIR
  if (inode.type !== FileType.REGULAR || size < 0) return -Errno.EINVAL
  return size > FILE_BYTES_MAX ? -Errno.EFBIG : 0
}

/** The seconds that the machine is told: the given ones, its now, or the time as it is. */
function chosenTime (which: number, given: number, now: number, sec: number): number {
  if ((which & given) !== 0) return sec
  return (which & now) !== 0 ? Infinity : NaN
}

function attributesOf (host: HostAttributes, inode: number): Attributes {
  return {
    inode,
    type: host.type,
    links: host.links,
    size: host.size,
    accessSec: host.accessSec,
    accessNsec: host.accessNsec,
    modifySec: host.modifySec,
    modifyNsec: host.modifyNsec,
    changeSec: host.changeSec,
    changeNsec: host.changeNsec
  }
}
