/**
 * MkLinux, the server at user level: a whole monolithic kernel as one server on Mach. A program's trap is an exception, of
 * which the core makes a message to the server's port. See README.md beside this file.
 */

import type { Plan } from '../../link/index.ts'
import { wholeKernel, wholeKernelDevices } from '../files.ts'

export function mklinuxUser (): Plan {
  return {
    name: 'mklinux-user',
    summary: 'a whole monolithic kernel as one user-level server on Mach; programs\' traps become messages to its port',
    core: 'mach',
    domains: [
      { name: 'core', mode: 'supervisor', wall: 'none', services: [] },
      {
        name: 'linux', mode: 'user', wall: 'language', services: ['wasi', ...wholeKernel], threads: 'on-demand',
        pagerOf: 'programs', devices: wholeKernelDevices
      },
      { name: 'programs', mode: 'user', wall: 'wasm', services: [], programs: 'each' }
    ],
    gates: [
      { from: '*', to: 'core', gate: 'trap' },
      { from: 'programs', to: 'linux', gate: 'reflect' },
      { from: '*', to: '*', gate: 'port' }
    ],
    scheduler: { policy: 'round-robin', sliceUs: 4000, priorities: 8 }
  }
}
