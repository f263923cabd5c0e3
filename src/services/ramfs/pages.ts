/**
 * The data of a file: pages in the domain's arena, found by index.
 *
 * A page that was never written is a hole: it has no memory and reads as zeros. The bytes of the last page beyond the
 * end of the file are zero, so that a file that grows shows zeros there.
 * The store counts pages against the file system's quota, and against that of whoever a page is taken for.
 */

import { Errno } from '../../fiber/index.ts'
import { FILE_BYTES_MAX, LOOP_BYTES, StateError, bytesOf, itemsOf, listOf, wholeOf } from '../../roles/index.ts'
import type { Arena, StateValue, Window } from '../../roles/index.ts'
import type { Payer } from '../payer.ts'

export const PAGE_BYTES = 4096

/**
 * A page this far or less behind the last one of the array is put into it, the holes between them too; a page further
 * off goes into a map. So what a file costs beside its pages grows with these, however far apart they are.
 */
const HOLES_MAX = 64

const zeros = new Uint8Array(PAGE_BYTES)

/** The index of the page in which an offset lies. Below 2^31 without a division, which costs as much as a short copy. */
function pageOf (offset: number): number {
  return offset < 2 ** 31 ? offset >> 12 : Math.floor(offset / PAGE_BYTES)
}

/** Where pages come from: an arena, and how many may still be taken. */
export class PageStore {
  readonly arena: Arena
  /** Pages that the quota still allows. */
  pagesLeft: number

  readonly #payer: Payer

  constructor (arena: Arena, bytesMax: number, payer: Payer) {
    this.arena = arena
    this.pagesLeft = Math.floor(bytesMax / PAGE_BYTES)
    this.#payer = payer
  }

  /** Room for a page, charged to the caller: the account that paid, or an error. */
  reserve (): number {
    if (this.pagesLeft === 0) return -Errno.ENOSPC
    const account = this.#payer.charge(PAGE_BYTES)
    if (account >= 0) this.pagesLeft--
    return account
  }

  /** Room for a page that an account has paid for already; false when there is none. */
  takeBack (): boolean {
    return this.pagesLeft > 0 && this.pagesLeft-- > 0
  }

  /** The opposite of `reserve`. */
  release (account: number): void {
    this.#payer.credit(account, PAGE_BYTES)
    this.pagesLeft++
  }
}

export class Pages {
  readonly #store: PageStore
  readonly #dense: number[] = []
  #sparse: Map<number, number> | null = null
  /** Who paid for its pages: mostly one; where others did for some, they stand in `#others` by page. */
  #account = 0
  #others: Map<number, number> | null = null

  constructor (store: PageStore) {
    this.#store = store
  }

  /** Copies `length` bytes at `offset` into the window from its start on; the count, or the window's error. */
  read (offset: number, length: number, into: Window): number {
    const within = offset & (PAGE_BYTES - 1)
    const index = pageOf(offset)
    if (within + length <= PAGE_BYTES) return this.#readPart(index, within, length, into, 0)
    let done = 0
    for (let page = index, from = within; done < length; page++, from = 0) {
      const n = Math.min(PAGE_BYTES - from, length - done)
      const got = this.#readPart(page, from, n, into, done)
      if (got < 0) return got
      done += n
    }
    return done
  }

  #readPart (page: number, from: number, length: number, into: Window, at: number): number {
    const address = this.#at(page)
    if (address === 0) return into.put(at, zeros, 0, length)
    const { arena } = this.#store
    return length > LOOP_BYTES ? into.put(at, arena.part(address + from, length), 0, length) : into.put(at, arena.bytes, address + from, length)
  }

  /** Copies `length` bytes of the window to `offset`; the count, short when pages ran out, or an error. */
  write (offset: number, length: number, from: Window): number {
    let done = 0
    while (done < length) {
      const at = offset + done
      const page = pageOf(at)
      const within = at & (PAGE_BYTES - 1)
      const n = Math.min(PAGE_BYTES - within, length - done)
      const address = this.#need(page)
      if (address < 0) return done > 0 ? done : address
      const took = from.take(done, this.#store.arena.bytes, address + within, n)
      if (took < 0) return done > 0 ? done : took
      done += n
    }
    return done
  }

  /** Makes sure of memory for a range: all of it, or an error and nothing changed. */
  allocate (offset: number, length: number): number {
    const first = Math.floor(offset / PAGE_BYTES)
    const end = Math.ceil((offset + length) / PAGE_BYTES)
    if (end - first > this.#store.pagesLeft + this.count) return -Errno.ENOSPC
    let missing = 0
    for (let page = first; page < end; page++) if (this.#at(page) === 0) missing++
    if (missing > this.#store.pagesLeft) return -Errno.ENOSPC
    const taken: number[] = []
    for (let page = first; page < end; page++) {
      if (this.#at(page) !== 0) continue
      const address = this.#need(page)
      if (address > 0) {
        taken.push(page)
        continue
      }
      for (const undone of taken) this.#drop(undone, this.#at(undone))
      this.#forget(taken)
      return address
    }
    return 0
  }

  /** Forgets all bytes from `size` on. */
  truncate (size: number): void {
    const kept = Math.ceil(size / PAGE_BYTES)
    for (let page = this.#dense.length - 1; page >= kept; page--) this.#drop(page, this.#dense[page]!)
    if (this.#dense.length > kept) this.#dense.length = kept
    if (this.#sparse !== null) {
      for (const [page, address] of this.#sparse) {
        if (page < kept) continue
        this.#drop(page, address)
        this.#sparse.delete(page)
      }
    }
    const within = size % PAGE_BYTES
    const last = within === 0 ? 0 : this.#at(kept - 1)
    if (last !== 0) this.#store.arena.bytes.fill(0, last + within, last + PAGE_BYTES)
  }

  /** Pages that have memory. */
  count = 0

  /** Who paid: for most of its pages, and then page and account of each of the others. */
  get payers (): number[] {
    return [this.#account, ...[...this.#others ?? []].flat()]
  }

  /** Memory for a page that was paid for before; its address, or 0. Call `restorePayers` first. */
  restore (page: number): number {
    const address = this.#store.arena.allocate(PAGE_BYTES)
    if (address === 0) return 0
    this.#store.pagesLeft--
    this.#place(page, address)
    return address
  }

  restorePayers (account: number, others: readonly number[]): void {
    this.#account = account
    for (let i = 0; i < others.length; i += 2) (this.#others ??= new Map()).set(others[i]!, others[i + 1]!)
  }

  /** Its pages that have memory: the number of each, who paid, its bytes. */
  save (): StateValue {
    const { arena } = this.#store
    const told: StateValue[] = []
    const tell = (page: number, address: number): void => {
      if (address !== 0) told.push([page, this.#others?.get(page) ?? this.#account, arena.bytes.slice(address, address + PAGE_BYTES)])
    }
    this.#dense.forEach((address, page) => { tell(page, address) })
    for (const [page, address] of this.#sparse ?? []) tell(page, address)
    return told
  }

  /** Takes up what `save` told, of a file that has no page yet. */
  takeUp (saved: StateValue): void {
    listOf(saved, 'pages of a file', each => {
      const [number, payer, content] = itemsOf(each, 'a page', 3)
      const page = wholeOf(number!, 'the number of a page', 0, FILE_BYTES_MAX / PAGE_BYTES)
      const account = wholeOf(payer!, 'the account of a page')
      const bytes = bytesOf(content!, 'what is in a page')
      const address = bytes.length === PAGE_BYTES && this.#at(page) === 0 && this.#store.takeBack() ? this.#store.arena.allocate(PAGE_BYTES) : 0
      if (address === 0) throw new StateError('a page of a file is no page, is there twice, or there is no room for it')
      this.#store.arena.bytes.set(bytes, address)
      this.#put(page, address, account)
    })
  }

  #at (page: number): number {
    if (page < this.#dense.length) return this.#dense[page]!
    return this.#sparse === null ? 0 : this.#sparse.get(page) ?? 0
  }

  /** The address of a page, taken from the store if it is a hole; or an error. */
  #need (page: number): number {
    const present = this.#at(page)
    if (present !== 0) return present
    const account = this.#store.reserve()
    if (account < 0) return account
    const address = this.#store.arena.allocate(PAGE_BYTES)
    if (address === 0) {
      this.#store.release(account)
      return -Errno.ENOSPC
    }
    return this.#put(page, address, account)
  }

  #put (page: number, address: number, account: number): number {
    if (this.count === 0) this.#account = account
    else if (account !== this.#account) (this.#others ??= new Map()).set(page, account)
    this.#place(page, address)
    return address
  }

  #place (page: number, address: number): void {
    this.count++
    if (page < this.#dense.length) {
      this.#dense[page] = address
    } else if (page <= this.#dense.length + HOLES_MAX) {
      while (this.#dense.length < page) this.#dense.push(this.#fromSparse(this.#dense.length))
      this.#dense.push(address)
    } else {
      this.#sparse ??= new Map()
      this.#sparse.set(page, address)
    }
  }

  /** Takes a page out of the map, where it is there: the array has come so far. */
  #fromSparse (page: number): number {
    const address = this.#sparse?.get(page) ?? 0
    if (address !== 0) this.#sparse!.delete(page)
    return address
  }

  /** Gives a page back; its place still has the address. */
  #drop (page: number, address: number): void {
    if (address === 0) return
    const account = this.#others?.get(page) ?? this.#account
    this.#others?.delete(page)
    this.#store.arena.free(address, PAGE_BYTES)
    this.#store.release(account)
    this.count--
  }

  /** These pages are holes again. */
  #forget (pages: readonly number[]): void {
    for (const page of pages) {
      if (page < this.#dense.length) this.#dense[page] = 0
      else this.#sparse!.delete(page)
    }
  }
}
