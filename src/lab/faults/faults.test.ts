// Injectors, each alone with an outcome that is known; experiments again, bit for bit; a short campaign.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { boot, kernels, liveMachine, loadProgram, modelMachine } from '../../index.ts'
import type { Plan } from '../../link/index.ts'
import { campaign, experimentsOf } from './campaign.ts'
import type { Bench, Campaign } from './campaign.ts'
import { aims } from './effects.ts'
import type { Aim } from './effects.ts'
import { Laboratory } from './experiment.ts'
import type { Outcome } from './experiment.ts'
import { drivers, facts, faultKinds } from './fault.ts'
import type { FaultKind } from './fault.ts'
import { faultReport } from './fault-report.ts'
import { faultTables } from './fault-table.ts'
import { FaultRun, boundedPlan } from './run.ts'
import type { Run } from './run.ts'
import { campaignStore, isStore, outcomeIn } from './store.ts'
import { programNames } from './workload.ts'

const machine = 'model:skylake'
const library = { boot, liveMachine, modelMachine }
const model = modelMachine({ profile: 'skylake' })
const programs = new Map(programNames.map(name => {
  const bytes = readFileSync(new URL(`../../../programs/wasm/${name}.wasm`, import.meta.url))
  return [name as string, { bytes, program: loadProgram(bytes, { name, machine: model }) }]
}))
const plans = new Map<string, Plan>([
  ['monolithic', kernels.monolithic()], ['microkernel', kernels.microkernel()], ['unikernel', kernels.unikernel()],
  ['supervised', kernels.microkernel({ supervised: true })], ['panicking', { ...kernels.monolithic(), policies: { panicOnOops: true } }]
])
const lab = new Laboratory(library, programs, plans)

/** A run with one fault at the first call that fits it, or another one. */
async function struck (kernel: string, service: string, aim: Aim, at = 0): Promise<Run> {
  return await new FaultRun(library, programs, { plan: boundedPlan(plans.get(kernel)!), machine, baseline: 0, deadlineNs: 500e6, injection: { service, aim, at, seed: 7 } }).run()
}

function aimOf (kind: FaultKind, site: Aim['site'], variant = ''): Aim {
  return aims[kind].find(aim => aim.site === site && aim.variant.includes(variant))!
}

/** How each program ended, where not rightly. */
function ends (run: Run): Record<string, string> {
  return Object.fromEntries(run.seen.parts.filter(({ state, status }) => state !== 'ended' || status !== 0).map(({ name, state, status }) => [name, state === 'stuck' ? state : `${state} ${status}`]))
}

const write = (operation: string, aim: Aim): Aim => ({ ...aim, fits: site => site.operation === operation && aim.fits(site) })

test('without a fault every kernel comes to the same right end', async () => {
  for (const [name, plan] of plans) {
    const { seen } = await new FaultRun(library, programs, { plan: boundedPlan(plan), machine, baseline: 3, deadlineNs: Infinity, injection: null }).run()
    assert.deepEqual(seen.parts.filter(({ state, status }) => state !== 'ended' || status !== 0), [], name)
    assert.equal(seen.faults, 0)
  }
})

test('an exception in a server of the microkernel is that server\'s end, and who uses it is told', async () => {
  const run = await struck('microkernel', 'ramfs', write('write', aimOf('exception', 'served', 'at the start')))
  assert.deepEqual(run.seen.dead, ['ramfs'])
  assert.deepEqual(ends(run), { files: 'ended 1' })
})

test('the same in the monolithic kernel is an oops: the task is killed and the kernel goes on', async () => {
  const run = await struck('monolithic', 'ramfs', write('write', aimOf('exception', 'served', 'at the start')))
  assert.deepEqual([run.seen.dead, run.seen.faults, run.seen.stopped], [[], 1, null])
  assert.deepEqual(ends(run), { files: 'killed 11' })
})

test('a kernel that panics at an oops stops as a whole', async () => {
  const run = await struck('panicking', 'ramfs', write('write', aimOf('exception', 'served', 'at the start')))
  assert.match(run.seen.stopped!, /^panic: oops in kernel: InjectedFault/)
})

test('a supervised file system comes back, and its clients do not see it', async () => {
  const run = await struck('supervised', 'ramfs', write('read', aimOf('exception', 'served', 'at the start')))
  assert.deepEqual([ends(run), run.seen.dead, run.seen.faults], [{}, [], 1])
  assert.ok(run.struck!.recoveryNs! > 0)
})

test('an operation that never comes back holds who called it, and nobody else', async () => {
  assert.deepEqual(ends(await struck('microkernel', 'pipefs', write('write', aimOf('hang', 'served')))), { pipe: 'stuck' })
  assert.deepEqual(ends(await struck('monolithic', 'pipefs', write('write', aimOf('hang', 'served')))), { pipe: 'stuck' })
})

test('a lost message is waited for; a delayed one comes', async () => {
  assert.deepEqual(ends(await struck('microkernel', 'pipefs', write('write', aimOf('message-lost', 'message', 'request')))), { pipe: 'stuck' })
  assert.deepEqual(ends(await struck('microkernel', 'pipefs', write('write', aimOf('message-delayed', 'message')))), {})
})

test('a write to the console that is sent twice shows twice', async () => {
  const { seen } = await struck('microkernel', 'console', write('write', aimOf('message-duplicated', 'message')))
  const { left } = seen.parts.find(({ name }) => name === 'print')!
  const lines = left!['console']!.trimEnd().split('\n')
  assert.equal(lines.length, 9)
  assert.equal(lines[0], lines[1])
})

test('a loop in the monolithic kernel keeps the processor; in a server it takes its share', async () => {
  const kept = await struck('monolithic', 'pipefs', write('write', aimOf('busy-loop', 'served')))
  assert.equal(kept.seen.stopped, 'the processor was never given back')
  const shared = await struck('microkernel', 'pipefs', write('write', aimOf('busy-loop', 'served')))
  assert.equal(shared.seen.stopped, null)
  assert.deepEqual(ends(shared), { pipe: 'stuck' })
})

test('a wrong byte of a read is found by who checks, and by no call', async () => {
  const run = await struck('microkernel', 'ramfs', write('read', aimOf('uninitialised', 'served')))
  assert.deepEqual(ends(run), { files: 'ended 3' })
})

test('a leak to the end of the arena is told to who asks for room', async () => {
  const run = await struck('microkernel', 'ramfs', write('write', aimOf('leak', 'served')))
  assert.deepEqual([ends(run)['files'], run.seen.faults], ['ended 1', 0])
})

test('a slow service is only slow', async () => {
  const slow = await struck('microkernel', 'ramfs', aimOf('slow-down', 'served'))
  const quick = await new FaultRun(library, programs, { plan: boundedPlan(plans.get('microkernel')!), machine, baseline: 0, deadlineNs: Infinity, injection: null }).run()
  assert.deepEqual(ends(slow), {})
  assert.ok(slow.seen.elapsedNs > quick.seen.elapsedNs * 1.1)
})

test('devices: a terminal that fails is told of, one that loses is not, a timer that is silent wakes nobody', async () => {
  assert.deepEqual(ends(await struck('microkernel', 'console', aimOf('device-error', 'device', 'the terminal fails'))), { print: 'ended 1' })
  const lost = await struck('microkernel', 'console', aimOf('device-error', 'device', 'the terminal loses'))
  assert.deepEqual(ends(lost), {})
  assert.equal(lost.seen.parts.find(({ name }) => name === 'print')!.left!['console']!.trimEnd().split('\n').length, 7)
  assert.equal(Object.values(ends(await struck('microkernel', 'clock', aimOf('device-error', 'device', 'the timer stays silent')))).includes('stuck'), true)
})

test('wild writes of a domain reach what it can address: a program under the monolithic kernel, none behind a server', async () => {
  // All of its bytes, so that nothing hangs on where they land.
  const everywhere: Aim = {
    site: 'served', variant: 'everywhere', fits: ({ operation }) => operation === 'write',
    act: (call, args, _site, world) => {
      const { label } = world.domain()
      for (const arena of world.system.addressable().find(({ domain }) => domain === label)!.arenas) for (let at = 0; at < arena.sizeBytes; at += 64) arena.bytes[at]! ^= 0xff
      return call(...args)
    }
  }
  const mono = await struck('monolithic', 'ramfs', everywhere, 6)
  assert.notEqual(ends(mono)['memory'], undefined, 'the witness\'s own memory')
  const micro = await struck('microkernel', 'ramfs', everywhere, 6)
  assert.deepEqual(Object.keys(ends(micro)).filter(name => name !== 'files' && name !== 'names'), [])
  assert.equal(ends(micro)['files'], 'ended 3')
})

test('an experiment again is the same, bit for bit, and another seed is another experiment', async () => {
  for (const experiment of [
    { kernel: 'microkernel', service: 'vfs', fault: 'wild-write', machine, seed: 5 }, { kernel: 'monolithic', service: 'clock', fault: 'device-error', machine, seed: 6 },
    { kernel: 'supervised', service: 'ramfs', fault: 'exception', machine, seed: 7 }
  ] as const) {
    const first = await lab.carryOut(experiment)
    assert.deepEqual(await new Laboratory(library, programs, plans).carryOut(experiment), first)
    assert.notDeepEqual((await lab.carryOut({ ...experiment, seed: 99 })).struck, first.struck)
  }
})

test('what cannot happen is not reached, and says why', async () => {
  const { verdict, stopped } = await lab.carryOut({ kernel: 'monolithic', service: 'ramfs', fault: 'message-lost', machine, seed: 1 })
  assert.deepEqual([verdict, stopped], ['not reached', 'no call of ramfs fits message-lost'])
  const live = await lab.carryOut({ kernel: 'microkernel', service: 'ramfs', fault: 'busy-loop', machine: 'live', seed: 1 })
  assert.match(live.stopped!, /the wall language does not hold a loop/)
})

test('the weights of the mix are a thousand, of services and of drivers', () => {
  for (const column of ['service', 'driver'] as const) assert.equal(faultKinds.reduce((sum, kind) => sum + facts[kind].weight[column], 0), 1000)
  assert.equal(facts['device-error'].weight.service, 0)
  assert.ok(drivers.has('console'))
})

test('a campaign begins with each kind once in each service, and a longer one begins as a shorter', () => {
  const surveyed = [{ name: 'a', survey: { ramfs: ['hang', 'leak', 'exception'], clock: ['hang', 'device-error'] } }] as const satisfies Campaign['kernels']
  const given = { seed: 3, machine }
  const long = experimentsOf(surveyed, { ...given, n: 60 })
  assert.deepEqual(experimentsOf(surveyed, { ...given, n: 10 }), long.slice(0, 10))
  assert.deepEqual([...new Set(long.filter(({ service }) => service === 'ramfs').slice(0, 3).map(({ fault }) => fault))].sort(), ['exception', 'hang', 'leak'])
  assert.equal(long.filter(({ service }) => service === 'ramfs').length, 30)
})

const folder = mkdtempSync(join(tmpdir(), 'kaleidos-faults-'))
after(() => { rmSync(folder, { recursive: true }) })

test('a short campaign: nothing goes through a wall; its file, table and report have it all', { timeout: 120_000 }, async () => {
  const bench: Bench = { survey: (kernel, on) => lab.survey(kernel, on), carryOut: experiment => lab.carryOut(experiment), close: () => Promise.resolve() }
  const result = await campaign({ version: '0', kernels: ['monolithic', 'microkernel'], services: ['ramfs', 'console', 'clock'], faults: null, n: 36, seed: 2, machine, benches: [bench], progress: () => {} })
  assert.equal(result.outcomes.length, 36)
  assert.deepEqual(result.outcomes.filter(({ verdict, corruptedAcross }) => verdict === 'not reached' || corruptedAcross.length > 0), [])
  assert.ok(result.outcomes.some(({ verdict }) => verdict === 'contained') && result.outcomes.some(({ verdict }) => verdict === 'no effect'))
  const path = join(folder, 'faults.sqlite')
  assert.equal(await campaignStore(path, result, { link: 'abc' }, '2026-01-01'), 1)
  assert.equal(await campaignStore(path, result, {}, '2026-01-02'), 37, 'after those that are there')
  assert.equal(await isStore(path), null)
  assert.equal(await outcomeIn(path, 1000), undefined)
  const { outcome, sources } = (await outcomeIn(path, 5))!
  const { struck: before, ...kept } = outcome
  const { struck: _, ...given } = result.outcomes[4] as Outcome
  assert.deepEqual(kept, given)
  assert.equal(before!.site, result.outcomes[4]!.struck!.site)
  assert.deepEqual(sources, { link: 'abc' })
  const text = faultTables(result, 80)
  assert.match(text, /36 faults in 2 kernels: none went silently through a wall/)
  assert.ok(text.split('\n').slice(0, 8).every(line => line.length < 200))
  assert.match(faultReport(result, 'kaleidos faults'), /class="matrix"/)
})

test('a file of something else takes no results', async () => {
  const path = join(folder, 'other.txt')
  writeFileSync(path, 'a text that is no database, and longer than the head of one, so that it is not taken for an empty one ...........')
  assert.notEqual(await isStore(path), null)
})
