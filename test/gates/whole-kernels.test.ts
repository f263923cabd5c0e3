// Whole kernels as servers: what happens to programs whose server dies or whose handler is revoked, and to what the server pages.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REFUSED } from '../../src/core/index.ts'
import { boot, faulty, presets } from '../../src/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { program, sleep } from '../system/support.ts'

const { linux: _, ...whole } = presets
const atUserLevel = ['l4linux', 'l4linux-trampoline', 'mklinux-user'] as const

for (const name of atUserLevel) {
  test(`${name}: the server's fault is the server's: its programs' calls fail, one that waited too, and the core goes on`, async () => {
    let armed = false
    const os = await boot({ kernel: presets[name](), decorate: faulty((info, operation) => armed && info.to === 'ramfs' && operation === 'read' ? new Error('bad block') : null) })
    await os.fs.writeFile('/a.txt', 'text')
    const waits = os.spawn(program('cat'), { args: ['cat'], stdout: null })
    await waits.started
    await sleep(5)
    const { programs, state: { counters } } = systemOf(os)
    assert.equal(programs.count, 1)
    armed = true
    await assert.rejects(os.fs.readFile('/a.txt'), { code: 'EOWNERDEAD' })
    assert.equal(counters.faults, 1)
    assert.equal(systemOf(os).state.tainted, false)
    // Its read failed, and so did what it did then.
    for (let tries = 0; tries < 100 && programs.count > 0; tries++) await sleep(1)
    assert.equal(programs.count, 0)
    await os.close()
  })
}

test('mklinux-kernel: the server\'s fault is an oops of the task that asked', async () => {
  let armed = false
  await using os = await boot({ kernel: presets['mklinux-kernel'](), decorate: faulty((info, operation) => armed && info.to === 'ramfs' && operation === 'read' ? new Error('bad block') : null) })
  await os.fs.writeFile('/a.txt', 'text')
  armed = true
  const cat = os.spawn(program('cat'), { args: ['cat', '/a.txt'], stdin: null })
  const ended = await cat.output()
  armed = false
  assert.equal(ended.signal, 'SIGSEGV')
  assert.match(ended.message, /oops: Error: bad block/)
  assert.equal(os.stats().tainted, true)
  assert.equal((await os.spawn(program('hello'), { stdin: null }).output()).text, 'Hello from KaleidOS\n')
})

for (const [name, preset] of Object.entries(whole)) {
  test(`${name}: a program whose handler is revoked is refused each call, and no other is`, async () => {
    await using os = await boot({ kernel: preset() })
    const system = systemOf(os)
    const [victim, other] = [os.spawn(program('cat'), { args: ['cat'] }), os.spawn(program('cat'), { args: ['cat'] })]
    const { home } = system.programs.thread(await victim.started)!
    await other.started
    const calls = system.programs.callsOf(system.programs.thread(await victim.started)!)
    await sleep(5)
    for (let slot = 1; slot < home.capabilities.slots.length; slot++) home.capabilities.delete(slot)
    const { counters } = system.state
    const before = counters.refusals
    assert.equal(calls.fd_fdstat_get(0, 0), REFUSED)
    assert.equal(counters.refusals, before + 1)
    const writer = other.stdin.getWriter()
    await writer.write('fine')
    await writer.close()
    assert.equal((await other.output()).text, 'fine')
    await victim.kill('SIGKILL')
  })
}

test('who can address what: a server that pages programs their memories, and not what else is in their domains', async () => {
  for (const [name, own] of [['l4linux', true], ['l4linux-trampoline', true], ['mklinux-user', false]] as const) {
    await using os = await boot({ kernel: presets[name]() })
    const process = os.spawn(program('cat'), { args: ['cat'] })
    const { home } = systemOf(os).programs.thread(await process.started)!
    const addresses = new Map(os.addressability().map(line => [line.domain, line.addresses]))
    assert.deepEqual(addresses.get('linux'), ['linux', `memory of ${home.label}`])
    assert.deepEqual(addresses.get(home.label), [...own ? [`library of ${home.label}`] : [], `memory of ${home.label}`])
    assert.deepEqual(addresses.get('host'), ['host'])
    await process.kill('SIGKILL')
  }
})
