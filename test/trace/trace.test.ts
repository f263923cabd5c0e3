// Traces: what happens is told, once, in order, and closed, whatever a program does and however it ends.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { giveWay, settle } from '../../src/fiber/index.ts'
import type { Eventual, Fiber, Wait } from '../../src/fiber/index.ts'
import { CHROME_TRACE_TAIL, boot, chromeTrace, faulty, kernels, modelMachine, traceRecorder } from '../../src/index.ts'
import type { Decorator, TraceEvent } from '../../src/index.ts'
import { systemOf } from '../../src/os/index.ts'
import type { Implementation } from '../../src/roles/index.ts'
import { install, kernelNames, multiprogram, program, sleep, start } from '../system/support.ts'
import type { KernelName } from '../system/support.ts'
import { checker } from './checker.ts'
import { readChromeTrace } from './chrome-trace.ts'

/** Both what tells and what is written of it are looked at. */
function observed (): ReturnType<typeof checker> {
  const checked = checker()
  let text = ''
  const file = chromeTrace(piece => { text += piece })
  const read = (): void => {
    file.end()
    readChromeTrace(text + CHROME_TRACE_TAIL)
  }
  return {
    check (event) {
      checked.check(event)
      file.record(event)
    },
    assertHeld () {
      checked.assertHeld()
      read()
    },
    assertClosed () {
      checked.assertClosed()
      read()
    },
    get count () { return checked.count },
    kinds: checked.kinds
  }
}

/** The events of one fd_read of 4 bytes of a file, from its call to its return. */
async function oneRead (kernel: KernelName): Promise<TraceEvent[]> {
  const recorder = traceRecorder()
  await using os = await start(kernel, { trace: recorder.record })
  await os.fs.writeFile('/a.txt', 'text')
  recorder.clear()
  assert.equal((await os.spawn(program('cat'), { args: ['cat', '/a.txt'], stdin: null }).output()).text, 'text')
  const { events } = recorder
  const first = events.find(event => event.kind === 'call' && event.call.operation === 'fd_read')
  assert.ok(first?.kind === 'call')
  const from = events.indexOf(first)
  const to = events.findIndex(event => event.kind === 'return' && event.call === first.call)
  return events.slice(from, to + 1)
}

function told (event: TraceEvent): string {
  switch (event.kind) {
    case 'call': case 'enter': case 'leave': case 'return': return `${event.kind} ${event.call.gate} ${event.call.to}.${event.call.operation} in ${event.domain}`
    case 'switch': return `switch to ${event.domain}`
    default: return event.kind
  }
}

const reads: Readonly<Record<KernelName, readonly string[]>> = {
  monolithic: [
    'call trap wasi.fd_read in cat (2)', 'enter trap wasi.fd_read in kernel',
    'call direct vfs.read in kernel', 'call direct ramfs.read in kernel', 'return direct ramfs.read in kernel', 'return direct vfs.read in kernel',
    'leave trap wasi.fd_read in kernel', 'return trap wasi.fd_read in cat (2)'
  ],
  microkernel: [
    'call direct wasi.fd_read in cat (2)',
    'call rpc vfs.read in cat (2)', 'switch to vfs', 'enter rpc vfs.read in vfs',
    'call rpc ramfs.read in vfs', 'switch to ramfs', 'enter rpc ramfs.read in ramfs',
    'leave rpc ramfs.read in ramfs', 'switch to vfs', 'return rpc ramfs.read in vfs',
    'leave rpc vfs.read in vfs', 'switch to cat (2)', 'return rpc vfs.read in cat (2)',
    'return direct wasi.fd_read in cat (2)'
  ],
  unikernel: [
    'call direct wasi.fd_read in image', 'call direct vfs.read in image', 'call direct ramfs.read in image',
    'return direct ramfs.read in image', 'return direct vfs.read in image', 'return direct wasi.fd_read in image'
  ]
}

for (const kernel of kernelNames) {
  test(`${kernel}: one fd_read, step by step, with what each step counted`, async () => {
    const events = await oneRead(kernel)
    assert.deepEqual(events.map(told), reads[kernel])
    const [call, back] = [events[0]!, events.at(-1)!]
    assert.ok(call.kind === 'call' && back.kind === 'return')
    assert.deepEqual([back.outcome, back.waited, back.result, back.thread?.label, back.thread?.principal], ['returned', false, 0, 'cat (2)', 2])
    // What a page of each kernel says of a read of 1 B, with 4 in its place.
    const counted = { monolithic: [1, 0, 0, 4], microkernel: [4, 4, 2, 44], unikernel: [0, 0, 0, 4] }[kernel as string]
    assert.deepEqual((['crossings', 'switches', 'grants', 'bytesCopied'] as const).map(count => back.counts[count] - call.counts[count]), counted)
  })

  test(`${kernel}: a wait is told with its queue, who wakes it, and when the thread runs again`, async () => {
    const recorder = traceRecorder()
    const os = await start(kernel, { trace: recorder.record })
    const cat = os.spawn(program('cat'), { args: ['cat'] })
    await cat.started
    const waits = (): boolean => recorder.events.some(event => event.kind === 'block' && event.thread?.label === 'cat (2)')
    for (let tries = 0; !waits() && tries < 1000; tries++) await sleep(5)
    const writer = cat.stdin.getWriter()
    await writer.write('x')
    await writer.close()
    assert.equal((await cat.output()).text, 'x')
    await os.close()
    const { events } = recorder
    const block = events.findIndex(event => event.kind === 'block' && event.thread?.label === 'cat (2)')
    const wake = events.findIndex((event, at) => at > block && event.kind === 'wake' && event.woken.label === 'cat (2)')
    const run = events.findIndex((event, at) => at > wake && event.kind === 'run' && event.thread?.label === 'cat (2)')
    assert.ok(block >= 0 && wake > block && run > wake)
    const [blocked, woken] = [events[block]!, events[wake]!]
    assert.ok(blocked.kind === 'block' && woken.kind === 'wake')
    assert.ok(blocked.queues.includes(woken.queue!), `${woken.queue} is one of ${blocked.queues}`)
    assert.ok(woken.thread !== null && woken.thread.principal === 1, 'who wakes it is a thread of the host')
    const stop = events.slice(block).find(event => event.kind === 'stop')
    assert.equal(stop?.kind === 'stop' && stop.why, 'waits')
    const waited = events.filter(event => event.kind === 'return' && event.call.operation === 'fd_read' && event.waited)
    assert.ok(waited.length >= 1)
    const [begin, end] = [events.find(event => event.kind === 'begin'), events.find(event => event.kind === 'end')]
    assert.ok(begin?.kind === 'begin' && end?.kind === 'end')
    assert.deepEqual([begin.program, end.program, end.by, end.code], ['cat (2)', 'cat (2)', 'exit', 0])
  })
}

// ---- whatever happens

/** Lets every call that may block wait a turn before it is made. */
const slowly: Decorator = (stubs, { role }) => Object.fromEntries(Object.entries(role.operations).map(([name, { blocks }]) => {
  const call = (stubs as Readonly<Record<string, (...args: unknown[]) => Eventual<unknown>>>)[name]!
  function * late (...args: unknown[]): Fiber<unknown> {
    yield giveWay
    return yield * settle(call.apply(stubs, args))
  }
  return [name, blocks ? late : (...args: unknown[]) => call.apply(stubs, args)]
})) as unknown as Implementation

for (const kernel of kernelNames) {
  test(`${kernel}: calls of a program that is killed at any of its waits are closed`, async () => {
    let reached = true
    let [kills, ended] = [0, 0]
    for (let n = 1; reached; n += 1 + (n >> 2)) {
      const checked = observed()
      const os = await start(kernel, {
        program: program('hostile'), decorate: slowly,
        trace: event => {
          checked.check(event)
          if (event.kind === 'return' && event.outcome === 'ended') ended++
        }
      })
      const many = multiprogram.includes(kernel)
      await os.fs.mkdir('/work')
      if (many) await install(os, 'hostile')
      const { scheduler } = systemOf(os).state
      const wait = scheduler.wait.bind(scheduler)
      let waits = 0
      scheduler.wait = (thread, what: Wait): void => {
        wait(thread, what)
        if (!thread.suspendable || !thread.label.startsWith('hostile') || ++waits !== n) return
        const { principal } = thread
        systemOf(os).asHost('killer', kill(os, principal), () => {})
      }
      const { status } = await os.spawn(program('hostile'), { stdin: null, args: ['hostile', 'all', many ? '/bin/hostile' : '', '/work'] }).output()
      reached = status === 137
      if (reached) kills++
      await os.close()
      checked.assertClosed()
      assert.ok((checked.kinds.get('call') ?? 0) > 10)
    }
    assert.ok(kills > 5 && ended > kills, `${kills} kills ended ${ended} calls`)
  })

  test(`${kernel}: calls through a domain that faults are closed, and the fault is told`, async () => {
    for (let n = 1; n < 40; n += 3) {
      const checked = observed()
      let [armed, calls] = [false, 0]
      const os = await boot({
        kernel: kernels[kernel](),
        decorate: faulty(info => armed && info.to === 'ramfs' && ++calls === n ? new Error('bad block') : null),
        trace: checked.check
      })
      await os.fs.writeFile('/a.txt', 'text')
      armed = true
      // Under a unikernel the system stops, in the middle of what it does.
      const whole = await os.spawn(program('cp'), { args: ['cp', '/a.txt', '/b.txt'], stdin: null }).output().then(() => true, () => false)
      await os.close().catch(() => {})
      assert.equal(checked.kinds.get('fault') ?? 0, os.stats().counters.faults)
      if (kernel !== 'unikernel' || whole) checked.assertClosed()
      else checked.assertHeld()
    }
  })
}

function * kill (os: Parameters<typeof systemOf>[0], process: number): Fiber<number> {
  return yield * settle(systemOf(os).host.processes.kill(process, 9))
}

for (const kernel of multiprogram) {
  test(`${kernel}: programs that start programs, pipes between them, tasks: all is closed`, async () => {
    const checked = observed()
    const os = await start(kernel, { trace: checked.check })
    await install(os, 'family', 'pipeline', 'spawns', 'true', 'cat', 'sort', 'wc', 'pair', 'pingpong', 'spin')
    for (const [name, ...args] of [['family'], ['spawns', '/bin/true', '5', '2'], ['pair', '/bin/pingpong', '20', '2']]) {
      await os.spawn(program(name!), { args: [name!, ...args], stdin: null }).output()
    }
    const spin = os.spawn(program('spin'), { stdin: null })
    const cat = os.spawn(program('cat'))
    await Promise.all([spin.started, cat.started])
    await sleep(10)
    await spin.kill('SIGKILL')
    await cat.kill('SIGTERM')
    const task = os.spawn(async calls => { await Promise.all([calls.sleep(1), calls.sleep(2)]) })
    assert.equal((await task.output()).status, 0)
    await os.close()
    checked.assertClosed()
    for (const kind of ['call', 'return', 'enter', 'leave', 'switch', 'interrupt', 'block', 'wake', 'run', 'stop', 'begin', 'end']) {
      assert.ok((checked.kinds.get(kind) ?? 0) > 0, `there is a ${kind}`)
    }
  })
}

for (const kernel of multiprogram) {
  for (const processors of [1, 4]) {
    test(`${kernel}, ${processors} modelled processor${processors === 1 ? '' : 's'}: the same of a model machine, whose run is the same traced and untraced`, async () => {
      const hashes: string[] = []
      for (const traced of [true, false]) {
        const checked = observed()
        const machine = modelMachine({ profile: 'skylake', processors, seed: 5 })
        const os = await start(kernel, { machine, ...(traced ? { trace: checked.check } : {}) })
        await install(os, 'true', 'pingpong')
        const outputs = await Promise.all([['pair', '/bin/pingpong', '20', '2'], ['spawns', '/bin/true', '5', '2'], ['primes', '20000']]
          .map(args => os.spawn(program(args[0]!), { args, stdin: null }).output()))
        assert.deepEqual(outputs.map(({ status }) => status), [0, 0, 0])
        hashes.push(machine.traceHash)
        await os.close()
        if (traced) checked.assertClosed()
      }
      assert.equal(hashes[0], hashes[1])
    })
  }
}

// ---- recorders and sinks

test('a recorder keeps as many as it was told, and counts the others', async () => {
  const recorder = traceRecorder({ eventsMax: 10 })
  await using os = await start('monolithic', { trace: recorder.record })
  await os.fs.writeFile('/a', 'text')
  assert.equal(recorder.events.length, 10)
  assert.ok(recorder.lost > 0)
  assert.throws(() => traceRecorder({ eventsMax: 0 }), RangeError)
})

test('a sink that throws is not called again, and harms nobody', async () => {
  // Of its own, since what a sink throws is an unhandled rejection of the process.
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', `
    import { boot, kernels } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)}
    process.on('unhandledRejection', error => { console.log(error.message) })
    let calls = 0
    await using os = await boot({ kernel: kernels.microkernel(), trace: () => { calls++; throw new Error('no room') } })
    await os.fs.writeFile('/a', 'text')
    console.log(new TextDecoder().decode(await os.fs.readFile('/a')), calls, os.stats().counters.faults)
  `])
  assert.equal(stdout, 'no room\ntext 1 0\n')
})

test('what is no sink is refused', async () => {
  await assert.rejects(boot({ kernel: kernels.monolithic(), trace: traceRecorder() as never }), /trace is a function that takes events/)
})
