/**
 * The profiles that come with KaleidOS, by name, as they stand in their files, and the sources that they name.
 *
 * A figure that is measured or derived begins with the key of its source (`A076: …`): `sources` says what that is, and
 * whether whoever wrote the figure down had the document before them. What is assumed says why.
 */

import cortexA53 from './profiles/cortex-a53.json' with { type: 'json' }
import cortexA57 from './profiles/cortex-a57.json' with { type: 'json' }
import cortexA76 from './profiles/cortex-a76.json' with { type: 'json' }
import i486 from './profiles/i486.json' with { type: 'json' }
import i79700k from './profiles/i7-9700k.json' with { type: 'json' }
import pentium from './profiles/pentium.json' with { type: 'json' }
import riscvU54 from './profiles/riscv-u54.json' with { type: 'json' }
import skylake from './profiles/skylake.json' with { type: 'json' }
import skylakePti from './profiles/skylake-pti.json' with { type: 'json' }
import x8664of2023 from './profiles/x86-64-2023.json' with { type: 'json' }
import sourceList from './profile-sources.json' with { type: 'json' }

/** In the order in which they are listed. What a file says is believed once `readProfile` has read it. */
export const profiles: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  i486, pentium, skylake, skylakePti, i79700k, x8664of2023, cortexA53, cortexA57, cortexA76, riscvU54
].map(json => [json.name, json]))

export interface ProfileSource {
  readonly citation: string
  /** How whoever wrote the figures down had it: `seen`, in part or at second hand, `recalled` from memory, or `of itself`. */
  readonly seen: string
}

export const sources: Readonly<Record<string, ProfileSource>> = sourceList
