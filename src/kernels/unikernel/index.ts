/**
 * Unikernel: one program and only the services that its imports need, in one domain. No crossing, no second program.
 * See README.md beside this file.
 */

import type { Plan } from '../../link/index.ts'
import { tree } from '../files.ts'

export function unikernel (): Plan {
  return {
    name: 'unikernel',
    summary: 'one program and the services that its imports need in one domain; nothing to cross',
    core: 'none',
    domains: [
      {
        name: 'image', mode: 'supervisor', wall: 'none', programs: 'one',
        services: ['wasi', 'proc', tree, 'ramfs', 'pipefs', 'socketfs', 'devfs', 'procfs', 'console', 'clock', 'entropy']
      }
    ],
    gates: [],
    scheduler: { policy: 'round-robin', sliceUs: 4000, priorities: 8 },
    policies: { panicOnOops: true, onlyNeeded: true }
  }
}
