/** Every shape is checked and drawn; those that need no more than this build boot, the others say what they need. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { boot, checkPlan, kernels, liveMachine, services } from '../../src/index.ts'
import { drawPlan } from '../../src/lab/draw-plan.ts'
import { unmetBy } from '../../src/link/index.ts'
import type { Plan } from '../../src/link/index.ts'
import { elsewhere, guest, libraryOs, partitions, twoFileSystems } from './plans.ts'

const program = (name: string): Uint8Array => readFileSync(new URL(`../../programs/wasm/${name}.wasm`, import.meta.url))

const unmet: readonly [Plan, readonly RegExp[]][] = [
  [libraryOs, []],
  [twoFileSystems, []],
  [guest, [/guest needs the virtual machine/]],
  [partitions, [/scheduler policy 'time-triggered'/]],
  [elsewhere, [/wall 'node'/, /gate 'wire'/]]
]

for (const [plan, expected] of unmet) {
  test(`${plan.name}: links without an error, is drawn, and says what it needs`, async () => {
    assert.deepEqual(checkPlan(plan, services), [])
    const drawing = drawPlan(plan)
    for (const domain of plan.domains) assert.ok(drawing.includes(domain.name), `the drawing shows ${domain.name}:\n${drawing}`)
    const lines = unmetBy(plan)
    assert.equal(lines.length, expected.length, lines.join('\n'))
    for (const pattern of expected) assert.ok(lines.some(line => pattern.test(line)), lines.join('\n'))
    if (expected.length > 0) await assert.rejects(boot({ kernel: plan }), expected[0]!)
  })
}

test('a plan survives being written as JSON and read again: it is data', () => {
  for (const plan of [...Object.values(kernels).map(kernel => kernel()), ...unmet.map(([plan]) => plan)]) {
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), plan)
  }
})

test('library OS: each program has a file system of its own', async () => {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const machine = liveMachine({ stdout, stderr })
  const os = await boot({ kernel: libraryOs, machine })
  const writes = os.spawn(program('cp'), { args: ['cp', '/dev/null', '/mine.txt'] })
  assert.equal((await writes.wait()).status, 0, String(stderr.read()))
  const lists = os.spawn(program('ls'), { args: ['ls', '/'] })
  assert.equal((await lists.wait()).status, 0)
  await machine.console.flush()
  assert.equal(String(stdout.read()), 'dev\n', 'the second program does not see the first one\'s file')
  await os.close()
  machine.close()
})

test('a system whose machine was closed under it can be closed', { timeout: 10_000 }, async () => {
  const machine = liveMachine({})
  const os = await boot({ kernel: kernels.monolithic(), machine })
  await os.spawn(program('spin'), { args: ['spin'] }).started
  machine.close()
  await os.close()
})

test('two file systems: each keeps its own files, and its own limit', async () => {
  await using os = await boot({ kernel: twoFileSystems })
  await os.fs.writeFile('/a.txt', 'on the first')
  await os.fs.writeFile('/second/b.txt', 'on the second')
  assert.deepEqual(await os.fs.readdir('/'), ['a.txt', 'dev', 'second'])
  assert.deepEqual(await os.fs.readdir('/second'), ['b.txt'])
  await assert.rejects(os.fs.rename('/a.txt', '/second/a.txt'), { code: 'EXDEV' })
  await assert.rejects(os.fs.writeFile('/second/large', new Uint8Array(100_000)), { code: 'ENOSPC' })
  await os.fs.unlink('/second/large')
  await os.fs.writeFile('/large', new Uint8Array(100_000))
  const copy = await os.spawn(program('cp'), { args: ['cp', '/a.txt', '/second/c.txt'] }).wait()
  assert.equal(copy.status, 0)
  assert.equal(await os.fs.readText('/second/c.txt'), 'on the first')
})
