/** The profiles that come with KaleidOS, by name, as they stand in their files. Each number in them has its source there. */

import pentium from './profiles/pentium.json' with { type: 'json' }
import skylake from './profiles/skylake.json' with { type: 'json' }

/** In the order in which they are listed. What a file says is believed once `readProfile` has read it. */
export const profiles: ReadonlyMap<string, unknown> = new Map<string, unknown>([pentium, skylake].map(json => [json.name, json]))
