/** The parts of the engine: events, footprints, locks, charges, interrupts, the trace's hash. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventQueue } from './event-queue.ts'
import type { ModelEvent } from './event-queue.ts'
import { Footprints } from './footprints.ts'
import { ModelLock } from './locks.ts'
import { modelMachine } from './model-machine.ts'
import { ModelTiming } from './model-timing.ts'
import { profiles, readProfile, isErrors } from './index.ts'
import type { Profile } from './profile.ts'
import { Random } from './random.ts'
import { TraceHash } from './trace-hash.ts'

function profile (changes: Partial<Profile> = {}): Profile {
  const read = readProfile(profiles.get('skylake'))
  assert.ok(!isErrors(read))
  return { ...read, ...changes }
}

test('events come in the order of their times, at one instant in that of their adding, and not when they were cancelled', () => {
  const random = new Random(7)
  const queue = new EventQueue()
  const expected: { atNs: number, number: number }[] = []
  const happened: number[] = []
  const events: ModelEvent[] = []
  for (let number = 0; number < 3000; number++) {
    const atNs = random.below(400)
    events.push(queue.add(atNs, () => happened.push(number)))
    expected.push({ atNs, number })
  }
  const gone = new Set(Array.from({ length: 900 }, () => random.below(3000)))
  for (const number of gone) queue.cancel(events[number]!)
  const wanted = expected.filter(({ number }) => !gone.has(number)).sort((a, b) => a.atNs - b.atNs || a.number - b.number)
  for (const { atNs } of wanted) {
    assert.equal(queue.nextNs, atNs)
    queue.take()!.happen!()
  }
  assert.deepEqual(happened, wanted.map(({ number }) => number))
  assert.equal(queue.take(), undefined)
  assert.equal(queue.nextNs, Infinity)
})

const twoLevels = {
  caches: [
    { name: 'L1', sizeBytes: 100 * 64, lineBytes: 64, missCycles: 10, streamCycles: 2 },
    { name: 'L2', sizeBytes: 400 * 64, lineBytes: 64, missCycles: 100, streamCycles: 20 }
  ],
  tlb: { entries: 20, pageBytes: 4096, missCycles: 30, tagged: false, globalPages: true }
}

test('an occupant misses all at first, nothing again, and afterwards what others have evicted', () => {
  const footprints = new Footprints(profile(twoLevels))
  assert.equal(footprints.touch(1, true, 40, 0), 40 * 110)
  assert.equal(footprints.touch(1, true, 40, 0), 0)
  assert.equal(footprints.touch(2, true, 50, 0), 50 * 110)
  assert.equal(footprints.touch(1, true, 40, 0), 0, 'both fit')
  footprints.touch(3, true, 80, 0)
  // 50 and 80 lines were touched since 1 was... only 3 since 1: 100 - 80 = 20 of its 40 are left in L1.
  assert.equal(footprints.touch(1, true, 40, 0), 20 * 10)
  // 40 and 80 since 2: nothing left in L1, all in L2.
  assert.equal(footprints.touch(2, true, 50, 0), 50 * 10)
  footprints.touch(4, true, 380, 0)
  // 380 and 50 since 1.
  assert.equal(footprints.touch(1, true, 40, 0), 40 * 110)
  assert.equal(footprints.touch(1, true, 45, 0), 5 * 110, 'what it did not touch before is cold')
  assert.equal(footprints.touch(1, true, 3, 0), 0)
  assert.equal(footprints.touch(1, true, 45, 0), 0, 'a short run leaves what a longer one touched')
})

test('a switch of address space empties an untagged TLB, but for the supervisor where it has global pages', () => {
  const global = new Footprints(profile(twoLevels))
  assert.equal(global.touch(1, false, 0, 4), 4 * 30)
  assert.equal(global.touch(2, true, 0, 4), 4 * 30)
  global.flushTlb()
  assert.equal(global.touch(1, false, 0, 4), 4 * 30)
  assert.equal(global.touch(2, true, 0, 4), 0)
  const none = new Footprints(profile({ ...twoLevels, tlb: { ...twoLevels.tlb, globalPages: false } }))
  none.touch(2, true, 0, 4)
  none.flushTlb()
  assert.equal(none.touch(2, true, 0, 4), 4 * 30)
})

test('a lock is held by one at a time; a section takes the first gap that is long enough', () => {
  const lock = new ModelLock('l')
  assert.equal(lock.reserve(500, 100, 0), 500)
  assert.equal(lock.reserve(20, 10, 0), 20, 'what begins before it does not wait for it')
  assert.equal(lock.reserve(510, 50, 0), 600)
  assert.equal(lock.reserve(25, 480, 0), 650, 'no gap is long enough')
  assert.equal(lock.reserve(450, 50, 0), 450)
  assert.equal(lock.waitedCycles, 90 + 625)
  const random = new Random(3)
  const other = new ModelLock('m')
  const held: [number, number][] = []
  for (let i = 0; i < 400; i++) {
    const from = random.below(10_000)
    const length = 1 + random.below(30)
    const begin = other.reserve(from, length, 0)
    assert.ok(begin >= from)
    for (const [start, end] of held) assert.ok(begin + length <= start || begin >= end, `${begin} + ${length} meets ${start} to ${end}`)
    held.push([begin, begin + length])
  }
})

test('charges move the clock of the selected processor by what the profile says', () => {
  const given = profile({ frequencyMHz: 1000, trapEntry: 50, trapExit: 30, pageTableIsolation: 0, kernelInstruction: 0.5, caches: [], addressSpaceSwitch: 70 })
  const timing = new ModelTiming({ ...given, tlb: { ...given.tlb, missCycles: 0 } }, 2, null)
  timing.enter()
  timing.leave()
  timing.work(timing.occupant('a', true), 100, 3)
  assert.equal(timing.nowNs, 130)
  timing.select(1)
  assert.equal(timing.nowNs, 0)
  timing.switchTo(4)
  timing.switchTo(4)
  assert.equal(timing.nowNs, 70)
  assert.equal(timing.latestNs, 130)
  timing.outside = true
  timing.enter()
  timing.switchTo(9)
  timing.outside = false
  assert.equal(timing.nowNs, 70)
  timing.switchTo(4)
  assert.equal(timing.nowNs, 70, 'what was done from outside left its address space')
})

test('a lock that another processor had costs its lines and the wait', () => {
  const given = profile({ frequencyMHz: 1000, kernelInstruction: 1, caches: [], atomic: 20, lineTransfer: { near: 100, far: 300, processorsNear: 2 } })
  const timing = new ModelTiming({ ...given, tlb: { ...given.tlb, missCycles: 0 } }, 4, null)
  const lock = timing.locks('inode')
  const who = timing.occupant('write', true)
  timing.workUnder(lock, 5, who, 1000, 2)
  assert.equal(timing.nowNs, 1020)
  timing.select(1)
  timing.workUnder(lock, 6, who, 1000, 2)
  assert.equal(timing.nowNs, 1020, 'another inode')
  timing.select(2)
  timing.workUnder(lock, 5, who, 1000, 2)
  assert.equal(timing.nowNs, 1020 + 20 + 1000 + 3 * 300, 'waited for, and fetched from far')
  timing.select(3)
  timing.idleUntil(5000)
  timing.workUnder(lock, 5, who, 1000, 2)
  assert.equal(timing.nowNs, 5000 + 20 + 1000 + 3 * 100)
})

test('an interrupt costs its time where it came, and what it wakes can go on from then', () => {
  const given = profile({ frequencyMHz: 1000, kernelInstruction: 1, caches: [], interrupt: { entry: 40, exit: 60 } })
  const timing = new ModelTiming({ ...given, tlb: { ...given.tlb, missCycles: 0 } }, 1, null)
  timing.work(timing.occupant('long', true), 10_000, 0)
  let woken = 0
  timing.interrupt(3000, () => {
    timing.work(timing.occupant('handler', true), 500, 0)
    woken = timing.nowNs
  })
  assert.equal(woken, 3540)
  assert.equal(timing.nowNs, 10_600)
})

test('a preempted call goes on later with what was left of it, and is not preempted within a critical section', () => {
  const given = profile({ frequencyMHz: 1000, kernelInstruction: 1, caches: [] })
  const timing = new ModelTiming({ ...given, tlb: { ...given.tlb, missCycles: 0 } }, 1, null)
  const who = timing.occupant('call', true)
  timing.work(who, 1000, 0)
  timing.workUnder(timing.locks('l'), 0, who, 2000, 0)
  timing.work(who, 4000, 0)
  const rest = timing.preempt(500)
  assert.equal(rest.ns, 6500)
  assert.equal(timing.nowNs, 500)
  // Its processor has been somebody else's meanwhile.
  timing.begin()
  timing.makeUp(rest)
  assert.equal(timing.nowNs, 7000)
  assert.equal(timing.preempt(1500).ns, 4000, 'the section ends at 3000')
  assert.equal(timing.nowNs, 3000)
})

test('what is left of a preempted call keeps its critical sections, and a long one is preempted between its pieces', () => {
  const given = profile({ frequencyMHz: 1000, kernelInstruction: 1, caches: [] })
  const timing = new ModelTiming({ ...given, tlb: { ...given.tlb, missCycles: 0 } }, 1, null)
  const who = timing.occupant('call', true)
  timing.begin()
  timing.work(who, 1000, 0)
  timing.workUnder(timing.locks('l'), 0, who, 4000, 0, 4)
  timing.work(who, 1000, 0)
  const first = timing.preempt(500)
  timing.begin()
  timing.work(timing.occupant('other', true), 200, 0)
  timing.makeUp(first)
  assert.equal(timing.nowNs, 6200)
  // Its section is from 1,200 to 5,200 now, in pieces of 1,000.
  const second = timing.preempt(2300)
  assert.equal(timing.nowNs, 3200)
  assert.deepEqual(second, { ns: 3000, sections: [{ begin: 0, end: 2000, pieces: 2 }] })
})

test('the hash tells runs apart by kind, who, when, and order', () => {
  const hashes = new Set<string>()
  const run = (...events: [number, number, number][]): string => {
    const hash = new TraceHash()
    for (const event of events) hash.mix(...event)
    return hash.value
  }
  for (let a = 0; a < 40; a++) for (let b = 0; b < 40; b++) hashes.add(run([16, 0, a * 1e9 + 0.25], [17, 1, b]))
  hashes.add(run([17, 1, 0], [16, 0, 0.25]))
  hashes.add(run([16, 1, 0.25], [17, 1, 0]))
  assert.equal(hashes.size, 1602)
  assert.match(run([1, 2, 3]), /^[0-9a-f]{16}$/)
  assert.equal(run([1, 2, 3], [4, 5, 2 ** 45 + 0.5]), run([1, 2, 3], [4, 5, 2 ** 45 + 0.5]))
})

test('checkpoints stay bounded, evenly spaced, and agree between runs of different length', () => {
  const short = new TraceHash()
  const long = new TraceHash()
  for (let i = 0; i < 400_000; i++) {
    if (i < 100_000) short.mix(16, 0, i)
    long.mix(16, 0, i)
  }
  assert.ok(long.checkpoints.length < 4096 && long.checkpoints.length > 1000)
  const known = new Map(long.checkpoints.map(({ events, hash }) => [events, hash]))
  const common = short.checkpoints.filter(({ events }) => known.has(events))
  assert.ok(common.length > 500)
  for (const { events, hash } of common) assert.equal(known.get(events), hash)
})

test('caches that are flushed cost their filling and no more than that; parts of their own keep what is in them', () => {
  const small = profile({ ...twoLevels, frequencyMHz: 1000, kernelInstruction: 0, addressSpaceSwitch: 0 })
  /** What B takes between two runs of A that touch so many lines. */
  const costOfB = (policy: 'shared' | 'flushed' | 'partitioned', linesOfA: number): number => {
    const timing = new ModelTiming(small, 1, null)
    timing.isolate(policy, 2)
    const [a, b] = [timing.occupant('a', false), timing.occupant('b', false)]
    let cost = 0
    for (let turn = 0; turn < 4; turn++) {
      timing.switchTo(2)
      timing.work(a, 0, linesOfA)
      timing.switchTo(1)
      const from = timing.nowNs
      timing.work(b, 0, 30)
      cost = timing.nowNs - from
    }
    return cost
  }
  assert.ok(costOfB('shared', 5) < costOfB('shared', 90), 'B sees what A does')
  assert.equal(costOfB('flushed', 5), costOfB('flushed', 90))
  assert.equal(costOfB('partitioned', 5), costOfB('partitioned', 90))
  assert.ok(costOfB('partitioned', 5) < costOfB('flushed', 5))
  assert.ok(costOfB('partitioned', 5) <= costOfB('shared', 90))
})

test('idle until an instant is never before it', () => {
  const random = new Random(11)
  for (const frequencyMHz of [133, 2200, 3400, 1900]) {
    const timing = new ModelTiming(profile({ frequencyMHz }), 1, null)
    let at = 0
    for (let i = 0; i < 20_000; i++) {
      at += 1 + random.below(1_000_000) / 7
      timing.idleUntil(at)
      assert.ok(timing.nowNs >= at && timing.nowNs < at + 0.001, `${timing.nowNs} at ${at}`)
    }
  }
})

test('the figures of cost tables that a sample draws do not depend on the order in which a kernel asks for them', () => {
  const rows = Array.from({ length: 20 }, (_, number) => ({ measure: { per: 'call' } as const, instructions: 50, range: [10, 100] as const, dataLines: 1, reason: `step ${number}` }))
  const first = new ModelTiming(profile(), 1, null, new Random(5))
  const second = new ModelTiming(profile(), 1, null, new Random(5))
  const drawn = new Map(rows.map(row => [row, first.figure(row)]))
  for (const row of rows.toReversed()) assert.equal(second.figure(row), drawn.get(row))
  for (const figure of drawn.values()) assert.ok(figure >= 10 && figure <= 100)
  assert.ok(new Set(drawn.values()).size > 15)
  assert.notEqual(new ModelTiming(profile(), 1, null, new Random(6)).figure(rows[0]!), drawn.get(rows[0]!))
})

test('events that are cancelled, however many, do not fill the queue while an earlier one is to come', () => {
  const queue = new EventQueue()
  const order: number[] = []
  queue.add(1, () => order.push(0))
  for (let number = 1; number <= 20; number++) queue.add(1000 - number % 3, () => order.push(number))
  for (let turn = 0; turn < 10_000; turn++) queue.cancel(queue.add(2000 + turn, () => order.push(-1)))
  assert.ok(queue.length < 200, `${queue.length} events`)
  while (queue.nextNs < Infinity) queue.take()!.happen!()
  const late = Array.from({ length: 20 }, (_, at) => at + 1).toSorted((a, b) => b % 3 - a % 3 || a - b)
  assert.deepEqual(order, [0, ...late])
})

test('what is larger than a cache misses in it again, though nobody else ran between', () => {
  const footprints = new Footprints(profile(twoLevels))
  footprints.touch(1, true, 250, 30)
  assert.equal(footprints.touch(1, true, 250, 30), 150 * 10 + 10 * 30)
})

test('a critical section within which an interrupt came ends later by what that took', () => {
  const given = profile({ frequencyMHz: 1000, kernelInstruction: 1, caches: [], interrupt: { entry: 40, exit: 60 } })
  const timing = new ModelTiming({ ...given, tlb: { ...given.tlb, missCycles: 0 } }, 1, null)
  const who = timing.occupant('call', true)
  timing.work(who, 1000, 0)
  timing.workUnder(timing.locks('l'), 0, who, 2000, 0)
  timing.work(who, 4000, 0)
  timing.interrupt(1500, () => { timing.work(timing.occupant('handler', true), 400, 0) })
  assert.equal(timing.nowNs, 7500)
  assert.equal(timing.preempt(1940).ns, 4000)
  assert.equal(timing.nowNs, 3500)
})

test('sections of other processors are none of a call that is preempted', () => {
  const given = profile({ frequencyMHz: 1000, kernelInstruction: 1, caches: [], atomic: 0 })
  const timing = new ModelTiming({ ...given, tlb: { ...given.tlb, missCycles: 0 } }, 2, null)
  const who = timing.occupant('call', true)
  timing.begin()
  timing.work(who, 1000, 0)
  timing.select(1)
  timing.begin()
  timing.workUnder(timing.locks('l'), 0, who, 5000, 0)
  timing.select(0)
  assert.equal(timing.preempt(500).ns, 500)
  assert.equal(timing.nowNs, 500)
})

test('who touched much once, and little since, does not go on evicting others', () => {
  const footprints = new Footprints(profile(twoLevels))
  footprints.touch(1, true, 390, 18)
  let cost = 0
  for (let turn = 0; turn < 3; turn++) {
    footprints.touch(1, true, 10, 1)
    cost = footprints.touch(2, true, 50, 3)
  }
  assert.equal(cost, 0)
  // The 380 lines are where they were: 60 were touched since.
  assert.equal(footprints.touch(1, true, 390, 0), (380 - 40) * 10 + (380 - 340) * 100)
})

test('while interrupts are masked no event comes, and who would wait for one goes on; afterwards what was due comes', () => {
  const machine = modelMachine({ profile: profile() })
  let fired = 0
  machine.interrupts.connect('timer', () => { fired++ })
  machine.timer.arm(1000)
  machine.interrupts.mask()
  machine.timing.idleUntil(5000)
  // A scheduler that saw it due would deliver it for ever.
  assert.equal(machine.timing.nextEventNs, Infinity)
  machine.interrupts.deliver()
  assert.equal(fired, 0)
  let resumed = 0
  machine.processor.idle(() => { resumed++ })
  machine.interrupts.unmask()
  assert.ok(machine.timing.nextEventNs <= 5000)
  machine.interrupts.deliver()
  assert.equal(fired, 1)
  return new Promise<void>(resolve => {
    setImmediate(() => {
      assert.equal(resumed, 1, 'an idle machine goes on')
      machine.close()
      resolve()
    })
  })
})
