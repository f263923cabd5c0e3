// Question: what does a call into another thread of the host cost, beside the bare mechanism; how fast do bytes cross by
// grants; and how long does it take until a domain there serves?
//
// Units: µs for a call and its reply, GB/s, ms.
// Held fixed: the role, the callee, one live machine. Hot: calls in a row, so that both sides still look when the answer
// comes. Cold: 3 ms of nothing before each call, so that the other thread sleeps and has to be woken; the floor is woken the
// same way, by a futex and nothing else, and turns are taken call by call. Bulk: 1 MiB, into a window and out of one; what
// is counted is what arrives. Start: until the domain says that it serves.
// `node bench/places.ts [--quick | --trial] [--rounds N] [--seed N] [--json]`

import process from 'node:process'
import { setTimeout as pass } from 'node:timers/promises'
import { settle } from '../src/fiber/index.ts'
import type { Fiber } from '../src/fiber/index.ts'
import { RemoteCore, RemoteEndpoint, CoreState } from '../src/core/index.ts'
import { liveMachine } from '../src/index.ts'
import { duration } from '../src/lab/index.ts'
import { Arena, READ, RESOURCES, WRITE, Window } from '../src/roles/index.ts'
import type { Implementation, Role, RoleOf } from '../src/roles/index.ts'
import { benchmark, median, progress } from './harness.ts'
import type { Finding, Scale } from './harness.ts'
import { Callee, PING, PONG } from './place-callee.ts'

type Callee = RoleOf<typeof Callee>
const occupant = new URL('place-callee.ts', import.meta.url).href
const BULK_BYTES = 2 ** 20
const hotMaxUs = 2
const coldMax = 1.3
const bulkMinGBs = 1

const nowNs = (): number => Number(process.hrtime.bigint())

async function measure (scale: Scale): Promise<Finding> {
  progress('places')
  const trial = scale.name === 'trial'
  const rounds = trial ? 2 : Math.max(10, scale.rounds * 3)
  const starts: number[] = []
  for (let i = 0; i < (trial ? 1 : 5); i++) {
    const startNs = nowNs()
    const world = serving('thread')
    if (await world.run(() => world.callee.one(1)) !== 1) throw new Error('the domain does not serve')
    starts.push(nowNs() - startNs)
    world.close()
  }
  const world = serving('thread')
  const spinning = bare(world, true)
  const sleeping = bare(world, false)
  await spinning.ready
  await sleeping.ready
  const calls = trial ? 100 : 2000
  const samples: Record<'hot' | 'bareHot' | 'cold' | 'bareCold' | 'fill' | 'take', number[]> = { hot: [], bareHot: [], cold: [], bareCold: [], fill: [], take: [] }
  let sum = 0
  await world.run(function * () {
    for (let i = 0; i < 100; i++) sum += yield * settle(world.callee.one(1))
  })
  for (let round = 0; round < rounds; round++) {
    samples.bareHot.push(spinning.round(calls))
    await world.run(function * () {
      const startNs = nowNs()
      for (let i = 0; i < calls; i++) sum += yield * settle(world.callee.one(i & 15))
      samples.hot.push((nowNs() - startNs) / calls)
    })
    const bulk = trial ? 2 : 20
    await world.run(function * () {
      let startNs = nowNs()
      for (let i = 0; i < bulk; i++) same(yield * settle(world.callee.fill(i, world.window(WRITE))), BULK_BYTES)
      samples.fill.push((nowNs() - startNs) / bulk)
      startNs = nowNs()
      for (let i = 0; i < bulk; i++) same(yield * settle(world.callee.take(world.window(READ))), BULK_BYTES)
      samples.take.push((nowNs() - startNs) / bulk)
    })
    for (let i = 0; i < (trial ? 1 : 10); i++) {
      await pass(3)
      samples.bareCold.push(sleeping.round(1))
      await pass(3)
      await world.run(function * () {
        const startNs = nowNs()
        sum += yield * settle(world.callee.one(1))
        samples.cold.push(nowNs() - startNs)
      })
    }
  }
  spinning.end()
  sleeping.end()
  world.close()
  const ns = (name: keyof typeof samples): number => median(samples[name])
  const [hotUs, cold] = [ns('hot') / 1000, ns('cold') / ns('bareCold')]
  const gigabytes = (name: 'fill' | 'take'): number => BULK_BYTES / ns(name)
  const slower = Math.min(gigabytes('fill'), gigabytes('take'))
  return {
    title: 'Places',
    question: 'What does a call into another thread of the host cost, how fast do bytes cross by grants, and how long does a domain there take to start?',
    held: 'the role, the callee, one live machine; hot: calls in a row; cold: 3 ms of nothing before each call and before each of the floor\'s.',
    targets: [
      { what: 'ring: a call and its reply, both sides hot', wanted: `at most ${hotMaxUs} µs`, measured: `${hotUs.toFixed(2)} µs`, met: hotUs <= hotMaxUs },
      { what: 'ring: cold, over a bare futex there and back', wanted: `at most ${coldMax}×`, measured: `${cold.toFixed(2)}×`, met: cold <= coldMax },
      { what: 'bulk through grants', wanted: `at least ${bulkMinGBs} GB/s`, measured: `${slower.toFixed(2)} GB/s`, met: slower >= bulkMinGBs }
    ],
    tables: [{
      title: 'A thread of the host',
      columns: [{ name: 'what', words: true }, { name: 'ours' }, { name: 'floor' }],
      rows: [
        ['a call and its reply, both sides hot', duration(ns('hot')), duration(ns('bareHot'))],
        ['the same, the other side asleep', duration(ns('cold')), duration(ns('bareCold'))],
        ['1 MiB written there into a window', `${gigabytes('fill').toFixed(2)} GB/s`, ''],
        ['1 MiB read there out of a window', `${gigabytes('take').toFixed(2)} GB/s`, ''],
        ['until a domain serves, its modules loaded as sources', duration(median(starts)), '']
      ],
      notes: ['Floor of a hot call: two threads that look at one word each. Floor of a cold one: the caller stores a word, notifies and waits; the other does the same.']
    }],
    figures: { ...Object.fromEntries(Object.keys(samples).map(name => [name, ns(name as keyof typeof samples)])), start: median(starts), sum }
  }
}

function same (came: unknown, expected: number): void {
  if (came !== expected) throw new Error(`${String(came)} came, and ${expected} was to come`)
}

/** A core on a live machine, a domain elsewhere with the callee, and a client. */
function serving (wall: 'thread' | 'process') {
  const machine = liveMachine({})
  const state = new CoreState(machine, { scheduler: { sliceUs: 4000, priorities: 8 }, panicOnOops: true, limits: new Array<number>(RESOURCES).fill(Infinity) })
  state.createSpace('supervisor', new Arena({ name: 'supervisor', sizeBytesMax: 2 ** 30 }), true)
  const client = state.createSpace('client', new Arena({ name: 'client', sizeBytesMax: 2 ** 30 }), false)
  const core = new RemoteCore(state)
  const domain = core.domain(state.createSpace('callee', null, false), { wall, threads: Infinity, arenaBytesMax: 2 ** 30, occupant })
  domain.place({ instance: 'callee', service: 'callee', options: {}, requires: {} })
  const endpoint = new RemoteEndpoint('callee', domain, Callee as Role, domain.provide('callee', Callee as Role))
  const slot = client.capabilities.derive(state.root, state.root.mint(endpoint, 0), undefined, 1)
  const callee = core.stubs(Callee as Role, client, slot) as Implementation as unknown as Callee
  domain.begin()
  const at = client.arena!.allocate(BULK_BYTES)
  return {
    machine, callee,
    window: (access: number) => Window.of(client.arena!, at, BULK_BYTES, access, state.counters)!,
    run: (body: () => unknown) => new Promise<unknown>(resolve => {
      state.scheduler.startHostFiber('bench', 1, 0, client, (function * (): Fiber<unknown> { return yield * settle(body() as Fiber<unknown>) })(), resolve)
    }),
    close: () => { machine.close() }
  }
}

/** A thread that answers a word with itself, and this one, which asks. */
function bare ({ machine }: ReturnType<typeof serving>, spins: boolean) {
  const memory = new SharedArrayBuffer(1024)
  const words = new Int32Array(memory)
  const place = machine.places!.start({ label: 'bare', kind: 'thread', occupant, data: { bare: memory, spins }, ended () {} })
  let last = 0
  const once = (): void => {
    Atomics.store(words, PING, ++last)
    if (!spins) Atomics.notify(words, PING)
    for (let looks = 1; Atomics.load(words, PONG) !== last; looks++) {
      if (!spins) Atomics.wait(words, PONG, last - 1)
      // It has stopped looking.
      else if (looks % 1000 === 0) Atomics.notify(words, PING)
    }
  }
  return {
    /** It answers: until then this thread must not stand still. */
    ready: (async () => {
      Atomics.store(words, PING, ++last)
      while (Atomics.load(words, PONG) !== last) await pass(5)
    })(),
    round (times: number): number {
      if (spins) once()
      const startNs = nowNs()
      for (let i = 0; i < times; i++) once()
      return (nowNs() - startNs) / times
    },
    end: () => { place.kill() }
  }
}

if (import.meta.main) await benchmark(measure)
