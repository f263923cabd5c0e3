/**
 * A file system whose files are made when they are opened, of what the system tells of itself.
 *
 * A handle keeps what its file said at the time of opening: bytes in the arena, so that reading in pieces gives one
 * state. Nothing can be made, changed or removed. A process sees all processes; the environment is shown to its own
 * process and to init alone (-EACCES).
 * What is asked for is told without a wait in between as long as who is asked need not wait: then a file is of one moment.
 */

import { Errno, chain, encodeUtf8, utf8Length } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import {
  Access, FIRST_COOKIE, FileType, HANDLES_MAX, INIT, PROCFS_BYTES_MAX, Ready, StateError, bytesOf, directoryRecordBytes, entryOf, itemsOf, putDirectoryRecord, wholeOf
} from '../../roles/index.ts'
import type {
  Arena, Attributes, Caller, FileInformation, FileSystem, ProcessInformation, ServiceState, StateValue, SystemInformation, Window
} from '../../roles/index.ts'
import { Slots } from '../slots.ts'
import { ROOT, descriptorInode, numberOf, placeOf, processInode, processNames, systemNames } from './inodes.ts'
import type { NamedInode, Place } from './inodes.ts'
import { descriptorTarget, processText } from './process-files.ts'
import { systemText } from './system-files.ts'

/** Who is asked. */
export interface Sources {
  readonly processes: ProcessInformation
  readonly files: FileInformation
  readonly system: SystemInformation
}

/** An open file, and what it said. */
export interface Handle {
  readonly number: number
  readonly inode: number
  readonly place: Place
  /** Where its bytes lie; 0 when it has none. */
  readonly address: number
  readonly length: number
}

/** Bytes of directory records that are put at a time. */
const LISTING_BYTES = 4096

export class Procfs implements FileSystem, ServiceState {
  readonly #arena: Arena
  readonly #caller: Caller
  readonly #sources: () => Sources
  /** Read and restored by who keeps them elsewhere; else this file's own. */
  readonly handles = new Slots<Handle>()
  /** Bytes that handles keep. */
  #keptBytes = 0

  constructor (arena: Arena, caller: Caller, sources: () => Sources) {
    this.#arena = arena
    this.#caller = caller
    this.#sources = sources
  }

  save (): StateValue {
    return this.handles.save(({ inode, address, length }) => [inode, this.#arena.bytes.slice(address, address + length)])
  }

  takeUp (saved: StateValue): void {
    this.handles.takeUp(saved, 'open files of procfs', HANDLES_MAX, (each, number) => {
      const [of, text] = itemsOf(each, 'an open file of procfs', 2)
      const inode = wholeOf(of!, 'an inode')
      const place = placeOf(inode)
      const bytes = bytesOf(text!, 'what a file of procfs says')
      const address = bytes.length === 0 ? 0 : this.#arena.allocate(bytes.length)
      this.#keptBytes += bytes.length
      if (place === null || this.#keptBytes > PROCFS_BYTES_MAX || (bytes.length > 0 && address === 0)) throw new StateError('a file of procfs is open that cannot be')
      this.#arena.bytes.set(bytes, address)
      return { number, inode, place, address, length: bytes.length }
    })
  }

  root (): number {
    return ROOT
  }

  lookup (directory: number, name: string): Eventual<number> {
    const place = placeOf(directory)
    if (place === null) return -Errno.ENOENT
    if (place.type !== FileType.DIRECTORY) return -Errno.ENOTDIR
    const inode = this.#find(place, name)
    const found = inode < 0 ? null : placeOf(inode)
    return found === null ? -Errno.ENOENT : chain(this.#there(found), failed => failed < 0 ? failed : entryOf(inode, found.type))
  }

  attributes (inode: number): Eventual<Attributes | number> {
    const place = placeOf(inode)
    if (place === null) return -Errno.ENOENT
    return chain(this.#there(place), failed => failed < 0 ? failed : attributesOf(inode, place.type))
  }

  readLink (inode: number): Eventual<string | number> {
    const place = placeOf(inode)
    if (place?.type !== FileType.SYMBOLIC_LINK) return place === null ? -Errno.ENOENT : -Errno.EINVAL
    if (place.of === 'system') return String(this.#caller.principal)
    if (place.of === 'process') return chain(this.#sources().processes.process(place.process), told => typeof told === 'number' ? gone(told) : told.directory)
    return chain(this.#sources().files.openFile(place.process, place.fd), open => typeof open === 'number' ? gone(open) : descriptorTarget(open))
  }

  open (inode: number, access: number): Eventual<number> {
    const place = placeOf(inode)
    if (place === null) return -Errno.ENOENT
    if ((access & Access.WRITE) !== 0) return place.type === FileType.DIRECTORY ? -Errno.EISDIR : -Errno.EACCES
    if (place.of === 'process' && place.name === 'environ' && this.#caller.principal !== place.process && this.#caller.principal !== INIT) return -Errno.EACCES
    if (place.type !== FileType.REGULAR) return chain(this.#there(place), failed => failed < 0 ? failed : this.#add(inode, place, 0, 0))
    return this.#openFile(inode, place)
  }

  * #openFile (inode: number, place: Place): Fiber<number> {
    const sources = this.#sources()
    const text = place.of === 'process' ? yield * processText(sources, place.process, place.name) : yield * systemText(sources, (place as Place & { of: 'system' }).name)
    if (typeof text === 'number') return gone(text)
    const length = utf8Length(text)
    if (length === 0) return this.#add(inode, place, 0, 0)
    if (this.#keptBytes + length > PROCFS_BYTES_MAX) return -Errno.ENOMEM
    const address = this.#arena.allocate(length)
    if (address === 0) return -Errno.ENOMEM
    encodeUtf8(text, this.#arena.bytes, address)
    const handle = this.#add(inode, place, address, length)
    if (handle < 0) this.#arena.free(address, length)
    return handle
  }

  /** A handle as it was before. */
  protected restore (handle: Handle): void {
    this.#keptBytes += handle.length
    this.handles.place(handle.number, handle)
  }

  #add (inode: number, place: Place, address: number, length: number): number {
    if (this.handles.size >= HANDLES_MAX) return -Errno.ENFILE
    this.#keptBytes += length
    return this.handles.add(number => ({ number, inode, place, address, length })).number
  }

  close (handle: number): Eventual<number> {
    const open = this.handles.get(handle)
    if (open === undefined) return -Errno.EBADF
    if (open.address !== 0) this.#arena.free(open.address, open.length)
    this.#keptBytes -= open.length
    this.handles.remove(handle)
    return 0
  }

  read (handle: number, offset: number, into: Window): number {
    const open = this.handles.get(handle)
    if (open === undefined) return -Errno.EBADF
    if (open.place.type !== FileType.REGULAR) return -Errno.EISDIR
    const from = Math.max(0, offset)
    const count = Math.min(into.length, open.length - from)
    return count <= 0 ? 0 : into.put(0, this.#arena.bytes, open.address + from, count)
  }

  write (): number {
    return -Errno.EBADF
  }

  readDirectory (handle: number, cookie: number, into: Window): Eventual<number> {
    const open = this.handles.get(handle)
    if (open === undefined) return -Errno.EBADF
    if (open.place.type !== FileType.DIRECTORY) return -Errno.ENOTDIR
    return chain(this.#names(open.place, cookie), entries => typeof entries === 'number' ? entries : this.#list(entries, into))
  }

  #list (entries: readonly ListedName[], into: Window): number {
    const room = Math.min(into.length, LISTING_BYTES)
    let size = 0
    const address = entries.length === 0 ? 0 : this.#arena.allocate(LISTING_BYTES)
    if (address === 0) return entries.length === 0 ? 0 : -Errno.ENOMEM
    for (const { cookie, inode, type, name } of entries) {
      if (size + directoryRecordBytes(name) > room) break
      size += putDirectoryRecord(this.#arena, address + size, cookie, inode, type, name)
    }
    const put = size === 0 ? -Errno.EINVAL : into.put(0, this.#arena.bytes, address, size)
    this.#arena.free(address, LISTING_BYTES)
    return put
  }

  /**
   * Entries after a cookie. Cookies of fixed names are their places; those of processes and descriptors come after them and
   * are their numbers, so that one that stays is seen once, whatever comes and goes.
   */
  #names (place: Place, cookie: number): Eventual<readonly ListedName[] | number> {
    if (place.of === 'descriptor') return -Errno.ENOTDIR
    const after = cookie < FIRST_COOKIE ? -1 : cookie - FIRST_COOKIE
    if (place.of === 'process' && place.name === 'fd') {
      return chain(this.#sources().files.descriptors(place.process, after + 1), all => typeof all === 'number'
        ? ended(all)
        : all.map(fd => ({ cookie: FIRST_COOKIE + fd, name: String(fd), inode: descriptorInode(place.process, fd), type: FileType.SYMBOLIC_LINK })))
    }
    const fixed = place.of === 'system' ? systemNames(place.name) : processNames(place.process)
    const named = fixed.map((entry, index): ListedName => ({ ...entry, cookie: FIRST_COOKIE + index })).filter(entry => entry.cookie > FIRST_COOKIE + after)
    if (place.of !== 'system' || place.name !== '') return named
    const last = after - fixed.length
    return chain(this.#sources().processes.processes(Math.max(0, last)), all => typeof all === 'number'
      ? all
      : [...named, ...all.map(process => ({ cookie: FIRST_COOKIE + fixed.length + process, name: String(process), inode: processInode(process), type: FileType.DIRECTORY }))])
  }

  /** The inode of a name in a directory that there may be, or an error. */
  #find (place: Place, name: string): number {
    if (place.of === 'descriptor') return -Errno.ENOTDIR
    if (place.of === 'process' && place.name === 'fd') {
      const fd = numberOf(name)
      return fd < 0 ? -Errno.ENOENT : descriptorInode(place.process, fd)
    }
    const fixed = place.of === 'system' ? systemNames(place.name) : processNames(place.process)
    const found = fixed.find(entry => entry.name === name)
    if (found !== undefined) return found.inode
    const process = place.of === 'system' && place.name === '' ? numberOf(name) : -1
    return process <= 0 ? -Errno.ENOENT : processInode(process)
  }

  /** 0, or an error when what an inode stands for is gone. */
  #there (place: Place): Eventual<number> {
    if (place.of === 'system') return 0
    const { processes, files } = this.#sources()
    const told: Eventual<unknown> = place.of === 'process' ? processes.process(place.process) : files.openFile(place.process, place.fd)
    return chain(told, answer => typeof answer === 'number' ? gone(answer) : 0)
  }

  setAttributes (): number {
    return -Errno.EPERM
  }

  create (): number {
    return -Errno.EPERM
  }

  symlink (): number {
    return -Errno.EPERM
  }

  link (): number {
    return -Errno.EPERM
  }

  unlink (): number {
    return -Errno.EPERM
  }

  removeDirectory (): number {
    return -Errno.EPERM
  }

  rename (): number {
    return -Errno.EPERM
  }

  allocate (): number {
    return -Errno.EPERM
  }

  sync (): number {
    return 0
  }

  ready (handle: number, events: number): number {
    return this.handles.get(handle) === undefined ? -Errno.EBADF : events & (Ready.READABLE | Ready.WRITABLE)
  }

  awaitReady (handle: number, events: number): number {
    return this.ready(handle, events)
  }

  available (handle: number): number {
    return this.handles.get(handle)?.length ?? -Errno.EBADF
  }

  terminal (handle: number): number {
    return this.handles.get(handle) === undefined ? -Errno.EBADF : 0
  }
}

interface ListedName extends NamedInode {
  readonly cookie: number
}

/** What is no process's or descriptor's any more is not there. */
function gone (error: number): number {
  return error === -Errno.ESRCH || error === -Errno.EBADF ? -Errno.ENOENT : error
}

/** A process that has ended has no descriptors. */
function ended (error: number): readonly ListedName[] | number {
  return error === -Errno.ESRCH ? [] : error
}

function attributesOf (inode: number, type: number): Attributes {
  return {
    inode, type, links: type === FileType.DIRECTORY ? 2 : 1, size: 0,
    accessSec: 0, accessNsec: 0, modifySec: 0, modifyNsec: 0, changeSec: 0, changeNsec: 0
  }
}
