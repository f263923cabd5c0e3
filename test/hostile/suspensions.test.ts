// A program that is killed at each of its suspensions, one run for each, ends by that signal and leaves nothing: no thread, space,
// capability, descriptor, pipe, file handle, byte or account, and nobody who waits. Where calls need not wait they are made
// to: each call that may block gives way first, at every gate, so that it can be killed between any two of its steps.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { giveWay, settle } from '../../src/fiber/index.ts'
import type { Eventual, Fiber, Wait } from '../../src/fiber/index.ts'
import type { Decorator, OperatingSystem } from '../../src/index.ts'
import type { System } from '../../src/link/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { Resource } from '../../src/roles/index.ts'
import type { Implementation } from '../../src/roles/index.ts'
import { MESSAGE_BUFFERS, assertHolds, holdings, install, everyName, latin1, everyMultiprogram, program, sleep, start } from '../system/support.ts'
import type { Holdings, EveryName } from '../system/support.ts'

/** Lets every call that may block wait a turn before it is made. */
const slowly: Decorator = (stubs, { role }) => Object.fromEntries(Object.entries(role.operations).map(([name, { blocks }]) => {
  const call = (stubs as Readonly<Record<string, (...args: unknown[]) => Eventual<unknown>>>)[name]!
  function * late (...args: unknown[]): Fiber<unknown> {
    yield giveWay
    return yield * settle(call.apply(stubs, args))
  }
  return [name, blocks ? late : (...args: unknown[]) => call.apply(stubs, args)]
})) as unknown as Implementation

/** How the victim's thread is called; what it starts from a file is called otherwise. */
const VICTIM = 'hostile'

/** Kills the victim at its n-th suspension, before anything else runs; returns how often it was suspended. */
function killAt (system: System, n: number): { readonly count: () => number, readonly stop: () => void } {
  const { scheduler } = system.state
  const wait = scheduler.wait.bind(scheduler)
  let count = 0
  scheduler.wait = (thread, what: Wait): void => {
    wait(thread, what)
    if (!thread.suspendable || !thread.label.startsWith(VICTIM) || ++count !== n) return
    const { principal } = thread
    system.asHost('killer', kill(system, principal), () => {})
  }
  return { count: () => count, stop: () => { scheduler.wait = wait } }
}

function * kill (system: System, process: number): Fiber<number> {
  return yield * settle(system.host.processes.kill(process, 9))
}

async function prepare (kernel: EveryName, decorate: Decorator | null): Promise<OperatingSystem> {
  const os = await start(kernel, { program: program('hostile'), ...(decorate === null ? {} : { decorate }) })
  await os.fs.mkdir('/work')
  if (everyMultiprogram.includes(kernel)) await install(os, 'hostile')
  return os
}

/** One run, killed at its n-th suspension; whether it came so far. */
async function runTo (os: OperatingSystem, kernel: EveryName, n: number): Promise<boolean> {
  const hook = killAt(systemOf(os), n)
  try {
    const self = everyMultiprogram.includes(kernel) ? '/bin/hostile' : ''
    const process = os.spawn(program('hostile'), { stdin: null, args: [VICTIM, 'all', self, '/work'], limits: { diskBytes: 2 ** 20, files: 100, pipeBytes: 2 ** 20 } })
    const { status, stdout, stderr } = await process.output()
    assert.equal(latin1(stdout) + latin1(stderr), '', `killed at suspension ${n}`)
    assert.ok(status === 137 || (status === 0 && hook.count() < n) || (status === 0 && hook.count() === n), `killed at suspension ${n} of ${hook.count()}: status ${status}`)
    return status === 137
  } finally {
    hook.stop()
  }
}

async function clear (os: OperatingSystem): Promise<void> {
  for (const name of await os.fs.readdir('/work')) {
    const { type } = await os.fs.lstat(`/work/${name}`)
    await (type === 'directory' ? os.fs.rmdir(`/work/${name}`) : os.fs.unlink(`/work/${name}`))
  }
}

/** Kills a program at each suspension from the first on; how many there were. */
async function each (kernel: EveryName, decorate: Decorator | null, step: number): Promise<number> {
  const many = everyMultiprogram.includes(kernel)
  let os = await prepare(kernel, decorate)
  try {
    let held: Holdings | null = null
    if (many) {
      // A whole run first: it makes buffers that stay for the next.
      for (let i = 0; i < 2; i++) assert.equal(await runTo(os, kernel, Infinity), false)
      held = await holdings(os)
    }
    for (let n = 1, killed = 0; ; n += step) {
      const reached = await runTo(os, kernel, n)
      if (reached) killed++
      await settled(os)
      await clear(os)
      const { counters, tainted } = os.stats()
      assert.deepEqual([counters.faults, tainted], [0, false], `killed at suspension ${n}`)
      const { accounts } = systemOf(os).state
      assert.deepEqual([accounts.size, accounts.system.used.filter((_, resource) => resource !== Resource.CPU)], [1, [0, 0, 0, 0, 0]], `killed at suspension ${n}`)
      if (held !== null) {
        await assertHolds(os, held, MESSAGE_BUFFERS).catch(error => { throw new Error(`killed at suspension ${n}`, { cause: error }) })
      }
      if (!reached) return killed
      if (many) continue
      await os.close()
      os = await prepare(kernel, decorate)
    }
  } finally {
    await os.close()
  }
}

/** Waits until orphans have ended too. */
async function settled (os: OperatingSystem): Promise<void> {
  for (let tries = 0; os.stats().processes > 0; tries++) {
    assert.ok(tries < 1000, 'a child of what was killed does not end')
    await sleep(1)
  }
}

describe('killed at every suspension', { concurrency: true }, () => {
  for (const kernel of everyName) {
    test(`${kernel}: where it waits of itself`, async () => {
      const killed = await each(kernel, null, 1)
      assert.ok(killed >= 2, `${killed} suspensions`)
    })

    test(`${kernel}: at every gate`, async () => {
      const killed = await each(kernel, slowly, 1)
      assert.ok(killed >= 40, `${killed} suspensions`)
    })
  }
})
