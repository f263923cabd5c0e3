// In exact mode what is taken from the fuel is what was executed: over modules counted by hand, and over random
// programs whose count is known by construction. `COUNT_SEEDS=first-last` chooses other seeds.

import assert from 'node:assert/strict'
import test from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { FUEL_EXPORT } from './index.ts'
import { bulkBytesPerFuelShift, bulkChunkBytes, exactChargeMax, meterWindow, movesPerInstruction } from './limits.ts'
import { assembler } from './testing/assemble.ts'
import { countedProgram } from './testing/counted-program.ts'
import { start } from './testing/start.ts'

const assemble = assembler({ wabt: await loadWabt(), binaryen })

/** What one call of the export `run` takes, with so much fuel at a time. */
function cost(text: string, grant: number, parameters: unknown[] = []): number {
  const running = start(assemble('wabt', text), { mode: 'exact' }, grant)
  const run = running.instance.exports['run'] as (...values: unknown[]) => unknown
  try {
    run(...parameters)
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error
  }
  return running.spent()
}

const plenty = 1 << 30

/** Code of so many integer instructions. */
const work = (count: number): string => '(drop (i32.eqz (i32.const 1))) '.repeat(count)

test('straight code costs one for each instruction, and none for what only names an operand', () => {
  assert.equal(cost('(module (func (export "run") nop nop (drop (i32.add (i32.const 1) (i32.const 2)))))', plenty), 1)
})

test('however many moves there are in a row, they are not free', () => {
  assert.equal(cost(`(module (func (export "run") ${'nop '.repeat(movesPerInstruction * 3)}))`, plenty), 3)
  assert.equal(cost(`(module (func (export "run") ${'nop '.repeat(movesPerInstruction - 1)}))`, plenty), 0)
})

test('structure costs nothing', () => {
  assert.equal(cost('(module (func (export "run") (block (loop (block)))))', plenty), 0)
})

test('a loop costs its body for each pass', () => {
  const text = `(module (func (export "run") (local i32) (local.set 0 (i32.const 10))
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`
  assert.equal(cost(text, plenty), 10 * 2)
  assert.equal(cost(text, 0), 10 * 2)
})

test('only the branch that is taken is charged', () => {
  const text = `(module (func (export "run") (param i32)
    (if (local.get 0) (then ${work(3)}) (else ${work(1)}))))`
  assert.equal(cost(text, plenty, [1]), 4)
  assert.equal(cost(text, plenty, [0]), 2)
})

test('what follows a call that throws is not charged', () => {
  const text = `(module (tag $e) (func $throw (throw $e))
    (func (export "run") (try (do ${work(1)} (call $throw) ${work(3)}) (catch_all ${work(1)}))))`
  assert.equal(cost(text, plenty), 4)
})

test('an abort has taken what was executed', () => {
  const text = `(module (func (export "run") (local i32) (local.set 0 (i32.const 100))
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) ${work(1)} unreachable ${work(1)}))`
  assert.equal(cost(text, plenty), 200 + 2)
})

test('a trap has not taken more than the rest of its straight run, nor a window less', () => {
  const text = (passes: number): string => `(module (memory 1) (func (export "run") (local i32) (local.set 0 (i32.const ${passes}))
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (drop (i32.load (i32.const -1))) ${work(1)}))`
  for (const passes of [1, 1000, 10_000]) {
    const taken = cost(text(passes), plenty)
    assert.ok(taken <= passes * 2 + 2 && taken >= passes * 2 + 2 - meterWindow - exactChargeMax, `${taken} of ${passes} passes`)
  }
})

test('a bulk operation costs its share of the size, short or long, constant or not', () => {
  for (const size of [0, 15, 16, bulkChunkBytes, bulkChunkBytes + 1, 5 * bulkChunkBytes + 33]) {
    const share = Math.floor(size / 2 ** bulkBytesPerFuelShift)
    for (const operation of ['memory.fill', 'memory.copy']) {
      const constant = `(module (memory 20) (func (export "run") (${operation} (i32.const 9) (i32.const 3) (i32.const ${size}))))`
      const variable = `(module (memory 20) (func (export "run") (param i32) (${operation} (i32.const 9) (i32.const 3) (local.get 0))))`
      assert.equal(cost(constant, plenty), 1 + share, `${operation} of ${size}`)
      assert.equal(cost(variable, plenty, [size]), 1 + share, `${operation} of ${size}`)
    }
  }
})

test('a charge never overflows, however expensive a straight run is', () => {
  const fills = 1000
  const fill = `(memory.fill (i32.const 0) (i32.const 0) (i32.const ${bulkChunkBytes})) `
  assert.equal(cost(`(module (memory 1) (func (export "run") ${fill.repeat(fills)}))`, plenty), fills * (1 + 4096))
})

const [first, last] = (process.env['COUNT_SEEDS'] ?? '1-150').split('-').map(Number)
test(`random programs cost what they execute, seeds ${first} to ${last}`, () => {
  let total = 0
  for (let seed = first!; seed <= last!; seed++) {
    const program = countedProgram(seed)
    assert.equal(cost(program.text, plenty), program.cost, `seed ${seed}, without giving way`)
    assert.equal(cost(program.text, 0), program.cost, `seed ${seed}, giving way at every chance`)
    total += program.cost
  }
  assert.ok(total > 0)
})

test('the fuel is an i32 global', () => {
  const { instance } = start(assemble('wabt', '(module)'), { mode: 'exact' }, 5)
  assert.equal(typeof (instance.exports[FUEL_EXPORT] as WebAssembly.Global).value, 'number')
})

test('it gives way within a straight run of where the fuel is used up', () => {
  const text = `(module (import "env" "see" (func $see (param i32))) (func (export "run") (local i32)
    (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (i32.const 100000))))))`
  for (const grant of [0, 1, 10, 2999, 3000, 3001, 50_000]) {
    let most = 0
    let first = true
    const running = start(assemble('wabt', text), { mode: 'exact' }, grant, { env: { see: () => {} } }, () => {
      const executed = running.drain().reduce((sum, count) => sum + count, 0)
      if (!first) most = Math.max(most, executed)
      first = false
    })
    const run = running.instance.exports['run'] as () => void
    run()
    assert.ok(most <= grant + 3 && most > grant, `${most} were executed with a grant of ${grant}`)
  }
})

test('what is executed is counted by class', () => {
  const counts: Readonly<Record<string, [code: string, integer: number, float: number, memory: number, branch: number, call: number]>> = {
    integer: ['(drop (i64.extend_i32_s (i32.add (i32.const 1) (i32.clz (i32.const 3)))))', 3, 0, 0, 0, 0],
    'a vector of integers': ['(drop (i32x4.add (v128.const i32x4 1 1 1 1) (i32x4.splat (i32.const 1))))', 2, 0, 0, 0, 0],
    float: ['(drop (i32.trunc_sat_f64_s (f64.sqrt (f64.add (f64.const 1) (f64.convert_i32_s (i32.const 3))))))', 0, 4, 0, 0, 0],
    'a vector of floats': ['(drop (f32x4.add (v128.const f32x4 1 1 1 1) (f32x4.splat (f32.const 1))))', 0, 2, 0, 0, 0],
    memory: ['(i32.store (i32.const 8) (i32.load8_u (i32.const 9))) (global.set $g (memory.size)) (drop (v128.load (i32.const 0)))', 0, 0, 5, 0, 0],
    atomics: ['(drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))', 0, 0, 1, 0, 0],
    branch: ['(block (br_if 0 (i32.const 0)) (br 0)) (block (br_table 0 0 (i32.const 0))) (if (i32.const 0) (then)) (return)', 0, 0, 0, 5, 0],
    call: ['(call $empty) (call_indirect (i32.const 0))', 0, 0, 0, 0, 2],
    all: ['(drop (f64.load (i32.add (i32.const 8) (i32.const 8)))) (call $empty) (block (br 0)) (drop (f64.neg (f64.const 1)))', 1, 1, 1, 1, 1]
  }
  for (const [name, [code, ...expected]] of Object.entries(counts)) {
    const text = `(module (memory 1) (global $g (mut i32) (i32.const 0)) (table funcref (elem $empty)) (func $empty) (func (export "run") ${code}))`
    const running = start(assemble('wabt', text), { mode: 'exact' }, plenty)
    const run = running.instance.exports['run'] as () => void
    run()
    assert.deepEqual(running.drain(), expected, name)
    assert.deepEqual(running.drain(), [0, 0, 0, 0, 0], `${name}: drained twice`)
  }
})
