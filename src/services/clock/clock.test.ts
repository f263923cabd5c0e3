import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, isFiber, race } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { TestScheduler } from '../../roles/conformance/index.ts'
import { ClockId, SLEEPERS_MAX } from '../../roles/index.ts'
import type { Clock } from '../../roles/index.ts'
import { startService } from '../testing.ts'
import { clock as service } from './index.ts'
import { Sleeper, Sleepers } from './sleepers.ts'

/** A machine whose time the test moves: `advance` delivers the timer when it is due. */
function make () {
  const machine = { nowNs: 0, realNs: 1.7e18, armedNs: Infinity, arms: 0 }
  let handler = (): void => {}
  const devices = {
    clock: { monotonicNs: () => machine.nowNs, realtimeNs: () => machine.realNs, resolutionNs: 40 },
    timer: { arm (ns: number) { machine.armedNs = ns; machine.arms++ } },
    interrupts: { connect (_line: string, run: () => void) { handler = run } }
  }
  const clock = startService(service, { devices })['clock'] as unknown as Clock
  return {
    machine, clock, scheduler: new TestScheduler(),
    advance (byNs: number) {
      machine.nowNs += byNs
      machine.realNs += byNs
      if (machine.nowNs < machine.armedNs) return
      machine.armedNs = Infinity
      handler()
    }
  }
}

test('sleepers wake in the order in which they are due, none early, on one timer', async () => {
  const { clock, scheduler, machine, advance } = make()
  const woken: string[] = []
  function * sleeper (name: string, ns: number): Fiber<void> {
    const slept = clock.sleepUntil(ClockId.MONOTONIC, ns)
    assert.ok(isFiber(slept))
    assert.equal(yield * slept, 0)
    assert.ok(machine.nowNs >= ns)
    woken.push(name)
  }
  function * all (): Fiber<void> {
    const tasks = [['c', 300], ['a', 100], ['d', 300], ['b', 200]] .map(([name, ns]) => scheduler.spawn(sleeper(name as string, ns as number)))
    yield * scheduler.settleDown()
    assert.equal(machine.armedNs, 100)
    for (const task of tasks) yield * task.join()
  }
  await scheduler.run(all(), async () => advance(50))
  assert.deepEqual(woken, ['a', 'b', 'c', 'd'])
  assert.equal(machine.armedNs, Infinity)
})

test('a sleep that is over, before it begins or by a race, leaves nothing behind', async () => {
  const { clock, scheduler, machine, advance } = make()
  machine.nowNs = 500
  assert.equal(clock.sleepUntil(ClockId.MONOTONIC, 500), 0)
  assert.equal(clock.sleepUntil(ClockId.MONOTONIC, -1), 0)
  const early = clock.sleepUntil(ClockId.MONOTONIC, 1000) as Fiber<number>
  const late = clock.sleepUntil(ClockId.MONOTONIC, 9000) as Fiber<number>
  assert.equal((await scheduler.run(race([late, early]), async () => advance(100))).index, 1)
  assert.equal(machine.armedNs, Infinity, 'the late one is not waited for')
  const never = clock.sleepUntil(ClockId.MONOTONIC, Infinity) as Fiber<number>
  never.next(undefined as never)
  assert.equal(machine.armedNs, Infinity)
  never.return(0)
})

test('a sleep until a real time follows that clock when it is set', async () => {
  const { clock, scheduler, machine, advance } = make()
  const hour = 3600e9
  const slept = clock.sleepUntil(ClockId.REALTIME, machine.realNs + hour) as Fiber<number>
  let turns = 0
  await scheduler.run(slept, async () => {
    if (++turns === 3) machine.realNs += hour
    advance(machine.armedNs - machine.nowNs)
  })
  assert.ok(turns <= 5 && machine.nowNs < 10e9, `${turns} looks in ${machine.nowNs} ns`)
})

test('clocks: whole ns, what the doubles can carry, and -EINVAL for what is not there', () => {
  const { clock, machine } = make()
  machine.nowNs = 12.9
  assert.equal(clock.now(ClockId.MONOTONIC), 12)
  assert.equal(clock.resolution(ClockId.MONOTONIC), 40)
  assert.equal(clock.resolution(ClockId.REALTIME), 256)
  for (const id of [ClockId.PROCESS_CPU, ClockId.THREAD_CPU, 4, -1]) {
    assert.equal(clock.now(id), -Errno.EINVAL)
    assert.equal(clock.resolution(id), -Errno.EINVAL)
    assert.equal(clock.sleepUntil(id, 100), -Errno.EINVAL)
  }
  assert.equal(clock.sleepUntil(ClockId.MONOTONIC, NaN), -Errno.EINVAL)
})

test('sleepers are bounded', () => {
  const { clock } = make()
  const fibers = Array.from({ length: SLEEPERS_MAX }, (_, i) => clock.sleepUntil(ClockId.MONOTONIC, 1e9 + i) as Fiber<number>)
  for (const fiber of fibers) fiber.next(undefined as never)
  assert.equal(clock.sleepUntil(ClockId.MONOTONIC, 1e9), -Errno.EAGAIN)
  fibers[777]!.return(0)
  assert.ok(isFiber(clock.sleepUntil(ClockId.MONOTONIC, 1e9)))
})

test('the heap gives the first of any mixture of coming and going', () => {
  const sleepers = new Sleepers()
  const inside = new Set<Sleeper>()
  let state = 12345
  const random = (below: number): number => (state = (state * 1103515245 + 12345) % 2 ** 31) % below
  for (let turn = 0; turn < 20_000; turn++) {
    if (random(5) < 3 || inside.size === 0) {
      const sleeper = new Sleeper()
      sleeper.deadlineNs = random(1000)
      sleepers.add(sleeper)
      inside.add(sleeper)
    } else {
      const sleeper = random(2) === 0 ? sleepers.first! : [...inside][random(inside.size)]!
      sleepers.remove(sleeper)
      sleepers.remove(sleeper)
      inside.delete(sleeper)
    }
    if (inside.size > 200) for (const sleeper of [...inside].slice(100)) { sleepers.remove(sleeper); inside.delete(sleeper) }
    assert.equal(sleepers.size, inside.size)
    assert.equal(sleepers.first?.deadlineNs, inside.size === 0 ? undefined : Math.min(...[...inside].map(each => each.deadlineNs)))
  }
})
