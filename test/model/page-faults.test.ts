/** What page faults cost on modelled hardware, by who pages. */

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { boot, kernels, modelMachine, presets } from '../../src/index.ts'
import type { Plan } from '../../src/index.ts'

const bytes = await readFile(new URL('../../programs/wasm/grow.wasm', import.meta.url))

/** How long a program takes that takes and touches so much memory, in cycles, and the trace's hash. */
async function touching (kernel: Plan, mib: number): Promise<{ readonly cycles: number, readonly hash: string }> {
  const machine = modelMachine({ profile: 'pentium' })
  await using os = await boot({ kernel, machine })
  const { status } = await os.spawn(bytes, { args: ['grow', `${mib}`] }).output()
  assert.equal(status, 0)
  return { cycles: machine.timing.nowCycles, hash: machine.traceHash }
}

/** Cycles for each page of 4 KiB between 1 and 3 MiB. */
async function aPage (kernel: Plan): Promise<number> {
  return ((await touching(kernel, 3)).cycles - (await touching(kernel, 1)).cycles) / 512
}

test('a page that is touched first costs an exception and its filling, a message more where a user domain pages, and nothing beside the kernel', async () => {
  const unikernel = await aPage(kernels.unikernel())
  const linux = await aPage(presets.linux())
  const l4linux = await aPage(presets.l4linux())
  const { trapEntry, trapExit, map, copy } = modelMachine({ profile: 'pentium' }).profile
  // What the hardware takes is known; the core's work is on top.
  assert.ok(linux - unikernel > trapEntry + trapExit + map.perPage + 4096 * copy.perByte, `${linux} cycles a page, ${unikernel} without page faults`)
  // Two ways more through the supervisor.
  assert.ok(l4linux - linux > 2 * (trapEntry + trapExit), `${l4linux} cycles a page where a server pages, ${linux} where the kernel does`)
  // Mach fills empty pages itself.
  assert.ok(Math.abs(await aPage(presets['mklinux-user']()) - linux) < 10)
})

test('runs that fault are the same again', async () => {
  assert.equal((await touching(presets.l4linux(), 2)).hash, (await touching(presets.l4linux(), 2)).hash)
})
