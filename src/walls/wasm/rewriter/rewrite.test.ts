// The contract of a rewritten module, part by part: exports, start function, caps, sections that must be kept, hints.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { DRAIN_EXPORT, FUEL_EXPORT, MEMORY_IMPORT, rewrite, type RewriteOptions, type Rewritten, START_EXPORT, YIELD_EXPORT } from './index.ts'
import { assembler } from './testing/assemble.ts'
import { start } from './testing/start.ts'

const assemble = assembler({ wabt: await loadWabt(), binaryen })

function rewritten(bytes: Uint8Array, options: RewriteOptions = { mode: 'live' }): Rewritten {
  const result = rewrite(bytes, options)
  if ('kind' in result) assert.fail(`${result.kind}: ${result.message}`)
  return result
}

function wat(text: string): Uint8Array<ArrayBuffer> {
  return assemble('wabt', text)
}

test('it exports the fuel and the table for the yield, after what the module exports itself', () => {
  const module = new WebAssembly.Module(rewritten(wat('(module (func (export "run")))')).bytes)
  assert.deepEqual(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]),
    [['run', 'function'], [FUEL_EXPORT, 'global'], [YIELD_EXPORT, 'table']])
})

test('a module that exports such a name itself is refused', () => {
  for (const name of [FUEL_EXPORT, YIELD_EXPORT, START_EXPORT, DRAIN_EXPORT]) {
    const result = rewrite(wat(`(module (func (export "${name}")))`), { mode: 'live' })
    assert.equal('kind' in result && result.kind, 'reserved-name')
  }
})

test('a memory that is alone is imported where it begins small enough, with all that refers to it', async () => {
  const options: RewriteOptions = { mode: 'live', importsMemoryUpTo: 2 }
  const text = `(module (import "a" "f" (func $f)) (memory (export "m") 2 5) (table 1 funcref) (data (i32.const 65000) "abc")
    (func (export "run") (result i32) (i32.load8_u (i32.const 65001))))`
  const { bytes, importsMemory, memories } = rewritten(wat(text), options)
  assert.equal(importsMemory, true)
  assert.deepEqual(memories, [{ imported: undefined, initial: 2, maximum: 5, shared: false, wide: false }])
  const module = new WebAssembly.Module(bytes)
  const imported = WebAssembly.Module.imports(module).at(-1)!
  assert.deepEqual({ module: imported.module, name: imported.name, kind: imported.kind }, { ...MEMORY_IMPORT, kind: 'memory' })
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 5 })
  const { exports } = new WebAssembly.Instance(module, { a: { f () {} }, [MEMORY_IMPORT.module]: { [MEMORY_IMPORT.name]: memory } })
  assert.equal(exports['m'], memory)
  assert.equal((exports['run'] as () => number)(), 'b'.charCodeAt(0))
})

test('no other memory is imported that was not: larger, one of several, shared, wide, or of a module that imports such a thing', () => {
  const others = [
    '(memory 3)', '(memory 1 2 shared)', '(memory i64 1)', '(import "a" "m" (memory 1))', `(import "${MEMORY_IMPORT.module}" "f" (func)) (memory 1)`, '(memory 1) (memory 1)', ''
  ]
  for (const text of others) {
    const bytes = assemble('binaryen', `(module ${text})`)
    assert.deepEqual(rewritten(bytes, { mode: 'live', importsMemoryUpTo: 2 }).importsMemory, false, text)
  }
  assert.equal(rewritten(wat('(module (memory 1))'), { mode: 'live', importsMemoryUpTo: 2 }).importsMemory, true)
  assert.equal(rewritten(wat('(module (memory 1))')).importsMemory, false)
})

test('the start function is not run by instantiating, and is exported', () => {
  const text = `(module (global $g (export "g") (mut i32) (i32.const 0)) (func $init (global.set $g (i32.const 7))) (start $init))`
  const running = start(wat(text), { mode: 'live' }, 10)
  const global = running.instance.exports['g'] as WebAssembly.Global
  assert.equal(running.rewritten.start, true)
  assert.equal(global.value, 0)
  const run = running.instance.exports[START_EXPORT] as () => void
  run()
  assert.equal(global.value, 7)
})

test('an imported start function is exported too', () => {
  let called = 0
  const text = '(module (import "env" "init" (func $init)) (start $init))'
  const running = start(wat(text), { mode: 'live' }, 10, { env: { init: () => { called++ } } })
  const run = running.instance.exports[START_EXPORT] as () => void
  run()
  assert.equal(called, 1)
})

test('a memory cannot grow beyond the cap, nor beyond what it declares', () => {
  const grow = '(func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))'
  const grown = (limits: string, by: number): unknown => {
    const running = start(wat(`(module (memory ${limits}) ${grow})`), { mode: 'live', memoryPagesMax: 10 }, 10)
    return (running.instance.exports['grow'] as (by: number) => number)(by)
  }
  assert.equal(grown('2', 8), 2)
  assert.equal(grown('2', 9), -1)
  assert.equal(grown('2 5', 3), 2)
  assert.equal(grown('2 5', 4), -1)
  assert.equal(grown('2 70', 9), -1)
})

test('several memories share the cap', () => {
  const text = `(module (memory $a 1) (memory $b 1 100) (memory $w i64 1)
    (func (export "a") (param i32) (result i32) (memory.grow $a (local.get 0)))
    (func (export "b") (param i32) (result i32) (memory.grow $b (local.get 0)))
    (func (export "w") (param i64) (result i64) (memory.grow $w (local.get 0))))`
  const { exports } = start(wat(text), { mode: 'live', memoryPagesMax: 10 }, 10).instance
  const [a, b, w] = [exports['a'], exports['b'], exports['w']] as ((by: number | bigint) => unknown)[]
  assert.equal(a!(3), 1)
  assert.equal(b!(5), -1)
  assert.equal(w!(-1n), -1n)
  assert.equal(w!(4n), 1n)
  assert.equal(b!(0), 1)
  assert.equal(b!(1), -1)
  assert.equal(a!(-1), -1)
})

test('several tables share the cap', () => {
  const text = `(module (table $a 1 funcref) (table $b 1 externref)
    (func (export "a") (param i32) (result i32) (table.grow $a (ref.null func) (local.get 0)))
    (func (export "b") (param i32) (result i32) (table.grow $b (ref.null extern) (local.get 0))))`
  const { exports } = start(wat(text), { mode: 'live', tableElementsMax: 10 }, 10).instance
  const [a, b] = [exports['a'], exports['b']] as ((by: number) => number)[]
  assert.equal(a!(6), 1)
  assert.equal(b!(3), -1)
  assert.equal(b!(2), 1)
})

test('what asks for more than the cap at once is refused', () => {
  const memory = rewrite(wat('(module (memory 6) (memory 5))'), { mode: 'live', memoryPagesMax: 10 })
  assert.equal('kind' in memory && memory.kind, 'limit')
  const imported = rewrite(wat('(module (import "env" "m" (memory 11)))'), { mode: 'live', memoryPagesMax: 10 })
  assert.equal('kind' in imported && imported.kind, 'limit')
  const table = rewrite(wat('(module (table 11 funcref))'), { mode: 'live', tableElementsMax: 10 })
  assert.equal('kind' in table && table.kind, 'limit')
})

test('it reports memories, tables, imports and exports for the loader', () => {
  const text = `(module (import "env" "m" (memory 2 50)) (import "env" "f" (func)) (memory $w i64 1) (table 3 funcref)
    (export "w" (memory $w)))`
  const { memories, tables, imports, exports, waits, usesGc } = rewritten(wat(text), { mode: 'live', memoryPagesMax: 20 })
  assert.deepEqual(memories, [
    { imported: { module: 'env', name: 'm' }, initial: 2, maximum: 19, shared: false, wide: false },
    { imported: undefined, initial: 1, maximum: 18, shared: false, wide: true },
  ])
  assert.deepEqual(tables, [{ imported: undefined, initial: 3, maximum: undefined, shared: false, wide: false }])
  assert.deepEqual(imports, [{ module: 'env', name: 'm', kind: 'memory' }, { module: 'env', name: 'f', kind: 'function', signature: ':' }])
  assert.deepEqual(exports, [{ name: 'w', kind: 'memory', index: 1 }])
  assert.deepEqual([waits, usesGc], [0, false])
})

test('a program that puts its thread to sleep, and one that uses the collected heap, are told', () => {
  assert.equal(rewritten(wat(`(module (memory 1 1 shared) (func (export "f") (result i32)
    (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))`)).waits, 1)
  assert.equal(rewritten(assemble('binaryen', '(module (type $s (struct)) (func (export "f") (drop (struct.new $s))))')).usesGc, true)
})

test('custom sections are kept as they are', () => {
  const bytes = wat('(module (func $named (export "f") (param $p i32) (loop (br 0))))')
  const custom = Uint8Array.of(0, 7, 3, 0x61, 0x62, 0x63, 1, 2, 3)
  const original = Uint8Array.of(...bytes.slice(0, 8), ...custom, ...bytes.slice(8))
  const [before, after] = [original, rewritten(original).bytes].map((each) => new WebAssembly.Module(each))
  for (const name of ['abc', 'name']) {
    const [kept, was] = [after!, before!].map((module) => WebAssembly.Module.customSections(module, name).map((section) => [...new Uint8Array(section)]))
    assert.equal(was!.length, 1)
    assert.deepEqual(kept, was)
  }
})

test('hints of the module point at the same branches as before', () => {
  const text = (hint: string): string => `(module (memory 1) (func (export "f") (param i32) (result i32)
    (loop (memory.fill (i32.const 0) (i32.const 0) (local.get 0))
      (i32.eqz (local.get 0)) ${hint} if (return (i32.const 1)) end
      (br_if 0 (local.get 0))) (i32.const 2)))`
  const bytes = wat(text('(@metadata.code.branch_hint "\\01")'))
  for (const mode of ['live', 'exact'] as const) {
    const out = rewritten(bytes, { mode }).bytes
    const module = new WebAssembly.Module(out)
    const sections = WebAssembly.Module.customSections(module, 'metadata.code.branch_hint')
    assert.equal(sections.length, 1)
    const hints = hintsOf(new Uint8Array(sections[0]!))
    // A branch back that counts passes is likely as well; that is a hint of the rewriter's own.
    const likely = hints.filter(({ index, offset, value }) => index === 0 && value === 1 && bodyOf(out, 0)[offset] === 0x04)
    assert.equal(likely.length, 1)
    for (const { index, offset } of hints) {
      assert.ok([0x04, 0x0d].includes(bodyOf(out, index)[offset]!), `a hint of function ${index} is not at a branch`)
    }
    // The module's own hint is on the `if` after i32.eqz of the parameter.
    assert.deepEqual([...bodyOf(out, 0).slice(likely[0]!.offset - 3, likely[0]!.offset + 1)], [0x20, 0, 0x45, 0x04])
  }
})

test('the hint of a branch back stays at what decides it', () => {
  const bytes = wat(`(module (func (export "f") (param i32) (loop
    (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (@metadata.code.branch_hint "\\00") br_if 0)))`)
  const out = rewritten(bytes).bytes
  const sections = WebAssembly.Module.customSections(new WebAssembly.Module(out), 'metadata.code.branch_hint')
  const first = hintsOf(new Uint8Array(sections[0]!))[0]!
  // local.tee 0, then the `if` that stands for the branch.
  assert.deepEqual([...bodyOf(out, 0).slice(first.offset - 2, first.offset + 1), first.value], [0x22, 0, 0x04, 0])
})

test('hints that are malformed are left out, like any that the engine ignores', () => {
  const bytes = wat('(module (func (export "f") (loop (br 0))))')
  const name = [...'metadata.code.branch_hint'].map((character) => character.charCodeAt(0))
  const section = Uint8Array.of(0, name.length + 3, name.length, ...name, 0xff, 0x01)
  const original = Uint8Array.of(...bytes.slice(0, 8), ...section, ...bytes.slice(8))
  assert.doesNotThrow(() => new WebAssembly.Module(rewritten(original).bytes))
})

test('a program gives way by suspending its stack', async () => {
  const text = '(module (func (export "run") (param i32) (result i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 42)))'
  const { bytes } = rewritten(wat(text))
  const trampoline = wat('(module (import "env" "wait" (func $wait)) (func (export "giveWay") (call $wait)))')
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
  const fuel = exports[FUEL_EXPORT] as WebAssembly.Global
  let waits = 0
  const jspi = WebAssembly as unknown as { Suspending: new (action: () => Promise<void>) => WebAssembly.ImportValue, promising(action: unknown): (count: number) => Promise<number> }
  const wait = new jspi.Suspending(async () => {
    waits++
    await Promise.resolve()
    fuel.value = 100
  })
  const giveWay = new WebAssembly.Instance(new WebAssembly.Module(trampoline), { env: { wait } }).exports['giveWay']
  const table = exports[YIELD_EXPORT] as WebAssembly.Table
  table.set(0, giveWay)
  assert.equal(await jspi.promising(exports['run'])(10_000), 42)
  assert.ok(waits > 50)
})

test('string builtins and imported string constants are kept as they are', () => {
  const text = `(module (import "wasm:js-string" "length" (func $length (param externref) (result i32)))
    (import "strings" "four" (global $four externref))
    (func (export "run") (param i32) (result i32) (local i32)
      (loop (local.set 1 (i32.add (local.get 1) (call $length (global.get $four))))
        (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))`
  const Module = WebAssembly.Module as unknown as new (bytes: Uint8Array, options: object) => WebAssembly.Module
  const module = new Module(rewritten(wat(text)).bytes, { builtins: ['js-string'], importedStringConstants: 'strings' })
  const { exports } = new WebAssembly.Instance(module)
  const fuel = exports[FUEL_EXPORT] as WebAssembly.Global
  fuel.value = 1000
  assert.equal((exports['run'] as (times: number) => number)(3), 12)
})

const programs = fileURLToPath(new URL('../../../../programs/wasm/', import.meta.url))
const ruby = (): string => createRequire(import.meta.url).resolve('@ruby/3.4-wasm-wasi/dist/ruby.wasm')

test('the programs of this repository, and CRuby, are rewritten to valid modules', () => {
  const files = [...readdirSync(programs).filter((name) => name.endsWith('.wasm')).map((name) => programs + name), ruby()]
  assert.ok(files.length > 10)
  for (const file of files) {
    const bytes = readFileSync(file)
    for (const mode of ['live', 'exact'] as const) {
      assert.ok(WebAssembly.validate(rewritten(bytes, { mode, memoryPagesMax: 4096 }).bytes), `${file}, ${mode}`)
    }
  }
})

/** Hints of a branch hint section's contents. All numbers in these small modules are below 128 or of two bytes. */
function hintsOf(contents: Uint8Array): { index: number, offset: number, value: number }[] {
  let at = 0
  const number = (): number => {
    const low = contents[at++]!
    return low < 128 ? low : (low & 127) | (contents[at++]! << 7)
  }
  const hints: { index: number, offset: number, value: number }[] = []
  for (let functions = number(); functions > 0; functions--) {
    const index = number()
    for (let left = number(); left > 0; left--) {
      const offset = number()
      assert.equal(number(), 1)
      hints.push({ index, offset, value: contents[at++]! })
    }
  }
  return hints
}

/** The body of a function of a module without imports. */
function bodyOf(module: Uint8Array, wanted: number): Uint8Array {
  let at = 8
  const number = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++]!
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
  }
  for (;;) {
    const id = module[at++]
    const size = number()
    if (id === 10) break
    at += size
  }
  number()
  for (let index = 0; ; index++) {
    const size = number()
    if (index === wanted) return module.subarray(at, at + size)
    at += size
  }
}
