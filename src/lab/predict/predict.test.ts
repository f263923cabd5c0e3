/** Predictions: where kernels cross over, what samples say of conclusions, and the same again for the same seed. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { test } from 'node:test'
import { boot, kernels, loadProgram, modelMachine } from '../../index.ts'
import { workloads, type StoredProgram } from '../workloads.ts'
import { crossovers, nearFrom } from './crossovers.ts'
import { predict, predictionReport, predictionTables } from './index.ts'
import type { Prediction } from './index.ts'

const line = (kernel: string, at: (size: number) => number, sizes: readonly number[] = [1, 10, 100, 1000]) =>
  sizes.map(size => ({ kernel, size, cycles: at(size) }))

test('two kernels cross over where their lines meet', () => {
  const points = [...line('copying', size => 100 + 2 * size), ...line('mapping', size => 500 + size)]
  const found = crossovers(points)
  assert.equal(found.length, 1)
  assert.deepEqual({ below: found[0]!.below, above: found[0]!.above }, { below: 'copying', above: 'mapping' })
  assert.ok(Math.abs(found[0]!.size - 400) < 1e-9)
  assert.deepEqual(crossovers([...line('a', size => size), ...line('b', size => 2 * size)]), [])
  assert.deepEqual(crossovers([...line('a', size => size), ...line('b', size => size)]), [])
  const meeting = crossovers([...line('a', size => size === 1 ? 100 : size === 1000 ? 801 : 800), ...line('b', () => 800)])
  assert.deepEqual(meeting, [{ below: 'a', above: 'b', size: 10 }], 'they cost the same from 10 to 100')
  assert.equal(crossovers([...line('a', size => Math.abs(size - 50)), ...line('b', () => 45)]).length, 2)
})

test('from where on it hardly matters is where a fixed cost is a tenth of what a call takes', () => {
  const sizes = [0, 10, 100, 1000, 10_000]
  const near = nearFrom([...line('a', size => 10 + size, sizes), ...line('b', size => 310 + size, sizes)])!
  assert.ok(near > 2500 && near < 3500, String(near))
  assert.equal(nearFrom([...line('a', size => size), ...line('b', size => 2 * size)]), null)
  assert.equal(nearFrom([...line('a', size => size), ...line('b', size => 1.05 * size)]), null)
})

function program (name: string): StoredProgram {
  const bytes = readFileSync(new URL(`../../../programs/wasm/${name}.wasm`, import.meta.url))
  return { bytes, program: loadProgram(bytes, { name }) }
}

test('of two kernels that cost the same none is said to be slower', async () => {
  const plan = kernels.monolithic()
  const same = await predict({ boot, modelMachine }, {
    version: 'test', machines: [{ name: 'pentium', profile: 'pentium' }], kernels: [plan, { ...plan, name: 'again' }],
    workloads: workloads.filter(workload => workload.name === 'null call'), sweeps: [], programs, processors: 1, seed: 0, samples: 1, progress () {}
  })
  assert.equal(same.cells.length, 2)
  assert.deepEqual(same.conclusions, [])
})

const few = workloads.filter(workload => ['null call', 'spawn'].includes(workload.name))
const programs = new Map(['bench', 'spawns', 'true', 'sweep'].map(name => [name, program(name)]))

const machines = ['pentium']
const sweeps = [{ kind: 'compute', title: 'a call after so many turns', unit: 'turns a call', sizes: [0, 1000, 100_000] }] as const

function prediction (samples: number): Promise<Prediction> {
  return predict({ boot, modelMachine }, {
    version: 'test', machines: machines.map(name => ({ name, profile: name })),
    kernels: [kernels.monolithic(), kernels.microkernel(), kernels.unikernel()], workloads: few, sweeps, programs, processors: 1, seed: 0, samples, progress () {}
  })
}

test('a prediction is the same again, says what cannot be done and why, and how far its conclusions hold', async () => {
  const [first, again] = [await prediction(2), await prediction(2)]
  assert.deepEqual(first, again)
  const cell = (machine: string, kernel: string, workload: string) => first.cells.find(each => each.machine === machine && each.kernel === kernel && each.workload === workload)!
  for (const machine of machines) {
    const [mono, micro, uni] = ['monolithic', 'microkernel', 'unikernel'].map(kernel => cell(machine, kernel, 'null call'))
    assert.ok(mono?.outcome === 'modelled' && micro?.outcome === 'modelled' && uni?.outcome === 'modelled')
    assert.ok(uni.cycles < mono.cycles && mono.cycles < micro.cycles)
    assert.deepEqual([uni.counts.crossings, mono.counts.crossings, micro.counts.crossings], [0, 1, 2])
    assert.ok(mono.interval![0] < mono.interval![1])
    const refused = cell(machine, 'unikernel', 'spawn')
    assert.ok(refused.outcome === 'refused' && refused.reason !== '')
    const conclusion = first.conclusions.find(each => each.machine === machine && each.workload === 'null call' && each.slower === 'microkernel' && each.faster === 'unikernel')!
    assert.deepEqual([conclusion.agree, conclusion.of], [2, 2])
  }
  const compute = first.sweeps.find(sweep => sweep.machine === 'pentium' && sweep.kind === 'compute')!
  assert.ok(compute.nearFrom! > 100 && compute.nearFrom! < 100_000, String(compute.nearFrom))

  const text = stripVTControlCharacters(predictionTables(first, 100))
  assert.match(text, /^On pentium, unikernel is cheapest/)
  assert.ok(text.split('\n').every(each => each.length <= 100), 'fits')
  assert.ok(stripVTControlCharacters(predictionTables(first, 80)).split('\n').every(each => each.length <= 80), 'fits 80 columns')
  const page = await predictionReport(first, { drawings: new Map(), command: 'kaleidos compare <x>' })
  assert.match(page, /<svg/)
  assert.match(page, /kaleidos compare &#60;x&#62;/)
})
