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

test('a module that is metered in two ways is two, in the cache and in the store', () => {
  const store = new Store()
  const cache = new CompiledCache(digest)
  const live = compiled(cache.compile(moduleOf(200, 1), 'live', store))
  const exact = compiled(cache.compile(moduleOf(200, 1), 'exact', store))
  assert.deepEqual([live.metering, exact.metering, store.puts], ['live', 'exact', 2])
  assert.notEqual(exact.module, live.module)
  assert.equal(cache.compile(moduleOf(200, 1), 'exact', store), exact)
  assert.deepEqual(compiled(new CompiledCache(digest).compile(moduleOf(200, 1), 'exact', store)).exports, exact.exports)
  assert.equal(store.puts, 2)
})

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

test('bytes that were changed since are another program, and a small one that is started again is not digested', () => {
  let digested = 0
  const cache = new CompiledCache(bytes => {
    digested++
    return digest(bytes)
  })
  const bytes = moduleOf(200, 1)
  const first = cache.compile(bytes)
  assert.equal(cache.compile(bytes), first)
  assert.equal(digested, 2)
  for (let again = 0; again < 3; again++) assert.equal(cache.compile(bytes), first)
  assert.equal(digested, 2)
  bytes[bytes.length - 1] = 2
  const second = cache.compile(bytes)
  assert.notEqual(second, first)
  assert.equal(cache.compile(bytes), second)
  bytes[bytes.length - 1] = 1
  assert.equal(cache.compile(bytes), first)
  assert.equal(digested, 4)
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

/** A module of one function, the code of which names something beyond what the module has. */
function naming (...code: number[]): Uint8Array {
  const section = (id: number, ...body: number[]): number[] => [id, body.length, ...body]
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...section(1, 2, 0x60, 0, 0, 0x60, 1, 0x7c, 1, 0x7f), ...section(3, 1, 0),
    ...section(10, 1, code.length + 2, 0, ...code, 0x0b))
}

// Each is valid once the rewriter has added a global, locals, a table and functions after the module's own.
const reaching: Readonly<Record<string, Uint8Array>> = {
  'the fuel, set': naming(0x03, 0x40, 0x41, 1, 0x24, 0, 0x0c, 0, 0x0b),
  'the fuel, read': naming(0x23, 0, 0x1a),
  'the counter of a loop': naming(0x03, 0x40, 0x41, 0, 0x21, 0, 0x0c, 0, 0x0b),
  'the function that gives way, called': naming(0x41, 0, 0x11, 0, 0),
  'the function that gives way, replaced': naming(0x41, 0, 0xd0, 0x70, 0x26, 0),
  'the function that gives way, filled over': naming(0x41, 0, 0xd0, 0x70, 0x41, 1, 0xfc, 17, 0),
  'the function that is asked for memory': naming(0x44, 0, 0, 0, 0, 0, 0, 0x59, 0xc0, 0x41, 1, 0x11, 1, 0, 0x1a)
}
for (const [what, bytes] of Object.entries(reaching)) {
  test(`a module does not reach what was added to it: ${what}`, () => {
    const result = compile(bytes)
    assert.ok('error' in result, 'it is accepted')
    assert.match(result.message, /not a valid WebAssembly module/)
  })
}

class Store {
  readonly entries = new Map<string, Uint8Array<ArrayBuffer>>()
  puts = 0

  get (key: string): Uint8Array<ArrayBuffer> | null {
    return this.entries.get(key)?.slice() ?? null
  }

  put (key: string, parts: readonly Uint8Array[]): void {
    this.puts++
    this.entries.set(key, Uint8Array.from(parts.flatMap(part => [...part])))
  }
}

test('what was rewritten once is taken from the store, by the next cache too', () => {
  const store = new Store()
  const bytes = moduleOf(200, 1)
  const first = compiled(new CompiledCache(digest).compile(bytes, 'live', store))
  const second = compiled(new CompiledCache(digest).compile(bytes, 'live', store))
  assert.equal(store.puts, 1)
  assert.deepEqual(second.facts, first.facts)
  assert.deepEqual([second.sizeBytes, second.rewrittenBytes, second.exports], [first.sizeBytes, first.rewrittenBytes, first.exports])
  compiled(new CompiledCache(digest).compile(moduleOf(200, 2), 'live', store))
  assert.equal(store.puts, 2)
})

test('an entry that is none is rewritten anew; what is refused is not kept', () => {
  const store = new Store()
  const bytes = moduleOf(200, 1)
  compiled(new CompiledCache(digest).compile(bytes, 'live', store))
  const [[key, good]] = [...store.entries] as [[string, Uint8Array<ArrayBuffer>]]
  const json = new DataView(good.buffer).getUint32(0, true)
  const damaged = (change: (entry: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => change(good.slice())
  const bad = [
    new Uint8Array(0), good.slice(0, 3), good.slice(0, 20), good.slice(0, -1).fill(0xff, 0, 4),
    damaged(entry => { entry[4] = 0x21; return entry }), damaged(entry => { entry[5] = 0xff; return entry }), damaged(entry => { entry[4 + json] = 1; return entry })
  ]
  for (const [number, entry] of bad.entries()) {
    store.entries.set(key, entry)
    store.puts = 0
    compiled(new CompiledCache(digest).compile(bytes, 'live', store))
    assert.equal(store.puts, 1, `entry ${number}`)
  }
  assert.ok('error' in new CompiledCache(digest).compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 99), 'live', store))
  assert.equal(store.entries.size, 1)
})
