/**
 * Traps that go back to the program's own domain: the core puts a frame of the registers on the program's stack, and lets it
 * go on in the emulation library, which makes of it what it would have made of a call.
 *
 * One entry into the core and no switch. The library sets the result register and goes on behind the trap itself, in user
 * mode: that enters nothing.
 * Source: the emulation code of L4Linux 2.0 and 2.2 for L4 version 2, which is in each program's address space (Härtig et al.,
 * SOSP 1997, section 4, "trampoline"; A. Lackorzynski, l4-hackers, 7 June 2005).
 */

import { assert } from '../../fiber/index.ts'
import { PARAMETERS_MAX, FRAME_WORDS, targetsOf } from '../../gates/index.ts'
import type { ReflectOperation, Target } from '../../gates/index.ts'
import type { Implementation, Role } from '../../roles/index.ts'
import type { KernelObject } from '../capability/index.ts'
import type { AddressSpace } from '../thread/index.ts'
import { REFUSED } from '../state.ts'
import type { CoreState } from '../state.ts'

/** How often traps went back to programs, all together. */
export interface Tally { calls: number }

/** The emulation library of one program, where its traps go. */
export class OwnHandler implements KernelObject {
  readonly kind = 'own handler'
  readonly label: string
  readonly implementation: Implementation
  readonly targets: readonly Target[]
  readonly tally: Tally
  /** Where the frame lies in the domain's arena. */
  readonly frame: number

  constructor (label: string, space: AddressSpace, role: Role, implementation: Implementation, tally: Tally) {
    assert(space.arena !== null, `${label}: the emulation library has no memory`)
    this.label = label
    this.implementation = implementation
    this.targets = targetsOf(role, implementation)
    this.tally = tally
    this.frame = space.arena.allocate(8 * FRAME_WORDS)
    assert(this.frame !== 0, `${label}: no room for a frame`)
  }
}

export class OwnHandlerCore implements ReflectOperation<AddressSpace> {
  readonly #state: CoreState

  constructor (state: CoreState) {
    this.#state = state
  }

  reflect (client: AddressSpace, slot: number, operation: number, a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown,
    f?: unknown, g?: unknown, h?: unknown, i?: unknown, j?: unknown, k?: unknown, l?: unknown): unknown {
    const { counters } = this.#state
    counters.invocations++
    counters.crossings++
    const capability = this.#state.check(client, slot, 'own handler')
    if (capability === null) return REFUSED
    const handler = capability.object as OwnHandler
    handler.tally.calls++
    const { view } = client.arena!
    const put = (word: number, value: unknown): number => {
      const at = handler.frame + 8 * word
      view.setFloat64(at, value as number | undefined ?? 0, true)
      return view.getFloat64(at, true)
    }
    const number = put(PARAMETERS_MAX, operation)
    counters.bytesCopied += 8 * FRAME_WORDS
    return handler.targets[number]!.call(handler.implementation, put(0, a), put(1, b), put(2, c), put(3, d), put(4, e), put(5, f),
      put(6, g), put(7, h), put(8, i), put(9, j), put(10, k), put(11, l))
  }
}
