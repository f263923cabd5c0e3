// Output that nobody reads: what a pipe still holds when its process ends is taken over, and the pipe is gone.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PIPE_BYTES } from '../../src/roles/index.ts'
import { MESSAGE_BUFFERS, domainOf, everyMultiprogram, program, start } from '../system/support.ts'

for (const kernel of everyMultiprogram) {
  test(`${kernel}: a process that ends with its output pipe full leaves no pipe behind, and its output can be read`, async () => {
    await using os = await start(kernel)
    const domain = domainOf(kernel, 'pipefs')
    const allocated = (): number => os.stats().arenas.find(arena => arena.domain === domain)!.allocatedBytes
    const run = async (): Promise<ReadableStream<Uint8Array>> => {
      const start = allocated()
      const cat = os.spawn(program('cat'), { args: ['cat'] })
      const writer = cat.stdin.getWriter()
      writer.write(new Uint8Array(4 * PIPE_BYTES)).catch(() => {})
      await cat.started
      // Its input and its output are full.
      for (let tries = 0; tries < 500 && allocated() < start + 2 * PIPE_BYTES; tries++) await sleep(2)
      await cat.kill('SIGKILL')
      await cat.wait()
      await sleep(20)
      return cat.stdout
    }
    await run()
    const before = allocated()
    const stdout = await run()
    const more = allocated() - before
    assert.ok(more >= 0 && more <= MESSAGE_BUFFERS, `${more} bytes`)
    let length = 0
    for await (const piece of stdout) length += piece.length
    assert.equal(length, PIPE_BYTES)
  })
}
