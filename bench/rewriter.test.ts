import assert from 'node:assert/strict'
import test from 'node:test'
import { rewriting } from './rewriter.ts'

test('the benchmark of the rewriter runs', async () => {
  const rows = await rewriting(1)
  assert.ok(rows.some(({ name, mode }) => name === 'ruby' && mode === 'live'))
  for (const { name, mode, first, warm, growth } of rows) {
    assert.ok(first > 0 && warm > 0, `${name}, ${mode}: ${first} and ${warm} MB/s`)
    assert.ok(growth > 1 && growth < 4, `${name}, ${mode}: grows to ${growth}`)
  }
})
