import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { rewrite, RewriteCache, type Rewritten } from './index.ts'

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** An empty module with a custom section of so many bytes. */
function moduleOf(size: number, fill: number): Uint8Array {
  const contents = new Uint8Array(size + 2).fill(fill)
  contents.set([1, 0x61])
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, (contents.length & 127) | 128, contents.length >> 7, ...contents)
}

function rewritten(result: ReturnType<typeof rewrite>): Rewritten {
  if ('kind' in result) assert.fail(result.message)
  return result
}

test('the same bytes are rewritten once for the same options', () => {
  const cache = new RewriteCache({ digest })
  const first = rewritten(cache.rewrite(moduleOf(200, 1), { mode: 'live' }))
  assert.equal(cache.rewrite(moduleOf(200, 1), { mode: 'live' }), first)
  assert.notEqual(cache.rewrite(moduleOf(200, 1), { mode: 'exact' }), first)
  assert.notEqual(cache.rewrite(moduleOf(200, 1), { mode: 'live', memoryPagesMax: 1 }), first)
  assert.notEqual(cache.rewrite(moduleOf(200, 2), { mode: 'live' }), first)
})

test('it keeps no more than its bound, and drops what was used least recently', () => {
  const size = rewritten(rewrite(moduleOf(200, 1), { mode: 'live' })).bytes.length
  const cache = new RewriteCache({ digest, bytesMax: size * 2 })
  const one = cache.rewrite(moduleOf(200, 1), { mode: 'live' })
  const two = cache.rewrite(moduleOf(200, 2), { mode: 'live' })
  assert.equal(cache.rewrite(moduleOf(200, 1), { mode: 'live' }), one)
  cache.rewrite(moduleOf(200, 3), { mode: 'live' })
  assert.equal(cache.bytes, size * 2)
  assert.equal(cache.rewrite(moduleOf(200, 1), { mode: 'live' }), one)
  assert.notEqual(cache.rewrite(moduleOf(200, 2), { mode: 'live' }), two)
})

test('what is larger than the bound, and what is malformed, is not kept', () => {
  const cache = new RewriteCache({ digest, bytesMax: 100 })
  rewritten(cache.rewrite(moduleOf(200, 1), { mode: 'live' }))
  assert.equal(cache.bytes, 0)
  assert.ok('kind' in cache.rewrite(Uint8Array.of(1, 2, 3), { mode: 'live' }))
  assert.equal(cache.bytes, 0)
})
