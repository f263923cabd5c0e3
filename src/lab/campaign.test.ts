import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batchTimes, measure, type Campaign } from './campaign.ts'
import { fakeLibrary, plan, program, type Answer, type Call } from './library.fixture.ts'
import { batches, iterations, type Workload } from './workloads.ts'

const looped: Workload = { kind: 'batches', name: 'null call', operation: '', program: 'bench', args: ['null', iterations, batches] }
const whole: Workload = { kind: 'runs', name: 'four at once', operation: '', program: 'primes', args: ['100'], copies: 4 }

function campaign (change: Partial<Campaign> = {}): Campaign {
  return {
    kernels: [plan('a'), plan('b')], workloads: [looped, whole], seconds: 0.05, seed: 1, progress: () => {},
    programs: new Map(['bench', 'primes'].map(name => [name, { program: program(name), bytes: new Uint8Array() }])), ...change
  }
}

/** A bench whose operation costs 100 ns, 3 crossings and 8 bytes; start and end cost 17 crossings, and output is copied. */
function bench ({ args }: Call, crossingsOfOne = 3): Answer {
  const [, perBatch, batchCount] = args.map(Number) as [number, number, number]
  // The first batches are slow, as cold ones are.
  const lines = Array.from({ length: batchCount }, (_, at) => `null ${perBatch} ${perBatch * (at < 5 ? 9999 : 100)} 100.0\n`)
  const stdout = `${lines.join('')}# checksum ${perBatch * batchCount}\n`
  const operations = perBatch * batchCount
  return { stdout, counts: { crossings: 17 + operations * crossingsOfOne, bytesCopied: 8 * operations + stdout.length } }
}

const answer = (call: Call): Answer => call.program === 'bench' ? bench(call) : { stdout: '25\n', counts: { crossings: 5 } }

test('counts are those of one operation, without start, end and output', async () => {
  const { measurements } = await measure(fakeLibrary(answer), campaign())
  assert.equal(measurements.length, 4)
  for (const row of measurements) {
    assert.equal(row.outcome, 'measured')
    assert.ok(row.outcome === 'measured')
    if (row.workload === 'null call') {
      assert.deepEqual(row.counts, { calls: 0, invocations: 0, crossings: 3, switches: 0, grants: 0, bytesCopied: 8 })
    } else assert.equal(row.counts!.crossings, 4 * 5)
  }
})

test('cold batches and the warm-up are not in the times', async () => {
  const { measurements } = await measure(fakeLibrary(answer), campaign())
  const row = measurements.find(other => other.workload === 'null call')!
  assert.ok(row.outcome === 'measured')
  assert.equal(row.ns.median, 100)
  assert.equal(row.ns.max, 100)
})

test('each round takes every pair once, in another order', async () => {
  const library = fakeLibrary(answer)
  const { rounds } = await measure(library, campaign({ seconds: 0.3 }))
  assert.ok(rounds >= 2)
  // A pair of copies of one run counts once.
  const measured = library.calls.filter((call, at, all) => call.program === 'bench' || all[at - 1]?.boot !== call.boot)
    .map(call => `${call.kernel} ${call.program}`).slice(-4 * rounds)
  const orders = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    const taken = measured.slice(4 * round, 4 * round + 4)
    assert.deepEqual(taken.toSorted(), ['a bench', 'a primes', 'b bench', 'b primes'])
    orders.add(taken.join())
  }
  assert.ok(orders.size > 1)
})

test('a kernel that cannot do it says why, and the others are measured', async () => {
  const library = fakeLibrary(call => {
    if (call.kernel === 'b' && call.program === 'primes') throw new Error('one program only')
    return call.kernel === 'b' ? { ...bench(call), exit: { status: 1, message: 'no clock' } } : answer(call)
  })
  const { measurements } = await measure(library, campaign())
  assert.deepEqual(measurements.map(row => row.outcome === 'refused' ? row.reason : row.kernel), ['a', 'a', 'no clock', 'one program only'])
})

test('a program that may not start another: it is said that it tried', async () => {
  const library = fakeLibrary(call => ({ ...bench(call), stderr: 'pair: /primes.wasm: Not supported\n', exit: { status: 1 } }))
  const { measurements } = await measure(library, campaign({ workloads: [{ ...looped, children: ['primes'] }], kernels: [plan('a')] }))
  assert.deepEqual(measurements.map(row => row.outcome === 'refused' && row.reason),
    ['it starts programs itself: pair: /primes.wasm: Not supported'])
})

test('counts that are not the same twice are no counts', async () => {
  let n = 0
  const { measurements } = await measure(fakeLibrary(call => bench(call, n++)), campaign({ workloads: [looped], kernels: [plan('a')] }))
  const row = measurements[0]!
  assert.ok(row.outcome === 'measured')
  assert.equal(row.counts, null)
})

test('a switch that the scheduler adds to some runs is not taken for the operation\'s', async () => {
  let n = 0
  const noisy = (call: Call): Answer => {
    const answered = bench(call)
    // The first run sizes the batches; then for two turns of the choices, one run of each pair has two more.
    const run = n++ - 1
    return { ...answered, counts: { ...answered.counts, switches: run < 16 && [0, 3].includes(run % 4) ? 2 : 0 } }
  }
  const { measurements } = await measure(fakeLibrary(noisy), campaign({ workloads: [looped], kernels: [plan('a')] }))
  const row = measurements[0]!
  assert.ok(row.outcome === 'measured')
  assert.equal(row.counts?.switches, 0)
})

test('work that was not done alike is told', async () => {
  const library = fakeLibrary(call => call.kernel === 'b' ? { ...bench(call), stdout: bench(call).stdout.replace('checksum ', 'checksum 9') } : bench(call))
  const { measurements } = await measure(library, campaign({ workloads: [looped] }))
  assert.notEqual(...measurements.map(row => row.outcome === 'measured' ? row.workHash : '') as [string, string])
})

test('a line that is no batch is refused', () => {
  assert.deepEqual(batchTimes('null 10 1000 100.0\n# checksum 3\n'), [100])
  assert.throws(() => batchTimes('bench: no workload'), /not a line of a batch/)
})
