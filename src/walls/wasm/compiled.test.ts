import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { CompiledCache, compile } from './compiled.ts'
import type { Compiled, CompileFailure } from './compiled.ts'

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** An empty module with a custom section of so many bytes. */
function moduleOf (size: number, fill: number): Uint8Array {
  const contents = new Uint8Array(size + 2).fill(fill)
  contents.set([1, 0x61])
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, (contents.length & 127) | 128, contents.length >> 7, ...contents)
}

function compiled (result: Compiled | CompileFailure): Compiled {
  if ('error' in result) assert.fail(result.message)
  return result
}

test('the same bytes are compiled once', () => {
  const cache = new CompiledCache(digest)
  const first = compiled(cache.compile(moduleOf(200, 1)))
  assert.equal(cache.compile(moduleOf(200, 1)), first)
  assert.notEqual(cache.compile(moduleOf(200, 2)), first)
})

test('it keeps no more than its bound, and drops what was used least recently', () => {
  const size = compiled(compile(moduleOf(200, 1))).rewrittenBytes
  const cache = new CompiledCache(digest, size * 2)
  const one = cache.compile(moduleOf(200, 1))
  const two = cache.compile(moduleOf(200, 2))
  assert.equal(cache.compile(moduleOf(200, 1)), one)
  cache.compile(moduleOf(200, 3))
  assert.equal(cache.bytes, size * 2)
  assert.equal(cache.compile(moduleOf(200, 1)), one)
  assert.notEqual(cache.compile(moduleOf(200, 2)), two)
})

test('what is larger than the bound, and what is refused, is not kept', () => {
  const cache = new CompiledCache(digest, 100)
  compiled(cache.compile(moduleOf(200, 1)))
  assert.equal(cache.bytes, 0)
  assert.ok('error' in cache.compile(Uint8Array.of(1, 2, 3)))
  assert.equal(cache.bytes, 0)
})
