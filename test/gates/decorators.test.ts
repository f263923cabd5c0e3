/** Decorated gates, and what faults do to each kernel: the consequences are worked out by the system, not decreed. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SystemPanic, boot, both, counted, faulty, kernels, traced } from '../../src/index.ts'
import type { GateInfo, Plan, TracedCall } from '../../src/index.ts'
import { planNamed, program } from '../system/support.ts'

test('counted and traced: one read() of a program as it travels through each kernel', async () => {
  const travels: Record<string, string[]> = {}
  for (const [name, kernel] of Object.entries(planNamed)) {
    const counts = new Map<string, number>()
    const calls: TracedCall[] = []
    await using os = await boot({ kernel: kernel(), decorate: both(counted(counts), traced(call => calls.push(call))) })
    await os.fs.writeFile('/a.txt', 'text')
    calls.length = 0
    counts.clear()
    const { text } = await os.spawn(program('cat'), { args: ['cat', '/a.txt'], stdin: null }).output()
    assert.equal(text, 'text')
    // Of reads that gave the file's four bytes, each with the gate that it went through; the innermost returns first.
    travels[name] = calls.filter(call => /read$/.test(call.operation) && call.result === 4 && call.from !== 'host').slice(0, 3)
      .map(call => `${call.from} -${call.gate}-> ${call.to}.${call.operation}`)
    assert.ok([...counts.values()].reduce((a, b) => a + b, 0) >= calls.length)
  }
  assert.deepEqual(travels['monolithic']!.slice(0, 2), ['vfs -direct-> ramfs.read', 'wasi -direct-> vfs.read'])
  assert.deepEqual(travels['microkernel']!.slice(0, 2), ['vfs -rpc-> ramfs.read', 'wasi -rpc-> vfs.read'])
  assert.deepEqual(travels['unikernel']!.slice(0, 2), ['vfs -direct-> ramfs.read', 'wasi -direct-> vfs.read'])
})

/** Lets the file system throw at the next write of a program. */
function breakWrites (armed: { now: boolean }): (info: GateInfo, operation: string) => Error | null {
  return (info, operation) => armed.now && info.to === 'ramfs' && operation === 'write' ? new Error('bad block') : null
}

test('monolithic: an oops kills the current task, and the system goes on, tainted', async () => {
  const armed = { now: false }
  await using os = await boot({ kernel: kernels.monolithic(), decorate: faulty(breakWrites(armed)) })
  await os.fs.writeFile('/a.txt', 'text')
  armed.now = true
  const exit = await os.spawn(program('cp'), { args: ['cp', '/a.txt', '/b.txt'] }).wait()
  armed.now = false
  assert.equal(exit.signal, 'SIGSEGV')
  assert.match(exit.message, /oops: Error: bad block/)
  assert.equal(os.stats().tainted, true)
  assert.equal(os.stats().counters.faults, 1)
  assert.equal((await os.spawn(program('cat'), { args: ['cat', '/a.txt'], stdin: null }).output()).text, 'text')
})

test('monolithic with panicOnOops: the system stops, and whoever waits for it is told why', async () => {
  const armed = { now: false }
  const plan: Plan = { ...kernels.monolithic(), policies: { panicOnOops: true } }
  const os = await boot({ kernel: plan, decorate: faulty(breakWrites(armed)) })
  await os.fs.writeFile('/a.txt', 'text')
  armed.now = true
  const waiting = os.spawn(program('cp'), { args: ['cp', '/a.txt', '/b.txt'] }).wait()
  await assert.rejects(waiting, (error: Error) => error instanceof SystemPanic && /oops in kernel: Error: bad block/.test(error.message))
  await assert.rejects(os.fs.readFile('/a.txt'), SystemPanic)
  await os.close()
})

test('microkernel: a fault of the VFS kills the VFS, programs are told that their peer is lost, and the core goes on', async () => {
  const armed = { now: false }
  const os = await boot({ kernel: kernels.microkernel(), decorate: faulty(breakWrites(armed)) })
  await os.fs.writeFile('/a.txt', 'text')
  // Two that do not need files any more, and one that does.
  const spin = os.spawn(program('spin'), { args: ['spin'], stdin: null, stdout: null, stderr: null })
  await spin.started
  armed.now = true
  const exit = await os.spawn(program('cp'), { args: ['cp', '/a.txt', '/b.txt'], stdin: null, stdout: null, stderr: null }).wait()
  assert.equal(exit.kind, 'exit', 'the program is not killed: its call failed')
  assert.notEqual(exit.status, 0)
  assert.equal(os.stats().tainted, false)
  assert.equal(os.stats().counters.faults, 1)
  await spin.kill('SIGKILL')
  assert.equal((await spin.wait()).signal, 'SIGKILL', 'processes are served on')
  await assert.rejects(os.fs.readFile('/a.txt'), { code: 'EOWNERDEAD' })
  await os.close()
})

test('close kills what runs, and rejects what still waits', async () => {
  for (const kernel of [kernels.monolithic(), kernels.microkernel()]) {
    const os = await boot({ kernel })
    const spin = os.spawn(program('spin'), { args: ['spin'] })
    const cat = os.spawn(program('cat'), { args: ['cat'] })
    await Promise.all([spin.started, cat.started])
    const ends = Promise.all([spin.wait(), cat.wait()])
    await os.close()
    for (const exit of await ends) assert.equal(exit.signal, 'SIGKILL')
    assert.throws(() => os.spawn(program('true')), /closed/)
  }
})
