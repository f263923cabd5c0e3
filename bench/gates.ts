// Question: what does a call cost through each gate, beside the direct call of the same function?
//
// Units: ns for a call and its reply; the quotient is with the direct call of the same run.
// Held fixed: the role, the implementation (it adds its numbers up, or looks how long its window is), one thread, a core
// whose clock stands still. Nothing waits, and there is no program: stub, core, message and reply alone. Rounds take turns
// in an order drawn from a seed, medians count. The sum that all calls return is printed: it depends on the arguments only.
// `node bench/gates.ts [rounds] [seed]`; one round is a trial that the tests run.

import process from 'node:process'
import { randomFrom, shuffled } from '../src/lab/index.ts'
import { WRITE, Window, bytesOut, count, number, operation, parameter, record, role, string } from '../src/roles/index.ts'
import type { Implementation, Role, RoleOf } from '../src/roles/index.ts'
import { gateNames, gates } from '../test/gates/gates.ts'

const rounds = Number(process.argv[2] ?? 15)
const seed = Number(process.argv[3] ?? 1)
const calls = rounds > 1 ? 200_000 : 1000

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
const implementation = {
  one: (a: number) => a,
  eight: (...all: number[]) => all[0]! + all[7]!,
  path: (path: string) => path.length,
  window: (a: number, into: Window) => a + into.length,
  record: (a: number) => ({ a, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10 })
} satisfies RoleOf<typeof Callee>

const kinds = Object.keys(implementation) as (keyof typeof implementation)[]
const samples = new Map<string, number[]>()
const sums = new Map<string, Set<number>>()
const made = new Map(gateNames.map(gate => [gate, callersThrough(gate)]))
const random = randomFrom(seed)
// The rounds before the first warm up.
for (let round = -2; round < rounds; round++) {
  for (const [gate, kind] of shuffled(gateNames.flatMap(gate => kinds.map(kind => [gate, kind] as const)), random)) {
    const call = made.get(gate)![kind]
    const before = process.hrtime.bigint()
    let sum = 0
    for (let i = 0; i < calls; i++) sum += call(i & 15)
    const ns = Number(process.hrtime.bigint() - before) / calls
    sums.set(kind, (sums.get(kind) ?? new Set()).add(sum))
    if (round >= 0) samples.set(`${gate} ${kind}`, [...samples.get(`${gate} ${kind}`) ?? [], ns])
  }
}

console.log(`a call and its reply, median of ${rounds} rounds of ${calls}, seed ${seed}`)
console.log(`${'call'.padEnd(27)}${gateNames.map(gate => ` ${gate.padStart(11)}`).join('')}   rpc / direct   work`)
for (const kind of kinds) {
  if (sums.get(kind)!.size !== 1) throw new Error(`${kind}: the gates do not return the same`)
  const ns = gateNames.map(gate => median(samples.get(`${gate} ${kind}`)!))
  const ratio = ns[gateNames.indexOf('rpc')]! / ns[gateNames.indexOf('direct')]!
  console.log(`${Callee.operations[kind].summary.padEnd(27)}${ns.map(each => ` ${`${each.toFixed(1)} ns`.padStart(11)}`).join('')}` +
    `${`${ratio.toFixed(0)} ×`.padStart(15)}   ${[...sums.get(kind)!][0]}`)
}

function callersThrough (gate: keyof typeof gates): Record<keyof typeof implementation, (x: number) => number> {
  const side = gates[gate]()
  const callee = side.stubs(Callee as Role, implementation as unknown as Implementation) as unknown as typeof implementation
  const at = side.client.allocate(4096)
  return {
    one: x => callee.one(x),
    eight: x => callee.eight(x, 2, 3, 4, 5, 6, 7, 8),
    path: x => callee.path('usr/share/dict/words') + x,
    window: x => callee.window(x, Window.of(side.client, at, 4096, WRITE, side.counter)!),
    record: x => callee.record(x).j + x
  }
}

function median (values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!
}
