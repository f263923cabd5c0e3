/** Devices as files, with handles that outlive their domain: which device each is of stands in a store. The devices keep what they keep. */

import type { Eventual, Fiber } from '../../fiber/index.ts'
import type { Arena, Store } from '../../roles/index.ts'
import { Journal } from '../journal.ts'
import { Devfs } from './devfs.ts'
import type { NamedNode } from './nodes.ts'

const HANDLE = 1

export class KeptDevfs extends Devfs {
  readonly journal: Journal

  constructor (arena: Arena, find: () => readonly NamedNode[], store: () => Store) {
    super(arena, find)
    this.journal = new Journal(store, () => this.#recover())
  }

  override open (inode: number, access: number): Eventual<number> {
    const handle = super.open(inode, access) as number
    if (handle >= 0) this.journal.put(HANDLE, handle, [inode, access])
    return this.journal.commit(handle)
  }

  override close (handle: number): Eventual<number> {
    const failed = super.close(handle) as number
    if (failed >= 0) this.journal.remove(HANDLE, handle)
    return this.journal.commit(failed)
  }

  * #recover (): Fiber<void> {
    for (const { key, numbers } of yield * this.journal.records(HANDLE)) {
      const node = this.nodeOf(numbers[0]!)
      if (node === undefined) throw new Error(`devfs: handle ${key} is of no device`)
      this.handles.place(key, { number: key, node, access: numbers[1]! })
    }
    this.handles.settle()
  }
}
