import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wasi } from '../abi/index.ts'
import { count, one, operation, role, service } from '../roles/index.ts'
import { clock } from '../services/clock/index.ts'
import { console } from '../services/console/index.ts'
import { entropy } from '../services/entropy/index.ts'
import { pipefs } from '../services/pipefs/index.ts'
import { proc } from '../services/proc/index.ts'
import { ramfs } from '../services/ramfs/index.ts'
import { vfs } from '../services/vfs/index.ts'
import { checkPlan, cyclesOf } from './check.ts'
import type { DomainPlan, Plan } from './plan.ts'
import { registryOf } from './registry.ts'

const Plain = role('Plain', 'never waits', {
  tell: operation('is told at once', [], count, { blocks: false, idempotent: true }),
  ask: operation('may wait', [], count, { blocks: true, idempotent: true })
})
const asks = service({ name: 'asks', summary: '', provides: {}, requires: { plain: one(Plain) }, start: () => ({}) })
const tells = service({ name: 'tells', summary: '', provides: { plain: Plain }, requires: {}, start: () => ({ plain: { tell: () => 0, ask: () => 0 } }) })

const registry = registryOf([asks, tells, wasi, proc, vfs, ramfs, pipefs, console, clock, entropy])

const good: Plan = {
  name: 'good', summary: '', core: 'l4',
  domains: [
    { name: 'core', mode: 'supervisor', wall: 'none', services: [] },
    { name: 'servers', mode: 'user', wall: 'language', services: ['proc', 'vfs', 'ramfs', 'clock', 'entropy'], devices: ['clock', 'timer', 'interrupts', 'entropy'], threads: 'migrating' },
    { name: 'programs', mode: 'user', wall: 'wasm', services: ['wasi'], programs: 'each' }
  ],
  gates: [{ from: '*', to: 'core', gate: 'trap' }, { from: '*', to: '*', gate: 'rpc' }],
  scheduler: { policy: 'round-robin', sliceUs: 1000, priorities: 4 }
}

function but (change: Partial<Plan>): Plan {
  return { ...good, ...change }
}
function domain (name: string, change: Partial<DomainPlan>): DomainPlan[] {
  return good.domains.map(other => other.name === name ? { ...other, ...change } : other)
}
function errorsOf (plan: Plan): string {
  return checkPlan(plan, registry).join('\n')
}

test('a plan in which all is well has no errors', () => {
  assert.equal(errorsOf(good), '')
})

const wrong: readonly [string, Plan, RegExp][] = [
  ['a role that nobody provides', but({ domains: domain('servers', { services: ['proc', 'vfs', 'ramfs', 'entropy'] }) }), /ramfs requires Clock as 'clock', and nobody provides it/],
  ['two providers and no route', but({ domains: domain('servers', { services: ['proc', 'vfs', 'ramfs', 'clock', { service: 'clock', as: 'clock2' }, 'entropy'] }) }), /clock and clock2 provide it, and no route says which/],
  ['a route to nobody', but({ routes: [{ from: 'ramfs', requires: 'clock', to: 'entropy' }] }), /the route to entropy leads to nobody who provides it/],
  ['a route from what has no such requirement', but({ routes: [{ from: 'ramfs', requires: 'clocks', to: 'clock' }] }), /ramfs has no such requirement/],
  ['a service that there is not', but({ domains: domain('servers', { services: [...good.domains[1]!.services, 'ext5'] }) }), /there is no service 'ext5'/],
  ['two instances of one name', but({ domains: domain('servers', { services: [...good.domains[1]!.services, 'clock'] }) }), /two instances are called 'clock'/],
  ['no gate between two domains', but({ gates: [{ from: '*', to: 'core', gate: 'trap' }] }), /no gate from domain programs to servers/],
  ['a gate that cannot cross the wall', but({ domains: domain('servers', { wall: 'thread', place: 'worker' }) }), /the gate 'rpc' cannot cross the wall 'thread' of domain servers/],
  ['direct between two domains', but({ gates: [{ from: '*', to: 'core', gate: 'trap' }, { from: '*', to: '*', gate: 'direct' }] }), /'direct' joins neighbours of one domain/],
  ['a trap into a user domain', but({ gates: [{ from: '*', to: '*', gate: 'trap' }] }), /a trap leads into the supervisor, and servers is a user domain/],
  ['a gate that the core has no operation for', but({ core: 'trap' }), /the core 'trap' has no operation for 'rpc'/],
  ['privilege asked for by a user domain', but({ domains: domain('servers', { devices: ['clock'] }) }), /clock drives the device 'timer', and the user domain servers was not given it/],
  ['no domain for programs', but({ domains: good.domains.slice(0, 2) }), /no domain runs programs/],
  ['nobody for system calls', but({ domains: domain('programs', { services: [] }) }), /programs of domain programs need SystemCalls, and nobody provides it/],
  ['two supervisors', but({ domains: domain('servers', { mode: 'supervisor' }) }), /one supervisor domain; this has core and servers/],
  ['programs without a wall', but({ domains: domain('programs', { wall: 'none' }) }), /programs need a wall/],
  ['another machine that is not named', but({ domains: domain('servers', { wall: 'node' }) }), /the wall 'node' needs a 'place'/],
  ['a device that is not where a thread is', but({ domains: domain('servers', { wall: 'thread' }) }), /domain servers is behind the wall 'thread', and clock drives clock, timer, interrupts, which are where the kernel's thread is/],
  ['a supervisor elsewhere', but({ domains: domain('core', { wall: 'process' }) }), /domain core is behind the wall 'process', and the supervisor is where the kernel's thread is/],
  ['a heap of its own where there is none', but({ domains: domain('servers', { heapBytesMax: 2 ** 26 }) }), /domain servers: its objects are on the heap of the kernel's thread, which heapBytesMax cannot cap/],
  ['threads below one', but({ domains: domain('servers', { threads: 0 }) }), /threads is a whole number from 1 up/],
  ['threads that are no word', but({ domains: domain('servers', { threads: 'many' as never }) }), /threads is a whole number from 1 up, 'migrating' or 'on-demand'/],
  ['threads of its own where callers bring theirs', but({ domains: domain('servers', { threads: 'on-demand' }) }), /'on-demand' receive messages, which only the core 'mach' queues/],
  ['callers\' threads where a domain\'s own receive', but({ core: 'mach' }), /domain servers: under the core 'mach' a domain's own threads receive; let threads be a number or 'on-demand', not 'migrating'/],
  ['a gate of another core', but({ core: 'mach' }), /gate \* -> \*: the core 'mach' has no operation for 'rpc'/],
  ['a port to what never waits', but({
    core: 'mach', gates: [{ from: '*', to: '*', gate: 'port' }],
    domains: [...domain('servers', { threads: 'on-demand' }), { name: 'asks', mode: 'user', wall: 'language', services: ['asks'] }, { name: 'tells', mode: 'user', wall: 'language', services: ['tells'] }]
  }), /^asks -> tells: a call through a port always waits, and of Plain tell never does; put both in one domain$/],
  ['system calls served by who cannot address programs', but({ domains: [good.domains[0]!, ...domain('servers', { services: ['wasi', ...good.domains[1]!.services] }).slice(1, 2), { ...good.domains[2]!, services: [] }] }),
    /programs -> wasi: programs' calls take addresses in their memories, which domain servers cannot address; let it be their pager \(pagerOf: 'programs'\)/],
  ['a pager of nobody', but({ domains: domain('servers', { pagerOf: 'nobody' }) }), /domain servers is to be the pager of nobody, and there is no such domain/],
  ['a pager of who has no programs', but({ domains: domain('servers', { pagerOf: 'core' }) }), /the pager of core, which has no programs of its own memory/],
  ['a supervisor as pager', but({ domains: domain('core', { pagerOf: 'programs' }) }), /a supervisor has all memories mapped anyway/],
  ['two pagers', but({ domains: [...domain('servers', { pagerOf: 'programs' }), { name: 'other', mode: 'user', wall: 'language', services: [], pagerOf: 'programs' }] }), /pager of programs, and so is another/],
  ['two domains without a core', but({ core: 'none' }), /without a core there is one domain/],
  ['a partition without a schedule', but({ domains: domain('programs', { partition: 'a' }) }), /names a partition, and the scheduler has no time schedule/],
  ['frames that overlap', but({
    domains: domain('programs', { partition: 'a' }),
    scheduler: { policy: 'time-triggered', majorFrameUs: 100, minorFrames: [{ partition: 'a', startUs: 0, lengthUs: 60 }, { partition: 'b', startUs: 50, lengthUs: 60 }] }
  }), /starts at 50 µs, before the one before it ends[\s\S]*ends at 110 µs, after the major frame of 100 µs[\s\S]*no domain is that partition/],
  ['a guest that is wrong', but({ domains: [...good.domains, { name: 'vm', mode: 'user', wall: 'language', services: [], guest: but({ core: 'none' }) }] }), /guest vm: without a core there is one domain/]
]

for (const [name, plan, expected] of wrong) {
  test(`refused: ${name}`, () => assert.match(errorsOf(plan), expected))
}

test('a circle of synchronous calls through domains with so many threads can deadlock; with migrating threads it cannot', () => {
  // vfs calls ramfs, and ramfs's clock stands with the vfs: two domains that call each other.
  const circle = (threads: 'migrating' | number): Plan => but({
    domains: [
      good.domains[0]!,
      { name: 'one', mode: 'user', wall: 'language', services: ['vfs', 'clock', 'proc', 'entropy'], devices: ['clock', 'timer', 'interrupts', 'entropy'], threads },
      { name: 'two', mode: 'user', wall: 'language', services: ['ramfs'], threads },
      good.domains[2]!
    ]
  })
  assert.match(errorsOf(circle(1)), /can deadlock: (one -> two -> one|two -> one -> two)/)
  assert.equal(errorsOf(circle('migrating')), '')
})

test('all errors are told at once', () => {
  const errors = checkPlan(but({ core: 'trap', domains: domain('servers', { services: ['proc', 'vfs', 'ext5'], devices: [] }) }), registry)
  assert.ok(errors.length >= 4, errors.join('\n'))
})

test('cycles of a graph are found once for each knot', () => {
  assert.deepEqual(cyclesOf([['a', 'b'], ['b', 'c']]), [])
  assert.deepEqual(cyclesOf([['a', 'b'], ['b', 'a'], ['c', 'a']]), [['a', 'b']])
  assert.deepEqual(cyclesOf([['a', 'a']]), [['a']])
})

test('words that the plan language does not have are told, with those that it has', () => {
  const domain = (change: Record<string, unknown>): Plan =>
    ({ ...good, domains: good.domains.map(other => other.name === 'servers' ? { ...other, ...change } as DomainPlan : other) })
  const wrong: [plan: unknown, error: RegExp][] = [
    [{ ...good, core: 'l5' }, /^the core 'l5' is unknown; known are none, trap, l4, mach$/],
    [domain({ wall: 'langauge' }), /^domain servers: the wall 'langauge' is unknown; known are .*language/],
    [domain({ mode: 'usr' }), /^domain servers: the mode 'usr' is unknown; known are supervisor, user$/],
    [domain({ services: undefined }), /^domain servers: services is a list/],
    [domain({ programs: 'many' }), /^domain servers: programs 'many' is unknown; known are one, each$/],
    [{ ...good, gates: [{ from: '*', to: '*', gate: 'teleport' }] }, /^gate \* -> \*: the gate 'teleport' is unknown; known are .*rpc/],
    [{ ...good, scheduler: undefined }, /^a plan says how processor time is shared/],
    [{ ...good, scheduler: { policy: 'fifo' } }, /^the scheduler policy 'fifo' is unknown; known are round-robin, time-triggered$/],
    [{ ...good, scheduler: { ...good.scheduler, sliceUs: -4 } }, /^the scheduler's sliceUs is a number of µs above 0, not -4$/],
    [{ ...good, scheduler: { ...good.scheduler, priorities: 0 } }, /^the scheduler's priorities are a whole number from 1 up, not 0$/]
  ]
  for (const [plan, error] of wrong) {
    const errors = checkPlan(plan as Plan, registry)
    assert.equal(errors.length, 1, errors.join('\n'))
    assert.match(errors[0]!, error)
  }
})
