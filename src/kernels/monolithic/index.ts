/**
 * Monolithic: every service in one supervisor domain, joined by direct calls; programs trap in.
 * See README.md beside this file.
 */

import type { Plan } from '../../link/index.ts'
import { tree } from '../files.ts'

export function monolithic (): Plan {
  return {
    name: 'monolithic',
    summary: 'every service in one supervisor domain; programs trap in, direct calls inside',
    core: 'trap',
    domains: [
      {
        name: 'kernel', mode: 'supervisor', wall: 'none',
        services: ['wasi', 'proc', tree, 'ramfs', 'pipefs', 'socketfs', 'devfs', 'procfs', 'console', 'clock', 'entropy']
      },
      { name: 'programs', mode: 'user', wall: 'wasm', services: [], programs: 'each' }
    ],
    gates: [{ from: 'programs', to: 'kernel', gate: 'trap' }],
    scheduler: { policy: 'round-robin', sliceUs: 4000, priorities: 8 },
    policies: { panicOnOops: false }
  }
}
