// Hostile calls from a seed, the same to every kernel (fuzz/fuzz.ts). `npm run fuzz -- --calls N --seed S` makes more of them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describe, fuzz } from './fuzz/fuzz.ts'
import { signatures } from './fuzz/draw.ts'

const SEED = 1
const CALLS = 24_000

test(`${CALLS} hostile calls from seed ${SEED} on come to the same under every kernel, and leave nothing`, async () => {
  const { failure, answers } = await fuzz(SEED, CALLS)
  if (failure !== null) assert.fail(describe(failure))
  // Every call there is was made, and nearly every one went well at times: what cannot succeed tests little.
  const never = signatures.filter(({ name }) => !answers.has(name)).map(({ name }) => name)
  assert.deepEqual(never, [])
  const failed = signatures.filter(({ name }) => (answers.get(name)?.get(0) ?? 0) === 0).map(({ name }) => name)
  // It cannot be suspended; a child that is waited for has to have ended by then.
  assert.deepEqual(failed.filter(name => !['sched_yield', 'proc_wait', 'proc_kill'].includes(name)), [])
})
