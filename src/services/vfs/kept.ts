/**
 * A VFS that outlives its domain: descriptor tables and open files are in a store, so that who holds a descriptor keeps it.
 *
 * Kept before an operation replies: which number stands for what, with its rights; flags and position of each open file. What
 * is to be closed is gone from the store *before* a file system is told, since the file system may give the handle's number to
 * another: a VFS that dies in between leaves a handle that nobody closes, and never a descriptor of another's file.
 * What an operation took of a file system and had not kept when the VFS died stays taken, until the system ends.
 * Not kept, and made anew: the mounted tree, and where walks led.
 */

import { chain, isFiber, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { HANDLES_MAX } from '../../roles/index.ts'
import type { Caller, DescriptorTables, Files, Sockets, Store } from '../../roles/index.ts'
import { Journal } from '../journal.ts'
import type { Mount, Mounts } from './mounts.ts'
import { OpenFile } from './open-file.ts'
import { Descriptor } from './tables.ts'
import type { Table, Tables } from './tables.ts'

const Kept = { TABLE: 1, DESCRIPTOR: 2, FILE: 3 } as const

/** What stands for the file system of a socket, which has none. */
const SOCKETS = -1

export interface KeptVfsParts {
  readonly caller: Caller
  readonly tables: Tables
  readonly mounts: Mounts
  readonly pipes: () => Mount | null
  readonly sockets: () => Sockets | undefined
  readonly store: () => Store
}

export class KeptVfs {
  readonly journal: Journal
  readonly #parts: KeptVfsParts
  /** The number under which an open file is kept. */
  readonly #ids = new WeakMap<OpenFile, number>()
  #nextId = 1

  constructor (parts: KeptVfsParts) {
    this.#parts = parts
    this.journal = new Journal(parts.store, () => this.#recover())
  }

  files (files: Files): Files {
    const gained = (result: Eventual<number>): Eventual<number> => this.#gains(result)
    const moved = (fd: number, result: Eventual<number>, always = false): Eventual<number> => this.#moves(fd, result, always)
    return {
      ...files,
      open: (fd, follow, path, openFlags, base, inheriting, flags) => gained(files.open(fd, follow, path, openFlags, base, inheriting, flags)),
      duplicate: (fd, from) => gained(files.duplicate(fd, from)),
      accept: (fd, flags) => gained(files.accept(fd, flags)),
      pipe: () => this.#pipe(files.pipe()),
      close: fd => this.#loses(fd, -1, () => files.close(fd)),
      renumber: (fd, to) => this.#loses(to, fd, () => files.renumber(fd, to)),
      duplicateTo: (fd, to) => this.#replaces(fd, to, () => files.duplicateTo(fd, to)),
      read: (fd, into) => moved(fd, files.read(fd, into)),
      write: (fd, from) => moved(fd, files.write(fd, from)),
      seek: (fd, offset, whence) => moved(fd, files.seek(fd, offset, whence), true),
      setDescriptorFlags: (fd, flags) => moved(fd, files.setDescriptorFlags(fd, flags), true),
      setRights: (fd, base, inheriting) => {
        const failed = files.setRights(fd, base, inheriting) as number
        return failed < 0 ? failed : this.#noted(this.#process, [fd], failed)
      }
    }
  }

  tables (tables: DescriptorTables): DescriptorTables {
    return {
      inherit: (process, parent, descriptors, max) => chain(tables.inherit(process, parent, descriptors, max), failed => {
        if (failed < 0) return failed
        this.#noteTable(process)
        return this.#noted(process, descriptors.map((_from, fd) => fd), failed)
      }),
      preopen: (process, path, guestPath, base, inheriting) => chain(tables.preopen(process, path, guestPath, base, inheriting), fd => {
        if (this.#parts.tables.of(process) !== undefined) this.#noteTable(process)
        return fd < 0 ? this.journal.commit(fd) : this.#noted(process, [fd], fd)
      }),
      listen: (process, name, backlog, flags) => this.#socket(process, tables.listen(process, name, backlog, flags)),
      connect: (process, name) => this.#socket(process, tables.connect(process, name)),
      release: process => this.#release(process, () => tables.release(process))
    }
  }

  get #process (): number {
    return this.#parts.caller.principal
  }

  /** The caller has a descriptor more, if it is one. */
  #gains (result: Eventual<number>): Eventual<number> {
    const process = this.#process
    if (!isFiber(result)) return result < 0 ? result : this.#noted(process, [result], result)
    return chain(result, fd => fd < 0 ? fd : this.#noted(process, [fd], fd))
  }

  #pipe (result: ReturnType<Files['pipe']>): ReturnType<Files['pipe']> {
    const process = this.#process
    return chain(result, (ends): ReturnType<Files['pipe']> => typeof ends === 'number' ? ends : this.#noted(process, [ends.read, ends.write], ends))
  }

  #socket (process: number, result: Eventual<number>): Eventual<number> {
    return chain(result, fd => {
      if (this.#parts.tables.of(process) !== undefined) this.#noteTable(process)
      return fd < 0 ? this.journal.commit(fd) : this.#noted(process, [fd], fd)
    })
  }

  /** The position of an open file has moved. A transfer of nothing, or of what has no position, moves none. */
  #moves (fd: number, result: Eventual<number>, always: boolean): Eventual<number> {
    const file = this.#parts.tables.get(fd)?.file
    if (file === undefined) return result
    if (isFiber(result)) return chain(result, late => this.#moved(file, late, always))
    return this.#moved(file, result, always)
  }

  #moved (file: OpenFile, result: number, always: boolean): Eventual<number> {
    if (!always && (result <= 0 || !file.seekable)) return result
    // Who holds the position keeps it when it lets go.
    if (file.position < 0) return result
    this.#noteFile(file)
    return this.journal.commit(result)
  }

  /** `gone` will stand for nothing any more, or for what `moved` stands for: kept first, and then done. */
  #loses (gone: number, moved: number, act: () => Eventual<number>): Eventual<number> {
    const process = this.#process
    const table = this.#parts.tables.of(process)
    const lost = table?.entries[gone]
    const from = moved < 0 ? undefined : table?.entries[moved]
    if (table === undefined || lost === undefined || gone === moved || (moved >= 0 && from === undefined)) return act()
    this.#noteLost(lost)
    if (from === undefined) {
      this.journal.remove(Kept.DESCRIPTOR, keyOf(process, gone))
    } else {
      this.#noteDescriptor(process, gone, from)
      this.journal.remove(Kept.DESCRIPTOR, keyOf(process, moved))
    }
    return chain(this.journal.commit(0), act)
  }

  #replaces (fd: number, to: number, act: () => Eventual<number>): Eventual<number> {
    const process = this.#process
    const table = this.#parts.tables.of(process)
    const original = table?.entries[fd]
    if (table === undefined || original === undefined || !table.has(to) || fd === to || !table.hasRoomAt(to)) return act()
    const replaced = table.entries[to]
    if (replaced !== undefined) this.#noteLost(replaced)
    this.#noteDescriptor(process, to, original)
    return chain(this.journal.commit(0), act)
  }

  #release (process: number, act: () => Eventual<number>): Eventual<number> {
    const table = this.#parts.tables.of(process)
    if (table === undefined) return act()
    const references = new Map<OpenFile, number>()
    for (const [fd, descriptor] of table.entries.entries()) {
      if (descriptor === undefined) continue
      this.journal.remove(Kept.DESCRIPTOR, keyOf(process, fd))
      references.set(descriptor.file, (references.get(descriptor.file) ?? 0) + 1)
    }
    for (const [file, count] of references) if (count >= file.references) this.#noteGone(file)
    this.journal.remove(Kept.TABLE, process)
    return chain(this.journal.commit(0), act)
  }

  /** Notes descriptors as they are now, and commits. */
  #noted<T> (process: number, fds: readonly number[], result: T): Eventual<T> {
    const table = this.#parts.tables.of(process)
    for (const fd of fds) {
      const descriptor = table?.entries[fd]
      if (descriptor === undefined) this.journal.remove(Kept.DESCRIPTOR, keyOf(process, fd))
      else this.#noteDescriptor(process, fd, descriptor)
    }
    return this.journal.commit(result)
  }

  #noteTable (process: number): void {
    this.journal.put(Kept.TABLE, process, [this.#parts.tables.of(process)!.max])
  }

  #noteDescriptor (process: number, fd: number, { file, base, inheriting, preopened }: Descriptor): void {
    if (!this.#ids.has(file)) this.#noteFile(file)
    this.journal.put(Kept.DESCRIPTOR, keyOf(process, fd), [this.#ids.get(file)!, base, inheriting, preopened === null ? 0 : 1], preopened ?? '')
  }

  #noteFile (file: OpenFile): void {
    let id = this.#ids.get(file)
    if (id === undefined) this.#ids.set(file, id = this.#nextId++)
    const { mount, handle, inode, type, flags, above, position } = file
    this.journal.put(Kept.FILE, id, [mount === null ? SOCKETS : mount.device, handle, inode, type, flags, above, Math.max(0, position)])
  }

  /** A descriptor is about to go, and with the last one its file. */
  #noteLost ({ file }: Descriptor): void {
    if (file.references === 1) this.#noteGone(file)
  }

  #noteGone (file: OpenFile): void {
    const id = this.#ids.get(file)
    if (id !== undefined) this.journal.remove(Kept.FILE, id)
  }

  * #recover (): Fiber<void> {
    const { tables, mounts, pipes, sockets } = this.#parts
    const kept = yield * this.journal.records(Kept.TABLE)
    // Who begins for the first time puts the tree together when it is first needed.
    if (kept.length === 0) return
    const failed = yield * settle(mounts.assemble())
    if (failed < 0) throw new Error(`vfs: the tree cannot be put together again: ${failed}`)
    const files = new Map<number, OpenFile>()
    for (const { key, numbers } of yield * this.journal.records(Kept.FILE)) {
      const [device, handle, inode, type, flags, above, position] = numbers as [number, number, number, number, number, number, number]
      const mount = device === SOCKETS ? null : mounts.ofDevice(device) ?? pipes()
      const stream = device === SOCKETS ? sockets() : mount?.fs
      if (stream === undefined) throw new Error(`vfs: an open file is of a file system that is not there: ${device}`)
      const file = new OpenFile(stream, mount, handle, inode, type, flags, above)
      file.position = position
      files.set(key, file)
      this.#ids.set(file, key)
      this.#nextId = Math.max(this.#nextId, key + 1)
    }
    const entries = new Map<number, (Descriptor | undefined)[]>(kept.map(({ key }) => [key, []]))
    for (const { key, numbers, text } of yield * this.journal.records(Kept.DESCRIPTOR)) {
      const process = Math.floor(key / HANDLES_MAX)
      const [id, base, inheriting, preopened] = numbers as [number, number, number, number]
      const file = files.get(id)
      const table = entries.get(process)
      if (file === undefined || table === undefined) throw new Error(`vfs: descriptor ${key % HANDLES_MAX} of process ${process} stands for nothing`)
      table[key % HANDLES_MAX] = new Descriptor(file, base, inheriting, preopened === 0 ? null : text)
    }
    for (const { key, numbers } of kept) {
      const table: Table = tables.make(key, numbers[0]!)
      table.fill(Array.from(entries.get(key)!))
    }
  }
}

/** The key of a number of a process's: no table has more than HANDLES_MAX. */
function keyOf (process: number, fd: number): number {
  return process * HANDLES_MAX + fd
}
