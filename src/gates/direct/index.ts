/** `direct`: no gate. The neighbour itself; same domain, same arena. */

import type { Implementation } from '../../roles/index.ts'

export function directStubs (implementation: Implementation): Implementation {
  return implementation
}
