// In exact mode what is taken from the fuel is what was executed: over modules counted by hand, and over random
// programs whose count is known by construction. `COUNT_SEEDS=first-last` chooses other seeds.

import assert from 'node:assert/strict'
import test from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { FUEL_EXPORT } from './index.ts'
import { bulkBytesPerFuelShift, bulkChunkBytes } from './limits.ts'
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

test('straight code costs one for each instruction', () => {
  assert.equal(cost('(module (func (export "run") nop nop (drop (i32.add (i32.const 1) (i32.const 2)))))', plenty), 6)
})

test('structure costs nothing', () => {
  assert.equal(cost('(module (func (export "run") (block (loop (block)))))', plenty), 0)
})

test('a loop costs its body for each pass', () => {
  const text = `(module (func (export "run") (local i32) (local.set 0 (i32.const 10))
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`
  assert.equal(cost(text, plenty), 2 + 10 * 5)
  assert.equal(cost(text, 0), 2 + 10 * 5)
})

test('only the branch that is taken is charged', () => {
  const text = `(module (func (export "run") (param i32)
    (if (local.get 0) (then nop nop nop) (else nop))))`
  assert.equal(cost(text, plenty, [1]), 5)
  assert.equal(cost(text, plenty, [0]), 3)
})

test('what follows a call that throws is not charged', () => {
  const text = `(module (tag $e) (func $throw (throw $e))
    (func (export "run") (try (do nop (call $throw) nop nop nop) (catch_all nop))))`
  assert.equal(cost(text, plenty), 4)
})

test('a trap has taken the rest of its straight run of instructions, and no more', () => {
  const text = '(module (func (export "run") nop unreachable nop) (func (export "other") nop))'
  assert.equal(cost(text, plenty), 2)
})

test('a bulk operation costs its share of the size, short or long, constant or not', () => {
  for (const size of [0, 15, 16, bulkChunkBytes, bulkChunkBytes + 1, 5 * bulkChunkBytes + 33]) {
    const share = Math.floor(size / 2 ** bulkBytesPerFuelShift)
    for (const operation of ['memory.fill', 'memory.copy']) {
      const constant = `(module (memory 20) (func (export "run") (${operation} (i32.const 9) (i32.const 3) (i32.const ${size}))))`
      const variable = `(module (memory 20) (func (export "run") (param i32) (${operation} (i32.const 9) (i32.const 3) (local.get 0))))`
      assert.equal(cost(constant, plenty), 4 + share, `${operation} of ${size}`)
      assert.equal(cost(variable, plenty, [size]), 4 + share, `${operation} of ${size}`)
    }
  }
})

test('a charge never overflows, however expensive a straight run is', () => {
  const fills = 1000
  const fill = `(memory.fill (i32.const 0) (i32.const 0) (i32.const ${bulkChunkBytes})) `
  assert.equal(cost(`(module (memory 1) (func (export "run") ${fill.repeat(fills)}))`, plenty), fills * (4 + 4096))
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
