/** A program that listens, and a host that connects to it: sock_accept, sock_recv, sock_send, sock_shutdown. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boot, kernels } from '../../src/index.ts'
import type { OperatingSystem } from '../../src/index.ts'
import { planNamed, program } from '../system/support.ts'

async function exchange (os: OperatingSystem, text: Uint8Array): Promise<Uint8Array> {
  const { readable, writable } = await os.connect('shout')
  const writer = writable.getWriter()
  const sent = writer.write(text).then(() => writer.close())
  const pieces: Uint8Array[] = []
  for await (const piece of readable) pieces.push(piece)
  await sent
  return Buffer.concat(pieces)
}

for (const [name, kernel] of Object.entries(planNamed)) {
  test(`${name}: connections are served one after the other, more bytes than a buffer holds`, async () => {
    await using os = await boot({ kernel: kernel() })
    // Descriptors 0 to 2 are streams, 3 is the root, 4 listens.
    const server = os.spawn(program('serve'), { args: ['serve', '4', '3'], listen: ['shout'], stdin: null })
    await server.started
    const large = new Uint8Array(300_000).fill(0x61)
    const answers = await Promise.all([exchange(os, new TextEncoder().encode('first')), exchange(os, large), exchange(os, new Uint8Array(0))])
    assert.equal(new TextDecoder().decode(answers[0]), 'FIRST')
    assert.equal(answers[1]!.length, 300_000)
    assert.ok(answers[1]!.every(byte => byte === 0x41))
    assert.equal(answers[2]!.length, 0)
    assert.equal((await server.wait()).status, 0)
  })
}

test('nobody listens: the connection is refused', async () => {
  await using os = await boot({ kernel: kernels.monolithic() })
  await assert.rejects(os.connect('nobody'), { code: 'ECONNREFUSED' })
})
