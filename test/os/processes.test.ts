// Processes as those see them who embed the library: lines, output, signals of abort, ends of scope, and what is no option.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { ClosedError, KaleidosError, ProgramError, SecondProgramError, SystemError, boot, kernels, loadProgram } from '../../src/index.ts'
import type { SpawnOptions } from '../../src/index.ts'
import { bytesOf, holdings, everyName, everyMultiprogram, program, sleep, start } from '../system/support.ts'

async function collect<T> (items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

for (const kernel of everyName) {
  test(`${kernel}: output comes line by line, however it is cut`, async () => {
    for (const [given, lines] of [
      ['one\ntwo\r\nthree', ['one', 'two', 'three']], ['', []], ['\n\n', ['', '']], ['é\n', ['é']],
      [`${'x'.repeat(200_000)}\ny\n`, ['x'.repeat(200_000), 'y']]
    ] as const) {
      await using os = await start(kernel)
      assert.deepEqual(await collect(os.spawn(program('cat'), { args: ['cat'], stdin: given }).lines()), lines)
    }
  })

  test(`${kernel}: output can be asked for again, and says so when somebody else reads it`, async () => {
    await using os = await start(kernel)
    const process = os.spawn(program('cat'), { args: ['cat'], stdin: 'text' })
    const [first, second] = await Promise.all([process.output(), process.output()])
    assert.equal(first, second)
    assert.equal((await process.output()).text, 'text')
    await using other = await start(kernel)
    const read = other.spawn(program('cat'), { args: ['cat'], stdin: 'text' })
    const reader = read.stdout.getReader()
    await assert.rejects(read.output(), { name: 'TypeError', message: /stdout of this process is being read already; .* wait\(\)/ })
    await reader.read()
    assert.equal((await read.wait()).status, 0)
  })

  test(`${kernel}: a program that waits or computes is ended by a signal that aborts`, async () => {
    for (const name of ['cat', 'spin']) {
      await using os = await start(kernel)
      const abort = new AbortController()
      const process = os.spawn(program(name), { args: [name], signal: abort.signal })
      await process.started
      abort.abort(new Error('no more'))
      await assert.rejects(process.wait(), { message: 'no more' })
      await assert.rejects(process.output(), { message: 'no more' })
      assert.equal(os.stats().processes, 0)
    }
  })

  test(`${kernel}: a signal that aborts before or after changes nothing`, async () => {
    await using os = await start(kernel)
    assert.throws(() => os.spawn(program('true'), { signal: AbortSignal.abort(new Error('before')) }), { message: 'before' })
    const abort = new AbortController()
    const process = os.spawn(program('true'), { signal: abort.signal })
    assert.equal((await process.wait()).status, 0)
    abort.abort()
    assert.equal((await process.wait()).status, 0)
  })
}

for (const kernel of everyMultiprogram) {
  test(`${kernel}: what is aborted or goes out of scope leaves nothing`, async () => {
    await using os = await start(kernel)
    await os.spawn(program('true')).wait()
    // Servers keep a message buffer for each call that they ever served at once: how many that is depends on the host's time.
    const held = async () => ({ ...await holdings(os), arenas: null })
    const before = await held()
    for (let i = 0; i < 20; i++) {
      await assert.rejects(os.spawn(program(i % 2 === 0 ? 'spin' : 'cat'), { signal: AbortSignal.timeout(i) }).output(), { name: 'TimeoutError' })
      await using process = os.spawn(program('spin'))
      void process
      for await (const line of os.spawn(program('cat'), { args: ['cat'], stdin: 'a\nb\n'.repeat(50_000) }).lines()) if (line === 'b') break
    }
    for (let tries = 0; tries < 100 && !isDeepStrictEqual(await held(), before); tries++) await sleep(2)
    assert.deepEqual(await held(), before)
  })

  test(`${kernel}: input is written as text too`, async () => {
    await using os = await start(kernel)
    const process = os.spawn(program('cat'), { args: ['cat'] })
    const writer = process.stdin.getWriter()
    await writer.write('é')
    await writer.write(new TextEncoder().encode('!'))
    await writer.close()
    assert.equal((await process.output()).text, 'é!')
    const wrong = os.spawn(program('cat'), { args: ['cat'] })
    await assert.rejects(wrong.stdin.getWriter().write(7 as unknown as string), { message: 'stdin takes bytes or a text, not number' })
    await wrong.kill()
  })
}

test('an option that is none, or cannot be meant, is told', async () => {
  await using os = await start('monolithic')
  const wrong: readonly [unknown, RegExp][] = [
    [{ argv: [] }, /there is no option 'argv'; there are args, env/],
    [{ args: 'cat' }, /args is a list of texts/],
    [{ args: ['cat', 1] }, /args is a list of texts/],
    [{ env: { A: 1 } }, /env.A is a text, not number/],
    [{ stdin: 1 }, /stdin is a text, bytes, a ReadableStream/],
    [{ stdout: 'ignore' }, /stdout is 'pipe', 'inherit' or null/],
    [{ signal: 'SIGTERM' }, /signal is an AbortSignal/],
    [{ limits: { memory: 1 } }, /there is no limit 'memory'/],
    [['cat'], /there is no option '0'/],
    [null, /options are an object/]
  ]
  for (const [options, message] of wrong) assert.throws(() => os.spawn(program('cat'), options as SpawnOptions), { name: 'TypeError', message })
  for (const [given, message] of [
    ['cat.wasm', /read the file first/], [new URL('file:///cat.wasm'), /await readFile\(url\)/], [Promise.resolve(bytesOf('cat')), /await the Promise first/],
    [new Response(''), /response\.arrayBuffer/], [new Blob([]), /blob\.arrayBuffer/], [undefined, /this is of type undefined/], [{}, /this is of type Object/]
  ] as const) {
    assert.throws(() => os.spawn(given as Uint8Array), { name: 'TypeError', message })
    assert.throws(() => loadProgram(given as Uint8Array), { name: 'TypeError', message })
  }
  const { buffer, byteOffset, byteLength } = bytesOf('true')
  assert.equal((await os.spawn(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer).wait()).status, 0)
  assert.throws(() => os.spawn(new WebAssembly.Module(bytesOf('true') as BufferSource) as never), { code: 'ENOEXEC', message: /pass its bytes/ })
})

test('all that the library throws has a code of one union', async () => {
  const os = await boot({ kernel: kernels.unikernel() })
  const caught = async (act: () => unknown): Promise<KaleidosError> => {
    try {
      await act()
    } catch (error) {
      assert.ok(error instanceof KaleidosError, String(error))
      return error
    }
    throw new Error('nothing was thrown')
  }
  assert.equal((await caught(() => os.spawn(new Uint8Array(8)))) instanceof ProgramError, true)
  assert.equal((await caught(() => os.fs.readFile('/none'))) instanceof SystemError, true)
  await os.spawn(program('true')).wait()
  assert.equal((await caught(() => os.spawn(program('true')).wait())) instanceof SecondProgramError, true)
  await os.close()
  const closed = await caught(() => os.fs.readFile('/none'))
  assert.ok(closed instanceof ClosedError)
  const codes: KaleidosError['code'][] = ['ENOEXEC', 'ENOENT', 'ENOTSUP', 'ERR_CLOSED', 'ERR_PLAN', 'ERR_PANIC']
  assert.ok(codes.includes(closed.code))
  assert.equal((await caught(() => boot({ kernel: { ...kernels.monolithic(), domains: [] } }))).code, 'ERR_PLAN')
})
