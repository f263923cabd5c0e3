/**
 * The memories of programs, as the host holds them: all machines of this thread together, since they share its limits.
 *
 * A memory is there from when an instance is made until the garbage collector has found that nothing refers to it, which
 * may be long after its program has ended. So both are counted: those in use, of which there may be `max`, and those that
 * are there, of which there may be some more. Where too many are there the host is made to look for them.
 *
 * A page cannot make its host look, and need not: it looks by itself before it refuses a memory. There only those in use are
 * counted, and nothing refers to them: a WeakRef would keep each until the kernel's turn ends, out of the collector's reach.
 */

import type { MachineMemories } from '../machine.ts'

/** Memories that may be there and in use no more, before the host is made to look for them. */
const UNUSED_MAX = 256

interface Held {
  readonly owner: WeakRef<object>
  readonly count: number
}

/** What this thread of the host holds. */
const held = new Set<Held>()
/** Of each that is there: a memory may come to be used again. */
const known = new WeakMap<object, Held>()
const inUse = new WeakMap<object, number>()
let there = 0
let used = 0

const found = new FinalizationRegistry<Held>(forget)

function forget (memories: Held): void {
  if (held.delete(memories)) there -= memories.count
}

/** `collect` looks for what is used no more, and returns when it has; null where the host does so by itself when it is full. */
export function liveMemories (max: number, collect: (() => void) | null): MachineMemories {
  return {
    available (count) {
      if (used + count > max) return false
      if (collect === null || there + count <= max + UNUSED_MAX) return true
      collect()
      for (const memories of held) if (memories.owner.deref() === undefined) forget(memories)
      return there + count <= max + UNUSED_MAX
    },
    take (owner, count) {
      // Two programs that share a memory of host code have it once.
      if (inUse.has(owner)) return
      inUse.set(owner, count)
      used += count
      if (collect === null || known.has(owner)) return
      const memories = { owner: new WeakRef(owner), count }
      known.set(owner, memories)
      held.add(memories)
      found.register(owner, memories)
      there += count
    },
    give (owner) {
      const count = inUse.get(owner)
      if (count === undefined) return
      inUse.delete(owner)
      used -= count
    }
  }
}
