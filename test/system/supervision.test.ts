// Domains that die and are made anew: who keeps what, what becomes of calls, and when it is given up.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boot, kernels } from '../../src/index.ts'
import type { OperatingSystem, Plan } from '../../src/index.ts'
import { Errno, WaitQueue, giveWay, settle } from '../../src/fiber/index.ts'
import type { Fiber } from '../../src/fiber/index.ts'
import { link } from '../../src/link/index.ts'
import type { System } from '../../src/link/index.ts'
import { liveMachine } from '../../src/machine/live/index.ts'
import { services } from '../../src/os/services.ts'
import { systemOf } from '../../src/os/index.ts'
import { program } from './support.ts'
import { CALL_REPEATS_MAX, Clock, ClockId, DomainState, Domains, count, number, operation, parameter, role, service } from '../../src/roles/index.ts'
import type { RoleOf } from '../../src/roles/index.ts'

const PEER_LOST = -Errno.EOWNERDEAD
const supervised = (): Plan => kernels.microkernel({ supervised: true })

/** A fault of a domain, in a thread: the host never runs the kernel itself. */
function kill (system: System, domain: string): void {
  system.asHost('breaks a domain', (function * (): Fiber<void> {
    yield * settle(undefined)
    system.state.fault(system.domains.get(domain)!, new Error(`${domain} broken by a test`))
  })(), () => {})
}

const supervision = { restarts: 3, periodMs: 60_000, backoffMs: 0 }

const Peer = role('Peer', 'what tests call', {
  ask: operation('idempotent', [parameter('x', number)], count, { blocks: true, idempotent: true }),
  change: operation('not idempotent', [parameter('x', number)], count, { blocks: true, idempotent: false }),
  askMany: operation('of many arguments', [parameter('a', number), parameter('b', number), parameter('c', number), parameter('d', number), parameter('e', number)], count,
    { blocks: true, idempotent: true })
})
type Peer = RoleOf<typeof Peer>

/** A system with a supervised domain `peer`, whose operations do what a test says. */
function world ({ threads = 1 as number | 'migrating' | 'on-demand', core = 'l4' as 'l4' | 'mach', supervise = {} } = {}) {
  const script = { lives: 0, begun: [] as string[], perform: (_life: number, x: number): number | Fiber<number> => x }
  const peer = service({
    name: 'peer', summary: 'is called', provides: { peer: Peer }, requires: {}, keeps: 'nothing',
    start: () => {
      const life = ++script.lives
      const perform = (name: string) => (x: number) => {
        script.begun.push(`${name} ${x} in life ${life}`)
        return script.perform(life, x)
      }
      return { peer: { ask: perform('ask'), change: perform('change'), askMany: (_a, _b, _c, _d, e) => perform('askMany')(e) } satisfies Peer }
    }
  })
  const micro = supervised()
  const domains = micro.domains.map(domain => core === 'mach' && domain.threads === 'migrating' ? { ...domain, threads: 'on-demand' as const } : domain)
  const plan: Plan = {
    ...micro, core, gates: core === 'l4' ? micro.gates : micro.gates.map(rule => rule.gate === 'rpc' ? { ...rule, gate: 'port' as const } : rule),
    domains: [...domains, { name: 'peer', mode: 'user', wall: 'language', services: ['peer'], threads, supervision: { ...supervision, ...supervise } }]
  }
  const machine = liveMachine({ shares: [] })
  const system = link(plan, new Map([...services, ['peer', peer]]), machine, {})
  const calls = system.host.reach(Peer) as unknown as Peer
  const ask = (act: (peer: Peer) => number | Fiber<number>): Promise<number> => system.run('ask', () => settle(act(calls)))
  return { system, script, ask, [Symbol.dispose]: () => { machine.close() } }
}

const soon = (ms = 5): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms) })

for (const core of ['l4', 'mach'] as const) {
  const of = { core, threads: core === 'mach' ? 'on-demand' as const : 1 }

  test(`${core}: a call that broke its server is made again when it is idempotent; of another the outcome is unknown`, async () => {
    using made = world(of)
    made.script.perform = (life, x) => {
      if (life < 3) throw new Error('broken')
      return x + 1
    }
    assert.equal(await made.ask(peer => peer.change(1)), PEER_LOST)
    assert.equal(await made.ask(peer => peer.ask(2)), 3)
    assert.equal(await made.ask(peer => peer.askMany(0, 0, 0, 0, 3)), 4)
    assert.deepEqual(made.script.begun, ['change 1 in life 1', 'ask 2 in life 2', 'ask 2 in life 3', 'askMany 3 in life 3'])
  })

  test(`${core}: calls that wait when their server is ended: the idempotent one is made again, the other is not`, async () => {
    using made = world({ ...of, threads: core === 'mach' ? 'on-demand' : 'migrating' })
    const gate = new WaitQueue('gate')
    made.script.perform = function * (life, x) {
      if (life === 1) yield gate
      return x
    } as (life: number, x: number) => Fiber<number>
    const asked = made.ask(peer => peer.ask(1))
    const changed = made.ask(peer => peer.change(2))
    await soon()
    kill(made.system, 'peer')
    assert.deepEqual(await Promise.all([asked, changed]), [1, PEER_LOST])
    assert.deepEqual(made.script.begun, ['ask 1 in life 1', 'change 2 in life 1', 'ask 1 in life 2'])
  })

  test(`${core}: a call that had not begun is made after the restart, once, though it is not idempotent`, async () => {
    using made = world({ ...of, threads: 1 })
    const gate = new WaitQueue('gate')
    made.script.perform = function * (life, x) {
      if (life === 1) yield gate
      return x
    } as (life: number, x: number) => Fiber<number>
    const holds = made.ask(peer => peer.change(1))
    const queued = [2, 3].map(x => made.ask(peer => peer.change(x)))
    await soon()
    kill(made.system, 'peer')
    const later = made.ask(peer => peer.change(4))
    assert.deepEqual(await Promise.all([holds, ...queued, later]), [PEER_LOST, 2, 3, 4])
    assert.deepEqual(made.script.begun.toSorted(), ['change 1 in life 1', 'change 2 in life 2', 'change 3 in life 2', 'change 4 in life 2'])
  })

  test(`${core}: a server that dies more often than the plan says stays dead, and who calls is told`, async () => {
    using made = world(of)
    made.script.perform = () => { throw new Error('always') }
    assert.equal(await made.ask(peer => peer.ask(1)), PEER_LOST)
    assert.equal(made.script.lives, 1 + supervision.restarts)
    assert.equal(await made.ask(peer => peer.change(1)), PEER_LOST)
    assert.equal(made.script.begun.length, 1 + supervision.restarts, 'nothing begins there any more')
  })

  test(`${core}: a call is repeated CALL_REPEATS_MAX times and no more`, async () => {
    using made = world({ ...of, supervise: { restarts: 1000 } })
    made.script.perform = () => { throw new Error('always') }
    assert.equal(await made.ask(peer => peer.ask(1)), PEER_LOST)
    assert.equal(made.script.begun.length, 1 + CALL_REPEATS_MAX)
  })
}

test('restarts wait longer and longer, by the clock that is there then', async () => {
  using made = world({ supervise: { backoffMs: 20 } })
  made.script.perform = life => {
    if (life < 4) throw new Error('broken')
    return 7
  }
  const startNs = made.system.machine.clock.monotonicNs()
  assert.equal(await made.ask(peer => peer.ask(1)), 7)
  // At once, then 20 and 40 ms.
  assert.ok(made.system.machine.clock.monotonicNs() - startNs >= 60e6)
})

test('without who makes domains anew there is an end: nobody waits for ever', async () => {
  using made = world()
  kill(made.system, 'reincarnation')
  kill(made.system, 'peer')
  assert.equal(await made.ask(peer => peer.ask(1)), PEER_LOST)
  assert.equal(made.script.lives, 1)
})

test('who waits for a restart is told when who makes domains anew dies meanwhile', async () => {
  using made = world({ supervise: { backoffMs: 60_000 } })
  made.script.perform = () => { throw new Error('always') }
  const asked = made.ask(peer => peer.ask(1))
  await soon(20)
  kill(made.system, 'reincarnation')
  assert.equal(await asked, PEER_LOST)
})

test('a heartbeat finds a server whose only thread hangs', async () => {
  using made = world({ supervise: { heartbeatMs: 10 } })
  const never = new WaitQueue('never')
  made.script.perform = function * (life, x) {
    if (life === 1) yield never
    return x
  } as (life: number, x: number) => Fiber<number>
  assert.equal(await made.ask(peer => peer.ask(5)), 5)
  assert.equal(made.script.lives, 2)
  assert.equal(made.system.state.counters.faults, 0, 'it was ended: no fault of its own')
})

test('what is left of a dead domain reaches nobody: neither by its capabilities nor by its devices', async () => {
  const os = await boot({ kernel: supervised() })
  const system = systemOf(os)
  const old = system.domains.get('clock')!
  assert.ok(old.capabilities.size >= 0)
  kill(system, 'clock')
  assert.equal(await now(os) > 0, true)
  assert.equal(old.capabilities.size, 0)
  assert.equal([...system.state.spaces.values()].includes(old), false)
  await os.close()
})

async function now (os: OperatingSystem): Promise<number> {
  const system = systemOf(os)
  const clock = system.host.reach(Clock) as unknown as Clock
  return system.run('now', () => settle(clock.now(ClockId.MONOTONIC)))
}

test('a server that keeps nothing comes back in another address space, and who asks it next does not notice', async () => {
  await using os = await boot({ kernel: supervised() })
  const system = systemOf(os)
  const before = await now(os)
  for (const domain of ['entropy', 'clock', 'console']) {
    const space = system.domains.get(domain)
    kill(system, domain)
    assert.ok(await now(os) > before)
    assert.notEqual(system.domains.get(domain), space, domain)
  }
  const domains = system.host.reach(Domains) as unknown as Domains
  const all = await system.run('look', () => settle(domains.supervised()))
  assert.ok(typeof all === 'object')
  for (const domain of ['entropy', 'clock', 'console']) {
    const at = all.names.indexOf(domain)
    assert.deepEqual([all.states[at], all.restarts[at]], [DomainState.ALIVE, 1])
  }
})

test('a timer that somebody waits for goes on behind a clock that was made anew', async () => {
  await using os = await boot({ kernel: supervised() })
  const system = systemOf(os)
  const clock = system.host.reach(Clock) as unknown as Clock
  const startNs = system.machine.clock.monotonicNs()
  const slept = system.run('sleep', () => settle(clock.sleepUntil(ClockId.MONOTONIC, startNs + 60e6)))
  await soon(10)
  kill(system, 'clock')
  assert.equal(await slept, 0)
  const tookNs = system.machine.clock.monotonicNs() - startNs
  assert.ok(tookNs >= 60e6 && tookNs < 2e9, `${tookNs} ns`)
})

test('programs keep their descriptors while every server that can be made anew is, in between any two calls', { timeout: 60_000 }, async () => {
  await using os = await boot({ kernel: supervised() })
  const system = systemOf(os)
  await os.fs.writeFile('/in.txt', 'b\na\nc\n'.repeat(100))
  const servers = ['vfs', 'ramfs', 'pipefs', 'devfs', 'procfs', 'clock', 'console', 'entropy']
  for (const server of servers) {
    kill(system, server)
    assert.equal((await os.fs.readFile('/in.txt')).length, 600, server)
  }
  const sort = os.spawn(program('sort'), { args: ['sort'], stdin: 'pipe' })
  await sort.started
  const stdin = sort.stdin.getWriter()
  for (const server of servers) {
    await stdin.write(`${server}\n`)
    // Until it has read that and waits: a thread that is served last runs.
    await system.run('idle', function * () { yield giveWay }, system.state.scheduler.priorities - 1)
    kill(system, server)
  }
  await stdin.close()
  const { status, text } = await sort.output()
  assert.deepEqual([status, text], [0, servers.toSorted().map(server => `${server}\n`).join('')])
})

test('what a descriptor stands for is what it was, whoever of those who keep that has died: position, flags, ends of pipes, what /proc said', { timeout: 60_000 }, async () => {
  const plan = supervised()
  await using os = await boot({ kernel: { ...plan, domains: plan.domains.map(domain => domain.supervision === undefined ? domain : { ...domain, supervision: { ...domain.supervision, restarts: 1000, backoffMs: 0 } }) } })
  const system = systemOf(os)
  for (const servers of [[], ['vfs'], ['ramfs', 'devfs', 'procfs', 'pipefs'], ['vfs', 'ramfs', 'pipefs']]) {
    const task = os.spawn(async calls => {
      const die = async (): Promise<void> => {
        for (const server of servers) kill(system, server)
        await soon(2)
      }
      const text = async (fd: number, size: number): Promise<string> => Buffer.from(await calls.read(fd, size)).toString()
      const fd = await calls.open('/file', { write: true, create: true, read: true })
      await calls.write(fd, 'one two three')
      await die()
      await calls.seek(fd, 4)
      await die()
      assert.equal(await text(fd, 3), 'two')
      await die()
      assert.equal(await text(fd, 100), ' three')
      const log = await calls.open('/log', { write: true, create: true, append: true })
      for (const word of ['a', 'b', 'c']) {
        await calls.write(log, word)
        await die()
      }
      assert.equal(await calls.readText('/log'), 'abc')
      const { read, write } = await calls.pipe()
      await calls.write(write, 'in the pipe')
      await die()
      await calls.write(write, '!')
      await die()
      assert.equal(await text(read, 100), 'in the pipe!')
      await calls.close(write)
      await die()
      assert.equal(await text(read, 100), '')
      const uptime = await calls.open('/proc/uptime')
      const first = await text(uptime, 3)
      await die()
      assert.match(first + await text(uptime, 100), /^\d+\.\d\d \d+\.\d\d\n$/)
      const nothing = await calls.open('/dev/null', { write: true })
      await die()
      assert.equal(await calls.write(nothing, 'x'), 1)
      for (const open of [fd, log, read, uptime, nothing]) await calls.close(open)
      await assert.rejects(calls.read(fd, 1), { code: 'EBADF' })
      await die()
      await assert.rejects(calls.read(fd, 1), { code: 'EBADF' })
      await calls.unlink('/log')
      await die()
      await assert.rejects(calls.stat('/log'), { code: 'ENOENT' })
      assert.equal(await calls.readText('/file'), 'one two three')
      return 0
    }, { args: ['task'], stdin: null })
    const { status, stderr } = await task.output()
    assert.equal(status, 0, `${servers.join(', ')}: ${Buffer.from(stderr).toString()}`)
  }
})
