/** The scheduler of modelled time: who goes on when, on several processors, and to whom time is charged. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WaitQueue, settle } from '../../src/fiber/index.ts'
import type { Fiber } from '../../src/fiber/index.ts'
import { SystemCounters, loadCoreCosts } from '../../src/core/index.ts'
import { TimedScheduler } from '../../src/core/thread/index.ts'
import { isErrors, modelMachine, profiles, readProfile } from '../../src/machine/model/index.ts'
import type { ModelMachine } from '../../src/machine/model/index.ts'
import { INIT } from '../../src/roles/index.ts'

const { schedulerPaths: paths } = await loadCoreCosts()

interface World {
  readonly machine: ModelMachine
  readonly counters: SystemCounters
  /** Work of so many µs of the processor that runs now. */
  readonly work: (us: number) => void
  readonly start: (label: string, priority: number, fiber: Fiber<unknown>, principal?: number) => void
  /** Lets the first thread in, and runs all to their ends. */
  readonly run: (fiber: Fiber<unknown>) => Promise<void>
}

function world (processors: number, preemptible = false): World {
  const profile = readProfile(profiles.get('skylake'))
  assert.ok(!isErrors(profile))
  const machine = modelMachine({ profile, processors })
  const counters = new SystemCounters()
  const scheduler = new TimedScheduler(machine, counters, { sliceUs: 1000, priorities: 8, paths, preemptible })
  const who = machine.timing.occupant('work', true)
  const start: World['start'] = (label, priority, fiber, principal = 7) => { scheduler.startFiber(label, principal, priority, null, fiber, () => {}) }
  return {
    machine, counters, start,
    work: us => { machine.timing.work(who, us * profile.frequencyMHz / profile.kernelInstruction, 0) },
    run: fiber => new Promise(resolve => {
      scheduler.startHostFiber('first', 7, 0, null, fiber, () => {})
      const look = (events: number): void => {
        const now = machine.timing.hash.events
        if (now === events) resolve()
        else setTimeout(look, 5, now)
      }
      setTimeout(look, 5, -1)
    })
  }
}

/** A thread that does something and ends. */
function * does (act: () => void): Fiber<void> {
  act()
  yield * settle(0)
}

test('a processor does not idle for who comes later while somebody can go on', async () => {
  const { machine, work, start, run } = world(2)
  const begun = new Map<string, number>()
  const note = (label: string): Fiber<void> => does(() => { begun.set(label, machine.timing.nowNs) })
  await run(does(() => {
    start('patient', 5, note('patient'))
    work(300)
    start('urgent', 0, note('urgent'))
  }))
  assert.ok(begun.get('urgent')! >= 300_000)
  assert.ok(begun.get('patient')! < 50_000, `began at ${begun.get('patient')} ns`)
})

test('bytes that a thread copied before it waits are told as its own, not as the next one\'s', async () => {
  const { machine, counters, start, run } = world(1)
  const never = new WaitQueue('never')
  const perByteNs = machine.profile.copy.perByte * 1000 / machine.profile.frequencyMHz
  const took: number[] = []
  await run(does(() => {
    start('copies', 0, (function * (): Fiber<void> {
      took.push(machine.timing.nowNs)
      counters.bytesCopied += 1e6
      yield never
    })())
    start('of the host', 0, does(() => { took.push(machine.timing.nowNs) }), INIT)
  }))
  assert.equal(took.length, 2)
  assert.ok(took[1]! - took[0]! >= 1e6 * perByteNs, `${took[1]! - took[0]!} ns`)
})
