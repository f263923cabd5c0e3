import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SPARE_MEMORIES_PAGES, SPARE_MEMORY_USES } from '../../roles/index.ts'
import { SpareMemories } from './spare-memories.ts'

const sizes = (initial: number, maximum?: number) => ({ imported: undefined, initial, maximum, shared: false, wide: false })

test('a memory that was given back is all zeros for the next, and nobody has a view of it', () => {
  const spares = new SpareMemories()
  const memory = spares.take(sizes(2, 8))
  const view = new Uint8Array(memory.buffer).fill(0xa5)
  spares.give(memory, sizes(2, 8))
  assert.equal(view.length, 0)
  const again = spares.take(sizes(2, 8))
  assert.equal(again, memory)
  assert.equal(new Uint8Array(again.buffer).some(byte => byte !== 0), false)
  assert.equal(view.length, 0)
  assert.notEqual(spares.take(sizes(2, 8)), memory, 'it is lent')
})

test('one is lent for the very sizes that it has', () => {
  const spares = new SpareMemories()
  for (const given of [sizes(2, 8), sizes(2), sizes(1, 8), sizes(0, 1), sizes(0)]) {
    const memory = spares.take(given)
    spares.give(memory, given)
    for (const other of [sizes(2, 9), sizes(3), sizes(1, 2), sizes(0, 2)]) assert.notEqual(spares.take(other), memory)
    assert.equal(spares.take(given), memory)
  }
})

test('one that has grown is not kept', () => {
  const spares = new SpareMemories()
  const memory = spares.take(sizes(1, 4))
  memory.grow(1)
  spares.give(memory, sizes(1, 4))
  const other = spares.take(sizes(1, 4))
  assert.notEqual(other, memory)
  assert.equal(other.buffer.byteLength, 65536)
})

test('SPARE_MEMORIES_PAGES: of too many the first to come goes, and an empty one counts too', () => {
  for (const initial of [0, 1, 16]) {
    const spares = new SpareMemories()
    const fitting = SPARE_MEMORIES_PAGES / Math.max(1, initial)
    const all = Array.from({ length: fitting + 1 }, () => spares.take(sizes(initial)))
    for (const memory of all) spares.give(memory, sizes(initial))
    const taken = all.map(() => spares.take(sizes(initial)))
    assert.deepEqual([all.filter(memory => taken.includes(memory)).length, taken.includes(all[0]!)], [fitting, false])
  }
})

test('SPARE_MEMORY_USES: one is lent so often, and cleared lets all go', () => {
  const spares = new SpareMemories()
  const first = spares.take(sizes(1))
  let uses = 0
  for (let memory = first; memory === first; memory = spares.take(sizes(1))) {
    spares.give(memory, sizes(1))
    uses++
  }
  assert.equal(uses, SPARE_MEMORY_USES)
  const memory = spares.take(sizes(1))
  spares.give(memory, sizes(1))
  assert.equal(spares.clear(), true)
  assert.equal(spares.clear(), false)
  assert.notEqual(spares.take(sizes(1)), memory)
})
