// Memories that go from a program that has ended to the next: nothing that one had is ever seen by another.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { boot, kernels } from '../../src/index.ts'
import { multiprogram } from '../system/support.ts'
import { assemble } from './assemble.ts'

const imports = `(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))`
const program = (text: string): Uint8Array => assemble('wabt', `(module ${imports} (memory (export "memory") 1) ${text})`)

/** Fills its memory with 0xa5 from end to end, and ends in some way. */
const leaves = (end: string): Uint8Array => program(`(func (export "_start") (memory.fill (i32.const 0) (i32.const 0xa5) (i32.const 65536)) ${end})`)
const ends: Readonly<Record<string, string>> = {
  'returns': '',
  'exits': '(call $exit (i32.const 7))',
  'traps': 'unreachable',
  'grows and returns': '(drop (memory.grow (i32.const 1)))',
  'is killed while it waits': '(i32.store (i32.const 0) (i32.const 32)) (i32.store (i32.const 4) (i32.const 8)) (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))',
  'is killed while it computes': '(loop (br 0))'
}

/** Says whether all of its memory is zero, but for its own data. */
const looks = program(`(data (i32.const 1024) "my own") (func (export "_start") (local $at i32) (local $sum i32)
  (loop
    (local.set $sum (i32.or (local.get $sum) (i32.load8_u (local.get $at))))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (if (i32.eq (local.get $at) (i32.const 1024)) (then (local.set $at (i32.const 1030))))
    (br_if 0 (i32.lt_u (local.get $at) (i32.const 65536))))
  (if (i32.ne (memory.size) (i32.const 1)) (then (call $exit (i32.const 2))))
  (call $exit (i32.ne (local.get $sum) (i32.const 0))))`)

describe('the memory of a program that', () => {
  for (const kernel of multiprogram) {
    for (const [how, end] of Object.entries(ends)) {
      test(`${kernel}: ${how} is all zeros for the next`, async () => {
        await using os = await boot({ kernel: kernels[kernel]() })
        const secret = leaves(end)
        for (let round = 0; round < 3; round++) {
          const first = os.spawn(secret, { args: ['leaves'] })
          if (how.startsWith('is killed')) {
            await new Promise(resolve => { setTimeout(resolve, 30) })
            await first.kill('SIGKILL')
          }
          await first.wait()
          for (let again = 0; again < 2; again++) {
            assert.equal((await os.spawn(looks, { args: ['looks'] }).wait()).status, 0)
          }
        }
      })
    }
  }
})
