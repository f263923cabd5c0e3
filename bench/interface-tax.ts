// Question: what does it cost that a call goes through a kernel of roles and is not one hand-written function, and where does
// each nanosecond of an fd_read go?
//
// Units: ns a call, as the program sees it. The interface tax is the difference from the same work called by hand.
// Held fixed: the program, rewritten as all are, and its file of 1 MiB. By hand its imports are functions that do the same work
// for it (bounds, descriptor, right, position, copy, count; the instant; the descriptor's record), on a table and pages of
// their own, without trampoline and core (`peers/by-hand.ts`). The layers are the way of a read through the monolithic kernel,
// cut off after each (`peers/layers.ts`); a layer's cost is the difference between two neighbours. Each way has a process of
// its own; they take turns, medians count. The copy is measured apart, as a kernel must copy: from one array into another.
// `node bench/interface-tax.ts [--quick | --trial] [--rounds N] [--seed N] [--json]`

import process from 'node:process'
import { duration } from '../src/lab/index.ts'
import { atMost, benchmark, inTurns, median, progress } from './harness.ts'
import type { Finding, Scale, Table } from './harness.ts'
import { byHand, layers, ours } from './peers/index.ts'
import { once, outcomeOf, timed } from './timed-system.ts'
import type { Operation, TimedSystem } from './timed-system.ts'

function call (name: string, workload: string): Operation {
  return { name, workload, files: 0, depth: 1, perIteration: 1, iterationsMax: 1e6 }
}

const nothing = call('fd_fdstat_get', 'fdstat')
const clock = call('clock_time_get', 'clock')
const reads = [
  { operation: call('fd_read 1 B', 'scan1'), bytes: 1 },
  { operation: call('fd_read 4 KiB', 'scan4k'), bytes: 4096 }
]
const readOperations = reads.map(({ operation }) => operation)

/** What each cut adds to the one before. The last is the whole way: without what the copy costs by itself. */
const layerNames = [
  'the loop, and a call that stays in WebAssembly', 'an import in JavaScript', 'trampoline, and the core\'s door for programs',
  'trap: capability, caller register', 'personality: vector, bounds, window', 'VFS: descriptor, right, position', 'ramfs: page'
] as const
const copyName = 'the copy'
const barWidth = 40
const copySamples = 60

/** Above the same work by hand. */
const cannotBlockNsMax = 25
const mayBlockNsMax = 50

async function measure (scale: Scale): Promise<Finding> {
  const monolithic = timed(ours[0]!)
  const hand = timed(byHand)
  const cuts = layers.map(timed)
  const copies = new Map<number, number[]>(reads.map(({ bytes }) => [bytes, []]))
  const warmUps = scale.name === 'trial' ? 1 : 2
  try {
    for (const operation of [nothing, clock, ...readOperations]) {
      progress(`interface tax: ${operation.name}`)
      const systems = [monolithic, hand, ...(readOperations.includes(operation) ? cuts : [])]
      await inTurns(systems, scale, warmUps, async (system, round) => {
        await once(system, operation, round, scale)
        const read = reads.find(each => each.operation === operation)
        if (system === hand && read !== undefined && round >= 0) copies.get(read.bytes)!.push(copyNs(read.bytes, scale))
      })
    }
  } finally {
    for (const system of [monolithic, hand, ...cuts]) system.process.stop()
  }
  const taxes = [nothing, clock, ...readOperations].map(operation => ({
    operation, through: figure(monolithic, operation), hand: figure(hand, operation),
    most: operation === nothing || operation === clock ? cannotBlockNsMax : mayBlockNsMax
  }))
  const ways = reads.map(({ operation, bytes }) => ({ operation, parts: partsOf(cuts.map(cut => figure(cut, operation)), median(copies.get(bytes)!)) }))
  return {
    title: 'A call, and the same work by hand',
    question: 'What does it cost that a call goes through a kernel of roles and is not one hand-written function?',
    held: 'the program, its file, its loop; a process for each way; turns. ' + `${scale.rounds} rounds, order drawn from seed ${scale.seed}.`,
    targets: taxes.map(({ operation, through, hand, most }) => atMost(`${operation.name}: above the same work by hand`, through - hand, most, duration)),
    tables: [
      {
        title: 'The interface tax: monolithic, a program to a service and back',
        columns: [{ name: 'call', words: true }, { name: 'by hand' }, { name: 'through the kernel' }, { name: 'difference' }, { name: 'ratio' }],
        rows: taxes.map(({ operation, through, hand }) =>
          [operation.name, duration(hand), duration(through), signed(through - hand), `${(through / hand).toFixed(2)}×`])
      },
      ...ways.map(({ operation, parts }) => whereItGoes(operation.name, parts))
    ],
    figures: {
      taxes: Object.fromEntries(taxes.map(({ operation, through, hand }) => [operation.name, { throughNs: through, byHandNs: hand }])),
      layers: Object.fromEntries(ways.map(({ operation, parts }) => [operation.name, parts]))
    }
  }
}

interface Part {
  readonly name: string
  readonly ns: number
}

function partsOf (cuts: readonly number[], copy: number): Part[] {
  const added = cuts.map((ns, at) => ({ name: layerNames[at]!, ns: at === 0 ? ns : ns - cuts[at - 1]! }))
  const last = added.at(-1)!
  return [...added.slice(0, -1), { ...last, ns: last.ns - copy }, { name: copyName, ns: copy }]
}

/** The parts, and bars that stand one after the other, so that each begins where the one before ends. */
function whereItGoes (name: string, parts: readonly Part[]): Table {
  const total = parts.reduce((sum, { ns }) => sum + ns, 0)
  let before = 0
  const rows = parts.map(part => {
    const from = Math.round(before / total * barWidth)
    before += part.ns
    const to = Math.round(before / total * barWidth)
    return [part.name, signed(part.ns), `${(part.ns / total * 100).toFixed(0)} %`, bar(from, to)]
  })
  return {
    title: `Where the time of an ${name} goes`,
    columns: [{ name: 'layer', words: true }, { name: 'ns' }, { name: 'share' }, { name: '', words: true }],
    rows: [...rows, ['together', duration(total), '100 %', '']],
    notes: ['A difference of two figures may come out below nothing where the layer costs less than figures lie apart.']
  }
}

function bar (from: number, to: number): string {
  const [start, end] = [Math.max(0, Math.min(from, to)), Math.max(from, to)]
  return '·'.repeat(start) + (to < from ? '◂' : '█').repeat(end - start)
}

function signed (ns: number): string {
  return ns < 0 ? `−${duration(-ns)}` : duration(ns)
}

function figure (system: TimedSystem, operation: Operation): number {
  const outcome = outcomeOf(system, operation)
  if (typeof outcome === 'string') throw new Error(`${operation.name}, ${system.peer.name}: ${outcome}`)
  return outcome
}

/** ns of a copy between two arrays, of pages that lie one after the other: by a loop where that is faster. */
function copyNs (bytes: number, scale: Scale): number {
  const source = new Uint8Array(2 ** 20).fill(7)
  const target = new Uint8Array(2 ** 16)
  const pages = Array.from({ length: source.length / 4096 }, (_, at) => source.subarray(at * 4096, (at + 1) * 4096))
  const times = scale.name === 'trial' ? 100 : bytes === 1 ? 50_000 : 2000
  const samples = Array.from({ length: copySamples }, () => {
    const before = process.hrtime.bigint()
    if (bytes === 1) copyBytes(source, target, times)
    else copyPages(pages, target, times)
    return Number(process.hrtime.bigint() - before) / times
  })
  // The first let the engine compile it.
  return median(samples.slice(copySamples >> 1))
}

function copyBytes (source: Uint8Array, target: Uint8Array, times: number): void {
  for (let at = 0; at < times; at++) target[at & 0xffff] = source[at]!
}

function copyPages (pages: readonly Uint8Array[], target: Uint8Array, times: number): void {
  for (let at = 0; at < times; at++) target.set(pages[at & 255]!, 4096)
}

if (import.meta.main) await benchmark(measure)
