/** Steps and their costs, from events whose times and counts are known. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TraceCall, TraceCharge, TraceEvent, TraceThread } from '../../link/index.ts'
import { CallMeter } from './call-meter.ts'

const thread: TraceThread = { id: 1, label: 'p (2)', principal: 2 }
const other: TraceThread = { id: 2, label: 'q (3)', principal: 3 }
const gate = { fromDomain: 'p (2)', toDomain: 'vfs', role: 'Files', gate: 'rpc' as const }

function call (id: number, parent: number, changes: Partial<TraceCall>): TraceCall {
  return { id, parent, from: 'wasi', to: 'vfs', operation: 'read', ...gate, thread, ...changes }
}

type Told = Partial<TraceEvent> & { readonly kind: TraceEvent['kind'] }

/** Plays events at these instants; `crossings` and `bytesCopied` are what was counted by then. */
function play (meter: CallMeter, events: readonly (readonly [atNs: number, event: Told, crossings?: number, bytesCopied?: number, charges?: TraceCharge[]])[]): void {
  for (const [atNs, event, crossings = 0, bytesCopied = 0, charges] of events) {
    meter.take({
      processor: 0, thread, domain: 'x', counts: { crossings, switches: 0, grants: 0, bytesCopied }, outcome: 'returned', waited: false, result: 0,
      ...(charges === undefined ? {} : { charges }), ...event, atNs
    } as TraceEvent)
  }
}

const outer = call(1, 0, { from: 'programs', to: 'wasi', operation: 'fd_read', role: 'SystemCalls', gate: 'direct', toDomain: 'p (2)' })
const inner = call(2, 1, {})

function steps (meter: CallMeter): unknown[] {
  const [shape] = [...meter.calls.get('fd_read')!.shapes.values()]
  return shape!.steps.map(({ kind, depth, call, ns, counts }) => [kind, depth, call.operation, ns[0], counts.crossings, counts.bytesCopied])
}

test('a step has its own time and counts, without what it calls', () => {
  const meter = new CallMeter('fd_read')
  play(meter, [
    [100, { kind: 'begin', process: 2 }], [150, { kind: 'call', call: outer }], [160, { kind: 'call', call: inner }], [185, { kind: 'switch' }, 1, 8],
    [190, { kind: 'enter', call: inner }, 1, 8], [240, { kind: 'leave', call: inner }, 1, 108], [247, { kind: 'return', call: inner }, 2, 116],
    [250, { kind: 'return', call: outer }, 2, 116], [300, { kind: 'stop', why: 'ended' }, 2, 116]
  ])
  assert.deepEqual(steps(meter), [
    ['operation', 0, 'fd_read', 13, 0, 0], ['in', 1, 'read', 30, 1, 8], ['operation', 2, 'read', 50, 0, 100], ['out', 1, 'read', 7, 1, 8]
  ])
  const totals = meter.calls.get('fd_read')!
  assert.deepEqual([totals.calls, totals.errors, totals.ns, totals.intervals], [1, 0, 100, 6])
  assert.equal(meter.programNs, 100, 'before the call, and after it')
})

test('what runs while a call waits is not its time; an error is counted', () => {
  const meter = new CallMeter('fd_read')
  play(meter, [
    [0, { kind: 'run' }], [10, { kind: 'call', call: outer }], [15, { kind: 'block', queues: ['pipe'] }], [20, { kind: 'stop', why: 'waits' }],
    [25, { kind: 'run', thread: other }], [500, { kind: 'stop', why: 'waits', thread: other }],
    [510, { kind: 'run' }], [517, { kind: 'interrupt', line: 'timer' }], [600, { kind: 'interrupt-end', line: 'timer' }],
    [604, { kind: 'return', call: outer, waited: true, result: -6 }]
  ])
  assert.deepEqual(steps(meter), [['operation', 0, 'fd_read', 21, 0, 0]])
  const totals = meter.calls.get('fd_read')!
  assert.deepEqual([totals.waited, totals.errors], [1, 1])
})

test('calls that are awaited at once are each within the call that makes them', () => {
  const meter = new CallMeter('fd_read')
  const beside = call(3, 1, { operation: 'poll', gate: 'direct' })
  play(meter, [
    [0, { kind: 'call', call: outer }], [1, { kind: 'call', call: inner }], [3, { kind: 'enter', call: inner }], [4, { kind: 'call', call: beside }],
    [6, { kind: 'leave', call: inner }], [7, { kind: 'return', call: inner }], [9, { kind: 'return', call: beside, outcome: 'ended' }], [10, { kind: 'return', call: outer }]
  ])
  const [shape] = [...meter.calls.get('fd_read')!.shapes.values()]
  assert.deepEqual(shape!.steps.map(({ kind, depth, call }) => [kind, depth, call.operation]), [
    ['operation', 0, 'fd_read'], ['in', 1, 'read'], ['operation', 2, 'read'], ['operation', 1, 'poll'], ['out', 1, 'read']
  ])
})

test('charges are the step\'s in which they were made, but for the operation\'s work and what it copied', () => {
  const meter = new CallMeter('fd_read')
  const charge = (what: string, cycles: number): TraceCharge => ({ what, cycles })
  play(meter, [
    [0, { kind: 'call', call: outer }], [1, { kind: 'call', call: inner }],
    [2, { kind: 'enter', call: inner }, 1, 8, [charge('enter the supervisor', 80), charge('TLB refill', 5), charge('vfs Files.read', 40), charge('cache refill', 7)]],
    [3, { kind: 'leave', call: inner }, 1, 108],
    [4, { kind: 'return', call: inner }, 2, 116, [charge('copy', 30), charge('leave the supervisor', 60), charge('vfs Files.read', 2)]],
    [5, { kind: 'return', call: outer }]
  ])
  const [shape] = [...meter.calls.get('fd_read')!.shapes.values()]
  assert.deepEqual(shape!.steps.map(({ charges }) => Object.fromEntries(charges)), [
    {}, { 'enter the supervisor': 80, 'TLB refill': 5 }, { 'its work': 42, 'cache refill': 7, copy: 30 }, { 'leave the supervisor': 60 }
  ])
  assert.equal(meter.charged, true)
})
