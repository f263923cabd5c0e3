/**
 * Pipes that outlive their domain: pipes, their ends, and the bytes in their rings are in a store before an operation replies.
 *
 * Not kept: who waits. A read that waits has taken nothing and is made again; of a write that waits the outcome is unknown to
 * who makes it, since some of it may have been read. Bytes that went straight to a reader are nobody's but the reader's.
 */

import { chain, isFiber } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { READ, WRITE, Window } from '../../roles/index.ts'
import type { Arena, CopyCounter, Store } from '../../roles/index.ts'
import { Journal } from '../journal.ts'
import { Pipe } from '../pipe.ts'
import type { Payer } from '../payer.ts'
import { Pipefs } from './pipefs.ts'
import type { Paid } from './pipefs.ts'

const Kept = { PIPE: 1, END: 2 } as const

export class KeptPipefs extends Pipefs {
  readonly journal: Journal
  readonly #arena: Arena
  readonly #counter: CopyCounter
  /** Where each ring began and how long it was when it was kept. */
  readonly #rings = new WeakMap<Pipe, { head: number, length: number }>()

  constructor (arena: Arena, pipesMax: number, payer: Payer, counter: CopyCounter, store: () => Store) {
    super(arena, pipesMax, payer)
    this.#arena = arena
    this.#counter = counter
    this.journal = new Journal(store, () => this.#recover())
  }

  override create (directory: number, name: string, type: number): Eventual<number> {
    const made = super.create(directory, name, type) as number
    if (made < 0) return made
    this.#note(this.pipes.get(made)!)
    return this.journal.commit(made)
  }

  override open (inode: number, access: number): Eventual<number> {
    const handle = super.open(inode, access) as number
    if (handle >= 0) this.journal.put(Kept.END, handle, [inode, access])
    else if (this.pipes.get(inode) === undefined) this.journal.remove(Kept.PIPE, inode)
    return this.journal.commit(handle)
  }

  override close (handle: number): Eventual<number> {
    const inode = this.ends.get(handle)?.paid.pipe.number
    const failed = super.close(handle) as number
    if (failed < 0 || inode === undefined) return failed
    this.journal.remove(Kept.END, handle)
    if (this.pipes.get(inode) === undefined) this.journal.remove(Kept.PIPE, inode)
    return this.journal.commit(failed)
  }

  override read (handle: number, offset: number, into: Window): Eventual<number> {
    return this.#transferred(handle, super.read(handle, offset, into))
  }

  override write (handle: number, offset: number, from: Window): Eventual<number> {
    return this.#transferred(handle, super.write(handle, offset, from))
  }

  #transferred (handle: number, result: Eventual<number>): Eventual<number> {
    const paid = this.ends.get(handle)?.paid
    if (paid === undefined) return result
    return isFiber(result) ? chain(result, late => this.#kept(paid, late)) : this.#kept(paid, result)
  }

  #kept (paid: Paid, result: number): Eventual<number> {
    const { pipe } = paid
    const kept = this.#rings.get(pipe)
    // A pipe whose last end was closed while this waited is gone.
    if (this.pipes.get(pipe.number) !== paid || (kept?.head === pipe.head && kept.length === pipe.length)) return result
    this.#note(paid)
    if (pipe.length === 0) return this.journal.commit(result)
    return this.journal.write(Kept.PIPE, pipe.number, 0, Window.ofPieces(this.#arena, pipe.pieces, READ, this.#counter)!, result)
  }

  #note ({ pipe, account }: Paid): void {
    this.#rings.set(pipe, { head: pipe.head, length: pipe.length })
    this.journal.put(Kept.PIPE, pipe.number, [account, pipe.length])
  }

  * #recover (): Fiber<void> {
    for (const { key, numbers } of yield * this.journal.records(Kept.PIPE)) {
      const pipe = new Pipe(key, this.#arena)
      this.pipes.place(key, { pipe, account: numbers[0]! })
      const length = numbers[1]!
      if (length === 0) continue
      const ring = pipe.refill(length)
      const into = ring === 0 ? null : Window.of(this.#arena, ring, length, WRITE, this.#counter)
      if (into === null || !(yield * this.journal.read(Kept.PIPE, key, 0, into))) throw new Error(`pipefs: the bytes of pipe ${key} are not what was written`)
    }
    this.pipes.settle()
    for (const { key, numbers } of yield * this.journal.records(Kept.END)) {
      const paid = this.pipes.get(numbers[0]!)
      if (paid === undefined) throw new Error(`pipefs: end ${key} is of no pipe`)
      paid.pipe.open(numbers[1]!)
      this.ends.place(key, { paid, access: numbers[1]! })
    }
    this.ends.settle()
  }
}
