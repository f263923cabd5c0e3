/**
 * The file system of pipes: a root without entries, and inodes without names.
 *
 * `create` with type UNKNOWN in the root makes a pipe. It lives until it has been opened and its last handle is
 * closed, or until it cannot be opened for want of handles. A handle for reading is a reading end, one for writing a writing end.
 */

import { Errno } from '../../fiber/index.ts'
import type { Eventual } from '../../fiber/index.ts'
import { Access, FileType, HANDLES_MAX, NO_WAIT, PIPE_BYTES, StateError, fieldOf, itemsOf, wholeOf } from '../../roles/index.ts'
import type { Arena, Attributes, FileSystem, ServiceState, StateValue, Window } from '../../roles/index.ts'
import type { Payer } from '../payer.ts'
import { Slots } from '../slots.ts'
import { Pipe } from '../pipe.ts'

const ROOT = 1

/** A pipe, and who pays for its room. */
export interface Paid {
  readonly pipe: Pipe
  readonly account: number
}

export interface End {
  readonly paid: Paid
  readonly access: number
}

export class Pipefs implements FileSystem, ServiceState {
  readonly #arena: Arena
  readonly #pipesMax: number
  readonly #payer: Payer
  /** Read and restored by who keeps them elsewhere; else this file's own. */
  readonly pipes = new Slots<Paid>(ROOT + 1)
  readonly ends = new Slots<End>()

  constructor (arena: Arena, pipesMax: number, payer: Payer) {
    this.#payer = payer
    this.#arena = arena
    this.#pipesMax = pipesMax
  }

  save (): StateValue {
    return {
      pipes: this.pipes.save(({ pipe, account }) => [pipe.save(), account]),
      ends: this.ends.save(({ paid, access }) => [paid.pipe.number, access])
    }
  }

  takeUp (saved: StateValue): void {
    this.pipes.takeUp(fieldOf(saved, 'pipes'), 'pipes', this.#pipesMax, (each, number) => {
      const [content, account] = itemsOf(each, 'a pipe', 2)
      const pipe = new Pipe(number, this.#arena)
      pipe.takeUp(content!)
      return { pipe, account: wholeOf(account!, 'an account') }
    })
    this.ends.takeUp(fieldOf(saved, 'ends'), 'ends of pipes', HANDLES_MAX, each => {
      const [number, of] = itemsOf(each, 'an end of a pipe', 2)
      const paid = this.pipes.get(wholeOf(number!, 'a pipe'))
      if (paid === undefined) throw new StateError('an end of a pipe that is not there')
      const access = wholeOf(of!, 'an access', Access.READ, Access.READ | Access.WRITE)
      paid.pipe.open(access)
      return { paid, access }
    })
  }

  root (): number {
    return ROOT
  }

  lookup (directory: number): number {
    return directory === ROOT ? -Errno.ENOENT : -Errno.ENOTDIR
  }

  attributes (number: number): Attributes | number {
    if (number !== ROOT && this.pipes.get(number) === undefined) return -Errno.ENOENT
    return {
      inode: number, type: number === ROOT ? FileType.DIRECTORY : FileType.UNKNOWN, links: 1, size: 0,
      accessSec: 0, accessNsec: 0, modifySec: 0, modifyNsec: 0, changeSec: 0, changeNsec: 0
    }
  }

  setAttributes (): number {
    return -Errno.EINVAL
  }

  create (directory: number, _name: string, type: number): Eventual<number> {
    if (directory !== ROOT) return -Errno.ENOTDIR
    if (type !== FileType.UNKNOWN) return -Errno.EPERM
    if (this.pipes.size >= this.#pipesMax) return -Errno.ENFILE
    const account = this.#payer.charge(PIPE_BYTES)
    if (account < 0) return -Errno.ENFILE
    return this.pipes.add(number => ({ pipe: new Pipe(number, this.#arena), account })).pipe.number
  }

  symlink (): number {
    return -Errno.EPERM
  }

  readLink (): number {
    return -Errno.EINVAL
  }

  link (): number {
    return -Errno.EPERM
  }

  unlink (): number {
    return -Errno.ENOENT
  }

  removeDirectory (): number {
    return -Errno.ENOENT
  }

  rename (): number {
    return -Errno.ENOENT
  }

  open (inode: number, access: number): Eventual<number> {
    const paid = this.pipes.get(inode)
    if (paid === undefined) return inode === ROOT ? -Errno.EPERM : -Errno.ENOENT
    if ((access & (Access.READ | Access.WRITE)) === 0) return -Errno.EINVAL
    if (this.ends.size >= HANDLES_MAX) {
      // Nobody has it open, nor ever will.
      if (paid.pipe.readers === 0 && paid.pipe.writers === 0) this.#gone(paid)
      return -Errno.ENFILE
    }
    paid.pipe.open(access)
    let handle = 0
    this.ends.add(number => {
      handle = number
      return { paid, access }
    })
    return handle
  }

  close (handle: number): Eventual<number> {
    const end = this.ends.get(handle)
    if (end === undefined) return -Errno.EBADF
    this.ends.remove(handle)
    const { paid, access } = end
    paid.pipe.close(access)
    if (paid.pipe.readers === 0 && paid.pipe.writers === 0) this.#gone(paid)
    return 0
  }

  /** Its ring was given back. */
  #gone ({ pipe, account }: Paid): void {
    this.pipes.remove(pipe.number)
    this.#payer.credit(account, PIPE_BYTES)
  }

  read (handle: number, offset: number, into: Window): Eventual<number> {
    const end = this.ends.get(handle)
    if (end === undefined || (end.access & Access.READ) === 0) return -Errno.EBADF
    const count = end.paid.pipe.tryRead(into)
    return count !== -Errno.EAGAIN || offset === NO_WAIT ? count : end.paid.pipe.read(into)
  }

  write (handle: number, offset: number, from: Window): Eventual<number> {
    const end = this.ends.get(handle)
    if (end === undefined || (end.access & Access.WRITE) === 0) return -Errno.EBADF
    const count = end.paid.pipe.tryWrite(from, 0)
    if (offset === NO_WAIT || (count < 0 && count !== -Errno.EAGAIN) || count === from.length) return count
    return end.paid.pipe.write(from, Math.max(0, count))
  }

  readDirectory (): number {
    return -Errno.ENOTDIR
  }

  allocate (): number {
    return -Errno.ESPIPE
  }

  sync (): number {
    return -Errno.EINVAL
  }

  ready (handle: number, events: number): number {
    const end = this.ends.get(handle)
    return end === undefined ? -Errno.EBADF : end.paid.pipe.ready(end.access, events)
  }

  awaitReady (handle: number, events: number): Eventual<number> {
    const end = this.ends.get(handle)
    if (end === undefined) return -Errno.EBADF
    const now = end.paid.pipe.ready(end.access, events)
    return now !== 0 ? now : end.paid.pipe.awaitReady(end.access, events)
  }

  available (handle: number): number {
    const end = this.ends.get(handle)
    if (end === undefined) return -Errno.EBADF
    return (end.access & Access.READ) === 0 ? 0 : end.paid.pipe.length
  }

  terminal (handle: number): number {
    return this.ends.get(handle) === undefined ? -Errno.EBADF : 0
  }
}
