/**
 * A ramfs that outlives its domain: each operation that has changed something commits it to a store before it replies, and one
 * that begins anew has all of it from there: inodes, names, handles, and the bytes of files.
 *
 * Inodes, handles and cookies keep their numbers, so that a client notices nothing. What is not kept: that bytes were read
 * (access times), and room that was made sure of and not written yet.
 * A file whose bytes are damaged in the store is there and cannot be read (-EIO); where names are damaged, nothing is served.
 */

import { Errno, chain } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { APPEND, FileType, SetAttributes, WRITE, Window } from '../../roles/index.ts'
import type { Arena, Attributes, CopyCounter, FileSystem, Store } from '../../roles/index.ts'
import { Journal } from '../journal.ts'
import type { Inode } from './inode.ts'
import { PAGE_BYTES } from './pages.ts'
import type { Ramfs } from './ramfs.ts'

const Kept = { INODE: 1, ENTRY: 2, HANDLE: 3, DATA: 4 } as const

/** Pages that are read back by one call. */
const PAGES_AT_ONCE = 64

/** The key of an entry: its directory's inode and its cookie. */
const COOKIES = 2 ** 32

export class KeptRamfs implements FileSystem {
  readonly #ramfs: Ramfs
  readonly #arena: Arena
  readonly #counter: CopyCounter
  readonly journal: Journal
  /** Files whose bytes are not what was written. */
  readonly #damaged = new Set<number>()

  constructor (ramfs: Ramfs, arena: Arena, counter: CopyCounter, store: () => Store) {
    this.#ramfs = ramfs
    this.#arena = arena
    this.#counter = counter
    this.journal = new Journal(store, () => this.#recover())
  }

  root (): number {
    return this.#ramfs.root()
  }

  lookup (directory: number, name: string): number {
    return this.#ramfs.lookup(directory, name)
  }

  attributes (number: number): Eventual<Attributes | number> {
    const due = (this.#ramfs.tree.get(number)?.marks ?? 0) !== 0
    const found = this.#ramfs.attributes(number)
    // Times that were told are what they are from then on.
    return due ? this.#after(found, () => { this.#inode(number) }) : found
  }

  setAttributes (
    number: number, which: number, size: number, accessSec: number, accessNsec: number, modifySec: number, modifyNsec: number
  ): Eventual<number> {
    const times = (): Eventual<number> => this.#after(this.#ramfs.setAttributes(number, which & ~SetAttributes.SIZE, 0, accessSec, accessNsec, modifySec, modifyNsec),
      () => { this.#inode(number) })
    if ((which & SetAttributes.SIZE) === 0) return times()
    const failed = this.#ramfs.setAttributes(number, SetAttributes.SIZE, size, 0, 0, 0, 0) as number
    if (failed < 0) return failed
    this.#inode(number)
    return chain(this.journal.truncate(Kept.DATA, number, size, 0), () => which === SetAttributes.SIZE ? 0 : times())
  }

  create (directory: number, name: string, type: number): Eventual<number> {
    return this.#named(directory, name, this.#ramfs.create(directory, name, type))
  }

  symlink (directory: number, name: string, target: string): Eventual<number> {
    return this.#named(directory, name, this.#ramfs.symlink(directory, name, target))
  }

  readLink (number: number): string | number {
    return this.#ramfs.readLink(number)
  }

  link (number: number, directory: number, name: string): Eventual<number> {
    const failed = this.#ramfs.link(number, directory, name)
    if (failed < 0) return failed
    this.#inode(number)
    return this.#named(directory, name, 0)
  }

  unlink (directory: number, name: string): Eventual<number> {
    return this.#removed(directory, name, () => this.#ramfs.unlink(directory, name))
  }

  removeDirectory (directory: number, name: string): Eventual<number> {
    return this.#removed(directory, name, () => this.#ramfs.removeDirectory(directory, name))
  }

  rename (fromDirectory: number, fromName: string, toDirectory: number, toName: string): Eventual<number> {
    const { tree } = this.#ramfs
    const entry = tree.get(fromDirectory)?.directory?.entry(fromName)
    const moved = entry?.inode
    const replaced = tree.get(toDirectory)?.directory?.entry(toName)?.inode
    const failed = this.#ramfs.rename(fromDirectory, fromName, toDirectory, toName)
    if (failed < 0 || entry === undefined || moved === replaced) return failed
    this.journal.remove(Kept.ENTRY, keyOf(fromDirectory, entry.cookie))
    this.#entry(toDirectory, toName)
    for (const inode of new Set([fromDirectory, toDirectory, moved!.number, ...replaced === undefined || replaced === null ? [] : [replaced.number]])) this.#inode(inode)
    return this.journal.commit(0)
  }

  open (number: number, access: number): Eventual<number> {
    const handle = this.#ramfs.open(number, access)
    if (handle < 0) return handle
    this.journal.put(Kept.HANDLE, handle, [number, access])
    return this.journal.commit(handle)
  }

  close (handle: number): Eventual<number> {
    const inode = this.#ramfs.handles.get(handle)?.inode.number
    return this.#after(this.#ramfs.close(handle), () => {
      if (this.#ramfs.handles.get(handle) === undefined) this.journal.remove(Kept.HANDLE, handle)
      if (inode !== undefined) this.#inode(inode)
    })
  }

  read (handle: number, offset: number, into: Window): number {
    if (this.#damaged.size > 0 && this.#isDamaged(handle)) return -Errno.EIO
    return this.#ramfs.read(handle, offset, into)
  }

  write (handle: number, offset: number, from: Window): Eventual<number> {
    if (this.#damaged.size > 0 && this.#isDamaged(handle)) return -Errno.EIO
    const inode = this.#ramfs.handles.get(handle)?.inode
    const start = offset === APPEND ? inode?.size ?? 0 : offset
    const done = this.#ramfs.write(handle, offset, from)
    if (done <= 0 || inode === undefined) return done
    this.#inode(inode.number)
    return this.journal.write(Kept.DATA, inode.number, start, done === from.length ? from : from.slice(0, done), done)
  }

  readDirectory (handle: number, cookie: number, into: Window): number {
    return this.#ramfs.readDirectory(handle, cookie, into)
  }

  allocate (handle: number, offset: number, length: number): Eventual<number> {
    const inode = this.#ramfs.handles.get(handle)?.inode
    const failed = this.#ramfs.allocate(handle, offset, length)
    if (failed < 0 || inode === undefined) return failed
    this.#inode(inode.number)
    return this.journal.commit(0)
  }

  sync (handle: number): number {
    return this.#ramfs.sync(handle)
  }

  ready (handle: number, events: number): number {
    return this.#ramfs.ready(handle, events)
  }

  awaitReady (handle: number, events: number): number {
    return this.#ramfs.awaitReady(handle, events)
  }

  available (handle: number): number {
    return this.#ramfs.available(handle)
  }

  terminal (handle: number): number {
    return this.#ramfs.terminal(handle)
  }

  /** Notes what an operation has changed, once it is done, and commits that. */
  #after<T> (result: Eventual<T>, note: () => void): Eventual<T> {
    return chain(result, value => {
      if (typeof value === 'number' && value < 0) return value
      note()
      return this.journal.commit(value)
    })
  }

  /** A name was made. */
  #named (directory: number, name: string, made: number): Eventual<number> {
    if (made < 0) return made
    this.#entry(directory, name)
    this.#inode(directory)
    if (made > 0) this.#inode(made)
    return this.journal.commit(made)
  }

  #removed (directory: number, name: string, remove: () => number): Eventual<number> {
    const entry = this.#ramfs.tree.get(directory)?.directory?.entry(name)
    const inode = entry?.inode
    const failed = remove()
    if (failed < 0 || entry === undefined) return failed
    this.journal.remove(Kept.ENTRY, keyOf(directory, entry.cookie))
    this.#inode(directory)
    this.#inode(inode!.number)
    return this.journal.commit(0)
  }

  #entry (directory: number, name: string): void {
    const { cookie, inode, account } = this.#ramfs.tree.get(directory)!.directory!.entry(name)!
    this.journal.put(Kept.ENTRY, keyOf(directory, cookie), [inode!.number, account], name)
  }

  /** An inode as it is now, or that it is gone. */
  #inode (number: number): void {
    const inode = this.#ramfs.tree.get(number)
    if (inode === undefined) {
      this.#damaged.delete(number)
      this.journal.remove(Kept.INODE, number)
      this.journal.remove(Kept.DATA, number)
      return
    }
    this.journal.put(Kept.INODE, number, [
      inode.type, inode.links, inode.size, inode.marks, Number(inode.accessDue),
      inode.accessSec, inode.accessNsec, inode.modifySec, inode.modifyNsec, inode.changeSec, inode.changeNsec,
      inode.targetAccount, inode.directory?.nextCookie ?? 0, inode.directory?.parent?.number ?? 0, ...inode.pages?.payers ?? [0]
    ], inode.target ?? '')
  }

  #isDamaged (handle: number): boolean {
    return this.#damaged.has(this.#ramfs.handles.get(handle)?.inode.number ?? -1)
  }

  * #recover (): Fiber<void> {
    const { tree, handles } = this.#ramfs
    const parents: [Inode, number][] = []
    for (const { key, numbers, text } of yield * this.journal.records(Kept.INODE)) {
      const [type, links, size, marks, accessDue, accessSec, accessNsec, modifySec, modifyNsec, changeSec, changeNsec, targetAccount, nextCookie, parent, account, ...others] = numbers as [
        number, number, number, number, number, number, number, number, number, number, number, number, number, number, number, ...number[]]
      const inode = tree.restore(key, type, type === FileType.SYMBOLIC_LINK ? text : null)
      Object.assign(inode, { links, size, marks, accessDue: accessDue !== 0, accessSec, accessNsec, modifySec, modifyNsec, changeSec, changeNsec, targetAccount })
      if (inode.directory !== null) {
        inode.directory.nextCookie = nextCookie
        parents.push([inode, parent])
      }
      inode.pages?.restorePayers(account, others)
    }
    tree.settle()
    for (const [inode, parent] of parents) inode.directory!.parent = tree.get(parent) ?? tree.root
    for (const { key, numbers, text } of yield * this.journal.records(Kept.ENTRY)) {
      const directory = Math.floor(key / COOKIES)
      const inode = tree.get(numbers[0]!)
      const parent = tree.get(directory)
      if (inode === undefined || parent === undefined || parent.directory === null) throw new Error(`ramfs: the name of inode ${numbers[0]} in ${directory} leads nowhere`)
      tree.restoreName(parent, text, key - directory * COOKIES, inode, numbers[1]!)
    }
    for (const { key, numbers } of yield * this.journal.records(Kept.HANDLE)) {
      const inode = tree.get(numbers[0]!)
      if (inode === undefined) throw new Error(`ramfs: handle ${key} is of no inode`)
      inode.handles++
      handles.place(key, { number: key, inode, access: numbers[1]! })
    }
    handles.settle()
    for (const inode of tree.all()) if (inode.pages !== null && inode.size > 0) yield * this.#recoverBytes(inode)
  }

  * #recoverBytes (inode: Inode): Fiber<void> {
    const pages = yield * this.journal.pages(Kept.DATA, inode.number)
    for (let from = 0; from < pages.length;) {
      const pieces: number[] = []
      const first = pages[from]!
      // Pages that follow each other come in one call.
      for (; from < pages.length && pages[from] === first + pieces.length / 2 && pieces.length < 2 * PAGES_AT_ONCE; from++) {
        const address = inode.pages!.restore(pages[from]!)
        if (address === 0) throw new Error('ramfs: no room for what was kept')
        pieces.push(address, PAGE_BYTES)
      }
      const into = Window.ofPieces(this.#arena, pieces, WRITE, this.#counter)!
      if (!(yield * this.journal.read(Kept.DATA, inode.number, first * PAGE_BYTES, into))) this.#damaged.add(inode.number)
    }
  }
}

function keyOf (directory: number, cookie: number): number {
  return directory * COOKIES + cookie
}
