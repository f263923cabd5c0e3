/** Programs that import their memory: the loader makes it as they want it, with the cap that they are given. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { boot, kernels } from '../../src/index.ts'
import { assembler } from '../../src/walls/wasm/rewriter/testing/assemble.ts'

const assemble = assembler({ wabt: await loadWabt(), binaryen })

/** Grows its memory until that fails, and exits with the number of pages it got. */
const grower = (memory: string, type: string): Uint8Array => assemble('binaryen', `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "env" "memory" (memory ${memory}))
  (func (export "_start")
    (loop $more
      (br_if $more (${type}.ne (memory.grow (${type}.const 1)) (${type}.const -1))))
    (call $exit (${type === 'i64' ? 'i32.wrap_i64' : 'i32.add (i32.const 0)'} (memory.size)))))`)

for (const [name, memory, type] of [
  ['32 bits', '1 100', 'i32'], ['64 bits', 'i64 1 100', 'i64'], ['32 bits, without a maximum', '1', 'i32']
] as const) {
  test(`an imported memory of ${name} grows to the cap and no further`, async () => {
    await using os = await boot({ kernel: kernels.monolithic() })
    const exit = await os.spawn(grower(memory, type), { limits: { memoryBytes: 20 * 65536 } }).wait()
    assert.deepEqual([exit.kind, exit.status, exit.message], ['exit', 20, ''])
  })
}

test('a program that begins with more than its cap is refused, with the reason', async () => {
  await using os = await boot({ kernel: kernels.monolithic() })
  assert.throws(() => os.spawn(grower('30 100', 'i32'), { limits: { memoryBytes: 20 * 65536 } }), /memory|memories/)
})
