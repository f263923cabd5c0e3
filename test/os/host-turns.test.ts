// Host code that waits for one call after the other does not keep its own timers from coming: a kernel that was idle in between
// had no turn of the event loop by that.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyName, program, start } from '../system/support.ts'

for (const kernel of everyName) {
  test(`${kernel}: a timer comes while host code asks a program again and again`, async () => {
    await using os = await start(kernel)
    const process = os.spawn(program('pingpong'), { args: ['pingpong', 'pong'] })
    const writer = process.stdin.getWriter()
    const reader = process.stdout.getReader()
    let came = false
    setTimeout(() => { came = true }, 20)
    // Without a turn this loop would never end, nor any timer that bounds the test come.
    const until = performance.now() + 5000
    while (!came && performance.now() < until) {
      await writer.write(Buffer.from('?'))
      await reader.read()
    }
    assert.ok(came, 'the timer did not come within 5 s')
    await process.kill()
  })
}
