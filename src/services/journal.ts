/**
 * How a service keeps in a store what it would miss: it notes the records that an operation has changed, and commits them before
 * the operation replies. What begins anew reads them before it serves its first call.
 *
 * A commit that fails leaves what is in memory ahead of what is kept. Nothing may be told of it then, so it is a fault of the
 * service: it dies, and what takes its place begins with what is kept.
 */

import { Errno, WaitQueue, isFiber, settle } from '../fiber/index.ts'
import type { Eventual, Fiber } from '../fiber/index.ts'
import type { Implementation, Role, Store, Window } from '../roles/index.ts'

/** A record, as it is kept. */
export interface KeptRecord {
  readonly key: number
  readonly numbers: readonly number[]
  readonly text: string
}

export class Journal {
  readonly #store: () => Store
  #changes: number[] = []
  #texts: string[] = []
  #state: 'new' | 'recovering' | 'ready' = 'new'
  readonly #recovered = new WaitQueue('recovery')
  readonly #recover: () => Fiber<void>

  /** `recover` reads what is kept; it is called once, before the first operation. */
  constructor (store: () => Store, recover: () => Fiber<void>) {
    this.#store = store
    this.#recover = recover
  }

  put (table: number, key: number, numbers: readonly number[], text = ''): void {
    this.#changes.push(table, key, numbers.length, ...numbers)
    this.#texts.push(text)
  }

  remove (table: number, key: number): void {
    this.#changes.push(table, key, -1)
  }

  /** Commits what was noted, and then gives the result. */
  commit<T> (result: T): Eventual<T> {
    if (this.#changes.length === 0) return result
    const { changes, texts } = this.#take()
    return this.#done(this.#store().commit(changes, texts), result)
  }

  /** The same, with bytes for a blob. */
  write<T> (table: number, key: number, offset: number, from: Window, result: T): Eventual<T> {
    const { changes, texts } = this.#take()
    return this.#done(this.#store().write(table, key, offset, from, changes, texts), result)
  }

  truncate<T> (table: number, key: number, length: number, result: T): Eventual<T> {
    const { changes, texts } = this.#take()
    return this.#done(this.#store().truncate(table, key, length, changes, texts), result)
  }

  /** All records of a table, by key. */
  * records (table: number): Fiber<KeptRecord[]> {
    const all: KeptRecord[] = []
    for (let after = -1; ;) {
      const got = yield * settle(this.#store().records(table, after))
      if (typeof got === 'number') throw refused(got)
      const { entries, texts } = got
      const count = entries[0]!
      if (count === 0) return all
      for (let at = 1, index = 0; index < count; index++) {
        const length = entries[at + 1]!
        all.push({ key: entries[at]!, numbers: entries.slice(at + 2, at + 2 + length), text: texts[index]! })
        at += 2 + length
      }
      after = all[all.length - 1]!.key
    }
  }

  /** The numbers of a blob's pages. */
  * pages (table: number, key: number): Fiber<number[]> {
    const all: number[] = []
    for (let after = -1; ;) {
      const got = yield * settle(this.#store().pages(table, key, after))
      if (typeof got === 'number') throw refused(got)
      if (got.length === 0) return all
      all.push(...got)
      after = got[got.length - 1]!
    }
  }

  /** Bytes of a blob; false where they are damaged. */
  * read (table: number, key: number, offset: number, into: Window): Fiber<boolean> {
    const got = yield * settle(this.#store().read(table, key, offset, into))
    if (got < 0 && got !== -Errno.EIO) throw refused(got)
    return got >= 0
  }

  /** An implementation that serves once what is kept was read. */
  serving<I> (role: Role, target: I): I {
    const calls = target as unknown as Implementation
    const served: Record<string, unknown> = {}
    for (const [name, operation] of Object.entries(role.operations)) {
      const call = calls[name] as unknown as (...args: unknown[]) => unknown
      served[name] = operation.parameters.length <= 4
        ? (a: unknown, b: unknown, c: unknown, d: unknown) => this.#state === 'ready' ? call.call(target, a, b, c, d) : this.#later(() => call.call(target, a, b, c, d))
        : (...args: unknown[]) => this.#state === 'ready' ? call.apply(target, args) : this.#later(() => call.apply(target, args))
    }
    return served as unknown as I
  }

  * #later (call: () => unknown): Fiber<unknown> {
    while (this.#state === 'recovering') yield this.#recovered
    if (this.#state === 'new') yield * this.#begin()
    return yield * settle(call() as Eventual<unknown>)
  }

  * #begin (): Fiber<void> {
    this.#state = 'recovering'
    let whole = false
    try {
      yield * this.#recover()
      whole = true
    } finally {
      // Whoever was to do it may be gone: the next one begins again.
      this.#state = whole ? 'ready' : 'new'
      this.#recovered.wakeAll()
    }
  }

  #take (): { changes: number[], texts: string[] } {
    const changes = this.#changes
    const texts = this.#texts
    this.#changes = []
    this.#texts = []
    return { changes, texts }
  }

  #done<T> (committed: Eventual<number>, result: T): Eventual<T> {
    if (isFiber(committed)) return this.#doneLater(committed, result)
    if (committed < 0) throw refused(committed)
    return result
  }

  * #doneLater<T> (committed: Fiber<number>, result: T): Fiber<T> {
    const failed = yield * committed
    if (failed < 0) throw refused(failed)
    return result
  }
}

function refused (error: number): Error {
  return new Error(error === -Errno.EIO ? 'what was kept is damaged, and is not used' : `the store answers ${error}`)
}
