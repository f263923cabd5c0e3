// In either mode no program runs on for long without giving way, whatever its shape. Each program here would run for
// ages (or for ever), counts what it does in a global, and is ended after a few grants of fuel. One that never gives
// way ends by a trap when it has counted far enough, so that a broken rewriter fails the test and does not hang it.

import assert from 'node:assert/strict'
import test from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { workPerFuelMax } from './index.ts'
import { loopWindow } from './limits.ts'
import { assembler } from './testing/assemble.ts'
import { nullaryFunction, start } from './testing/start.ts'

const assemble = assembler({ wabt: await loadWabt(), binaryen })
const grant = 100
const grantsMax = 20
const enough = new Error('enough')

const count = `(global $n (export "n") (mut i32) (i32.const 0))
  (func $tick (global.set $n (i32.add (global.get $n) (i32.const 1)))
    (if (i32.gt_s (global.get $n) (i32.const 30000000)) (then (unreachable))))`
const countDown = (body: string): string => `(local i32) (local.set 0 (i32.const ${loopWindow - 2}))
  (loop ${body} (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))`

/** Functions f0 to f39, each made from the name of the next. */
function chain(make: (next: string) => string): string {
  const functions = Array.from({ length: 40 }, (_item, index) => `(func $f${index} ${make(`$f${index + 1}`)})`)
  return `${functions.join(' ')} (func $f40 (call $tick)) (func (export "run") (call $f0))`
}

const endless: Record<string, string> = {
  'a loop': '(func (export "run") (loop (call $tick) (br 0)))',
  'a loop that goes back on a condition': '(func (export "run") (loop (call $tick) (br_if 0 (i32.const 1))))',
  'a loop that goes back from deep inside': `(func (export "run") (block $out (loop $l (call $tick) (block (if (i32.const 1)
    (then (block (br_if $out (i32.const 0)) (br $l)))))) ))`,
  'a loop that goes back by a table': '(func (export "run") (block (loop (call $tick) (br_table 0 1 (i32.const 0)))))',
  'a loop in a loop': '(func (export "run") (loop $a (loop $b (call $tick) (br_if $b (i32.and (global.get $n) (i32.const 1)))) (br $a)))',
  'a loop with a parameter': `(func (export "run") (i32.const 7) (loop (param i32) (result i32) (call $tick) (br 0)) (drop))`,
  'a tail call of itself': '(func $f (export "run") (call $tick) (return_call $f))',
  'tail calls in a circle through a table': `(type $t (func)) (table funcref (elem $a $b))
    (func $a (call $tick) (return_call_indirect (type $t) (i32.const 1))) (func $b (return_call_indirect (type $t) (i32.const 0)))
    (func (export "run") (call $a))`,
  'a tree of calls, each twice': chain((next) => `(call ${next}) (call ${next})`),
  'loops shorter than a window, one in the other by calls': chain((next) => countDown(`(call ${next})`)),
  'a loop of an exception': '(tag $e) (func (export "run") (loop (call $tick) (try (do (throw $e)) (catch_all)) (br 0)))',
  'recursion in a tree': `(func $f (param i32) (if (local.get 0) (then (call $tick)
    (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 1)))))) (func (export "run") (call $f (i32.const 60)))`,
  'long fills': '(memory 300) (func (export "run") (local i32) (loop (call $tick) (global.set $n (i32.add (global.get $n) (i32.const 100000))) (memory.fill (i32.const 0) (i32.const 1) (i32.add (local.get 0) (i32.const 19000000))) (br 0)))',
}

for (const [name, text] of Object.entries(endless)) {
  for (const mode of ['live', 'exact'] as const) {
    test(`gives way, metered ${mode}: ${name}`, () => {
      let grants = 0
      let before = 0
      let most = 0
      let read = (): number => 0
      const running = start(assemble('wabt', `(module ${count} ${text})`), { mode }, grant, {}, () => {
        most = Math.max(most, read() - before)
        before = read()
        if (++grants === grantsMax) throw enough
      })
      const counter = running.instance.exports['n'] as WebAssembly.Global
      read = () => counter.value as number
      assert.throws(() => (running.instance.exports['run'] as () => void)(), enough)
      assert.ok(most <= grant * workPerFuelMax, `${most} steps between two calls of the yield`)
    })
  }
}

test('gives way in a function that has as many locals as the engine allows', () => {
  const locals = '(local i32)'.repeat(50_000)
  let grants = 0
  const { instance } = start(assemble('wabt', `(module (func (export "run") ${locals} (loop (br 0))))`), { mode: 'live' }, grant, {}, () => {
    if (++grants === 3) throw enough
  })
  assert.throws(() => (instance.exports['run'] as () => void)(), enough)
})

test('a callback from an import is found to be a way back', () => {
  const text = `(module (import "env" "back" (func $back)) (func (export "run") (call $back)))`
  let depth = 0
  let run = (): void => {}
  const running = start(assemble('wabt', text), { mode: 'live' }, 10, { env: { back: () => { if (++depth < 100) run() } } })
  run = running.instance.exports['run'] as () => void
  run()
  assert.ok(running.yields() > 5)
})

test('a way back through a table that host code can fill is found', () => {
  const callers = [1, 2, 3, 4, 5].map((index) => `(func $f${index} (call_indirect (type $t) (i32.const 0)))`).join(' ')
  const text = `(module (type $t (func)) (table (export "table") 1 funcref)
    (func $main (call_indirect (type $t) (i32.const 0))) ${callers}
    (func (export "back") (param i32) (call $f1) (if (local.get 0) (then (call $f2) (call $f3) (call $f4) (call $f5)))))`
  const running = start(assemble('wabt', text), { mode: 'live' }, 10)
  const { exports } = running.instance
  let depth = 0
  const back = exports['back'] as (more: number) => void
  const table = exports['table'] as WebAssembly.Table
  table.set(0, nullaryFunction(() => { if (++depth < 100) back(0) }))
  back(0)
  assert.ok(running.yields() > 5)
})

test('a call that goes no deeper is not charged, and one that does is', () => {
  const text = `(module (func $f (export "run") (param i32) (result i32)
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 0))
      (else (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1))))))))`
  for (const depth of [0, 1, 20]) {
    const { instance, spent } = start(assemble('wabt', text), { mode: 'live' }, 1000)
    assert.equal((instance.exports['run'] as (depth: number) => number)(depth), depth)
    assert.equal(spent(), depth, `${depth} deep`)
  }
})

test('small functions and loops are not charged at their entry', () => {
  const text = `(module (func $leaf (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
    (func $length (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "run") (drop (call $leaf (i32.const 1))) (call $length (i32.const 5))))`
  const { rewritten } = start(assemble('wabt', text), { mode: 'live' }, 10)
  assert.equal(rewritten.entries, 0)
  assert.equal(rewritten.loops, 1)
})

test('without a function in the table it ends by a trap', () => {
  const running = start(assemble('wabt', '(module (func (export "run") (loop (br 0))))'), { mode: 'live' }, 10)
  const table = running.instance.exports['__kaleidos_yield'] as WebAssembly.Table
  table.set(0, null)
  assert.throws(() => (running.instance.exports['run'] as () => void)(), WebAssembly.RuntimeError)
})
