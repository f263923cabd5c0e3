/**
 * L4Linux for unmodified binaries: a program traps as under the monolithic kernel, and the core sends the trap back to the
 * emulation library in its own domain. See README.md beside this file.
 */

import type { Plan } from '../../link/index.ts'
import { l4linux } from '../l4linux/index.ts'

export function l4linuxTrampoline (): Plan {
  const plan = l4linux()
  return {
    ...plan,
    name: 'l4linux-trampoline',
    summary: 'L4Linux with unmodified binaries: traps go back to the program\'s own emulation library, which calls the server',
    gates: [{ from: 'programs', to: 'programs', gate: 'reflect' }, ...plan.gates]
  }
}
