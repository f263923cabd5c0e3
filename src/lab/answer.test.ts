import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerOf, reason, verdict } from './answer.ts'
import { comparison } from './comparison.fixture.ts'
import type { Comparison, Measured, Measurement } from './results.ts'

/** The same comparison with these medians and crossings, by kernel and workload. */
function withFigures (figures: Readonly<Record<string, Readonly<Record<string, readonly [ns: number, crossings: number] | null>>>>): Comparison {
  const like = comparison.measurements[0] as Measured
  const measurements = Object.entries(figures).flatMap(([kernel, row]) => Object.entries(row).map(([workload, figure]): Measurement => figure === null
    ? { kernel, workload, outcome: 'refused', reason: 'it cannot' }
    : { ...like, kernel, workload, ns: { ...like.ns, median: figure[0] }, counts: { ...like.counts!, crossings: figure[1] } }))
  return { ...comparison, measurements }
}

test('a factor is the geometric mean over what every kernel did in batches', () => {
  const two = { ...comparison, workloads: comparison.workloads.map(workload => ({ ...workload, sample: 'batch' as const })) }
  const { basis, kernels } = answerOf({ ...two, measurements: withFigures({
    monolithic: { 'null call': [100, 1], spawn: [10, 2], sort: [1000, 3] },
    microkernel: { 'null call': [200, 2], spawn: null, sort: [8000, 20] }
  }).measurements })
  assert.deepEqual(basis, ['null call', 'sort'])
  assert.deepEqual(kernels.map(({ kernel }) => kernel), ['monolithic', 'microkernel'])
  assert.deepEqual(kernels.map(({ factor }) => factor!.toFixed(3)), ['1.000', '4.000'])
  assert.deepEqual(kernels[1]!.most, { workload: 'sort', factor: 8 })
  assert.deepEqual(kernels[1]!.crossings, { least: 2, most: 20 })
})

test('whole programs count where nothing is done in batches, and the cheapest stands first', () => {
  const { basis, kernels } = answerOf(withFigures({ monolithic: { sort: [3000, 9] }, microkernel: { sort: [1000, 1] } }))
  assert.deepEqual(basis, ['sort'])
  assert.deepEqual(kernels.map(({ kernel, factor }) => [kernel, factor!.toFixed(1)]), [['microkernel', '1.0'], ['monolithic', '3.0']])
  assert.equal(kernels[0]!.most, null)
})

test('it is said in words', () => {
  const answer = answerOf(comparison)
  assert.equal(verdict(answer, null), 'monolithic is fastest at the operation that every kernel does; microkernel takes 4.9× as long.')
  assert.equal(reason(answer, null),
    'One operation enters the core once under monolithic and 2 times under microkernel (and changes address space 2 times).')
  assert.match(verdict(answer, 'my.wasm'), /fastest at my\.wasm/)
})

test('what differs by less than is printed has no winner', () => {
  const equal = answerOf(withFigures({ monolithic: { sort: [1000, 1] }, microkernel: { sort: [1040, 2] } }))
  assert.equal(verdict(equal, 'my.wasm'), 'monolithic and microkernel are equally fast at my.wasm.')
})

test('a kernel alone, or with nothing in common, is told no winner; unknown counts give no reason', () => {
  const alone = { ...comparison, kernels: comparison.kernels.slice(0, 1), measurements: comparison.measurements.filter(row => row.kernel === 'monolithic') }
  assert.equal(verdict(answerOf(alone), null), '')
  const nothing = answerOf(withFigures({ monolithic: { sort: [1, 1] }, microkernel: { sort: null } }))
  assert.equal(verdict(nothing, null), '')
  assert.deepEqual(nothing.kernels.map(({ factor, crossings }) => [factor, crossings]), [[null, null], [null, null]])
  const unknown = { ...comparison, measurements: comparison.measurements.map(row => row.outcome === 'measured' ? { ...row, counts: null } : row) }
  assert.equal(reason(answerOf(unknown), null), '')
})
