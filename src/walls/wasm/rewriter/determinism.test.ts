// In exact mode a program computes the same on every host: no NaN shows bits that a processor chose, and what
// cannot be made one choice is refused by its name.

import assert from 'node:assert/strict'
import test from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { rewrite } from './index.ts'
import { assembler } from './testing/assemble.ts'
import { start } from './testing/start.ts'

const assemble = assembler({ wabt: await loadWabt(), binaryen })

/** Runs the export `run` of a module, in exact mode. */
function run(text: string): unknown {
  const running = start(assemble('wabt', text), { mode: 'exact' }, 1000)
  return (running.instance.exports['run'] as () => unknown)()
}

const hex = (value: unknown, width: 32 | 64): string => BigInt.asUintN(width, BigInt(value as number | bigint)).toString(16)

interface Scalar { readonly bits: 32 | 64, readonly canonical: string, readonly nans: readonly string[], readonly integer: string }

const scalars: Readonly<Record<'f32' | 'f64', Scalar>> = {
  f32: { bits: 32, canonical: '7fc00000', nans: ['nan:0x200001', '-nan:0x1', '-nan:0x7fffff', 'nan'], integer: 'i32' },
  f64: { bits: 64, canonical: '7ff8000000000000', nans: ['nan:0x4000000000001', '-nan:0x1', '-nan:0xfffffffffffff', 'nan'], integer: 'i64' }
}
const two = ['add', 'sub', 'mul', 'div', 'min', 'max']
const one = ['sqrt', 'ceil', 'floor', 'trunc', 'nearest']

/** Expressions that make a NaN: of operands that are none, and of NaNs of all kinds. */
function made(type: 'f32' | 'f64'): string[] {
  const { nans } = scalars[type]
  const other = type === 'f32' ? 'f64' : 'f32'
  const constants = nans.map(nan => `(${type}.const ${nan})`)
  return [
    `(${type}.div (${type}.const 0) (${type}.const 0))`, `(${type}.sub (${type}.const inf) (${type}.const inf))`,
    `(${type}.mul (${type}.const inf) (${type}.const -0))`, `(${type}.sqrt (${type}.const -1))`,
    ...two.flatMap(operation => constants.flatMap(nan => [
      `(${type}.${operation} ${nan} (${type}.const 1))`, `(${type}.${operation} (${type}.const 1) ${nan})`, `(${type}.${operation} ${nan} ${constants[0]!})`
    ])),
    ...one.flatMap(operation => constants.map(nan => `(${type}.${operation} ${nan})`)),
    ...scalars[other].nans.map(nan => `(${type}.${type === 'f32' ? 'demote_f64' : 'promote_f32'} (${other}.const ${nan}))`)
  ]
}

/** Ways by which the bits of a value can be seen. */
const ways = (type: 'f32' | 'f64', integer: string): Readonly<Record<string, (value: string) => string>> => ({
  'at once': value => `(${integer}.reinterpret_${type} ${value})`,
  'through memory': value => `(${type}.store (i32.const 8) ${value}) (${integer}.load (i32.const 8))`,
  'through a local': value => `(local.set $local ${value}) (${integer}.reinterpret_${type} (local.get $local))`,
  'through a global': value => `(global.set $global ${value}) (${integer}.reinterpret_${type} (global.get $global))`,
  'through a call': value => `(call $pass ${value})`,
  'through a result': () => `(${integer}.reinterpret_${type} (call $give))`,
  'through a block': value => `(${integer}.reinterpret_${type} (block (result ${type}) ${value}))`,
  'through a select': value => `(${integer}.reinterpret_${type} (select ${value} (${type}.const 1) (i32.const 1)))`,
  'in the midst of other operands': value => `(${integer}.reinterpret_${type} (${type}.abs (${type}.add ${value} (${type}.load (i32.const 64)))))`
})

for (const type of ['f32', 'f64'] as const) {
  const { bits, canonical, integer } = scalars[type]
  for (const [way, see] of Object.entries(ways(type, integer))) {
    test(`every ${type} that an operation makes is the one NaN: ${way}`, () => {
      for (const value of made(type)) {
        const text = `(module (memory 1) (global $global (mut ${type}) (${type}.const 0))
          (func $pass (param ${type}) (result ${integer}) (${integer}.reinterpret_${type} (local.get 0)))
          (func $give (result ${type}) ${value})
          (func (export "run") (result ${integer}) (local $local ${type}) ${see(value)}))`
        assert.equal(hex(run(text), bits), canonical, value)
      }
    })
  }

  test(`what moves the bits of an ${type} leaves them as they are`, () => {
    for (const nan of scalars[type].nans) {
      const bitsOf = (value: string): string => hex(run(`(module (memory 1) (func (export "run") (result ${integer})
        (${type}.store (i32.const 8) (${type}.const ${nan})) (${integer}.reinterpret_${type} ${value})))`), bits)
      const loaded = `(${type}.load (i32.const 8))`
      const own = bitsOf(`(${type}.const ${nan})`)
      assert.equal(bitsOf(loaded), own)
      assert.equal(bitsOf(`(${type}.neg (${type}.neg ${loaded}))`), own)
      assert.equal(bitsOf(`(select ${loaded} (${type}.const 1) (i32.const 1))`), own)
      assert.notEqual(bitsOf(`(${type}.neg ${loaded})`), own)
    }
  })
}

const vectors = { f32x4: { lane: 'f32', integer: 'i32x4', width: 32, lanes: 4 }, f64x2: { lane: 'f64', integer: 'i64x2', width: 64, lanes: 2 } } as const
for (const [type, { lane, integer, width, lanes }] of Object.entries(vectors)) {
  test(`every lane of an ${type} that an operation makes is a number or the one NaN`, () => {
    const { canonical, nans } = scalars[lane]
    const values = lanes === 4 ? [nans[0], '1', nans[1], nans[2]] : [nans[0], nans[2]]
    const some = `(v128.const ${type} ${values.join(' ')})`
    const none = `(v128.const ${type} ${values.map(value => value === '1' ? '1' : '-inf').join(' ')})`
    const expressions = [
      ...two.flatMap(operation => [`(${type}.${operation} ${some} ${none})`, `(${type}.${operation} ${none} ${some})`]),
      ...one.map(operation => `(${type}.${operation} ${some})`),
      `(${type}.sub ${none} ${none})`, `(${type}.mul ${none} (v128.const ${type} ${values.map(value => value === '1' ? '1' : '0').join(' ')}))`
    ]
    for (const expression of expressions) {
      for (let index = 0; index < lanes; index++) {
        const seen = run(`(module (func (export "run") (result ${integer.slice(0, 3)}) (${integer}.extract_lane ${index} ${expression})))`)
        if (values[index] !== '1') assert.equal(hex(seen, width), canonical, `${expression}, lane ${index}`)
        else assert.notEqual(hex(seen, width), canonical, `${expression}, lane ${index}`)
      }
    }
  })
}

test('a vector of one kind is canonical before it is taken for one of the other', () => {
  const nan = '(f32x4.div (v128.const f32x4 0 0 0 0) (v128.const f32x4 0 0 0 0))'
  // Two canonical NaNs side by side are a number of the other kind.
  const seen = run(`(module (func (export "run") (result i64) (i64x2.extract_lane 0 (f64x2.add ${nan} (v128.const f64x2 0 0)))))`)
  assert.equal(hex(seen, 64), '7fc000007fc00000')
  const bits = run(`(module (func (export "run") (result i64) (i64x2.extract_lane 0 (f64x2.abs ${nan}))))`)
  assert.equal(hex(bits, 64), '7fc000007fc00000')
})

const refused: Readonly<Record<string, [text: string, message: RegExp]>> = {
  'relaxed SIMD': ['(module (func (export "f") (result v128) (f32x4.relaxed_madd (v128.const i32x4 1 1 1 1) (v128.const i32x4 1 1 1 1) (v128.const i32x4 1 1 1 1))))', /relaxed SIMD \(f32x4\.relaxed_madd\)/],
  'the last of relaxed SIMD': ['(module (func (export "f") (result v128) (i32x4.relaxed_dot_i8x16_i7x16_add_s (v128.const i32x4 1 1 1 1) (v128.const i32x4 1 1 1 1) (v128.const i32x4 1 1 1 1))))', /relaxed SIMD \(i32x4\.relaxed_dot_i8x16_i7x16_add_s\)/],
  'a shared memory': ['(module (memory 1 2 shared))', /shared memory/],
  'an imported shared memory': ['(module (import "env" "memory" (memory 1 2 shared)))', /shared memory/],
  notify: ['(module (memory 1) (func (export "f") (result i32) (memory.atomic.notify (i32.const 0) (i32.const 1))))', /memory\.atomic\.notify/],
  wait: ['(module (memory 1) (func (export "f") (result i32) (memory.atomic.wait64 (i32.const 0) (i64.const 0) (i64.const -1))))', /memory\.atomic\.wait64/]
}
for (const [name, [text, message]] of Object.entries(refused)) {
  test(`refused by its name, in exact mode only: ${name}`, () => {
    const bytes = assemble('wabt', text)
    const result = rewrite(bytes, { mode: 'exact' })
    assert.ok('kind' in result && result.kind === 'nondeterministic', 'it is not refused')
    assert.match(result.message, message)
    assert.ok(!('kind' in rewrite(bytes, { mode: 'live' })))
  })
}
