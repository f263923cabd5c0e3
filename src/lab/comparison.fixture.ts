/** A made-up comparison for tests of tables and reports: no figure in it was measured. */

import type { Comparison, KernelFacts, Measurement } from './results.ts'
import type { Distribution } from './statistics.ts'
import { wallFacts } from './wall-facts.ts'
import type { Plan } from '../link/index.ts'

export const plans: readonly Plan[] = [
  {
    name: 'monolithic', summary: 'Every service in one supervisor domain.', core: 'trap',
    domains: [
      { name: 'kernel', mode: 'supervisor', wall: 'none', services: ['wasi', 'vfs', 'ramfs'], threads: 'migrating' },
      { name: 'programs', mode: 'user', wall: 'wasm', services: [], programs: 'each' }
    ],
    gates: [{ from: 'programs', to: 'kernel', gate: 'trap' }],
    scheduler: { policy: 'round-robin', sliceUs: 10_000, priorities: 8 },
    policies: { panicOnOops: false }
  },
  {
    name: 'microkernel', summary: 'The supervisor is its core and nothing else.', core: 'l4',
    domains: [
      { name: 'core', mode: 'supervisor', wall: 'none', services: [] },
      { name: 'files', mode: 'user', wall: 'language', services: ['vfs', { service: 'ramfs', as: 'root' }], threads: 4 },
      { name: 'programs', mode: 'user', wall: 'wasm', services: ['wasi'], programs: 'each' }
    ],
    gates: [{ from: '*', to: '*', gate: 'rpc' }],
    routes: [{ from: 'vfs', requires: 'fileSystems', to: 'root', as: 'root' }],
    scheduler: { policy: 'round-robin', sliceUs: 10_000, priorities: 8 }
  }
]

export const comparison: Comparison = {
  format: 'kaleidos-compare-1',
  kaleidos: '0.0.0',
  host: {
    processor: 'Test Processor', processors: 2, memoryBytes: 8 * 1024 ** 3, system: 'Test 1.0, x64', node: '26.0.0', v8: '14.0',
    date: '2026-01-02T03:04:05.000Z'
  },
  seed: 7,
  seconds: 35,
  rounds: 9,
  hostCode: 'Node 26.0.0, an executable of 100 MB, whose lines are not counted',
  kernels: plans.map((plan, at): KernelFacts => ({
    name: plan.name, summary: plan.summary, core: plan.core, walls: wallFacts(plan),
    supervisor: { lines: 6000 - 3000 * at, parts: { 'core/trap': 100, 'services/vfs': 5000 - 3000 * at, fiber: 900 } },
    bootNs: times(2_000_000 + at * 1e6),
    memory: { arenaBytes: 65536, hostBytes: 3_000_000 }
  })),
  workloads: [
    { name: 'null call', operation: 'a call <that> & does nothing', sample: 'batch' },
    { name: 'spawn', operation: 'a program that ends at once', sample: 'batch' },
    { name: 'sort', operation: 'a program that sorts', sample: 'run' }
  ],
  measurements: [
    measured('monolithic', 'null call', 85, [1, 1, 1, 0, 0, 0]),
    measured('microkernel', 'null call', 412.5, [1, 1, 2, 2, 0, 64]),
    measured('monolithic', 'spawn', 42_000, [3, 3, 3, 2, 0, 128]),
    { kernel: 'microkernel', workload: 'spawn', outcome: 'refused', reason: 'one program only' },
    measured('monolithic', 'sort', 52_000_000, [900, 900, 900, 2, 0, 5_000_000]),
    measured('microkernel', 'sort', 61_000_000, [900, 1800, 3600, 3600, 900, 5_000_000])
  ],
  program: null
}

function times (median: number): Distribution {
  return { median, p99: median * 1.5, min: median * 0.9, max: median * 2, spread: 0.021, samples: 900, rounds: 9 }
}

function measured (kernel: string, workload: string, median: number, counts: readonly number[]): Measurement {
  const [calls, invocations, crossings, switches, grants, bytesCopied] = counts as [number, number, number, number, number, number]
  return {
    kernel, workload, outcome: 'measured', ns: times(median), batch: 500,
    counts: { calls, invocations, crossings, switches, grants, bytesCopied }, workHash: 'abc'
  }
}
