/**
 * Wild writes: what a part that runs wild does to memory. The byte lands at a random address of what the failing domain
 * can address: its own arena, the memory of the program in it, and for the supervisor the programs above it.
 */

import { assert } from '../fiber/index.ts'
import type { Arena } from '../roles/index.ts'
import type { System } from './system.ts'

export interface WildWrite {
  readonly arena: Arena
  readonly address: number
}

/** Writes one random byte as a domain; `random` gives numbers from 0 up to, not including, 1. Says where it landed. */
export function wildWrite (system: System, domain: string, random: () => number): WildWrite {
  const arenas = system.addressable().find(space => space.domain === domain)?.arenas
  assert(arenas !== undefined && arenas.length > 0, `domain ${domain} can address nothing`)
  let at = Math.floor(random() * arenas.reduce((sum, arena) => sum + arena.sizeBytes, 0))
  for (const arena of arenas) {
    if (at < arena.sizeBytes) {
      arena.bytes[at] = Math.floor(random() * 256)
      return { arena, address: at }
    }
    at -= arena.sizeBytes
  }
  throw new RangeError('random gave 1 or more')
}
