import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, errnoName } from '../../fiber/index.ts'
import { fakes, finish } from './fakes.ts'
import type { Answer, Fakes } from './fakes.ts'

const IN = 1024
const EVENTS = 16384
const OUT = 32768
const REALTIME = 0
const MONOTONIC = 1

type Wanted =
  | { clock: number, timeout: bigint, absolute?: boolean, flags?: number }
  | { read: number }
  | { write: number }
  | { tag: number }

function subscribe (made: Fakes, wanted: readonly Wanted[], at = IN): void {
  const view = made.memory.view
  wanted.forEach((one, i) => {
    const to = at + 48 * i
    made.memory.bytes.fill(0xee, to, to + 48)
    view.setBigUint64(to, 0xffff_ffff_0000_0000n + BigInt(i), true)
    if ('clock' in one) {
      view.setUint8(to + 8, 0)
      view.setUint32(to + 16, one.clock, true)
      view.setBigUint64(to + 24, one.timeout, true)
      view.setUint16(to + 40, one.flags ?? (one.absolute ? 1 : 0), true)
    } else if ('tag' in one) {
      view.setUint8(to + 8, one.tag)
    } else {
      view.setUint8(to + 8, 'read' in one ? 1 : 2)
      view.setInt32(to + 16, 'read' in one ? one.read : one.write, true)
    }
  })
}

interface Event { id: number, error: string, type: number, bytes: bigint, flags: number }

function events (made: Fakes, at = EVENTS): Event[] {
  const view = made.memory.view
  return Array.from({ length: view.getUint32(OUT, true) }, (_, i) => {
    const from = at + 32 * i
    assert.equal(view.getUint32(from + 4, true), 0xffffffff)
    return {
      id: view.getUint32(from, true), error: errnoName(view.getUint16(from + 8, true)), type: view.getUint8(from + 10),
      bytes: view.getBigUint64(from + 16, true), flags: view.getUint16(from + 24, true)
    }
  })
}

/** A clock that stands at `start` until somebody sleeps; polls of descriptors sleep where they give nothing. */
function clocked (start: number, realtime: number, poll?: (requests: number[], deadline: number) => number[]): { answers: Record<string, Answer>, time: { now: number } } {
  const time = { now: start }
  return {
    time,
    answers: {
      now: (clock: number) => clock === REALTIME ? realtime + time.now - start : time.now,
      sleepUntil: (clock: number, deadline: number) => { assert.equal(clock, MONOTONIC); time.now = Math.max(time.now, deadline); return 0 },
      poll: (requests: number[], deadline: number) => {
        const got = poll?.(requests, deadline) ?? requests.map(() => 0)
        if (got.every(value => value === 0)) {
          assert.ok(deadline < Infinity)
          time.now = Math.max(time.now, deadline)
        }
        return got
      }
    }
  }
}

const clockEvent = (id: number): Event => ({ id, error: 'SUCCESS', type: 0, bytes: 0n, flags: 0 })

test('a relative sleep ends when it is over, on either clock', () => {
  for (const clock of [REALTIME, MONOTONIC]) {
    const { answers, time } = clocked(1000, 1.7e18)
    const made = fakes(answers)
    subscribe(made, [{ clock, timeout: 5_000_000n }])
    made.memory.bytes.fill(0, EVENTS, EVENTS + 32)
    assert.equal(finish(made.calls.poll_oneoff(IN, EVENTS, 1, OUT)), 0)
    assert.equal(time.now, 5_001_000)
    assert.deepEqual(events(made), [clockEvent(0)])
    assert.ok(!made.log.some(([name]) => name === 'poll'), 'a sleep asks no file')
  }
})

test('an absolute deadline, on the monotonic clock exactly and on the real-time clock not early', () => {
  const { answers, time } = clocked(1000, 1_700_000_000_000_000_000)
  const made = fakes(answers)
  subscribe(made, [{ clock: MONOTONIC, timeout: 9999n, absolute: true }])
  assert.equal(finish(made.calls.poll_oneoff(IN, EVENTS, 1, OUT)), 0)
  assert.equal(time.now, 9999)
  subscribe(made, [{ clock: REALTIME, timeout: 1_700_000_000_001_000_000n, absolute: true }])
  assert.equal(finish(made.calls.poll_oneoff(IN, EVENTS, 1, OUT)), 0)
  const realtime = 1_700_000_000_000_000_000n + BigInt(time.now - 1000)
  assert.ok(realtime >= 1_700_000_000_001_000_000n && realtime < 1_700_000_000_001_010_000n, String(realtime))
})

test('a deadline that has passed does not wait', () => {
  const { answers, time } = clocked(10_000, 1_700_000_000_000_000_000)
  const made = fakes(answers)
  subscribe(made, [
    { clock: MONOTONIC, timeout: 5n, absolute: true }, { clock: REALTIME, timeout: 5n, absolute: true }, { clock: MONOTONIC, timeout: 0n },
    { clock: MONOTONIC, timeout: 20_000n, absolute: true }, { clock: MONOTONIC, timeout: 2n ** 64n - 1n }
  ])
  assert.equal(finish(made.calls.poll_oneoff(IN, EVENTS, 5, OUT)), 0)
  assert.deepEqual(events(made), [0, 1, 2].map(clockEvent))
  assert.equal(time.now, 10_000)
})

test('of several clocks, those whose time has come', () => {
  const { answers, time } = clocked(0, 1e18)
  const made = fakes(answers)
  subscribe(made, [{ clock: 1, timeout: 300n }, { clock: 0, timeout: 100n }, { clock: 1, timeout: 100n }, { clock: 1, timeout: 200n }])
  assert.equal(finish(made.calls.poll_oneoff(IN, EVENTS, 4, OUT)), 0)
  assert.equal(time.now, 100)
  assert.deepEqual(events(made), [clockEvent(1), clockEvent(2)])
})

test('descriptors: readiness, bytes, hang-up, and an errno each', () => {
  const { answers } = clocked(0, 1e18, () => [1, 2 ** 40, 0, 0, -Errno.EBADF, 0, 2 | 4, 5, 4, 0])
  const made = fakes(answers)
  subscribe(made, [{ read: 3 }, { write: 4 }, { read: -1 }, { write: 6 }, { clock: 1, timeout: 50n }, { read: 7 }])
  assert.equal(finish(made.calls.poll_oneoff(IN, EVENTS, 6, OUT)), 0)
  assert.deepEqual(made.log.find(([name]) => name === 'poll'), ['poll', [3, 1, 4, 2, -1, 1, 6, 2, 7, 1], 50])
  assert.deepEqual(events(made), [
    { id: 0, error: 'SUCCESS', type: 1, bytes: 2n ** 40n, flags: 0 },
    { id: 2, error: 'EBADF', type: 1, bytes: 0n, flags: 0 },
    { id: 3, error: 'SUCCESS', type: 2, bytes: 5n, flags: 1 },
    { id: 5, error: 'SUCCESS', type: 1, bytes: 0n, flags: 1 }
  ])
})

test('a descriptor that does not become ready leaves the clock to end it', () => {
  const { answers, time } = clocked(0, 1e18)
  const made = fakes(answers)
  subscribe(made, [{ read: 3 }, { clock: 1, timeout: 50n }, { clock: 1, timeout: 60n }])
  assert.equal(finish(made.calls.poll_oneoff(IN, EVENTS, 3, OUT)), 0)
  assert.deepEqual(events(made), [clockEvent(1)])
  assert.equal(time.now, 50)
})

test('a descriptor alone waits without a deadline', () => {
  const { answers } = clocked(0, 1e18, () => [1, 1])
  const made = fakes(answers)
  subscribe(made, [{ read: 3 }])
  assert.equal(finish(made.calls.poll_oneoff(IN, EVENTS, 1, OUT)), 0)
  assert.deepEqual(made.log, [['poll', [3, 1], Infinity]])
})

test('a clock of processor time is an event with EINVAL, at once', () => {
  const { answers, time } = clocked(77, 1e18)
  const made = fakes(answers)
  subscribe(made, [{ clock: 1, timeout: 1000n }, { clock: 2, timeout: 5n }, { clock: 3, timeout: 5n, absolute: true }, { read: 3 }])
  assert.equal(finish(made.calls.poll_oneoff(IN, EVENTS, 4, OUT)), 0)
  assert.deepEqual(events(made).map(({ id, error }) => [id, error]), [[1, 'EINVAL'], [2, 'EINVAL']])
  assert.equal(time.now, 77)
  assert.deepEqual(made.log.find(([name]) => name === 'poll'), ['poll', [3, 1], 0])
})

test('what is not well-formed fails the call, and nothing is asked or written', () => {
  for (const bad of [{ tag: 3 }, { tag: 255 }, { clock: 4, timeout: 1n }, { clock: 0xffffffff, timeout: 1n }, { clock: 1, timeout: 1n, flags: 2 }]) {
    const made = fakes()
    subscribe(made, [{ read: 3 }, bad])
    assert.equal(errnoName(finish(made.calls.poll_oneoff(IN, EVENTS, 2, OUT))), 'EINVAL')
    assert.deepEqual(made.log, [])
    assert.equal(made.memory.view.getUint32(OUT, true), 0)
  }
})

test('events may be written over the subscriptions', () => {
  for (const shift of [0, 16, -16, 48]) {
    const { answers } = clocked(0, 1e18, requests => requests.map(() => 1))
    const made = fakes(answers)
    const many = Array.from({ length: 20 }, (_, i) => i % 2 === 0 ? { read: i } : { write: i })
    subscribe(made, many)
    assert.equal(finish(made.calls.poll_oneoff(IN, IN + shift, 20, OUT)), 0)
    assert.deepEqual(events(made, IN + shift).map(({ id, type }) => [id, type]), many.map((_, i) => [i, 1 + i % 2]))
  }
})

test('the real-time clock shows the deadline when it has come, whatever its numbers were rounded to', () => {
  for (let offset = 0n; offset < 1024n; offset += 32n) {
    let elapsed = 0n
    const realtime = (): number => Number(1_700_000_000_000_000_000n + offset + elapsed)
    const made = fakes({
      now: (clock: number) => clock === REALTIME ? realtime() : Number(elapsed),
      sleepUntil: (_clock: number, deadline: number) => { elapsed = BigInt(deadline); return 0 }
    })
    const deadline = 1_700_000_000_000_002_048n + offset * 3n
    subscribe(made, [{ clock: REALTIME, timeout: deadline, absolute: true }])
    assert.equal(finish(made.calls.poll_oneoff(IN, EVENTS, 1, OUT)), 0)
    assert.ok(BigInt(realtime()) >= deadline, `offset ${offset}`)
  }
})

test('a sleep that was waited for is over, though the clock that is asked afterwards lags', () => {
  const made = fakes({ now: 1000, sleepUntil: 0, poll: [0, 0] })
  for (const wanted of [[{ clock: MONOTONIC, timeout: 50n }], [{ clock: MONOTONIC, timeout: 50n }, { read: 3 }]]) {
    subscribe(made, wanted)
    assert.equal(finish(made.calls.poll_oneoff(IN, EVENTS, wanted.length, OUT)), 0)
    assert.deepEqual(events(made), [clockEvent(0)])
  }
})
