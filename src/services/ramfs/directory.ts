/**
 * The entries of a directory: found by name, and in the order in which they were made.
 *
 * Each entry has a cookie, a number that only grows: reading on from a cookie gives what was made after it, whatever
 * was removed meanwhile. An entry that was removed stays, in the order and under its name, as a gap, until the gaps are
 * half, so that nothing is moved for each.
 */

import { FIRST_COOKIE, StateError, directoryRecordBytes, fieldOf, itemsOf, listOf, putDirectoryRecord, textOf, wholeOf } from '../../roles/index.ts'
import type { Arena, StateValue } from '../../roles/index.ts'
import type { Inode } from './inode.ts'
import { NameTable } from './name-table.ts'

/** Up to so many entries gaps cost nothing. */
const GAPS_MIN = 64

export interface Entry {
  readonly name: string
  readonly cookie: number
  /** Who pays for it. */
  account: number
  /** Null once it was removed. */
  inode: Inode | null
}

export class Directory {
  /** With gaps. */
  #byName = new NameTable<Entry>()
  /** By cookie, with gaps. */
  #order: Entry[] = []
  /** Entries that are no gaps. */
  #size = 0
  #nextCookie = FIRST_COOKIE
  /** Its own parent, for the walk upwards from a directory that is to be moved; the root's is itself. */
  parent: Inode | null = null

  get size (): number {
    return this.#size
  }

  find (name: string): Inode | undefined {
    return this.#byName.get(name)?.inode ?? undefined
  }

  /** The entry of a name; undefined when it is not there, or was removed. */
  entry (name: string): Entry | undefined {
    const entry = this.#byName.get(name)
    return entry === undefined || entry.inode === null ? undefined : entry
  }

  add (name: string, inode: Inode, account: number): void {
    const entry = { name, cookie: this.#nextCookie++, account, inode }
    this.#byName.set(entry)
    this.#order.push(entry)
    this.#size++
  }

  /** The cookie that the next entry gets. */
  get nextCookie (): number {
    return this.#nextCookie
  }

  set nextCookie (cookie: number) {
    this.#nextCookie = cookie
  }

  /** An entry as it was before; in the order of their cookies. */
  restore (name: string, cookie: number, inode: Inode, account: number): void {
    const entry = { name, cookie, account, inode }
    this.#byName.set(entry)
    this.#order.push(entry)
    this.#size++
  }

  /** Lets an entry that is there name another inode: readers in between see the one or the other, never none. */
  replace (name: string, inode: Inode, account: number): void {
    const entry = this.#byName.get(name)
    if (entry === undefined || entry.inode === null) {
      this.add(name, inode, account)
      return
    }
    entry.inode = inode
    entry.account = account
  }

  /** Removes what `entry` gave. */
  remove (entry: Entry): void {
    entry.inode = null
    this.#size--
    const most = Math.max(GAPS_MIN, this.#size * 2)
    if (this.#order.length > most) this.#order = this.#order.filter(each => each.inode !== null)
    if (this.#byName.size > most) {
      this.#byName = new NameTable()
      for (const each of this.#order) if (each.inode !== null) this.#byName.set(each)
    }
  }

  /** Its entries in their order; what was removed is not told of. */
  save (): StateValue {
    const entries = this.#order.flatMap(({ name, cookie, account, inode }) => inode === null ? [] : [[name, cookie, account, inode.number]])
    return { entries, nextCookie: this.#nextCookie }
  }

  /** Takes up what `save` told, into one that is empty; `inodeOf` has the inodes. */
  takeUp (saved: StateValue, inodeOf: (number: StateValue) => Inode): void {
    let last = FIRST_COOKIE - 1
    listOf(fieldOf(saved, 'entries'), 'entries of a directory', each => {
      const [name, cookie, account, inode] = itemsOf(each, 'an entry', 4)
      const entry = { name: textOf(name!, 'a name'), cookie: wholeOf(cookie!, 'a cookie', last + 1), account: wholeOf(account!, 'an account'), inode: inodeOf(inode!) }
      if (entry.name === '' || entry.name === '.' || entry.name === '..' || entry.name.includes('/') || entry.name.includes('\0') || this.find(entry.name) !== undefined) throw new StateError('a name in a directory is none, or is there twice')
      last = entry.cookie
      this.#byName.set(entry)
      this.#order.push(entry)
      this.#size++
    })
    this.#nextCookie = wholeOf(fieldOf(saved, 'nextCookie'), 'the next cookie', last + 1)
  }

  /** What it names. */
  get inodes (): Inode[] {
    return this.#order.flatMap(({ inode }) => inode === null ? [] : [inode])
  }

  /**
   * Writes the records after `cookie` to an arena from `at` on, at most `room` bytes of whole records.
   * Returns their bytes, 0 at the end, -1 when there are entries but no room for one.
   */
  list (cookie: number, arena: Arena, at: number, room: number): number {
    let done = 0
    for (let index = this.#firstAfter(cookie); index < this.#order.length; index++) {
      const entry = this.#order[index]!
      if (entry.inode === null) continue
      if (done + directoryRecordBytes(entry.name) > room) return done === 0 ? -1 : done
      done += putDirectoryRecord(arena, at + done, entry.cookie, entry.inode.number, entry.inode.type, entry.name)
    }
    return done
  }

  /** By bisection: the index of the first entry in the order whose cookie is greater. */
  #firstAfter (cookie: number): number {
    let low = 0
    let high = this.#order.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#order[middle]!.cookie > cookie) high = middle
      else low = middle + 1
    }
    return low
  }
}
