/**
 * Memories of programs that have ended, for the next ones that begin with the same: the host takes longer to make a memory
 * than all else of a small program, and each that is left to its collector brings the next collection nearer.
 *
 * - What is taken is all zeros, of exactly the sizes that were asked for, and nobody else has it.
 * - Only a memory that a module defines for itself and alone is lent to it (`importsMemory`), and none of a program that host
 *   code calls, which may keep what it exports. One that is shared goes back when its thread has said that nothing runs any more.
 * - One that is given back is cleared before it is kept, and no view of its bytes outlives that: its buffer is detached. That of a
 *   shared one cannot be; the kernel's arena has let go of it (`Arena.retire`), and a thread keeps nothing of a program.
 * - What has grown cannot shrink, and is not kept.
 * How many there are is the machine's to count (`MachineMemories`): those that are kept are in use by nobody.
 */

import { SPARE_MEMORIES_PAGES, SPARE_MEMORY_USES } from '../../roles/index.ts'
import type { Sizes } from './rewriter/index.ts'

const PAGE_BYTES = 65536

interface Spare {
  readonly memory: WebAssembly.Memory
  readonly initial: number
  readonly maximum: number | undefined
  readonly shared: boolean
}

export class SpareMemories {
  /** In the order in which they came: the first goes when there are too many. */
  readonly #kept: Spare[] = []
  #pages = 0
  /** How often each was lent. */
  readonly #uses = new WeakMap<WebAssembly.Memory, number>()

  /** A memory of these sizes, all zeros. Throws a RangeError where the host has none. */
  take ({ initial, maximum, shared }: Pick<Sizes, 'initial' | 'maximum' | 'shared'>): WebAssembly.Memory {
    const at = this.#kept.findLastIndex(spare => spare.initial === initial && spare.maximum === maximum && spare.shared === shared)
    if (at >= 0) return this.#remove(at)
    return new WebAssembly.Memory(maximum === undefined ? { initial } : { initial, maximum, shared })
  }

  /** Takes back what `take` gave for the same sizes, from a program that has ended and of which nothing runs any more. */
  give (memory: WebAssembly.Memory, { initial, maximum, shared }: Pick<Sizes, 'initial' | 'maximum' | 'shared'>): void {
    const uses = (this.#uses.get(memory) ?? 0) + 1
    if (memory.buffer.byteLength !== initial * PAGE_BYTES || uses >= SPARE_MEMORY_USES) return
    this.#uses.set(memory, uses)
    new Uint8Array(memory.buffer).fill(0)
    if (!shared) memory.grow(0)
    this.#kept.push({ memory, initial, maximum, shared })
    this.#pages += pagesOf(initial)
    while (this.#pages > SPARE_MEMORIES_PAGES) this.#remove(0)
  }

  /** Leaves all to the collector; false when there was none. */
  clear (): boolean {
    const any = this.#kept.length > 0
    this.#kept.length = 0
    this.#pages = 0
    return any
  }

  #remove (at: number): WebAssembly.Memory {
    const [spare] = this.#kept.splice(at, 1)
    this.#pages -= pagesOf(spare!.initial)
    return spare!.memory
  }
}

/** What one counts as: an empty memory is one of the host's too. */
function pagesOf (initial: number): number {
  return Math.max(1, initial)
}
