/**
 * MkLinux, the server co-located with the core: the same messages to the same port, whose receiver is in the supervisor's
 * address space. See README.md beside this file.
 */

import type { Plan } from '../../link/index.ts'
import { wholeKernel } from '../files.ts'

export function mklinuxKernel (): Plan {
  return {
    name: 'mklinux-kernel',
    summary: 'a whole monolithic kernel as a server in Mach\'s own address space; programs\' traps become messages to its port',
    core: 'mach',
    domains: [
      { name: 'kernel', mode: 'supervisor', wall: 'none', services: ['wasi', ...wholeKernel], threads: 'on-demand' },
      { name: 'programs', mode: 'user', wall: 'wasm', services: [], programs: 'each' }
    ],
    gates: [{ from: 'programs', to: 'kernel', gate: 'reflect' }, { from: '*', to: '*', gate: 'port' }],
    scheduler: { policy: 'round-robin', sliceUs: 4000, priorities: 8 },
    policies: { panicOnOops: false }
  }
}
