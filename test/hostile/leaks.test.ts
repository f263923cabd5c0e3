// Memory and handles of the host are where they were after 10,000 programs were spawned and have ended, and after 100 systems
// were booted and closed. Measured in a process of its own, after its garbage was collected.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import { kernelNames, multiprogram } from '../system/support.ts'

interface Held {
  readonly heapUsed: number
  readonly external: number
  readonly arrayBuffers: number
  readonly descriptors: number
  readonly maps: number
  readonly resources: readonly string[]
}

const fixture = new URL('./leaks-fixture.ts', import.meta.url).pathname
const KIB = 1024

async function run (what: string, kernel: string, rounds: number): Promise<{ before: Held, after: Held }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', fixture, what, kernel, String(rounds)])
  return JSON.parse(stdout) as { before: Held, after: Held }
}

function assertAsBefore ({ before, after }: { before: Held, after: Held }, heapBytesMax: number): void {
  const told = JSON.stringify({ before, after })
  assert.ok(after.heapUsed <= before.heapUsed + heapBytesMax, `heap: ${told}`)
  assert.ok(after.external <= before.external + 256 * KIB, `outside the heap: ${told}`)
  assert.ok(after.arrayBuffers <= before.arrayBuffers + 256 * KIB, `buffers: ${told}`)
  assert.equal(after.descriptors, before.descriptors, `descriptors: ${told}`)
  assert.deepEqual(after.resources, before.resources)
  // The heap's own pages come and go; a program takes four and more, a system some.
  assert.ok(after.maps <= before.maps + 500, `maps: ${told}`)
}

describe('what the host holds', { concurrency: 2 }, () => {
  for (const kernel of multiprogram) {
    test(`${kernel}: after 10,000 programs`, async () => {
      // 200 bytes of each that stayed would be seen.
      assertAsBefore(await run('spawns', kernel, 10_000), 2000 * KIB)
    })
  }
  for (const kernel of kernelNames) {
    test(`${kernel}: after 100 systems`, async () => {
      // 10 KiB of each that stayed would be seen.
      assertAsBefore(await run('boots', kernel, 100), 1000 * KIB)
    })
  }
})
