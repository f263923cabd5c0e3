// What the walls `thread` and `process` are said to hold, tried: a hostile service behind one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { boot, kernels, services, withWalls } from '../../src/index.ts'
import type { Plan } from '../../src/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { settle } from '../../src/fiber/index.ts'
import { program } from '../system/support.ts'
import { hostile } from './hostile-service.ts'
import type { Behaviour } from './hostile-service.ts'

const occupant = new URL('hostile-service.ts', import.meta.url).href
const HEAP_BYTES = 48 * 2 ** 20

function planOf (wall: 'thread' | 'process', behaviour: Behaviour): Plan {
  const plan = withWalls(kernels.microkernel(), { entropy: wall })
  return {
    ...plan,
    domains: plan.domains.map(domain => domain.name !== 'entropy' ? domain : { ...domain, heapBytesMax: HEAP_BYTES, services: [{ service: 'hostile', as: 'entropy', options: { behaviour } }], devices: [] })
  }
}

async function start (wall: 'thread' | 'process', behaviour: Behaviour) {
  const os = await boot({ kernel: planOf(wall, behaviour), occupant, services: new Map([...services, ['hostile', hostile]]) })
  const system = systemOf(os)
  /** Asks for random bytes as the host: what came back, and the bytes. */
  const ask = (): Promise<{ status: number, bytes: Uint8Array }> => system.run('ask', function * () {
    const { Entropy, WRITE, Window } = roles
    const entropy = system.host.reach(Entropy as never) as unknown as { fill (into: unknown): never }
    const { arena } = system.host
    const at = arena.allocate(256)
    const status = yield * settle<number>(entropy.fill(Window.of(arena, at, 256, WRITE, system.state.counters)))
    return { status, bytes: arena.bytes.slice(at, at + 256) }
  })
  /** Another program, and with it every other server, is served. */
  const othersGoOn = async (): Promise<void> => {
    await os.fs.writeFile('/there', 'b\na\n')
    const { status, text } = await os.spawn(program('sort'), { args: ['sort', '/there'], stdin: null }).output()
    assert.deepEqual([status, text], [0, 'a\nb\n'])
  }
  return { os, system, ask, othersGoOn }
}

const roles = await import('../../src/roles/index.ts')
const OWNER_DEAD = -62

for (const wall of ['thread', 'process'] as const) {
  test(`${wall}: processor and kill: a service that loops for ever stops nobody else, and can be ended`, { timeout: 60_000 }, async () => {
    const { os, system, ask, othersGoOn } = await start(wall, 'busy')
    try {
      const asked = ask()
      await pass(50)
      await othersGoOn()
      system.state.end(system.domains.get('entropy')!, 'killed by the test')
      assert.equal((await asked).status, OWNER_DEAD)
      await othersGoOn()
    } finally {
      await os.close()
    }
  })

  test(`${wall}: heap: a service that fills its heap loses it, and nobody else anything`, { timeout: 120_000 }, async () => {
    const { os, system, ask, othersGoOn } = await start(wall, 'hoard')
    try {
      const before = process.memoryUsage().rss
      assert.equal((await ask()).status, OWNER_DEAD)
      assert.ok(process.memoryUsage().rss - before < 20 * HEAP_BYTES, 'the cap is a cap')
      assert.equal(system.state.faults[0]!.domain, 'entropy')
      await othersGoOn()
    } finally {
      await os.close()
    }
  })

  for (const behaviour of ['exit', 'throw', ...wall === 'thread' ? ['garbage'] as const : []] as const) {
    test(`${wall}: integrity: a service that does '${behaviour}' is lost, and nothing else`, { timeout: 60_000 }, async () => {
      const { os, system, ask, othersGoOn } = await start(wall, behaviour)
      try {
        const { status } = await ask()
        assert.equal(status, OWNER_DEAD)
        assert.deepEqual(system.state.faults.map(({ domain }) => domain), ['entropy'])
        assert.match(system.state.faults[0]!.message, behaviour === 'throw' ? /broken/ : behaviour === 'garbage' ? /Malformed/ : /ended/)
        await othersGoOn()
      } finally {
        await os.close()
      }
    })
  }

  test(`${wall}: a window is dead after its call, and what is written to its pages then reaches nobody`, { timeout: 60_000 }, async () => {
    const { os, system, ask } = await start(wall, 'late')
    try {
      const first = await ask()
      assert.deepEqual([first.status, first.bytes.every(byte => byte === 0x21)], [256, true])
      const second = await ask()
      assert.deepEqual([second.status, second.bytes.every(byte => byte === 0x21)], [256, true])
      assert.ok(first.bytes.every(byte => byte === 0x21))
      assert.ok(!system.host.arena.bytes.includes(0x55), 'no byte of the late writes is anywhere in the client')
      assert.deepEqual(system.state.faults, [])
    } finally {
      await os.close()
    }
  })

  test(`${wall}: confidentiality and integrity: neither side sees or changes what the other has as objects`, { timeout: 60_000 }, async () => {
    const kernel = globalThis as Record<string, unknown>
    kernel['secretOfTheKernel'] = 'secret'
    const { os, ask } = await start(wall, 'look')
    try {
      assert.equal((await ask()).status, 256)
      assert.equal(([] as unknown as { evil?: number }).evil, undefined)
      assert.equal(({} as { polluted?: number }).polluted, undefined)
    } finally {
      delete kernel['secretOfTheKernel']
      await os.close()
    }
  })
}
