/**
 * Descriptor tables: what the numbers of each process stand for.
 *
 * The caller of an operation is known by its badge, so a number means nothing in another's table. The table that was
 * used last is remembered, since a caller mostly calls again.
 *
 * A call that has to wait may be ended with its process, between what it took of a file system and the descriptor that
 * is to stand for it. What would then have to be undone is kept beside the table (`owing`), and done at its release.
 */

import { Errno, isFiber } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { DESCRIPTORS_MAX } from '../../roles/index.ts'
import type { Caller } from '../../roles/index.ts'
import type { OpenFile } from './open-file.ts'

export class Descriptor {
  readonly file: OpenFile
  /** Rights on it. */
  base: number
  /** Rights that what is opened through it may have. */
  inheriting: number
  /** The path that it stands for, if it was there when the process started. */
  readonly preopened: string | null

  constructor (file: OpenFile, base: number, inheriting: number, preopened: string | null = null) {
    this.file = file
    this.base = base
    this.inheriting = inheriting
    this.preopened = preopened
    file.references++
  }

  /** Another one of the same open file, with the same rights, that stands for the same path. */
  duplicate (): Descriptor {
    return new Descriptor(this.file, this.base, this.inheriting, this.preopened)
  }
}

/** Descriptors that there may still be, in all tables together. */
export interface DescriptorQuota { left: number }

export class Table {
  readonly entries: (Descriptor | undefined)[] = []
  /** What the calls under way would leave behind, as the ways to give it back, in the order of taking. */
  readonly owed = new Set<() => Eventual<number>>()
  /** How many numbers it has. */
  readonly max: number
  readonly #quota: DescriptorQuota
  /** No number below it is free. */
  #low = 0

  constructor (quota: DescriptorQuota, max: number) {
    this.#quota = quota
    this.max = max
  }

  /** Whether it has such a number, free or not. */
  has (fd: number): boolean {
    return fd >>> 0 === fd && fd < this.max
  }

  /** Gives a descriptor the lowest free number, or says `-EMFILE`. */
  add (descriptor: Descriptor): number {
    const fd = this.lowest()
    if (fd < 0) return fd
    this.entries[fd] = descriptor
    this.#quota.left--
    this.#low = fd + 1
    return fd
  }

  /** Makes the first numbers stand for these; the caller has seen that they fit. */
  fill (descriptors: readonly (Descriptor | undefined)[]): void {
    descriptors.forEach((descriptor, fd) => {
      this.entries[fd] = descriptor
      if (descriptor !== undefined) this.#quota.left--
    })
  }

  /** All numbers are free: what they stood for is the caller's to drop. */
  clear (): Descriptor[] {
    const all = this.entries.filter(descriptor => descriptor !== undefined)
    this.entries.length = 0
    this.#low = 0
    this.#quota.left += all.length
    return all
  }

  /** The lowest free number, `-EMFILE`, or `-ENFILE` where all tables together have as many as they may. */
  lowest (): number {
    let fd = this.#low
    while (fd < this.entries.length && this.entries[fd] !== undefined) fd++
    this.#low = fd
    if (fd >= this.max) return -Errno.EMFILE
    return this.#quota.left > 0 ? fd : -Errno.ENFILE
  }

  /** The lowest free number that is not below `from`, or an error as `lowest` has it. */
  lowestFrom (from: number): number {
    let fd = Math.max(from, this.#low)
    while (fd < this.entries.length && this.entries[fd] !== undefined) fd++
    if (fd >= this.max) return -Errno.EMFILE
    return this.#quota.left > 0 ? fd : -Errno.ENFILE
  }

  /** Whether a number can be given to a descriptor: it stands for one already, or there may be one more. */
  hasRoomAt (fd: number): boolean {
    return this.entries[fd] !== undefined || this.#quota.left > 0
  }

  /** Gives a descriptor this number; what it stood for is the caller's to drop. */
  put (fd: number, descriptor: Descriptor): void {
    if (this.entries[fd] === undefined) this.#quota.left--
    this.entries[fd] = descriptor
  }

  /** Frees a number; what it stood for is the caller's to drop. */
  remove (fd: number): void {
    if (this.entries[fd] !== undefined) this.#quota.left++
    this.entries[fd] = undefined
    if (fd < this.#low) this.#low = fd
  }
}

/** A call's result; while it waits, the table owes `undo`. */
export function owing<T> (table: Table, call: Eventual<T>, undo: () => Eventual<number>): Eventual<T> {
  return isFiber(call) ? owingSlowly(table, call, undo) : call
}

function * owingSlowly<T> (table: Table, call: Fiber<T>, undo: () => Eventual<number>): Fiber<T> {
  table.owed.add(undo)
  const result = yield * call
  table.owed.delete(undo)
  return result
}

/** A descriptor of an open file is gone; the last one closes it, whatever becomes of the caller. */
export function drop (table: Table, file: OpenFile): Eventual<number> {
  const dropped = file.drop()
  return typeof dropped === 'number' ? dropped : droppedSlowly(table, dropped, file)
}

function droppedSlowly (table: Table, dropped: Fiber<number>, file: OpenFile): Fiber<number> {
  return owingSlowly(table, dropped, () => file.stream.close(file.handle))
}

export class Tables {
  readonly #caller: Caller
  readonly #byProcess = new Map<number, Table>()
  readonly quota: DescriptorQuota
  #lastProcess = -1
  #last: Table | undefined = undefined
  /** What its numbers stand for. */
  #entries: readonly (Descriptor | undefined)[] = []

  /** `descriptorsMax`: in all tables together. */
  constructor (caller: Caller, descriptorsMax: number) {
    this.#caller = caller
    this.quota = { left: descriptorsMax }
  }

  /** The caller's table. */
  get current (): Table | undefined {
    const process = this.#caller.principal
    return process === this.#lastProcess ? this.#last : this.#find(process)
  }

  /** What a number of the caller's stands for. */
  get (fd: number): Descriptor | undefined {
    if (this.#caller.principal !== this.#lastProcess) this.#find(this.#caller.principal)
    return this.#entries[fd]
  }

  of (process: number): Table | undefined {
    return this.#byProcess.get(process)
  }

  /** By process. */
  get all (): Iterable<[number, Table]> {
    return this.#byProcess
  }

  make (process: number, max = DESCRIPTORS_MAX): Table {
    const table = new Table(this.quota, max)
    this.#byProcess.set(process, table)
    this.#lastProcess = -1
    return table
  }

  end (process: number): void {
    this.#byProcess.delete(process)
    this.#lastProcess = -1
  }

  #find (process: number): Table | undefined {
    this.#last = this.#byProcess.get(process)
    this.#entries = this.#last?.entries ?? []
    this.#lastProcess = process
    return this.#last
  }
}
