/** Programs that host code calls: what would make them wait is told to come again, and what can be done at once is done. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { boot, kernels } from '../../src/index.ts'
import type { Reactor } from '../../src/index.ts'
import { Errno } from '../../src/fiber/index.ts'
import { PIPE_BYTES } from '../../src/roles/index.ts'
import { assembler } from '../../src/walls/wasm/rewriter/testing/assemble.ts'
import { planNamed } from '../system/support.ts'

const assemble = assembler({ wabt: await loadWabt(), binaryen })

/** `move(call, fd, bytes)`: fd_read (0) or fd_write (1); the errno. `count()`: how many bytes the last one moved. */
const mover = assemble('wabt', `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (func (export "move") (param i32 i32 i32) (result i32)
    (i32.store (i32.const 8) (i32.const 0))
    (i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (local.get 2))
    (if (result i32) (local.get 0)
      (then (call $write (local.get 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (else (call $read (local.get 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
  (func (export "count") (result i32) (i32.load (i32.const 8))))`)

function calls (reactor: Reactor): { move: (call: number, fd: number, bytes: number) => number, count: () => number } {
  return reactor.instance.exports as unknown as ReturnType<typeof calls>
}

for (const [name, kernel] of Object.entries(planNamed)) {
  test(`${name}: a write to a pipe is short when it has not room for all, and told to come again when it has none`, async () => {
    await using os = await boot({ kernel: kernel() })
    const reactor = await os.react(mover)
    const { move, count } = calls(reactor)
    assert.equal(move(1, 1, PIPE_BYTES - 100), 0)
    assert.equal(count(), PIPE_BYTES - 100)
    assert.equal(move(1, 1, 5000), 0)
    assert.equal(count(), 100)
    assert.equal(move(1, 1, 5000), Errno.EAGAIN)
    // The host reads, and there is room again: nothing came twice.
    let got = 0
    const reader = reactor.process.stdout.getReader()
    while (got < PIPE_BYTES) got += (await reader.read()).value!.length
    assert.equal(got, PIPE_BYTES)
    assert.equal(move(1, 1, 10), 0)
  })

  test(`${name}: a read of nothing is told to come again, and then has what came`, async () => {
    await using os = await boot({ kernel: kernel() })
    const reactor = await os.react(mover)
    const { move, count } = calls(reactor)
    assert.equal(move(0, 0, 10), Errno.EAGAIN)
    await reactor.process.stdin.getWriter().write(new TextEncoder().encode('abc'))
    assert.equal(move(0, 0, 10), 0)
    assert.equal(count(), 3)
  })
}

test('a program that has ended is not called any more, but the host\'s collector may still drop its handles', async () => {
  const reactive = assemble('wabt', `(module (memory (export "memory") 1)
    (func (export "canonical_abi_drop_thing") (param i32) (if (local.get 0) (then unreachable)))
    (func (export "call") (param i32)))`)
  const os = await boot({ kernel: kernels.monolithic() })
  const { instance } = await os.react(reactive)
  const exports = instance.exports as Record<string, (handle: number) => void>
  exports['canonical_abi_drop_thing']!(0)
  exports['call']!(0)
  await os.close()
  assert.throws(() => exports['call']!(0), /the program has ended/)
  // In a finalizer nobody could catch it, and the host would end.
  exports['canonical_abi_drop_thing']!(1)
})
