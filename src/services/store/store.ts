/**
 * The store: records and blobs of services, as bytes in its own arena, each with a checksum.
 *
 * A commit is decoded and given room first; what then changes the tables cannot fail, and nothing of it waits. So who dies in
 * the middle of an operation has committed it or not. Whose tables they are the caller register says (the capability's badge).
 * It needs nobody, keeps nothing outside of the domain, and is not restarted itself: what is in it is gone with it.
 */

import { Errno, decodeUtf8, encodeUtf8, utf8Length } from '../../fiber/index.ts'
import { READ, STORE_PAGE_BYTES, STORE_RECORDS_MAX } from '../../roles/index.ts'
import type { Arena, Caller, Store, Window } from '../../roles/index.ts'
import { checksum } from './checksum.ts'

interface Kept {
  readonly address: number
  readonly numbers: number
  readonly textBytes: number
  readonly sum: number
}

interface Page {
  readonly address: number
  sum: number
}

/** What one domain keeps under one table's number. */
class Shelf {
  readonly records = new Map<number, Kept>()
  readonly blobs = new Map<number, Map<number, Page>>()
  /** Keys of records in order; null since one came or went. */
  order: number[] | null = null
}

/** A change that was decoded and has room. */
interface Change {
  readonly table: number
  readonly key: number
  /** Null removes. */
  readonly kept: Kept | null
}

export class StoreService implements Store {
  readonly #arena: Arena
  readonly #caller: Caller
  readonly #owners = new Map<number, Map<number, Shelf>>()

  constructor (arena: Arena, caller: Caller) {
    this.#arena = arena
    this.#caller = caller
  }

  commit (changes: readonly number[], texts: readonly string[]): number {
    const decoded = this.#decode(changes, texts)
    if (typeof decoded === 'number') return decoded
    this.#apply(decoded)
    return 0
  }

  write (table: number, key: number, offset: number, from: Window, changes: readonly number[], texts: readonly string[]): number {
    if (!(offset >= 0)) return -Errno.EINVAL
    const decoded = this.#decode(changes, texts)
    if (typeof decoded === 'number') return decoded
    const failed = this.#put(this.#blob(table, key), offset, from)
    if (failed < 0) {
      this.#giveUp(decoded)
      return failed
    }
    this.#apply(decoded)
    return 0
  }

  truncate (table: number, key: number, length: number, changes: readonly number[], texts: readonly string[]): number {
    if (!(length >= 0)) return -Errno.EINVAL
    const decoded = this.#decode(changes, texts)
    if (typeof decoded === 'number') return decoded
    const blob = this.#blob(table, key)
    const kept = Math.ceil(length / STORE_PAGE_BYTES)
    for (const [number, page] of blob) {
      if (number < kept) continue
      this.#arena.free(page.address, STORE_PAGE_BYTES)
      blob.delete(number)
    }
    const within = length % STORE_PAGE_BYTES
    const last = within === 0 ? undefined : blob.get(kept - 1)
    if (last !== undefined) {
      const sound = this.#isSound(last)
      this.#arena.bytes.fill(0, last.address + within, last.address + STORE_PAGE_BYTES)
      // What was damaged stays so.
      if (sound) last.sum = checksum(this.#arena.bytes, last.address, STORE_PAGE_BYTES)
    }
    this.#apply(decoded)
    return 0
  }

  records (table: number, after: number): { entries: number[], texts: string[] } | number {
    const shelf = this.#shelf(table)
    shelf.order ??= [...shelf.records.keys()].sort((a, b) => a - b)
    const entries: number[] = []
    const texts: string[] = []
    let count = 0
    for (let index = firstAbove(shelf.order, after); index < shelf.order.length && count < STORE_RECORDS_MAX; index++, count++) {
      const key = shelf.order[index]!
      const { address, numbers, textBytes, sum } = shelf.records.get(key)!
      const { bytes, view } = this.#arena
      if (checksum(bytes, address, numbers * 8 + textBytes) !== sum) return -Errno.EIO
      entries.push(key, numbers)
      for (let i = 0; i < numbers; i++) entries.push(view.getFloat64(address + 8 * i, true))
      texts.push(decodeUtf8(bytes, address + 8 * numbers, textBytes) ?? '')
    }
    return { entries: [count, ...entries], texts }
  }

  pages (table: number, key: number, after: number): number[] {
    const blob = this.#shelf(table).blobs.get(key)
    return blob === undefined ? [] : [...blob.keys()].filter(number => number > after).sort((a, b) => a - b).slice(0, STORE_RECORDS_MAX)
  }

  read (table: number, key: number, offset: number, into: Window): number {
    if (!(offset >= 0)) return -Errno.EINVAL
    const blob = this.#shelf(table).blobs.get(key)
    for (let done = 0; done < into.length;) {
      const { number, within, length } = partAt(offset + done, into.length - done)
      const page = blob?.get(number)
      if (page !== undefined && !this.#isSound(page)) return -Errno.EIO
      const put = page === undefined ? into.fill(done, length, 0) : into.put(done, this.#arena.bytes, page.address + within, length)
      if (put < 0) return put
      done += length
    }
    return into.length
  }

  #shelf (table: number): Shelf {
    const owner = this.#caller.immediate
    let shelves = this.#owners.get(owner)
    if (shelves === undefined) this.#owners.set(owner, shelves = new Map())
    let shelf = shelves.get(table)
    if (shelf === undefined) shelves.set(table, shelf = new Shelf())
    return shelf
  }

  #blob (table: number, key: number): Map<number, Page> {
    const { blobs } = this.#shelf(table)
    let blob = blobs.get(key)
    if (blob === undefined) blobs.set(key, blob = new Map())
    return blob
  }

  /** Reads a list of changes, and makes room for what they put; or an error, and nothing was taken. */
  #decode (changes: readonly number[], texts: readonly string[]): Change[] | number {
    const decoded: Change[] = []
    let text = 0
    for (let at = 0; at < changes.length;) {
      const table = changes[at]!
      const key = changes[at + 1]!
      const count = changes[at + 2]!
      at += 3
      const puts = count >= 0
      if (!Number.isInteger(count) || at + Math.max(0, count) > changes.length || (puts && text >= texts.length)) return this.#refuse(decoded, -Errno.EINVAL)
      const kept = puts ? this.#keep(changes, at, count, texts[text++]!) : null
      if (puts && kept === null) return this.#refuse(decoded, -Errno.ENOSPC)
      decoded.push({ table, key, kept })
      at += Math.max(0, count)
    }
    return decoded
  }

  #refuse (decoded: readonly Change[], error: number): number {
    this.#giveUp(decoded)
    return error
  }

  #keep (changes: readonly number[], at: number, numbers: number, text: string): Kept | null {
    const textBytes = utf8Length(text)
    const length = numbers * 8 + textBytes
    const address = this.#arena.allocate(Math.max(length, 1))
    if (address === 0) return null
    const { bytes, view } = this.#arena
    for (let i = 0; i < numbers; i++) view.setFloat64(address + 8 * i, changes[at + i]!, true)
    encodeUtf8(text, bytes, address + 8 * numbers)
    return { address, numbers, textBytes, sum: checksum(bytes, address, length) }
  }

  #giveUp (decoded: readonly Change[]): void {
    for (const { kept } of decoded) if (kept !== null) this.#free(kept)
  }

  #free ({ address, numbers, textBytes }: Kept): void {
    this.#arena.free(address, Math.max(numbers * 8 + textBytes, 1))
  }

  #apply (decoded: readonly Change[]): void {
    for (const { table, key, kept } of decoded) {
      const shelf = this.#shelf(table)
      const before = shelf.records.get(key)
      if (before !== undefined) this.#free(before)
      if (kept !== null) {
        if (before === undefined) shelf.order = null
        shelf.records.set(key, kept)
        continue
      }
      if (before !== undefined) shelf.order = null
      shelf.records.delete(key)
      for (const page of shelf.blobs.get(key)?.values() ?? []) this.#arena.free(page.address, STORE_PAGE_BYTES)
      shelf.blobs.delete(key)
    }
  }

  /** Puts the bytes of a window into pages: all, or an error and no page changed. */
  #put (blob: Map<number, Page>, offset: number, from: Window): number {
    const made: number[] = []
    for (let done = 0; done < from.length;) {
      const { number, length } = partAt(offset + done, from.length - done)
      if (!blob.has(number)) {
        const address = this.#arena.allocate(STORE_PAGE_BYTES)
        if (address === 0) return this.#unmake(blob, made, -Errno.ENOSPC)
        this.#arena.bytes.fill(0, address, address + STORE_PAGE_BYTES)
        blob.set(number, { address, sum: checksum(this.#arena.bytes, address, STORE_PAGE_BYTES) })
        made.push(number)
      }
      done += length
    }
    if (from.length > 0 && from.transfer(READ, 0, from.length, (_bytes, _at, n) => n) < 0) return this.#unmake(blob, made, -Errno.EFAULT)
    for (let done = 0; done < from.length;) {
      const { number, within, length } = partAt(offset + done, from.length - done)
      const page = blob.get(number)!
      const sound = length === STORE_PAGE_BYTES || this.#isSound(page)
      from.take(done, this.#arena.bytes, page.address + within, length)
      if (sound) page.sum = checksum(this.#arena.bytes, page.address, STORE_PAGE_BYTES)
      done += length
    }
    return 0
  }

  #unmake (blob: Map<number, Page>, made: readonly number[], error: number): number {
    for (const number of made) {
      this.#arena.free(blob.get(number)!.address, STORE_PAGE_BYTES)
      blob.delete(number)
    }
    return error
  }

  #isSound ({ address, sum }: Page): boolean {
    return checksum(this.#arena.bytes, address, STORE_PAGE_BYTES) === sum
  }
}

/** The page in which an offset lies, and how much of so many bytes lies in it. */
function partAt (offset: number, left: number): { number: number, within: number, length: number } {
  const number = Math.floor(offset / STORE_PAGE_BYTES)
  const within = offset - number * STORE_PAGE_BYTES
  return { number, within, length: Math.min(STORE_PAGE_BYTES - within, left) }
}

function firstAbove (order: readonly number[], after: number): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (order[middle]! > after) high = middle
    else low = middle + 1
  }
  return low
}
