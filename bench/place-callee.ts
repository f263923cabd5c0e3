// What stands at the other end in bench/places.ts: a service that adds, and that fills or reads a window; and the bare loop
// that the gate is measured beside. Both are loaded in the other thread.

import { runDomain } from '../src/core/place/index.ts'
import type { PlacedDomain } from '../src/gates/index.ts'
import type { PlaceEnd } from '../src/machine/index.ts'
import { bytesIn, bytesOut, count, number, operation, parameter, role, service } from '../src/roles/index.ts'

const can = { blocks: true, idempotent: true } as const

export const Callee = role('Callee', 'what is called', {
  one: operation('one word', [parameter('a', number)], count, can),
  fill: operation('bytes out of a window', [parameter('value', number), parameter('into', bytesOut)], count, can),
  take: operation('bytes into one', [parameter('from', bytesIn)], count, can)
})

/** Bytes that `take` keeps, of its own. */
const KEPT_BYTES = 4 * 1024 * 1024

export const callee = service<{ callee: typeof Callee }, Record<string, never>>({
  name: 'callee', summary: 'what is called', provides: { callee: Callee }, requires: {},
  start: ({ arena }) => {
    const kept = arena.allocate(KEPT_BYTES)
    return {
      callee: {
        one: a => a,
        fill: (value, into) => into.fill(0, into.length, value),
        take: from => from.take(0, arena.bytes, kept, from.length)
      }
    }
  }
})

/** Words of the bare loop: a number from either side, and whether it sleeps. */
export const PING = 0
export const PONG = 32
/** `spins`: it looks for a while before it sleeps. */
export interface Bare { readonly bare: SharedArrayBuffer, readonly spins: boolean }

export function occupy (data: unknown, end: PlaceEnd): void {
  if (typeof data === 'object' && data !== null && 'bare' in data) bareLoop(data as Bare)
  else runDomain(data as PlacedDomain, end, new Map([['callee', callee]]))
}

function bareLoop ({ bare, spins }: Bare): void {
  const words = new Int32Array(bare)
  for (let seen = 0; ;) {
    // Not for ever: what has nothing to do must not slow down what is measured meanwhile.
    for (let looks = spins ? 20_000 : 0; looks > 0 && Atomics.load(words, PING) === seen;) looks--
    while (Atomics.load(words, PING) === seen) Atomics.wait(words, PING, seen)
    seen = Atomics.load(words, PING)
    Atomics.store(words, PONG, seen)
    if (!spins) Atomics.notify(words, PONG)
  }
}
