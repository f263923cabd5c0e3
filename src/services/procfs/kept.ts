/** What a procfs keeps of open files, in a store: of which place each is, and what that said when it was opened. */

import { chain } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { READ, WRITE, Window } from '../../roles/index.ts'
import type { Arena, Caller, CopyCounter, Store } from '../../roles/index.ts'
import { Journal } from '../journal.ts'
import { placeOf } from './inodes.ts'
import { Procfs } from './procfs.ts'
import type { Sources } from './procfs.ts'

const HANDLE = 1

export class KeptProcfs extends Procfs {
  readonly journal: Journal
  readonly #arena: Arena
  readonly #counter: CopyCounter

  constructor (arena: Arena, caller: Caller, sources: () => Sources, counter: CopyCounter, store: () => Store) {
    super(arena, caller, sources)
    this.#arena = arena
    this.#counter = counter
    this.journal = new Journal(store, () => this.#recover())
  }

  override open (inode: number, access: number): Eventual<number> {
    return chain(super.open(inode, access), handle => {
      if (handle < 0) return handle
      const { address, length } = this.handles.get(handle)!
      this.journal.put(HANDLE, handle, [inode, length])
      return length === 0 ? this.journal.commit(handle)
        : this.journal.write(HANDLE, handle, 0, Window.of(this.#arena, address, length, READ, this.#counter)!, handle)
    })
  }

  override close (handle: number): Eventual<number> {
    const failed = super.close(handle) as number
    if (failed >= 0) this.journal.remove(HANDLE, handle)
    return this.journal.commit(failed)
  }

  * #recover (): Fiber<void> {
    for (const { key, numbers } of yield * this.journal.records(HANDLE)) {
      const place = placeOf(numbers[0]!)
      const length = numbers[1]!
      const address = length === 0 ? 0 : this.#arena.allocate(length)
      if (place === null || (length > 0 && address === 0)) throw new Error(`procfs: handle ${key} cannot be had again`)
      if (length > 0 && !(yield * this.journal.read(HANDLE, key, 0, Window.of(this.#arena, address, length, WRITE, this.#counter)!))) {
        throw new Error(`procfs: what handle ${key} said is damaged`)
      }
      this.restore({ number: key, inode: numbers[0]!, place, address, length })
    }
    this.handles.settle()
  }
}
