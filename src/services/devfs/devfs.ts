/**
 * A file system of devices: one directory with a fixed set of names.
 *
 * Nothing can be made or removed in it (-EPERM), and its files have no size and no times.
 */

import { Errno, chain } from '../../fiber/index.ts'
import type { Eventual } from '../../fiber/index.ts'
import {
  Access, FIRST_COOKIE, FileType, HANDLES_MAX, NO_WAIT, StateError, directoryRecordBytes, entryOf, itemsOf, putDirectoryRecord, wholeOf
} from '../../roles/index.ts'
import type { Arena, Attributes, FileSystem, ServiceState, StateValue, Window } from '../../roles/index.ts'
import { Slots } from '../slots.ts'
import type { NamedNode, Node } from './nodes.ts'

const ROOT = 1

/** An open device, or the directory. */
export interface Handle {
  readonly number: number
  /** Null for the directory. */
  readonly node: Node | null
  readonly access: number
}

export class Devfs implements FileSystem, ServiceState {
  readonly #arena: Arena
  readonly #find: () => readonly NamedNode[]
  #found: readonly NamedNode[] | null = null
  /** Read and restored by who keeps them elsewhere; else this file's own. */
  readonly handles = new Slots<Handle>()

  /** `find` is called once, when the names are first needed: by then the neighbours are there. */
  constructor (arena: Arena, find: () => readonly NamedNode[]) {
    this.#arena = arena
    this.#find = find
  }

  /** The devices in the order of their inode numbers, which follow the root's. */
  get #nodes (): readonly NamedNode[] {
    this.#found ??= this.#find()
    return this.#found
  }

  /** The device of an inode; null of the directory's; undefined of one that there is not. */
  nodeOf (inode: number): Node | null | undefined {
    return inode === ROOT ? null : this.#nodes[inode - ROOT - 1]?.node
  }

  #has (name: string): boolean {
    return this.#nodes.some(each => each.name === name)
  }

  save (): StateValue {
    return this.handles.save(({ node, access }) => [node === null ? 0 : 1 + this.#nodes.findIndex(each => each.node === node), access])
  }

  takeUp (saved: StateValue): void {
    this.handles.takeUp(saved, 'open devices', HANDLES_MAX, (each, number) => {
      const [device, access] = itemsOf(each, 'an open device', 2)
      const index = wholeOf(device!, 'a device')
      const node = index === 0 ? null : this.#nodes[index - 1]?.node
      if (node === undefined) throw new StateError('a device is open that this system does not have')
      return { number, node, access: wholeOf(access!, 'an access', 0, Access.READ | Access.WRITE) }
    })
  }

  root (): number {
    return ROOT
  }

  lookup (directory: number, name: string): Eventual<number> {
    if (directory !== ROOT) return -Errno.ENOTDIR
    const index = this.#nodes.findIndex(each => each.name === name)
    if (index < 0) return -Errno.ENOENT
    return chain(this.#nodes[index]!.node.type(), type => type < 0 ? type : entryOf(ROOT + 1 + index, type))
  }

  attributes (inode: number): Eventual<Attributes | number> {
    if (inode === ROOT) return attributesOf(inode, FileType.DIRECTORY)
    const node = this.#nodes[inode - ROOT - 1]?.node
    return node === undefined ? -Errno.ENOENT : chain(node.type(), type => type < 0 ? type : attributesOf(inode, type))
  }

  setAttributes (): number {
    return -Errno.EPERM
  }

  create (directory: number, name: string): number {
    return this.#refusesName(directory, name)
  }

  symlink (directory: number, name: string): number {
    return this.#refusesName(directory, name)
  }

  readLink (): number {
    return -Errno.EINVAL
  }

  link (_inode: number, directory: number, name: string): number {
    return this.#refusesName(directory, name)
  }

  unlink (directory: number, name: string): number {
    if (directory !== ROOT) return -Errno.ENOTDIR
    return this.#has(name) ? -Errno.EPERM : -Errno.ENOENT
  }

  removeDirectory (directory: number, name: string): number {
    if (directory !== ROOT) return -Errno.ENOTDIR
    return this.#has(name) ? -Errno.ENOTDIR : -Errno.ENOENT
  }

  rename (fromDirectory: number, fromName: string): number {
    return this.unlink(fromDirectory, fromName)
  }

  open (inode: number, access: number): Eventual<number> {
    const node = this.nodeOf(inode)
    if (node === undefined) return -Errno.ENOENT
    if (node === null && (access & Access.WRITE) !== 0) return -Errno.EISDIR
    if (this.handles.size >= HANDLES_MAX) return -Errno.ENFILE
    return this.handles.add(number => ({ number, node, access })).number
  }

  close (handle: number): Eventual<number> {
    if (this.handles.get(handle) === undefined) return -Errno.EBADF
    this.handles.remove(handle)
    return 0
  }

  read (handle: number, offset: number, into: Window): Eventual<number> {
    const open = this.handles.get(handle)
    if (open === undefined || (open.access & Access.READ) === 0) return -Errno.EBADF
    return open.node === null ? -Errno.EISDIR : open.node.read(into, offset !== NO_WAIT)
  }

  write (handle: number, offset: number, from: Window): Eventual<number> {
    const open = this.handles.get(handle)
    if (open === undefined || open.node === null || (open.access & Access.WRITE) === 0) return -Errno.EBADF
    return open.node.write(from, offset !== NO_WAIT)
  }

  readDirectory (handle: number, cookie: number, into: Window): Eventual<number> {
    const open = this.handles.get(handle)
    if (open === undefined) return -Errno.EBADF
    if (open.node !== null) return -Errno.ENOTDIR
    const index = Math.max(0, cookie - FIRST_COOKIE + 1)
    const next = this.#nodes[index]
    if (next === undefined) return 0
    const { name, node } = next
    // One at a time: there are few, and nobody reads them in a hurry.
    return chain(node.type(), type => {
      const size = directoryRecordBytes(name)
      if (size > into.length) return -Errno.EINVAL
      const address = this.#arena.allocate(size)
      if (address === 0) return -Errno.ENOMEM
      putDirectoryRecord(this.#arena, address, FIRST_COOKIE + index, ROOT + 1 + index, type, name)
      const put = into.put(0, this.#arena.bytes, address, size)
      this.#arena.free(address, size)
      return put
    })
  }

  allocate (): number {
    return -Errno.ENODEV
  }

  sync (handle: number): number {
    return this.handles.get(handle) === undefined ? -Errno.EBADF : 0
  }

  ready (handle: number, events: number): Eventual<number> {
    return this.#ofNode(handle, node => node.ready(events))
  }

  awaitReady (handle: number, events: number): Eventual<number> {
    return this.#ofNode(handle, node => node.awaitReady(events))
  }

  available (handle: number): Eventual<number> {
    return this.#ofNode(handle, node => node.available())
  }

  terminal (handle: number): Eventual<number> {
    return this.#ofNode(handle, node => node.terminal())
  }

  /** What a device says; a directory says 0. */
  #ofNode (handle: number, ask: (node: Node) => Eventual<number>): Eventual<number> {
    const open = this.handles.get(handle)
    if (open === undefined) return -Errno.EBADF
    return open.node === null ? 0 : ask(open.node)
  }

  #refusesName (directory: number, name: string): number {
    if (directory !== ROOT) return -Errno.ENOTDIR
    return this.#has(name) ? -Errno.EEXIST : -Errno.EPERM
  }
}

function attributesOf (inode: number, type: number): Attributes {
  return {
    inode, type, links: type === FileType.DIRECTORY ? 2 : 1, size: 0,
    accessSec: 0, accessNsec: 0, modifySec: 0, modifyNsec: 0, changeSec: 0, changeNsec: 0
  }
}
