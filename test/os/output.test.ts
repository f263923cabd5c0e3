// Output that nobody reads: what a pipe still holds when its process ends is taken over, and the pipe is gone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PIPE_BYTES } from '../../src/roles/index.ts'
import { multiprogram, program, start } from '../system/support.ts'

for (const kernel of multiprogram) {
  test(`${kernel}: a process that ends with its output pipe full leaves no pipe behind, and its output can be read`, async () => {
    await using os = await start(kernel)
    const domain = kernel === 'microkernel' ? 'pipefs' : 'kernel'
    const allocated = (): number => os.stats().arenas.find(arena => arena.domain === domain)!.allocatedBytes
    const run = async (): Promise<ReadableStream<Uint8Array>> => {
      const cat = os.spawn(program('cat'), { args: ['cat'] })
      const writer = cat.stdin.getWriter()
      writer.write(new Uint8Array(4 * PIPE_BYTES)).catch(() => {})
      await cat.started
      await sleep(20)
      await cat.kill('SIGKILL')
      await cat.wait()
      await sleep(20)
      return cat.stdout
    }
    await run()
    const before = allocated()
    const stdout = await run()
    assert.equal(allocated(), before)
    let length = 0
    for await (const piece of stdout) length += piece.length
    assert.equal(length, PIPE_BYTES)
  })
}
