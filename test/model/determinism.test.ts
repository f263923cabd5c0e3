// Same plan, profile, programs, input and seed: the same trace, bit for bit, in another process, later in this one, and with a
// host that has no clock and no randomness.
//
// `npm run seeds -- --runs 5000 --seed 1` makes more of the same.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { everyMultiprogram, everyName } from '../system/support.ts'
import { fingerprint, specs, workloads } from './runs.ts'
import type { Fingerprint, Spec } from './runs.ts'
import { here } from './support.ts'

const RUNS = Number(process.env['KALEIDOS_SEED_RUNS'] ?? 210)
const FIRST = Number(process.env['KALEIDOS_SEED_FIRST'] ?? 0)

/** What a process with these flags of Node makes of them. */
async function elsewhere (given: readonly Spec[], ...flags: string[]): Promise<Fingerprint[]> {
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, 'child.ts'), '-'], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(given))
  let out = ''
  for await (const piece of child.stdout) out += String(piece)
  return out.trimEnd().split('\n').map(line => JSON.parse(line) as Fingerprint)
}

function again (spec: Spec): string {
  return `node test/model/child.ts '${JSON.stringify([spec])}'`
}

describe('traces', { timeout: 1_200_000 }, () => {
  test(`of ${RUNS} seeds are the same in another process, whose compilers and collector are others`, async () => {
    const given = specs(RUNS, everyName, everyMultiprogram, FIRST)
    // There: optimised from the first call on, in the other order, so that what is warm is something else.
    const there = elsewhere([...given].reverse(), '--no-liftoff', '--single-threaded-gc')
    const mine: Fingerprint[] = []
    for (const spec of given) mine.push(await fingerprint(here, spec))
    const others = (await there).reverse()
    given.forEach((spec, at) => { assert.deepEqual(others[at], mine[at], again(spec)) })
  })

  test('are the same for two systems at once in one process', async () => {
    const given = specs(workloads.length, everyName, everyMultiprogram)
    const alone: Fingerprint[] = []
    for (const spec of given) alone.push(await fingerprint(here, spec))
    assert.deepEqual(await Promise.all(given.map(spec => fingerprint(here, spec))), alone)
  })
})

describe('seeds', () => {
  test('give other interleavings, and the same results', async () => {
    // Of who has to wait for a processor: on two, a family of two seldom does.
    for (const [workload, processors] of [['crowd', 2], ['plumbers', 2], ['family /bin/family /bin/spin', 1]] as const) {
      const runs: Fingerprint[] = []
      for (let seed = 1; seed <= 6; seed++) runs.push(await fingerprint(here, { workload, kernel: 'microkernel', processors, seed, profile: 'skylake' }))
      assert.equal(new Set(runs.map(run => run.result)).size, 1, workload)
      assert.ok(new Set(runs.map(run => run.hash)).size >= 3, `${workload}: ${runs.map(run => run.hash).join(' ')}`)
    }
  })

  test('but for 0, which draws nothing: threads are served in the order in which they came', async () => {
    const { boot, kernels, modelMachine } = here.library
    const machine = modelMachine({ profile: 'skylake' })
    let order = ''
    await using os = await boot({ kernel: kernels.monolithic(), machine })
    const names = 'abcdefgh'
    await Promise.all([...names].map(name => os.spawn(async calls => {
      await calls.sleep(10)
      order += name
    }, { args: [name] }).wait()))
    assert.equal(order, names)
  })
})

test('a run asks this host neither for time nor for randomness', { timeout: 600_000 }, async () => {
  const refuse = (what: string) => (): never => { throw new Error(`a model run asked for ${what}`) }
  const saved = {
    Date: globalThis.Date, now: performance.now, hrtime: process.hrtime, random: Math.random, values: crypto.getRandomValues, uuid: crypto.randomUUID,
    timeout: globalThis.setTimeout, interval: globalThis.setInterval
  }
  // Loaded before, as a process that has run once has.
  await fingerprint(here, { workload: 'plumbers', kernel: 'monolithic', processors: 1, seed: 1, profile: 'skylake' })
  const runs: Fingerprint[] = []
  const given = specs(2 * workloads.length, everyName, everyMultiprogram)
  try {
    globalThis.Date = class {
      constructor () { refuse('a date')() }
      static now = refuse('the date')
    } as unknown as DateConstructor
    performance.now = refuse('the time')
    process.hrtime = Object.assign(refuse('the time'), { bigint: refuse('the time') })
    Math.random = refuse('a random number')
    crypto.getRandomValues = refuse('random numbers')
    crypto.randomUUID = refuse('random numbers')
    globalThis.setTimeout = refuse('a timeout') as never
    globalThis.setInterval = refuse('an interval') as never
    for (const spec of given) runs.push(await fingerprint(here, spec))
  } finally {
    globalThis.Date = saved.Date
    performance.now = saved.now
    process.hrtime = saved.hrtime
    Math.random = saved.random
    crypto.getRandomValues = saved.values
    crypto.randomUUID = saved.uuid
    globalThis.setTimeout = saved.timeout
    globalThis.setInterval = saved.interval
  }
  // Nothing that went wrong was taken for a result.
  assert.deepEqual(runs[0], await fingerprint(here, given[0]!))
  assert.equal(runs.length, given.length)
})
