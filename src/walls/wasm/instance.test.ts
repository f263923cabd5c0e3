import assert from 'node:assert/strict'
import test from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { SystemCalls } from '../../roles/index.ts'
import { Image, ProgramInstance, Trampoline, loadImage } from './index.ts'
import { assembler } from './rewriter/testing/assemble.ts'

const assemble = assembler({ wabt: await loadWabt(), binaryen })

/** What neither calls. */
const others = Object.fromEntries(Object.keys(SystemCalls.operations).map(name => [name, () => 0]))

/** Counts down from a million, calls the system, and does a few things more. */
const program = assemble('wabt', `(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local i32) (local.set 0 (i32.const 1000000))
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (drop (call $yield))
    (f64.store (i32.const 8) (f64.sqrt (f64.load (i32.const 16))))))`)

test('an instance that is metered exactly tells what it has executed, at each call, when it gives way and at its end', async () => {
  const image = loadImage('program', program, { metering: 'exact' })
  assert.ok(image instanceof Image)
  const none = (): typeof total => ({ integer: 0, float: 0, memory: 0, branch: 0, call: 0 })
  const total = { integer: 0, float: 0, memory: 0, branch: 0, call: 0 }
  const grant = 300_000
  const grants: number[] = []
  let atCall = none()
  const trampoline = new Trampoline({
    try: { ...others, sched_yield: () => { instance.drain(atCall); return 0 } },
    wait: () => Promise.resolve(0),
    exit: () => {},
    giveWay: () => {
      grants.push(instance.drain(total))
      instance.fuel = grant
      return 0
    },
    grow: () => 1
  })
  const instance: ProgramInstance = new ProgramInstance(image, trampoline)
  instance.fuel = grant
  await instance.run()
  // A pass is two instructions; at the call there are those since it gave way last.
  assert.deepEqual(grants.map(executed => executed > grant && executed <= grant + 3), [true, true, true, true, true, true])
  const { integer, branch } = total
  assert.deepEqual(total, { ...none(), integer, branch })
  assert.equal(integer + atCall.integer, 1_000_000)
  assert.equal(branch + atCall.branch, 1_000_000)
  assert.equal(atCall.call, 1)
  const atEnd = none()
  assert.equal(instance.drain(atEnd), 3)
  assert.deepEqual(atEnd, { ...none(), float: 1, memory: 2 })
  assert.equal(instance.drain(atEnd), 0)
  atCall = none()
  assert.ok(!Object.keys(instance.exports).some(name => name.startsWith('__kaleidos')))
})

test('fuel that is set at a call holds from there on', async () => {
  const text = `(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
    (func $work (local i32) (local.set 0 (i32.const 10)) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "_start") (call $work) (drop (call $yield)) (call $work) (call $work)))`
  const image = loadImage('program', assemble('wabt', text), { metering: 'exact' })
  assert.ok(image instanceof Image)
  const counts = { integer: 0, float: 0, memory: 0, branch: 0, call: 0 }
  const seen: string[] = []
  const trampoline = new Trampoline({
    try: {
      ...others,
      sched_yield: () => {
        seen.push(`call ${instance.drain(counts)}`)
        instance.fuel = 25
        return 0
      }
    },
    wait: () => Promise.resolve(0),
    exit: () => {},
    giveWay: () => {
      seen.push(`gives way ${instance.drain(counts)}`)
      instance.fuel = 1_000_000
      return 0
    },
    grow: () => 1
  })
  const instance: ProgramInstance = new ProgramInstance(image, trampoline)
  instance.fuel = 1_000_000
  await instance.run()
  seen.push(`end ${instance.drain(counts)}`)
  // A call and ten passes of two; then the call of the system, and after it 25 and what is left of a pass.
  assert.deepEqual(seen, ['call 22', 'gives way 26', 'end 16'])
})
