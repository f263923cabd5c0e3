/**
 * Host folders on Node: shares of the host's file system that no operation can leave.
 *
 * Each operation works on a handle and at most one name. What keeps a handle on its file is the business of anchors
 * (anchors-node.ts). A name that is empty, `.`, `..`, or holds a separator or NUL is refused here.
 * Names on the host that are not UTF-8 are left out of listings: no string could name them. A directory that holds one
 * is then not empty for `removeDirectory`.
 *
 * Calls are the host's synchronous ones: the kernel waits for the disk. They never wait for another program: what is
 * neither file nor directory is not opened.
 */

import {
  constants, fdatasyncSync, fsyncSync, ftruncateSync, linkSync, mkdirSync, opendirSync, readSync, readlinkSync, renameSync,
  rmdirSync, statfsSync, symlinkSync, unlinkSync, writeSync
} from 'node:fs'
import type { Dir } from 'node:fs'
import { Errno } from '../../fiber/index.ts'
import { FileType, HOST_HANDLES_MAX } from '../../roles/index.ts'
import type { HostAttributes, MachineFolders } from '../machine.ts'
import type { Anchor, Anchors } from './anchors-node.ts'
import { pathAnchors } from './anchors-path-node.ts'
import { procAnchors, procAnchorsWork } from './anchors-proc-node.ts'
import { attempt } from './errors-node.ts'
import { attributesOf, isName, stringOf, typeOf } from './host-attributes-node.ts'
import { hostTime } from './host-time-node.ts'

export interface Share { readonly hostPath: string, readonly writable: boolean }

/** What a handle stands for. */
interface Slot {
  anchor: Anchor
  /** A FileType. */
  readonly type: number
  /** Whether its share may be changed. */
  readonly writable: boolean
  readonly use: 'held' | 'reading' | 'writing'
  /** The same file opened for appending, once somebody has. */
  append: Anchor | null
  /** The listing of an open directory under way. */
  listing: Dir | null
}

type Entry = { name: string, type: number }

/** Entries that one host call reads ahead. */
const ENTRIES_AHEAD = 256

export class NodeFolders implements MachineFolders {
  readonly shares: readonly Share[]
  readonly #anchors: Anchors
  readonly #slots = new Map<number, Slot>()
  #lastHandle = 0

  constructor (shares: readonly Share[], anchors: Anchors = procAnchorsWork() ? procAnchors : pathAnchors) {
    this.shares = shares
    this.#anchors = anchors
  }

  /** How many handles there are. */
  get handles (): number {
    return this.#slots.size
  }

  // ---- handles

  openShare (share: number): number {
    const given = this.shares[share]
    if (given === undefined) return -Errno.ENODEV
    return this.#add(given.writable, () => {
      const { anchor, attributes } = this.#anchors.root(given.hostPath)
      if (attributes.isDirectory()) return { anchor, type: FileType.DIRECTORY, use: 'held' }
      this.#anchors.close(anchor)
      return -Errno.ENOTDIR
    })
  }

  find (directory: number, name: string): number {
    return this.#entry(directory, name, (parent, slot) => this.#add(slot.writable, () => {
      const { anchor, attributes } = this.#anchors.find(parent, name)
      return { anchor, type: typeOf(attributes), use: 'held' }
    }))
  }

  open (held: number, read: boolean, write: boolean): number {
    const slot = this.#slots.get(held)
    if (slot === undefined || !(read || write)) return -Errno.EBADF
    const { type } = slot
    if (type === FileType.SYMBOLIC_LINK) return -Errno.ELOOP
    if (type !== FileType.REGULAR && type !== FileType.DIRECTORY) return -Errno.ENXIO
    if (write && type === FileType.DIRECTORY) return -Errno.EISDIR
    if (write && !slot.writable) return -Errno.EROFS
    let flags: number = write ? read ? constants.O_RDWR : constants.O_WRONLY : constants.O_RDONLY
    // Windows has no such flag.
    if (type === FileType.DIRECTORY) flags |= constants.O_DIRECTORY ?? 0
    return this.#add(slot.writable, () => ({ anchor: this.#anchors.open(slot.anchor, flags), type, use: write ? 'writing' : 'reading' }))
  }

  createFile (directory: number, name: string): number {
    return this.#entry(directory, name, (parent, slot) => {
      if (!slot.writable) return -Errno.EROFS
      return this.#add(true, () => ({
        anchor: this.#anchors.create(parent, name, constants.O_RDWR), type: FileType.REGULAR, use: 'writing'
      }))
    })
  }

  close (handle: number): number {
    return this.#with(handle, slot => {
      this.#slots.delete(handle)
      this.#release(slot)
      return 0
    })
  }

  closeAll (): void {
    for (const slot of this.#slots.values()) attempt(() => this.#release(slot))
    this.#slots.clear()
  }

  // ---- attributes

  attributes (handle: number): HostAttributes | number {
    return this.#with(handle, slot => attributesOf(this.#anchors.attributes(slot.anchor)))
  }

  attributesAt (directory: number, name: string): HostAttributes | number {
    return this.#entry(directory, name, anchor => {
      const attributes = this.#anchors.attributesAt(anchor, name)
      return attributes === undefined ? -Errno.ENOENT : attributesOf(attributes)
    })
  }

  setSize (handle: number, size: number): number {
    return this.#with(handle, slot => {
      if (slot.type === FileType.DIRECTORY) return -Errno.EISDIR
      if (slot.type !== FileType.REGULAR) return -Errno.EINVAL
      if (!slot.writable) return -Errno.EROFS
      if (slot.use === 'writing') {
        ftruncateSync(slot.anchor.fd, size)
        return 0
      }
      const writer = this.#anchors.open(slot.anchor, constants.O_WRONLY)
      try {
        ftruncateSync(writer.fd, size)
      } finally {
        this.#anchors.close(writer)
      }
      return 0
    })
  }

  setTimes (handle: number, accessSec: number, accessNsec: number, modifySec: number, modifyNsec: number): number {
    return this.#with(handle, slot => {
      if (!slot.writable) return -Errno.EROFS
      this.#anchors.setTimes(slot.anchor, hostTime(accessSec, accessNsec), hostTime(modifySec, modifyNsec))
      return 0
    })
  }

  // ---- contents

  read (handle: number, offset: number, bytes: Uint8Array, at: number, length: number): number {
    return this.#opened(handle, slot =>
      slot.type === FileType.DIRECTORY ? -Errno.EISDIR : readSync(slot.anchor.fd, bytes, at, length, offset))
  }

  write (handle: number, offset: number, bytes: Uint8Array, at: number, length: number): number {
    return this.#opened(handle, slot => {
      if (slot.use !== 'writing') return -Errno.EBADF
      if (offset >= 0) return writeSync(slot.anchor.fd, bytes, at, length, offset)
      // Only the host itself can append where other programs write too.
      slot.append ??= this.#anchors.open(slot.anchor, constants.O_WRONLY | constants.O_APPEND)
      return writeSync(slot.append.fd, bytes, at, length, null)
    })
  }

  allocate (handle: number, offset: number, length: number): number {
    return this.#opened(handle, slot => {
      if (slot.use !== 'writing') return -Errno.EBADF
      const grown = offset + length - Number(this.#anchors.attributes(slot.anchor).size)
      if (grown <= 0) return 0
      // Node cannot reserve space: this says whether there is as much now.
      const { bavail, bsize } = statfsSync(this.#anchors.path(slot.anchor))
      if (grown > bavail * bsize) return -Errno.ENOSPC
      ftruncateSync(slot.anchor.fd, offset + length)
      return 0
    })
  }

  sync (handle: number, dataOnly: boolean): number {
    return this.#opened(handle, slot => {
      if (dataOnly) fdatasyncSync(slot.anchor.fd)
      else fsyncSync(slot.anchor.fd)
      return 0
    })
  }

  // ---- directories

  entries (handle: number, count: number): Entry[] | number {
    return this.#opened(handle, slot => {
      if (slot.type !== FileType.DIRECTORY) return -Errno.ENOTDIR
      // A directory that was removed has no entries, and may have no path either.
      if (slot.listing === null && this.#anchors.attributes(slot.anchor).nlink === 0n) return []
      slot.listing ??= openListing(this.#anchors.path(slot.anchor))
      return nextEntries(slot.listing, count)
    })
  }

  rewind (handle: number): number {
    return this.#opened(handle, slot => {
      slot.listing?.closeSync()
      slot.listing = null
      return 0
    })
  }

  readLink (directory: number, name: string): string | number {
    return this.#entry(directory, name, anchor =>
      stringOf(readlinkSync(this.#anchors.entryPath(anchor, name), { encoding: 'buffer' })) ?? -Errno.EILSEQ)
  }

  createDirectory (directory: number, name: string): number {
    return this.#change(directory, name, path => { mkdirSync(path) })
  }

  symlink (directory: number, name: string, target: string): number {
    if (target.includes('\0')) return -Errno.EINVAL
    return this.#change(directory, name, path => symlinkSync(target, path))
  }

  link (fromDirectory: number, fromName: string, toDirectory: number, toName: string): number {
    return this.#change(fromDirectory, fromName, from => this.#change(toDirectory, toName, to => linkSync(from, to)))
  }

  rename (fromDirectory: number, fromName: string, toDirectory: number, toName: string): number {
    const result = this.#change(fromDirectory, fromName, from => this.#change(toDirectory, toName, to => {
      renameSync(from, to)
      for (const slot of this.#slots.values()) slot.anchor = this.#anchors.moved(slot.anchor, from, to)
    }))
    return result === -Errno.EEXIST ? -Errno.ENOTEMPTY : result
  }

  unlink (directory: number, name: string): number {
    return this.#change(directory, name, path => unlinkSync(path))
  }

  removeDirectory (directory: number, name: string): number {
    const result = this.#change(directory, name, path => rmdirSync(path))
    return result === -Errno.EEXIST ? -Errno.ENOTEMPTY : result
  }

  // ---- in common

  /** A new handle on what `make` anchors. */
  #add (writable: boolean, make: () => Pick<Slot, 'anchor' | 'type' | 'use'> | number): number {
    if (this.#slots.size >= HOST_HANDLES_MAX) return -Errno.ENFILE
    return attempt(() => {
      const made = make()
      if (typeof made === 'number') return made
      this.#slots.set(++this.#lastHandle, { ...made, writable, append: null, listing: null })
      return this.#lastHandle
    })
  }

  #release (slot: Slot): void {
    slot.listing?.closeSync()
    if (slot.append !== null) this.#anchors.close(slot.append)
    this.#anchors.close(slot.anchor)
  }

  #with<T> (handle: number, operation: (slot: Slot) => T): T | number {
    const slot = this.#slots.get(handle)
    return slot === undefined ? -Errno.EBADF : attempt(() => operation(slot))
  }

  #opened<T> (handle: number, operation: (slot: Slot) => T): T | number {
    return this.#with(handle, slot => slot.use === 'held' ? -Errno.EBADF : operation(slot))
  }

  /** Runs an operation on an entry of a directory. */
  #entry<T> (directory: number, name: string, operation: (directory: Anchor, slot: Slot) => T): T | number {
    return this.#with(directory, slot => {
      if (slot.type !== FileType.DIRECTORY) return -Errno.ENOTDIR
      return isName(name) ? operation(slot.anchor, slot) : -Errno.EINVAL
    })
  }

  /** Runs an operation that changes an entry, by a path that stands for it. */
  #change (directory: number, name: string, operation: (path: string) => number | void): number {
    return this.#entry(directory, name, (anchor, slot) =>
      slot.writable ? operation(this.#anchors.entryPath(anchor, name)) ?? 0 : -Errno.EROFS)
  }
}

function openListing (path: string): Dir {
  // Node's types know names as bytes for `readdir` only; `opendir` gives them too.
  return opendirSync(path, { encoding: 'buffer' as BufferEncoding, bufferSize: ENTRIES_AHEAD })
}

function nextEntries (listing: Dir, count: number): Entry[] {
  const found: Entry[] = []
  while (found.length < count) {
    const next = listing.readSync()
    if (next === null) break
    const name = stringOf(next.name as unknown as Uint8Array)
    if (name !== null) found.push({ name, type: typeOf(next) })
  }
  return found
}
