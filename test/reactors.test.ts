// Reactors share the host's stack with the kernel. One that is at its end must not leave the kernel half way through a change:
// the core looks for room before it serves, and without that about a quarter of these recursions left a microkernel stuck.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { Errno } from '../src/fiber/index.ts'
import { boot, kernels } from '../src/index.ts'
import { assembler } from '../src/walls/wasm/rewriter/testing/assemble.ts'

/** Host frames below the recursion: each lets the stack end at another place in the kernel. */
const depths = [0, 1, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29]

const assemble = assembler({ wabt: await loadWabt(), binaryen })

/** Opens and closes a new file at every depth, for ever. */
const recursion = assemble('wabt', `(module
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "f")
  (func $deep (export "deep") (param i32)
    (drop (call $open (i32.const 3) (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 1)
      (i64.const 0x3fffffff) (i64.const 0) (i32.const 0) (i32.const 300)))
    (drop (call $close (i32.load (i32.const 300))))
    (call $deep (i32.add (local.get 0) (i32.const 1)))
    (i32.store (i32.const 0) (local.get 0))))`)

for (const [name, kernel] of Object.entries(kernels)) {
  test(`${name}: a reactor that recurses to the end of the stack ends, and the kernel serves on`, async () => {
    for (const depth of depths) {
      await using os = await boot({ kernel: kernel() })
      const { process, instance } = await os.react(recursion, { args: ['deep'], stdin: null, stdout: null, stderr: null })
      const deep = instance.exports['deep'] as (n: number) => void
      const from = (frames: number): void => { if (frames > 0) from(frames - 1); else deep(0) }
      assert.throws(() => from(depth))
      const exit = await process.wait()
      assert.equal(exit.signal, 'SIGSEGV', exit.message)
      assert.equal(os.stats().counters.faults, 0)
      assert.deepEqual(await os.fs.readdir('/'), ['dev', 'f', 'proc'])
    }
  })
}

/** Reads its standard input, which is an empty pipe; polls it together with a clock that has come already. */
const waiter = assemble('wabt', `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\00\\01\\00\\00\\10\\00\\00\\00")
  (func (export "read") (result i32) (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
  ;; Subscriptions of 48 bytes at 1024: a relative timeout of the monotonic clock, and descriptor 0 for reading.
  (func (export "poll") (param $timeout i64) (result i32)
    (i32.store8 (i32.const 1032) (i32.const 0))
    (i32.store (i32.const 1040) (i32.const 1))
    (i64.store (i32.const 1048) (local.get $timeout))
    (i32.store8 (i32.const 1080) (i32.const 1))
    (call $poll (i32.const 1024) (i32.const 2048) (i32.const 2) (i32.const 4096))))`)

for (const [name, kernel] of Object.entries(kernels)) {
  test(`${name}: a call of a reactor that would wait fails, and holds nothing of any server`, async () => {
    await using os = await boot({ kernel: kernel() })
    const { instance } = await os.react(waiter, { args: ['waiter'], stdin: 'pipe', stdout: null, stderr: null })
    const { read, poll } = instance.exports as { read: () => number, poll: (timeoutNs: bigint) => number }
    const allocated = (): unknown => os.stats().arenas.filter(arena => arena.domain !== 'host').map(arena => [arena.domain, arena.allocatedBytes])
    assert.equal(read(), Errno.EAGAIN)
    assert.equal(poll(10n ** 12n), Errno.EAGAIN)
    assert.equal(poll(0n), 0, 'what need not wait is served')
    const before = allocated()
    for (let i = 0; i < 50; i++) {
      assert.equal(read(), Errno.EAGAIN)
      assert.equal(poll(10n ** 12n), Errno.EAGAIN)
    }
    assert.deepEqual(allocated(), before)
    assert.equal(os.stats().counters.faults, 0)
  })
}
