// The soak for a short while: what `npm run soak` does for an hour. A system of which something is left behind is found out.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'

/** Of each kernel: long enough for some hundred processes, with others at work on the same machine. */
const SOAK_MINUTES = 0.25

const script = fileURLToPath(new URL('../../scripts/soak.mjs', import.meta.url))

for (const kernel of ['monolithic', 'microkernel', 'microkernel-supervised', 'mklinux-user']) {
  test(`${kernel}: ${SOAK_MINUTES * 60} s of random work leave nothing`, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--minutes', String(SOAK_MINUTES), '--seed', '1', '--kernel', kernel])
    assert.match(stdout, /rounds, \d+ processes begun/)
  })
}

test('what is no kernel, and no number, is refused', async () => {
  for (const args of [['--kernel', 'none'], ['--minutes', 'x'], ['--seed', '-1']]) {
    await assert.rejects(promisify(execFile)(process.execPath, [script, ...args]), (error: { code: number, stderr: string }) => error.code === 2 && /--minutes is a number/.test(error.stderr))
  }
})
