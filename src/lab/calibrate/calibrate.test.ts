import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isErrors, profiles, Random, readProfile, readProfileData, sampleProfile } from '../../machine/model/index.ts'
import { curveOf, sizesUpTo } from './caches.ts'
import { calibrate } from './calibrate.ts'
import { atomicAt, handedAt, instantiateLoops, scratchBytes } from './loops.ts'
import { nearestProfile } from './nearest.ts'

describe('a calibration', { timeout: 120_000 }, async () => {
  const told: [text: string, share: number][] = []
  const { json, data, nearest } = await calibrate({ name: 'here', memoryBytes: 4 * 2 ** 20, onProgress: (text, share) => { told.push([text, share]) } })
  const value = (place: string): number => data.figures.find(figure => figure.place === place)!.value as number

  test('is a profile, and so is each sample of it', () => {
    const profile = readProfile(json)
    assert.ok(!isErrors(profile), JSON.stringify(profile))
    assert.equal(profile.name, 'here')
    for (let seed = 0; seed < 20; seed++) assert.ok(!isErrors(sampleProfile(json, new Random(seed))))
  })

  test('measures what a program can', () => {
    const measured = data.figures.filter(({ basis }) => basis === 'measured').map(({ place }) => place)
    for (const place of ['frequencyMHz', 'program.integer', 'program.float', 'program.memory', 'program.branch', 'program.call', 'copy.perByte', 'atomic']) {
      assert.ok(measured.includes(place), place)
    }
    assert.ok(value('frequencyMHz') > 200 && value('frequencyMHz') < 10_000, `${value('frequencyMHz')}`)
    // Three chains of one cycle each cannot be faster than three a cycle.
    assert.ok(value('program.integer') > 0.3 && value('program.integer') < 1.5, `${value('program.integer')}`)
    assert.ok(value('program.float') > value('program.integer'))
    assert.ok(value('program.call') > value('program.integer'))
    assert.ok(value('atomic') > 1)
  })

  test('says of everything else why not, and whose figure stands there', () => {
    const others = data.figures.filter(({ basis }) => basis !== 'measured')
    assert.ok(others.some(({ place }) => place === 'trapEntry'))
    for (const { place, source, range, value } of others) {
      assert.match(source, /^(not measured \(.+\); as |Linux says: )/, place)
      if (typeof value === 'number') assert.ok(range !== undefined, place)
    }
    assert.ok(profiles.has(nearest))
    const theirs = readProfileData(profiles.get(nearest))
    assert.ok(!isErrors(theirs))
    const [own, other] = [data, theirs].map(({ figures }) => figures.find(({ place }) => place === 'trapEntry')!)
    assert.equal(own!.value, other!.value)
    assert.ok(own!.range![0] < other!.range![0] && own!.range![1] > other!.range![1], 'the range is wider')
  })

  test('tells how far it is, in order', () => {
    assert.ok(told.length > 10)
    assert.deepEqual(told.map(([, share]) => share), told.map(([, share]) => share).toSorted((a, b) => a - b))
    assert.equal(told.at(-1)![1], 1)
  })
})

describe('caches are found by what a step takes', () => {
  const sizes = sizesUpTo(64 * 2 ** 20)
  /** Steps on a machine with these levels, and memory behind them. */
  const stepsOf = (levels: readonly [bytes: number, ns: number][], memoryNs: number): number[] => sizes.map(bytes => levels.find(([size]) => bytes <= size)?.[1] ?? memoryNs)
  const three: [number, number][] = [[32_768, 1.2], [524_288, 4], [8 * 2 ** 20, 14]]

  test('three levels and memory', () => {
    const { levels, memory } = curveOf(sizes, stepsOf(three, 80), () => 0.5)
    assert.deepEqual(levels.map(({ sizeBytes, loneNs }) => [sizeBytes, loneNs]), three)
    assert.equal(memory?.loneNs, 80)
  })

  test('a level that fills up gradually ends where most is missed', () => {
    const steps = stepsOf(three, 80)
    const at = sizes.indexOf(524_288)
    steps[at - 1] = 4.8
    steps[at] = 6
    assert.deepEqual(curveOf(sizes, steps, () => 0.5).levels.map(({ sizeBytes }) => sizeBytes), three.map(([size]) => size))
  })

  test('a size that was disturbed is no level', () => {
    const steps = stepsOf(three, 80)
    steps[3] = 9
    steps[10] = 30
    assert.deepEqual(curveOf(sizes, steps, () => 0.5).levels.map(({ sizeBytes }) => sizeBytes), three.map(([size]) => size))
  })

  test('a machine without a rise has no level and nothing behind', () => {
    assert.deepEqual(curveOf(sizes, sizes.map(() => 1), () => 0.5), { levels: [], memory: null })
  })
})

describe('the loops', () => {
  const { loops, memory } = instantiateLoops(2 ** 20)

  test('compute what they say', () => {
    let x = 0
    for (let step = 0; step < 64; step++) x = ((x + 7) | 0) ^ 7
    assert.equal(loops.chain(1, 7), x)
    // Each of three values goes to 2: x / 2 + 1.
    assert.equal(loops.floats(10), 6)
    new Uint8Array(memory.buffer).fill(9, 8192, 8192 + 100)
    loops.copy(1, 16_384, 8192, 100)
    assert.deepEqual([...new Uint8Array(memory.buffer, 16_384, 101)], [...Array<number>(100).fill(9), 0])
    loops.atomics(3, atomicAt)
    assert.equal(new Int32Array(memory.buffer)[atomicAt / 4], 3 * 16)
    const words = new Int32Array(memory.buffer)
    words[scratchBytes / 4] = scratchBytes + 64
    words[scratchBytes / 4 + 16] = scratchBytes
    assert.equal(loops.chase(1, scratchBytes), scratchBytes)
  })

  test('a word that nobody hands back is given up', () => {
    assert.equal(loops.ping(1, handedAt, 1000), 0)
  })
})

describe('the nearest profile', () => {
  test('is of the same instruction set, by clock and caches', () => {
    assert.equal(nearestProfile('arm64', 1000, [{ sizeBytes: 65_536 }, { sizeBytes: 524_288 }]).name, 'cortex-a53')
    assert.equal(nearestProfile('arm64', 3000, []).name, 'cortex-a76')
    assert.equal(nearestProfile('riscv64', 5000, []).name, 'riscv-u54')
    assert.equal(nearestProfile('x64', 2200, [{ sizeBytes: 65_536 }, { sizeBytes: 2 ** 20 }, { sizeBytes: 14 * 2 ** 20 }]).name, 'skylake')
  })

  test('of every instruction set that Node runs on there is one', () => {
    for (const architecture of ['x64', 'arm64', 'arm', 'ia32', 'riscv64', 'ppc64', 's390x', 'loong64']) assert.ok(profiles.has(nearestProfile(architecture, 1000, []).name))
  })
})
