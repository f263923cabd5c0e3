/**
 * L4Linux: a whole monolithic kernel as one server on a microkernel. Programs are linked against a C library that calls it.
 * See README.md beside this file.
 */

import type { Plan } from '../../link/index.ts'
import { wholeKernel, wholeKernelDevices } from '../files.ts'

export function l4linux (): Plan {
  return {
    name: 'l4linux',
    summary: 'a whole monolithic kernel as one user-level server on L4; programs call it by IPC from their emulation library',
    core: 'l4',
    domains: [
      { name: 'core', mode: 'supervisor', wall: 'none', services: [] },
      {
        name: 'linux', mode: 'user', wall: 'language', services: ['wasi', ...wholeKernel], threads: 'migrating',
        pagerOf: 'programs', devices: wholeKernelDevices
      },
      { name: 'programs', mode: 'user', wall: 'wasm', services: ['emulation'], programs: 'each' }
    ],
    gates: [{ from: '*', to: 'core', gate: 'trap' }, { from: '*', to: '*', gate: 'rpc' }],
    scheduler: { policy: 'round-robin', sliceUs: 4000, priorities: 8 }
  }
}
