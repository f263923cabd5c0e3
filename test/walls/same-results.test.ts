// A program on a thread of its own gives what it gives in the kernel's thread: the same bytes, the same status, the same end.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cases, observe } from '../system/observations.ts'
import { here } from '../system/support.ts'
import { hostBehind } from './support.ts'

/** It takes for granted that a child which has nothing more to do has ended by the time it looks: on one processor, where it yielded. */
const takesTurns = 'family'

const behind = hostBehind('thread')

for (const given of cases.filter(({ args }) => args[0] !== takesTurns)) {
  test(`${given.args.join(' ')} is the same on a thread of its own`, async () => {
    const first = await observe(here, 'monolithic', given)
    for (const kernel of ['monolithic', 'microkernel'] as const) assert.deepEqual(await observe(behind, kernel, given), first, kernel)
  })
}
