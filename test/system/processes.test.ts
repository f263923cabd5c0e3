// Processes and pipes as POSIX has them: who waits for whom and signals whom, what pipes hold, what is shared, where the limits
// are, and that processes that have ended leave nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveMachine } from '../../src/index.ts'
import type { OperatingSystem, Process, Program } from '../../src/index.ts'
import { settle } from '../../src/fiber/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { MESSAGE_BUFFERS, assertHolds, bytesOf, holdings, install, latin1, everyMultiprogram, program, run, sleep, start } from './support.ts'

const plumbing = (os: OperatingSystem, ...args: string[]): Process => os.spawn(program('plumbing'), { stdin: null, args: ['plumbing', ...args] })

/** Waits until something holds; what it waits for is the kernel's to bring about. */
async function until (what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 2000, what)
    await sleep(2)
  }
}

for (const kernel of everyMultiprogram) {
  test(`${kernel}: relatives`, async () => {
    await using os = await start(kernel)
    await install(os, 'relatives')
    await os.fs.writeFile('/bin/text', 'no program')
    await run(os, program('true'))
    const before = await holdings(os)
    const shown = await run(os, program('relatives'), { args: ['relatives', '/bin/relatives'] })
    assert.deepEqual(shown.stdout.split('\n'), [
      'signal 0 to the parent: errno 63', // EPERM
      'kill the parent: errno 63',
      'kill a sibling: errno 63',
      'kill init: errno 63',
      'kill nobody: errno 71', // ESRCH
      'signal 0 to itself: errno 0',
      'ignored signal to itself: errno 0',
      'wait for a sibling: errno 12', // ECHILD
      'wait for itself: errno 12',
      'stranger ended with 143', // before it could say more
      'kill a child: errno 0',
      'child ended with 137',
      'wait for a grandchild: errno 12',
      'kill a grandchild: errno 0',
      'middle ended with 137',
      'kill a grandchild again: errno 71',
      'ended: 2',
      'ended: 3',
      'ended: 1',
      'no child is left: errno 12',
      'no child is left, and it would not wait: errno 12',
      'raise 6: 134', 'raise 9: 137', 'raise 13: 141', 'raise 15: 143', 'raise 30: 158',
      'raise 16: 0', // ignored by default
      'raise 18: 58', // ENOTSUP: nothing here is stopped
      'start what is not there: errno 44', // ENOENT
      'start a folder: errno 2', // EACCES
      'start a text: errno 45', // ENOEXEC
      'start with a bad descriptor: errno 8', // EBADF
      'start with too many arguments: errno 1', // E2BIG
      'start with no path: errno 44',
      'and nothing was started: errno 12',
      ''
    ])
    assert.deepEqual([shown.status, shown.stderr], [0, ''])
    const after = await holdings(os)
    assert.deepEqual({ ...after, arenas: null }, { ...before, arenas: null })
  })

  test(`${kernel}: what a pipe holds`, async () => {
    await using os = await start(kernel)
    const { stdout, status } = await run(os, program('plumbing'), { args: ['plumbing', 'capacity'] })
    assert.equal(status, 0)
    // 64 KiB, as on Linux: 65 writes of 1000, then 536 bytes are left. Up to 4 KiB are written whole or not at all.
    assert.equal(stdout, [
      '65000 bytes in writes of 1000, then errno 6',
      '536 of a large one that need not be whole',
      '4095 bytes read',
      '-1 of 4096, which is written whole or not at all: errno 6',
      '4095 of 4095',
      '65536 bytes left, then the end', ''
    ].join('\n'))
  })

  test(`${kernel}: who writes faster than others read waits`, async () => {
    await using os = await start(kernel)
    const writer = os.spawn(program('bytes'), { args: ['bytes', '1000000'], stdin: null })
    await writer.started
    const calls = (): number => os.stats().counters.calls
    await until('it waits', () => calls() > 0)
    await sleep(20)
    const made = calls()
    await sleep(50)
    assert.equal(calls(), made, 'it goes on calling')
    assert.equal(os.stats().processes, 1)
    const { stdout, status } = await writer.output()
    assert.deepEqual([stdout.length, status], [1_000_000, 0])
    assert.ok(stdout.every((byte, i) => byte === (i & 255)))
  })

  test(`${kernel}: small writes of two writers are not torn`, async () => {
    await using os = await start(kernel)
    await install(os, 'plumbing')
    const both = plumbing(os, 'two', '/bin/plumbing', '400', '1500')
    const { stdout, status } = await both.output()
    assert.deepEqual([status, stdout.length], [0, 2 * 400 * 1500])
    const records = latin1(stdout).match(/.{1500}/gs)!
    const whole = records.filter(record => record === 'a'.repeat(1500) || record === 'b'.repeat(1500))
    assert.equal(whole.length, 800)
    // Neither wrote all of its own before the other began.
    assert.notEqual(records.map(record => record[0]).join(''), 'a'.repeat(400) + 'b'.repeat(400))
  })

  test(`${kernel}: inherited descriptors share their position, others do not`, async () => {
    await using os = await start(kernel)
    await install(os, 'plumbing')
    const { stdout, status, stderr } = await run(os, program('plumbing'), { args: ['plumbing', 'shared', '/bin/plumbing', '/file'] })
    assert.deepEqual([status, stderr], [0, ''])
    assert.equal(await os.fs.readText('/file'), 'ONE;xxxxxx;two')
    assert.equal(stdout, 'position 14, and its own 3\n')
  })

  test(`${kernel}: a pipe ends when the last who holds it has ended`, async () => {
    await using os = await start(kernel)
    await install(os, 'plumbing')
    const parent = plumbing(os, 'held', '/bin/plumbing', '100000')
    assert.equal((await parent.wait()).status, 0)
    let ended = false
    const reading = parent.output().then(() => { ended = true })
    await sleep(50)
    assert.equal(ended, false)
    // The orphan is init's now, which the host is: it can be killed, and nobody need wait for it.
    const orphan = await parent.started + 1
    const { host } = systemOf(os)
    await systemOf(os).run('kill', function * () { return yield * settle(host.processes.kill(orphan, 15)) })
    await reading
    assert.deepEqual([os.stats().processes, (await holdings(os)).known], [0, 1])
  })

  test(`${kernel}: no more processes than the machine holds, and again as many when some have ended`, async () => {
    await using os = await start(kernel, { machine: { ...liveMachine(), addressSpacesMax: { value: 5, reason: 'a small machine' } } })
    const sleeper = (): Process => os.spawn(program('plumbing'), { stdin: null, args: ['plumbing', 'sleep', '1000000'] })
    const sleepers = Array.from({ length: 5 }, sleeper)
    await Promise.all(sleepers.map(process => process.started))
    const held = { ...await holdings(os), arenas: null }
    await assert.rejects(sleeper().started, { code: 'EAGAIN', message: /no more processes/ })
    await assert.rejects(sleeper().output(), { code: 'EAGAIN' })
    // Those that sleep are just falling asleep: the clock's buffers may become more.
    assert.deepEqual({ ...await holdings(os), arenas: null }, held)
    for (const process of sleepers) await process.kill('SIGINT')
    for (const process of sleepers) assert.equal((await process.wait()).signal, 'SIGINT')
    const again = Array.from({ length: 5 }, sleeper)
    await Promise.all(again.map(process => process.started))
    assert.equal(os.stats().processes, 5)
  })

  test(`${kernel}: memory is limited for a program and for the system`, async () => {
    await using os = await start(kernel, { limits: { memoryBytes: 8 * 2 ** 20 } })
    const refusedAfter = async (which: Uint8Array | Program, memoryBytes?: number): Promise<string> =>
      (await run(os, which, { args: ['grow'], ...(memoryBytes === undefined ? {} : { limits: { memoryBytes } }) })).stdout
    assert.match(await refusedAfter(bytesOf('grow')), /^refused after [67] MiB/)
    assert.match(await refusedAfter(program('grow')), /^refused after [67] MiB/)
    assert.match(await refusedAfter(program('grow'), 12 * 2 ** 20), /^refused after [67] MiB/)
    assert.match(await refusedAfter(program('grow'), 4 * 2 ** 20), /^refused after [23] MiB/)
    // Programs that programs start are under the same.
    await install(os, 'grow')
    const started = await run(os, program('spawns'), { args: ['spawns', '/bin/grow', '1', '1'] })
    assert.match(started.stdout, /^refused after [567] MiB/)
  })

  test(`${kernel}: what nobody reads and nobody closes is given back, and can still be read`, async () => {
    await using os = await start(kernel)
    const first = os.spawn(program('hello'))
    assert.equal((await first.wait()).status, 0)
    await holdings(os)
    const held = await holdings(os)
    // More than a process may have descriptors, three each.
    for (let i = 0; i < 350; i++) assert.equal((await os.spawn(program('true')).wait()).status, 0)
    await assertHolds(os, held, MESSAGE_BUFFERS)
    assert.equal((await first.output()).text, 'Hello from KaleidOS\n')
    await assert.rejects(first.stdin.getWriter().write(Buffer.from('x')), /has ended/)
  })

  test(`${kernel}: a thousand programs, one after the other`, async () => {
    await using os = await start(kernel)
    await install(os, 'true')
    await run(os, program('spawns'), { args: ['spawns', '/bin/true', '20', '1'] })
    const held = await holdings(os)
    const before = process.memoryUsage().rss
    const { status, stderr } = await run(os, program('spawns'), { args: ['spawns', '/bin/true', '1000', '1'] })
    assert.deepEqual([status, stderr], [0, ''])
    await assertHolds(os, held)
    const grownMiB = (process.memoryUsage().rss - before) / 2 ** 20
    assert.ok(grownMiB < 256, `${grownMiB} MiB more`)
  })
}
