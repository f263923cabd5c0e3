// Servers are killed while programs work: what programs get is right, or an error; nothing is wrong, and nothing waits for ever.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boot, kernels } from '../../src/index.ts'
import { settle } from '../../src/fiber/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { Domains } from '../../src/roles/index.ts'
import type { Plan } from '../../src/index.ts'
import { program } from './support.ts'

const LOST = 'Previous owner died'

/** The supervised microkernel, whose servers may die as often as this test has them die. */
function tireless (): Plan {
  const plan = kernels.microkernel({ supervised: true })
  return { ...plan, domains: plan.domains.map(domain => domain.supervision === undefined ? domain : { ...domain, supervision: { ...domain.supervision, restarts: 1e6, backoffMs: 0 } }) }
}

test('files and pipes under load, with a server killed every few milliseconds', { timeout: 60_000 }, async () => {
  await using os = await boot({ kernel: tireless() })
  const system = systemOf(os)
  const domains = system.host.reach(Domains) as unknown as Domains
  const supervised = async () => {
    const all = await system.run('look', () => settle(domains.supervised()))
    assert.ok(typeof all === 'object')
    return all
  }
  const { names } = await supervised()
  let turn = 0
  const killer = setInterval(() => { void system.run('kill', () => settle(domains.kill(turn++ % names.length))) }, 10)
  const data = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 31 + (i >> 8)) & 255)
  const right: string[] = []
  const lost: string[] = []
  const work = async (what: string, act: () => Promise<boolean>): Promise<void> => {
    try {
      const isRight = await act()
      ;(isRight ? right : lost).push(what)
    } catch (error) {
      // An error, and nothing wrong.
      assert.equal((error as { code?: string }).code, 'EOWNERDEAD', `${what}: ${String(error)}`)
      lost.push(what)
    }
  }
  const cat = async (): Promise<boolean> => {
    const { status, stdout, stderr } = await os.spawn(program('cat'), { args: ['cat'], stdin: data }).output()
    // Whoever could not be given all of its input was killed.
    if (status !== 0 && status !== 137) assert.match(Buffer.from(stderr).toString(), new RegExp(LOST))
    if (status === 0) assert.equal(firstDifference(stdout, data), -1, `cat gave other bytes, ${stdout.length} of ${data.length}`)
    return status === 0
  }
  const worker = async (name: string): Promise<void> => {
    for (let round = 0; round < 6; round++) {
      await work('file', async () => {
        await os.fs.writeFile(name, data)
        assert.equal(firstDifference(await os.fs.readFile(name), data), -1, 'a file has other bytes')
        return true
      })
      await work('cat', cat)
    }
  }
  try {
    await Promise.all(['/a', '/b', '/c'].map(worker))
  } finally {
    clearInterval(killer)
  }
  const { restarts, states } = await supervised()
  assert.ok(restarts.every(count => count > 0), `every server was made anew: ${restarts.join(' ')}`)
  assert.ok(states.every(state => state === 0))
  assert.ok(right.includes('file'), `right: ${right.length}, lost: ${lost.length}`)
  assert.equal(os.stats().counters.faults, 0)
})

/** Where the bytes differ, or one ends; -1 when they do not. */
function firstDifference (bytes: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < Math.max(bytes.length, other.length); at++) if (bytes[at] !== other[at]) return at
  return -1
}
