// A program's results do not tell whether servers stand in the kernel's thread, in other threads or in other processes.
//
// Eight threads or processes are started for each run, which takes long: a run of each kind is made, and every one with
// KALEIDOS_WALLS=all.

import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import { kernels } from '../../src/index.ts'
import { cases, observe } from '../system/observations.ts'
import { here } from '../system/support.ts'

const all = process.env['KALEIDOS_WALLS'] === 'all'
const some = { thread: ['calls', 'cp', 'ls', 'sort', 'pipeline', 'jobs', 'recurse'], process: ['cp', 'ls'] }

for (const wall of ['thread', 'process'] as const) {
  const seen = new Set<string>()
  const chosen = cases.filter(({ args: [name = ''] }) => {
    const first = !seen.has(name)
    seen.add(name)
    return all || (first && some[wall].includes(name))
  })
  test(`${chosen.map(({ args }) => args.join(' ')).join('; ')}: the same with servers in the kernel's thread and behind the wall '${wall}'`, { timeout: 300_000 }, async () => {
    assert.ok(chosen.length > 1)
    for (const given of chosen) {
      const plain = await observe(here, 'microkernel', given)
      assert.deepEqual(await observe(here, kernels.microkernel({ wall }), given), plain, given.args.join(' '))
    }
  })
}
