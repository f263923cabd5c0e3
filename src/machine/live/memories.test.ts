import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collect } from './collect-node.ts'
import { liveMemories } from './memories.ts'

const MAX = 100
/** More than may be there unused. */
const MANY = 1000

test('memories in use are bounded over all machines, and those that nobody uses are found before any is refused', async () => {
  let collections = 0
  const [one, other] = [0, 1].map(() => liveMemories(MAX, () => {
    collections++
    collect()
  }))
  const kept = Array.from({ length: MAX - 1 }, () => ({}))
  for (const owner of kept) one!.take(owner, 1)
  assert.equal(other!.available(1), true)
  assert.equal(other!.available(2), false, 'a program can have more than one')
  for (let i = 0; i < MANY; i++) {
    assert.equal(other!.available(1), true, `after ${i} that came and went`)
    const owner = {}
    other!.take(owner, 1)
    assert.equal(one!.available(1), false)
    other!.give(owner)
    other!.give(owner)
    // What is referred to within a turn is not found in it.
    await new Promise(resolve => { setImmediate(resolve) })
  }
  assert.ok(collections > 0 && collections < MANY / 100, `${collections} collections`)
  for (const owner of kept) one!.give(owner)
  assert.equal(one!.available(MAX), true)
  assert.ok(kept.length > 0)
})

test('one that is used again is there once', () => {
  const memories = liveMemories(MAX, () => assert.fail('there are few'))
  const owner = {}
  for (let i = 0; i < MANY; i++) {
    assert.equal(memories.available(1), true)
    memories.take(owner, 1)
    memories.give(owner)
  }
})

test('where the host looks by itself, only those in use are counted', () => {
  const memories = liveMemories(2 * MAX, null)
  for (let i = 0; i < MANY; i++) {
    const owner = {}
    assert.equal(memories.available(1), true, `after ${i} that came and went`)
    memories.take(owner, 1)
    memories.give(owner)
  }
  const kept = Array.from({ length: 2 * MAX }, () => ({}))
  for (const owner of kept) memories.take(owner, 1)
  assert.equal(memories.available(1), false)
  for (const owner of kept) memories.give(owner)
  assert.equal(memories.available(1), true)
})
