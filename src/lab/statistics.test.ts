import assert from 'node:assert/strict'
import { test } from 'node:test'
import { distribution, quantile } from './statistics.ts'
import { randomFrom, shuffled } from './random.ts'
import { bytes, duration, plain, ratio, spread } from './units.ts'

test('quantiles interpolate between order statistics', () => {
  assert.equal(quantile([1, 2, 3, 4], 0.5), 2.5)
  assert.equal(quantile([1, 2, 3, 4], 1), 4)
  assert.equal(quantile([7], 0.99), 7)
  assert.equal(quantile([0, 100], 0.99), 99)
})

test('the spread is that of rounds, not of samples within one', () => {
  const wild = [1, 100, 199]
  const steady = distribution([wild, wild, wild, wild])!
  assert.equal(steady.median, 100)
  assert.equal(steady.spread, 0)
  const drifting = distribution([[90], [100], [110]])!
  assert.equal(drifting.spread, 0.05)
  assert.equal(drifting.rounds, 3)
  assert.equal(steady.samples, 12)
})

test('samples are ordered as numbers', () => {
  assert.equal(distribution([[9, 10, 100]])!.median, 10)
})

test('nothing measured is nothing, not zero', () => {
  assert.equal(distribution([[], []]), undefined)
})

test('an order is the same for the same seed, and holds every item once', () => {
  const items = Array.from({ length: 50 }, (_, at) => at)
  assert.deepEqual(shuffled(items, randomFrom(5)), shuffled(items, randomFrom(5)))
  assert.notDeepEqual(shuffled(items, randomFrom(5)), shuffled(items, randomFrom(6)))
  assert.deepEqual(shuffled(items, randomFrom(5)).toSorted((a, b) => a - b), items)
})

test('figures keep three digits and change their unit where they should', () => {
  assert.deepEqual([0.5, 9.999, 85.04, 412.6, 999.9, 1000, 1234, 35_100_000, 2.5e9].map(duration),
    ['0.50 ns', '10.0 ns', '85.0 ns', '413 ns', '1.00 µs', '1.00 µs', '1.23 µs', '35.1 ms', '2.50 s'])
  assert.deepEqual([0, 4096, 20_480, 1024 ** 2 * 1.25].map(bytes), ['0 B', '4,096 B', '20.0 KiB', '1.25 MiB'])
  assert.deepEqual([1, 1.04, 9.96, 20.4].map(ratio), ['1.0×', '1.0×', '10×', '20×'])
  assert.deepEqual([0, 0.021, 0.5].map(part => spread({ spread: part, rounds: 3 })), ['± <0.1 %', '± 2.1 %', '± 50 %'])
  assert.equal(spread({ spread: 0, rounds: 2 }), '–')
  assert.deepEqual([2, 2.004, 1234.5].map(plain), ['2', '2', '1,234.5'])
})
