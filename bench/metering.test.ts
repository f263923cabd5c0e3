import assert from 'node:assert/strict'
import test from 'node:test'
import { metering, summary } from './metering.ts'

test('the benchmark of metering runs, and metered programs come to the same results', async () => {
  const { rows, missing } = await metering({ rounds: 1, size: 1 / 100 })
  assert.deepEqual([...rows, ...missing].map(({ name }) => name).sort(),
    ['bzip2', 'fib', 'jq', 'lua', 'matrix', 'memory', 'numbers', 'ruby', 'sha256', 'sieve', 'sqlite3'])
  for (const { name, ratio } of rows) assert.ok(ratio > 0 && Number.isFinite(ratio), `${name}: ${ratio}`)
  const { geometricMean, worst } = summary(rows)
  assert.ok(geometricMean <= worst)
})
