/** Small plans of the shapes that later kernels need: the plan language can say them already. */

import { kernels } from '../../src/index.ts'
import type { DomainPlan, Plan } from '../../src/link/index.ts'

const roundRobin = { policy: 'round-robin', sliceUs: 4000, priorities: 8 } as const
const files = ['ramfs', 'pipefs', 'devfs'] as const
const tree = { service: 'vfs', options: { mounts: [{ path: '/', fileSystem: 'ramfs' }, { path: '/dev', fileSystem: 'devfs' }], pipes: 'pipefs' } } as const

/** Each program brings its own file services; only devices and processes are shared. */
export const libraryOs: Plan = {
  name: 'library-os', summary: 'an instance of the file services for each program', core: 'trap',
  domains: [
    { name: 'host', mode: 'supervisor', wall: 'none', services: ['proc', 'console', 'clock', 'entropy'] },
    { name: 'programs', mode: 'user', wall: 'wasm', services: ['wasi', tree, ...files], programs: 'each' }
  ],
  gates: [{ from: 'programs', to: 'host', gate: 'trap' }],
  scheduler: roundRobin
}

/** Two providers of one role, told apart by routes. */
export const twoFileSystems: Plan = {
  ...kernels.monolithic(),
  name: 'two-file-systems', summary: 'two file systems under one VFS',
  domains: kernels.monolithic().domains.map((domain): DomainPlan => domain.mode !== 'supervisor'
    ? domain
    : {
        ...domain,
        services: [
          'wasi', 'proc',
          { service: 'vfs', options: { mounts: [{ path: '/', fileSystem: 'first' }, { path: '/second', fileSystem: 'second' }, { path: '/dev', fileSystem: 'devfs' }], pipes: 'pipefs' } },
          { service: 'ramfs', as: 'ramfs-a' }, { service: 'ramfs', as: 'ramfs-b', options: { bytesMax: 8192 } },
          'pipefs', 'devfs', 'console', 'clock', 'entropy'
        ]
      }),
  routes: [
    { from: 'vfs', requires: 'fileSystems', to: 'ramfs-a', as: 'first' },
    { from: 'vfs', requires: 'fileSystems', to: 'ramfs-b', as: 'second' },
    { from: 'vfs', requires: 'fileSystems', to: 'devfs', as: 'devfs' },
    { from: 'vfs', requires: 'fileSystems', to: 'pipefs', as: 'pipefs' }
  ]
}

/** A whole system in a domain. */
export const guest: Plan = {
  ...kernels.microkernel(),
  name: 'host-of-a-guest', summary: 'a monolithic kernel as the guest of a microkernel',
  domains: [...kernels.microkernel().domains, { name: 'guest', mode: 'user', wall: 'wasm', services: [], guest: kernels.monolithic() }]
}

/** Static partitions with a time schedule. */
export const partitions: Plan = {
  name: 'partitions', summary: 'two partitions in a time schedule', core: 'l4',
  domains: [
    { name: 'core', mode: 'supervisor', wall: 'none', services: [] },
    { name: 'servers', mode: 'user', wall: 'language', services: ['proc', tree, ...files, 'console', 'clock', 'entropy'], threads: 'migrating', devices: ['console', 'clock', 'timer', 'interrupts', 'entropy'], partition: 'system' },
    { name: 'control', mode: 'user', wall: 'wasm', services: ['wasi'], programs: 'each', partition: 'control' }
  ],
  gates: [{ from: '*', to: 'core', gate: 'trap' }, { from: '*', to: '*', gate: 'rpc' }],
  scheduler: {
    policy: 'time-triggered', majorFrameUs: 10000,
    minorFrames: [{ partition: 'system', startUs: 0, lengthUs: 4000 }, { partition: 'control', startUs: 5000, lengthUs: 5000 }]
  }
}

/** Domains on another thread and on another machine. */
export const elsewhere: Plan = {
  ...kernels.microkernel(),
  name: 'elsewhere', summary: 'the file system on a thread, entropy on another machine',
  domains: kernels.microkernel().domains.map((domain): DomainPlan => domain.name === 'ramfs'
    ? { ...domain, wall: 'thread', place: 'worker-1' }
    : domain.name === 'entropy' ? { ...domain, wall: 'node', place: 'machine-b' } : domain),
  gates: [
    { from: '*', to: 'core', gate: 'trap' },
    { from: '*', to: 'ramfs', gate: 'ring' }, { from: 'ramfs', to: '*', gate: 'ring' },
    { from: '*', to: 'entropy', gate: 'wire' },
    { from: '*', to: '*', gate: 'rpc' }
  ]
}
