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

const section = (id: number, ...body: number[]): number[] => [id, body.length, ...body]
const text = (letters: string): number[] => [letters.length, ...[...letters].map(letter => letter.charCodeAt(0))]

/** Sections before the code of a module of one function without parameters. */
interface Sections { readonly [id: number]: readonly number[] }

/** A module of one function; the code of it, or one of the sections, names something beyond what the module has. */
function naming (code: readonly number[], sections: Sections = {}): Uint8Array {
  const own: Sections = { 1: [2, 0x60, 0, 0, 0x60, 1, 0x7c, 1, 0x7f], 3: [1, 0], ...sections, 10: [1, code.length + 2, 0, ...code, 0x0b] }
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...[1, 3, 4, 5, 6, 7, 8, 9, 10, 11].flatMap(id => own[id] === undefined ? [] : section(id, ...own[id])))
}

const memory: Sections = { 5: [1, 0, 1] }
const table: Sections = { 4: [1, 0x70, 0, 1] }
const drop = 0x1a
/** A memory.fill that becomes a call of a helper: function 1. */
const helped = [0x41, 0, 0x41, 0, 0x41, 0, 0x41, 0, 0x6a, 0xfc, 11, 0]

// Each names what is added after the module's own: a global, locals, a table, functions. With it many are valid.
const reaching: Readonly<Record<string, Uint8Array>> = {
  'the fuel, set': naming([0x03, 0x40, 0x41, 1, 0x24, 0, 0x0c, 0, 0x0b]),
  'the fuel, read': naming([0x23, 0, drop]),
  'the fuel, by an index of three bytes': naming([0x23, 0x80, 0x80, 0, drop]),
  'the fuel, exported': naming([], { 7: [1, ...text('fuel'), 3, 0] }),
  'the fuel, in a constant': naming([], { 6: [1, 0x7f, 0, 0x23, 1, 0x0b] }),
  'the fuel, as the place of data': naming([], { ...memory, 11: [1, 0, 0x23, 0, 0x0b, 0] }),
  'the fuel, in code that is not reached': naming([0x00, 0x41, 1, 0x24, 0]),
  'the word of the meter, set': naming([0x42, 0, 0x24, 1]),
  'a count of the meter, set': naming([0x42, 0, 0x24, 7]),
  'the counter of a loop': naming([0x03, 0x40, 0x41, 0, 0x21, 0, 0x0c, 0, 0x0b]),
  'the counter of a loop, read': naming([0x03, 0x40, 0x20, 0, drop, 0x0c, 0, 0x0b]),
  'the word of the meter in its local': naming([0x42, 0, 0x22, 0, drop, 0x41, 0, 0x45, drop]),
  'the function that gives way, called': naming([0x41, 0, 0x11, 0, 0]),
  'the function that gives way, called at the end': naming([0x41, 0, 0x13, 0, 0]),
  'the function that gives way, replaced': naming([0x41, 0, 0xd0, 0x70, 0x26, 0]),
  'the function that gives way, read': naming([0x41, 0, 0x25, 0, drop]),
  'the function that gives way, filled over': naming([0x41, 0, 0xd0, 0x70, 0x41, 1, 0xfc, 17, 0]),
  'the function that gives way, copied over': naming([0x41, 0, 0x41, 0, 0x41, 1, 0xfc, 14, 1, 0], table),
  'the function that gives way, copied': naming([0x41, 0, 0x41, 0, 0x41, 1, 0xfc, 14, 0, 1], table),
  'the function that gives way, initialised': naming([0x41, 0, 0x41, 0, 0x41, 1, 0xfc, 12, 0, 0], { 9: [1, 1, 0, 1, 0] }),
  'the function that gives way, put there when it starts': naming([], { 9: [1, 0, 0x41, 0, 0x0b, 1, 0] }),
  'the function that gives way, put there by the number of its table': naming([], { ...table, 9: [1, 2, 1, 0x41, 0, 0x0b, 0, 1, 0] }),
  'the table of it, exported': naming([], { 7: [1, ...text('yield'), 1, 0] }),
  'the table of it, its size': naming([0xfc, 16, 0, drop]),
  'the table of it, grown': naming([0xd0, 0x70, 0x41, 1, 0xfc, 15, 0, drop]),
  'the function that is asked for memory': naming([0x44, 0, 0, 0, 0, 0, 0, 0x59, 0xc0, 0x41, 1, 0x11, 1, 0, drop]),
  'a helper, called': naming([0x41, 0, 0x41, 0, 0x41, 0, 0x10, 1, ...helped], memory),
  'a helper, called at the end': naming([...helped, 0x41, 0, 0x41, 0, 0x41, 0, 0x12, 1], memory),
  'a helper, referred to': naming([...helped, 0xd2, 1, drop], { ...memory, 7: [1, ...text('f'), 0, 0] }),
  'a helper, exported': naming(helped, { ...memory, 7: [1, ...text('f'), 0, 1] }),
  'a helper, in a table': naming(helped, { ...memory, ...table, 9: [1, 0, 0x41, 0, 0x0b, 1, 1] }),
  'a helper, in an expression of a segment': naming(helped, { ...memory, ...table, 9: [1, 4, 0x41, 0, 0x0b, 1, 0xd2, 1, 0x0b] }),
  'a helper, in a global': naming(helped, { ...memory, 6: [1, 0x70, 0, 0xd2, 1, 0x0b] }),
  'a helper, as the first value of a table': naming(helped, { ...memory, 4: [1, 0x40, 0, 0x70, 0, 1, 0xd2, 1, 0x0b] }),
  'a helper, to start with': naming(helped, { ...memory, 8: [1] }),
  'the function that drains the meter': naming([0x10, 4, drop, drop, drop, drop, drop]),
  'the label of the block around a body': naming([0x41, 0, 0x0d, 1, 0x0f]),
  'the label of the loop around a loop': naming([0x03, 0x40, 0x41, 0, 0x0d, 0, 0x0c, 2, 0x0b])
}
for (const [what, bytes] of Object.entries(reaching)) {
  for (const metering of ['live', 'exact'] as const) {
    test(`a module does not reach what was added to it, metered ${metering}: ${what}`, () => {
      const result = compile(bytes, metering)
      assert.ok('error' in result, 'it is accepted')
      assert.equal(result.error, 'malformed')
    })
  }
}

test('none of them is valid of itself, and what they name is all that is wrong with them', () => {
  for (const [what, bytes] of Object.entries(reaching)) assert.equal(WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>), false, what)
  compiled(compile(naming(helped, memory)))
  compiled(compile(naming([0x41, 0, 0x41, 0, 0x41, 1, 0xfc, 14, 0, 0], table)))
  compiled(compile(naming([], { ...table, 9: [1, 2, 0, 0x41, 0, 0x0b, 0, 1, 0] })))
  compiled(compile(naming([0x03, 0x40, 0x41, 0, 0x0d, 0, 0x0c, 1, 0x0b])))
})

test('a start function with parameters is refused: the loader calls it with none', () => {
  assert.ok('error' in compile(naming([0x41, 0], { 3: [1, 1], 8: [0] })))
  compiled(compile(naming([], { 8: [0] })))
})

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
