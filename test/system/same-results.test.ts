// Each program of ours gives the same bytes and the same status under every kernel: what a kernel is made of shows in
// counts and times, never in results.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { cases, observe } from './observations.ts'
import { here, everyName, everyMultiprogram } from './support.ts'

/** What no run can be compared by: it never ends, or waits for another program. */
// The last two are those of campaigns: what they reach or see is to differ (src/lab/attacks, src/lab/faults).
const leftOut = new Set(['spin', 'pingpong', 'serve', 'attack', 'check'])

for (const given of cases) {
  const kernels = given.installed === undefined ? everyName : everyMultiprogram
  test(`${given.args.join(' ')} is the same under ${kernels.join(', ')}`, async () => {
    const [first, ...others] = await Promise.all(kernels.map(kernel => observe(here, kernel, given)))
    assert.equal(first!.status, given.status ?? 0, JSON.stringify(first))
    assert.match(first!.stdout, given.shows ?? /^/)
    others.forEach((other, i) => assert.deepEqual(other, first, `${kernels[i + 1]} differs from ${kernels[0]}`))
    assert.equal(first!.faults, 0)
  })
}

test('every program is compared', () => {
  const all = readdirSync(new URL('../../programs/wasm', import.meta.url)).map(file => file.replace(/\.wasm$/, ''))
  const compared = new Set(cases.map(given => given.args[0]))
  assert.deepEqual(all.filter(name => !compared.has(name) && !leftOut.has(name)), [])
})
