/** What makes a unikernel: only what the program needs is in it, one program in all its life, and a fault is the end. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { SystemPanic, boot, faulty, kernels, loadProgram } from '../../index.ts'
import type { Program } from '../../index.ts'
import { serviceOf } from '../../link/index.ts'
import { systemOf } from '../../os/index.ts'

const kernel = kernels.unikernel()

function program (name: string): Program {
  return loadProgram(readFileSync(new URL(`../../../programs/wasm/${name}.wasm`, import.meta.url)), { name })
}

/** A program that imports these calls of WASI and ends at once. */
function importing (...calls: readonly [name: string, parameters: number][]): Program {
  const text = (name: string): number[] => [name.length, ...new TextEncoder().encode(name)]
  const section = (id: number, ...bytes: number[]): number[] => [id, bytes.length, ...bytes]
  const i32 = 0x7f
  const types = calls.flatMap(([, parameters]) => [0x60, parameters, ...Array<number>(parameters).fill(i32), 1, i32])
  const imports = calls.flatMap(([name], type) => [...text('wasi_snapshot_preview1'), ...text(name), 0, type])
  const start = calls.length
  return loadProgram(Uint8Array.from([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, start + 1, ...types, 0x60, 0, 0),
    ...section(2, start, ...imports),
    ...section(3, 1, start),
    ...section(7, 1, ...text('_start'), 0, start),
    ...section(10, 1, 2, 0, 0x0b)
  ]), { name: calls.map(([name]) => name).join(' ') })
}

const needs: readonly [Program, readonly string[]][] = [
  [importing(), ['wasi', 'proc']],
  [importing(['args_sizes_get', 2]), ['wasi', 'proc']],
  [importing(['random_get', 2]), ['wasi', 'proc', 'entropy']],
  [importing(['clock_res_get', 2]), ['wasi', 'proc', 'clock']],
  [program('cat'), kernel.domains[0]!.services.map(placement => serviceOf(placement).as)]
]

for (const [image, services] of needs) {
  test(`an image for ${image.name || 'nothing'} has ${services.join(', ')} in it and nothing else`, async () => {
    await using os = await boot({ kernel, program: image })
    const started = systemOf(os).plan.domains.flatMap(domain => domain.services.map(placement => serviceOf(placement).as))
    assert.deepEqual(started, services)
    assert.equal((await os.spawn(image, { stdin: null, stdout: null, stderr: null, preopens: {} }).wait()).status, 0)
  })
}

test('an image without file services says so', async () => {
  const image = importing(['random_get', 2])
  await using os = await boot({ kernel, program: image })
  await assert.rejects(os.fs.readFile('/a'), /no file services/)
})

test('a second program is refused, while the first runs and after it', async () => {
  await using os = await boot({ kernel })
  const first = os.spawn(program('cat'), { args: ['cat'] })
  await first.started
  await assert.rejects(os.spawn(program('true')).wait(), { code: 'ENOTSUP' })
  await first.stdin.close()
  assert.equal((await first.wait()).status, 0)
  await assert.rejects(os.spawn(program('true')).wait(), { code: 'ENOTSUP' })
})

test('a fault of a service stops the system, and whoever waits for it is told', async () => {
  const decorate = faulty((info, operation) => info.to === 'ramfs' && operation === 'read' ? new Error('bad page') : null)
  const os = await boot({ kernel, decorate })
  await os.fs.writeFile('/a', 'text')
  const waiting = os.spawn(program('cat'), { args: ['cat', '/a'] }).wait()
  await assert.rejects(waiting, (error: Error) => error instanceof SystemPanic && /oops in image: Error: bad page/.test(error.message))
  await os.close()
})
