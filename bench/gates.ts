// Question: what does a call cost through each gate, beside the direct call of the same function, and beside the bare mechanism
// that the gate cannot do without?
//
// Units: ns for a call and its reply.
// Held fixed: the role, the implementation (it adds its numbers up, or looks how long its window is), one thread, a core
// whose clock stands still. There is no program: stub, core, message and reply alone. Nothing waits but where queueing is
// measured: there one call holds the server's only thread and waits, and another comes, waits for the thread, and is served.
// The floors stand in `gate-floors.ts`, each with what it contains. Rounds take turns in an order drawn from a seed, medians
// count. All gates and floors of a kind of call must return the same sum.
// `node bench/gates.ts [--quick | --trial] [--rounds N] [--seed N] [--json]`

import process from 'node:process'
import { WaitQueue } from '../src/fiber/index.ts'
import type { Fiber } from '../src/fiber/index.ts'
import { CallCore, Endpoint, Server } from '../src/core/index.ts'
import { stillCore } from '../src/core/testing.ts'
import { duration, ratio } from '../src/lab/index.ts'
import { Arena, WRITE, Window, bytesOut, count, number, operation, parameter, record, role, string } from '../src/roles/index.ts'
import type { Implementation, Role, RoleOf } from '../src/roles/index.ts'
import { gates } from '../test/gates/gates.ts'
import { grantFloor, queueingFloor, rendezvousFloor, rpcFloor, trapFloor } from './gate-floors.ts'
import { benchmark, inTurns, median, progress } from './harness.ts'
import type { Finding, Scale } from './harness.ts'

const can = { blocks: true, idempotent: true } as const
const words = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const
const Callee = role('Callee', 'what is called', {
  one: operation('one word', [parameter('a', number)], count, can),
  eight: operation('eight words', words.map(name => parameter(name, number)), count, can),
  path: operation('a path of 20 bytes', [parameter('path', string)], count, can),
  window: operation('a word and a window', [parameter('a', number), parameter('into', bytesOut)], count, can),
  record: operation('a word, for a record of ten', [parameter('a', number)],
    record({ a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, i: number, j: number }), can)
})
const windowBytes = 4096
const addEight = (a: number, _b: number, _c: number, _d: number, _e: number, _f: number, _g: number, h: number): number => a + h
const implementation = {
  one: (a: number) => a,
  eight: addEight,
  path: (path: string) => path.length,
  window: (a: number, into: Window) => a + into.length,
  record: (a: number) => ({ a, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10 })
} satisfies RoleOf<typeof Callee>
type Kind = keyof typeof implementation
const kinds = Object.keys(implementation) as Kind[]

/** A call, some number in and some number out. */
type Call = (x: number) => number

interface Contestant {
  readonly name: string
  readonly call: Call
  readonly calls: number
}

/** Beside the target: what an rpc cannot do without whose callee has no thread of its own. */
const entering = 'rpc, the caller\'s thread enters'
/** At most so many times the floor. */
const floorRatioMax = 1.5

/** Those through which a call that need not wait comes back at once: through ports and their like every call waits. */
const gateNames = ['direct', 'trap', 'rpc'] as const

async function measure (scale: Scale): Promise<Finding> {
  progress('gates')
  const trial = scale.name === 'trial'
  const calls = trial ? 1000 : 100_000
  const through = gateNames.flatMap(gate => Object.entries(callersThrough(gate)).map(([kind, call]): Contestant => ({ name: `${gate} ${kind}`, call, calls })))
  const rows = [
    { gate: 'trap', ours: 'trap one', what: 'one word', floor: trapFloor(a => a) },
    { gate: 'rpc', ours: 'rpc eight', what: 'eight words', floor: rendezvousFloor(addEight) },
    { gate: entering, ours: 'rpc eight', what: 'eight words', floor: rpcFloor(addEight) },
    { gate: 'grant', ours: 'rpc window', what: 'rpc of a word and a window', floor: grantFloor(windowBytes) },
    { gate: 'queueing', ours: 'queueing', what: 'rpc of a word to a server whose one thread is busy', floor: queueingFloor(a => a) }
  ]
  const floors = rows.map(({ gate, floor }): Contestant => ({ name: `floor ${gate}`, call: floor.call, calls: gate === 'queueing' ? calls / 10 : calls }))
  const contestants = [...through, { name: 'queueing', call: queueing(), calls: calls / 10 }, ...floors]
  const samples = new Map<string, number[]>(contestants.map(({ name }) => [name, []]))
  const sums = new Map<string, number>()
  await inTurns(contestants, { rounds: trial ? 1 : scale.rounds * 3, seed: scale.seed }, trial ? 1 : 4, ({ name, call, calls: times }, round) => {
    const before = process.hrtime.bigint()
    let sum = 0
    for (let i = 0; i < times; i++) sum += call(i & 15)
    const ns = Number(process.hrtime.bigint() - before) / times
    sums.set(name, sum)
    if (round >= 0) samples.get(name)!.push(ns)
  })
  const ns = (name: string): number => median(samples.get(name)!)
  for (const kind of kinds) same(kind, gateNames.map(gate => sums.get(`${gate} ${kind}`)!))
  for (const { gate, ours } of rows) same(gate, [sums.get(ours)!, sums.get(`floor ${gate}`)!])
  return {
    title: 'Gates',
    question: 'What does a call cost through each gate, beside the bare mechanism that the gate cannot do without?',
    held: `the role, the callee, one thread, a clock that stands still; turns. Order drawn from seed ${scale.seed}.`,
    targets: rows.filter(({ gate }) => gate !== entering).map(({ gate, ours }) => {
      const quotient = ns(ours) / ns(`floor ${gate}`)
      return { what: `${gate}: over its floor`, wanted: `at most ${floorRatioMax}×`, measured: `${quotient.toFixed(2)}×`, met: quotient <= floorRatioMax }
    }),
    tables: [
      {
        title: 'Gates and their floors',
        columns: [{ name: 'gate', words: true }, { name: 'call', words: true }, { name: 'ours' }, { name: 'floor' }, { name: 'over it' }],
        rows: rows.map(({ gate, ours, what }) =>
          [gate, what, duration(ns(ours)), duration(ns(`floor ${gate}`)), `${(ns(ours) / ns(`floor ${gate}`)).toFixed(2)}×`]),
        notes: rows.map(({ gate, floor }) => `Floor of ${gate}: ${floor.contains}.`)
      },
      {
        title: 'A call and its reply through each gate',
        columns: [{ name: 'call', words: true }, ...gateNames.map(name => ({ name })), { name: 'rpc over direct' }],
        rows: kinds.map(kind => [
          Callee.operations[kind].summary, ...gateNames.map(gate => duration(ns(`${gate} ${kind}`))), ratio(ns(`rpc ${kind}`) / ns(`direct ${kind}`))
        ])
      }
    ],
    figures: Object.fromEntries(contestants.map(({ name }) => [name, { ns: ns(name), sum: sums.get(name) }]))
  }
}

function same (what: string, results: readonly number[]): void {
  if (new Set(results).size !== 1) throw new Error(`${what}: not the same results: ${results.join(', ')}`)
}

function callersThrough (gate: keyof typeof gates): Record<Kind, Call> {
  const side = gates[gate]()
  const callee = side.stubs(Callee as Role, implementation as unknown as Implementation) as unknown as typeof implementation
  const window = Window.of(side.client, side.client.allocate(windowBytes), windowBytes, WRITE, side.counter)!
  return {
    one: x => callee.one(x),
    eight: x => callee.eight(x, 2, 3, 4, 5, 6, 7, 8),
    path: x => callee.path('usr/share/dict/words') + x,
    window: x => callee.window(x, window),
    record: x => callee.record(x).j + x
  }
}

/** Two calls to a server of one thread: the first holds it and waits, the second has to wait for the thread. */
function queueing (): Call {
  const state = stillCore()
  const server = state.createSpace('server', new Arena({ name: 'server', sizeBytesMax: 2 ** 24 }), false)
  const client = state.createSpace('client', new Arena({ name: 'client', sizeBytesMax: 2 ** 24 }), false)
  const core = new CallCore(state)
  const Held = role('Held', 'what is called', {
    hold: operation('waits', [parameter('a', number)], count, can),
    one: operation('one word', [parameter('a', number)], count, can)
  })
  const waits = { wake () {} }
  const held = {
    hold: function * (x: number): Fiber<number> {
      yield gate
      return x
    },
    one: (x: number): number => x
  }
  const gate = new WaitQueue('gate')
  const endpoint = new Endpoint('held', new Server(server, 1, state.counters), Held, held as unknown as Implementation)
  const callee = core.stubs(Held, client, client.capabilities.derive(state.root, state.root.mint(endpoint, 0), undefined, 1)) as unknown as
    { hold (x: number): Fiber<number>, one (x: number): Fiber<number> }
  return x => {
    const first = callee.hold(x)
    first.next(undefined as never)
    const second = callee.one(x)
    const wait = second.next(undefined as never).value as WaitQueue | readonly WaitQueue[]
    // As a thread does: it enters what its fiber waits for.
    if (Array.isArray(wait)) for (const queue of wait as readonly WaitQueue[]) queue.enter(waits)
    else (wait as WaitQueue).enter(waits)
    const held = first.next(gate as never)
    const served = second.next(undefined as never)
    if (held.done !== true || served.done !== true) throw new Error('queueing: a call did not end')
    if (Array.isArray(wait)) for (const queue of wait as readonly WaitQueue[]) queue.leave(waits)
    else (wait as WaitQueue).leave(waits)
    return held.value + served.value
  }
}


if (import.meta.main) await benchmark(measure)
