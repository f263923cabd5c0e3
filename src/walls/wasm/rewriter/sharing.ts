// Makes the memory of a module one that threads can share: for a program on a thread of its own, whose kernel addresses it.
//
// That changes what the module declares, and no instruction: all of them work on a shared memory, and on one that nobody else
// touches they compute the same. A shared memory has a maximum, so one that has none gets the engine's; whoever makes the
// memory may give it a lower one. What a program could declare and this cannot share is refused, by its name.
// Source: WebAssembly Core Specification 3.0, 3.3.9 Memory types; Threads proposal.

import { Fault, overLimit } from './fault.ts'
import { engine } from './limits.ts'
import { MEMORY_IMPORT } from './additions.ts'
import type { Module } from './module.ts'

const advice = 'and a program on a thread of its own shares one of 32-bit addresses with the kernel; run it behind the wall \'wasm\''

/** Declares the memory of the module shared; refuses more than one, and addresses of 64 bits. */
export function shareMemory({ memories, imports }: Module): void {
  const [memory, another] = memories
  if (memory === undefined) return
  if (another !== undefined) throw overLimit(`it has ${memories.length} memories, ${advice}`, another.at)
  if (memory.wide) throw overLimit(`it has a memory of 64-bit addresses, ${advice}`, memory.at)
  if (imports.some(({ module }) => module === MEMORY_IMPORT.module)) {
    throw new Fault('reserved-name', `it imports from "${MEMORY_IMPORT.module}" itself`, memory.at)
  }
  memory.shared = true
  memory.maximum ??= Math.max(memory.initial, engine.memory32Pages)
}
