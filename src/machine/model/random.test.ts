import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Random } from './index.ts'

const drawn = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.word())

describe('random numbers of the model machine', () => {
  test('one seed, one sequence: these very words, in every engine', () => {
    assert.deepEqual(drawn(new Random(1), 4), drawn(new Random(1), 4))
    assert.notDeepEqual(drawn(new Random(1), 4), drawn(new Random(2), 4))
    // Written down once: a change here changes every recorded run.
    assert.deepEqual(drawn(new Random(0), 4), [1789933344, 44971166, 2521387044, 3848737593])
  })

  test('the generator is xoshiro128**', () => {
    // The algorithm once more, on big integers as its authors wrote it, from the state that the seed gives.
    const mask = 0xffffffffn
    const mixed = (word: bigint): bigint => {
      let z = word & mask
      z = ((z ^ (z >> 16n)) * 0x21f0aaadn) & mask
      z = ((z ^ (z >> 15n)) * 0x735a2d97n) & mask
      return z ^ (z >> 15n)
    }
    const rotated = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask
    for (const seed of [0, 1, 42, 2 ** 32 - 1]) {
      const s = [1n, 2n, 3n, 4n].map(times => mixed(BigInt(seed) + times * 0x9e3779b9n))
      const random = new Random(seed)
      for (let round = 0; round < 1000; round++) {
        const expected = (rotated((s[1]! * 5n) & mask, 7n) * 9n) & mask
        const t = (s[1]! << 9n) & mask
        s[2]! ^= s[0]!
        s[3]! ^= s[1]!
        s[1]! ^= s[2]!
        s[0]! ^= s[3]!
        s[2]! ^= t
        s[3] = rotated(s[3]!, 11n)
        assert.equal(random.word(), Number(expected), `seed ${seed}, round ${round}`)
      }
    }
  })

  test('a part has its own sequence, whatever others have drawn', () => {
    const early = new Random(7).split('disk')
    const other = new Random(7)
    drawn(other, 1000)
    other.split('link').word()
    assert.deepEqual(drawn(early, 8), drawn(other.split('disk'), 8))
    assert.notDeepEqual(drawn(new Random(7).split('disk'), 8), drawn(new Random(7).split('link'), 8))
    assert.notDeepEqual(drawn(new Random(7).split('disk'), 8), drawn(new Random(8).split('disk'), 8))
  })

  test('fractions and bounded numbers fill their range evenly', () => {
    const random = new Random(3)
    const bins = new Array<number>(10).fill(0)
    for (let round = 0; round < 100_000; round++) {
      const fraction = random.fraction()
      assert.ok(fraction >= 0 && fraction < 1)
      bins[Math.floor(fraction * 10)]!++
    }
    for (const bin of bins) assert.ok(Math.abs(bin - 10_000) < 500, `${bins}`)
    // Three does not divide 2^32, and a bound above 2^31 would show a bias by the remainder at once.
    const bound = 3 * 2 ** 30
    let low = 0
    for (let round = 0; round < 100_000; round++) if (random.below(bound) < 2 ** 30) low++
    assert.ok(Math.abs(low - 33_333) < 1000, `${low}`)
    assert.equal(random.below(1), 0)
  })
})

test('what is no seed is refused, and not taken for another', () => {
  for (const seed of [NaN, Infinity, -1, 0.5, 2 ** 32, 2 ** 40]) assert.throws(() => new Random(seed), /a seed is a whole number from 0 to 4294967295/)
})
