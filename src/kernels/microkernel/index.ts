/**
 * Microkernel: the supervisor is its core and nothing else; every server is a user domain, reached by capability.
 * See README.md beside this file.
 */

import { movable, withWalls } from '../../link/index.ts'
import type { Plan } from '../../link/index.ts'
import { tree } from '../files.ts'
import { withSupervision } from '../supervised.ts'

/** What `microkernel` may be asked for. */
export interface MicrokernelOptions {
  /** Servers that die are made anew. See docs/supervision.md. */
  readonly supervised?: boolean
  /** What is around the servers that can stand elsewhere: a thread or process of the host each. See docs/walls.md. */
  readonly wall?: 'language' | 'thread' | 'process'
}

export function microkernel ({ supervised = false, wall = 'language' }: MicrokernelOptions = {}): Plan {
  const plan = supervised ? withSupervision(unsupervised()) : unsupervised()
  if (wall === 'language') return plan
  return { ...withWalls(plan, Object.fromEntries(movable(plan).map(name => [name, wall]))), name: `${plan.name}-${wall}` }
}

function unsupervised (): Plan {
  return {
    name: 'microkernel',
    summary: 'the supervisor is IPC, threads, address spaces and capabilities; each server a user domain',
    core: 'l4',
    domains: [
      { name: 'core', mode: 'supervisor', wall: 'none', services: [] },
      { name: 'process', mode: 'user', wall: 'language', services: ['proc'], threads: 'migrating' },
      { name: 'vfs', mode: 'user', wall: 'language', services: [tree], threads: 'migrating' },
      { name: 'ramfs', mode: 'user', wall: 'language', services: ['ramfs'], threads: 1 },
      { name: 'pipefs', mode: 'user', wall: 'language', services: ['pipefs'], threads: 'migrating' },
      { name: 'socketfs', mode: 'user', wall: 'language', services: ['socketfs'], threads: 'migrating' },
      { name: 'devfs', mode: 'user', wall: 'language', services: ['devfs'], threads: 'migrating' },
      { name: 'procfs', mode: 'user', wall: 'language', services: ['procfs'], threads: 'migrating' },
      { name: 'console', mode: 'user', wall: 'language', services: ['console'], threads: 'migrating', devices: ['console', 'interrupts'] },
      { name: 'clock', mode: 'user', wall: 'language', services: ['clock'], threads: 'migrating', devices: ['clock', 'timer', 'interrupts'] },
      { name: 'entropy', mode: 'user', wall: 'language', services: ['entropy'], threads: 1, devices: ['entropy'] },
      { name: 'programs', mode: 'user', wall: 'wasm', services: ['wasi'], programs: 'each' }
    ],
    gates: [{ from: '*', to: 'core', gate: 'trap' }, { from: '*', to: '*', gate: 'rpc' }],
    scheduler: { policy: 'round-robin', sliceUs: 4000, priorities: 8 }
  }
}
