// A developer who runs programs that they do not trust: what they type first, and what they get wrong, under every kernel.
// They see the package by its name, as README.md shows it.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { boot, kernels } from 'kaleidos'
import type { OperatingSystem, Plan, Process } from 'kaleidos'

const wasm = (name: string): Promise<Uint8Array> => readFile(new URL(`../../programs/wasm/${name}.wasm`, import.meta.url))
const bytes = Uint8Array.of(0, 255, 10, 13, 0xc3)

for (const [name, kernel] of Object.entries(kernels)) {
  test(`${name}: input is given as text, as bytes, as a stream, or written piece by piece`, async () => {
    const cat = await wasm('cat')
    const copied = async (stdin: string | Uint8Array | ReadableStream<Uint8Array> | null): Promise<Uint8Array> => {
      await using os = await boot({ kernel: kernel() })
      return (await os.spawn(cat, { args: ['cat'], stdin }).output()).stdout
    }
    assert.deepEqual(await copied('hello é\n'), new TextEncoder().encode('hello é\n'))
    assert.deepEqual(await copied(bytes), bytes)
    assert.deepEqual(await copied(new Blob([bytes, bytes]).stream()), Uint8Array.of(...bytes, ...bytes))
    assert.equal((await copied('')).length, 0)
    assert.equal((await copied(null)).length, 0)

    await using os = await boot({ kernel: kernel() })
    const process = os.spawn(cat, { args: ['cat'] })
    const writer = process.stdin.getWriter()
    await writer.write(bytes)
    await writer.close()
    assert.deepEqual((await process.output()).stdout, bytes)
  })

  test(`${name}: output that nobody takes holds the program back, and ends it when it is refused`, async () => {
    await using os = await boot({ kernel: kernel() })
    const process = os.spawn(await wasm('cat'), { args: ['cat'], stdin: new Uint8Array(1_000_000) })
    const ended = await Promise.race([process.wait(), new Promise(resolve => setTimeout(resolve, 200, 'still there'))])
    assert.equal(ended, 'still there')
    await process.stdout.cancel()
    assert.equal((await process.wait()).signal, 'SIGPIPE')
  })

  test(`${name}: a program that does not end is ended, by name or number, and twice is no error`, async () => {
    for (const [signal, gave] of [[undefined, 'SIGTERM'], [9, 'SIGKILL'], ['INT', 'SIGINT']] as const) {
      await using os = await boot({ kernel: kernel() })
      const process = os.spawn(await wasm('spin'))
      await process.started
      await assert.rejects(process.kill('SIGFOO'), /there is no signal SIGFOO; there are SIGHUP/)
      await process.kill(signal)
      assert.equal((await process.wait()).signal, gave)
      await process.kill(signal)
    }
  })

  test(`${name}: a system that was closed says so, whatever it is asked`, async () => {
    const os = await boot({ kernel: kernel() })
    const process = os.spawn(await wasm('spin'))
    await process.started
    await os.close()
    const asked: Record<string, (closed: OperatingSystem, ended: Process) => unknown> = {
      spawn: closed => closed.spawn(new Uint8Array(0)),
      'readdir /': closed => closed.fs.readdir('/'),
      'writeFile /a': closed => closed.fs.writeFile('/a', ''),
      'connect web': closed => closed.connect('web'),
      react: closed => closed.react(new Uint8Array(0))
    }
    for (const [operation, ask] of Object.entries(asked)) {
      await assert.rejects(async () => ask(os, process), { message: `${operation}: the system is closed` })
    }
    assert.equal((await process.wait()).signal, 'SIGKILL')
    await process.kill()
    await os.close()
    await assert.rejects(process.stdin.getWriter().write(bytes), /has ended/)
  })

  test(`${name}: a folder of the host that is not there is named`, async () => {
    await assert.rejects(boot({ kernel: kernel(), shares: [{ hostPath: '.', guestPath: '/here' }, { hostPath: './no such', guestPath: '/k' }] }),
      { name: 'SystemError', code: 'ENOENT', message: 'share ./no such: ENOENT (no such file or directory)' })
  })

  test(`${name}: errors name the error once, and say what it is`, async () => {
    await using os = await boot({ kernel: kernel() })
    await assert.rejects(os.connect('web'), { message: 'connect web: ECONNREFUSED (no program listens under this name)' })
    const process = os.spawn(await wasm('true'), { listen: ['web'], stdin: null })
    const connection = await os.connect('web')
    await process.wait()
    await assert.rejects(connection.writable.getWriter().write(bytes), { message: 'send to the program: EPIPE (nobody reads it any more)' })
  })
}

test('what is no plan is refused in words, also without the types', async () => {
  const wrong: Record<string, unknown> = {
    nothing: undefined, 'no kernel': {}, 'a name': { kernel: 'microkernel' }, 'an empty plan': { kernel: {} }, null: { kernel: null }
  }
  for (const [what, options] of Object.entries(wrong)) {
    await assert.rejects(boot(options as never), /^TypeError: boot: kernel is a plan, such as kernels\.microkernel\(\)/, what)
  }
  await assert.rejects(boot({ kernel: kernels.microkernel as unknown as Plan }), /call the function that makes it/)
})

test('every mistake in a plan of one\'s own is told at once', async () => {
  const plan = kernels.microkernel()
  const mistaken: Plan = {
    ...plan,
    domains: plan.domains.filter(domain => domain.name !== 'vfs')
      .map(domain => domain.name === 'ramfs' ? { ...domain, services: ['ramsf'] } : domain)
  }
  await assert.rejects(boot({ kernel: mistaken }), (error: Error) => {
    assert.equal(error.name, 'PlanError')
    assert.match(error.message, /there is no service 'ramsf'; there are .*ramfs/)
    assert.match(error.message, /requires Files as 'files', and nobody provides it/)
    return true
  })
})
