import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, isFiber } from '../fiber/index.ts'
import type { Eventual, Fiber } from '../fiber/index.ts'
import { TestScheduler } from '../roles/conformance/index.ts'
import { Access, Arena, PIPE_ATOMIC_BYTES, PIPE_BYTES, READ, WRITE, Window } from '../roles/index.ts'
import { Pipe } from './pipe.ts'

/** Numbers from 0 to 1 that a seed decides: Park and Miller's generator. */
function randomFrom (seed: number): () => number {
  let state = seed
  return () => (state = state * 48_271 % 2_147_483_647) / 2_147_483_647
}

function world (ringBytesMax = 1 << 20) {
  const arena = new Arena({ name: 'pipes', sizeBytesMax: 4096 + ringBytesMax })
  const memory = new Arena({ name: 'client', sizeBytesMax: 64 << 20 })
  const counter = { bytesCopied: 0 }
  const scheduler = new TestScheduler()
  const pipe = new Pipe(1, arena)
  pipe.open(Access.READ)
  pipe.open(Access.WRITE)
  let next = 0
  /** A window on bytes that go on where the one before ended: a stream in which nothing can be lost or doubled unseen. */
  const more = (length: number): Window => {
    const at = memory.allocate(length)
    for (let i = 0; i < length; i++) memory.bytes[at + i] = next++ % 251
    return Window.of(memory, at, length, READ, counter)!
  }
  const room = (length: number) => {
    const at = memory.allocate(length)
    return { window: Window.of(memory, at, length, WRITE, counter)!, bytes: (n: number) => [...memory.bytes.subarray(at, at + n)] }
  }
  const write = (from: Window): Eventual<number> => {
    const count = pipe.tryWrite(from, 0)
    return (count < 0 && count !== -Errno.EAGAIN) || count === from.length ? count : pipe.write(from, Math.max(0, count))
  }
  const read = (into: Window): Eventual<number> => {
    const count = pipe.tryRead(into)
    return count === -Errno.EAGAIN ? pipe.read(into) : count
  }
  /** Runs it as a thread, to its end or first wait. */
  const start = (value: Eventual<number>) => {
    const task = scheduler.spawn(value as Fiber<number>)
    scheduler.runNow(scheduler.settleDown())
    return task
  }
  const settle = (): void => { scheduler.runNow(scheduler.settleDown()) }
  return { arena, memory, counter, pipe, more, room, write, read, start, settle, scheduler }
}

const run = (from: number, length: number): number[] => Array.from({ length }, (_, i) => (from + i) % 251)

test('bytes go straight to a read that waits, in one copy, and leave no ring behind', () => {
  const { arena, counter, more, room, write, read, start, settle } = world()
  const into = room(100)
  const reading = start(read(into.window))
  assert.equal(reading.done, false)
  assert.equal(write(more(60)), 60)
  settle()
  assert.deepEqual([reading.done, reading.value], [true, 60])
  assert.deepEqual(into.bytes(60), run(0, 60))
  assert.equal(counter.bytesCopied, 60)
  assert.equal(arena.allocatedBytes, 0)
})

test('what a read that waits has no room for goes to the next, and the rest into the ring', () => {
  const { more, room, write, read, start, settle, pipe } = world()
  const [a, b] = [room(10), room(20)]
  const first = start(read(a.window))
  const second = start(read(b.window))
  assert.equal(write(more(50)), 50)
  settle()
  assert.deepEqual([first.value, second.value, pipe.length], [10, 20, 20])
  assert.deepEqual([...a.bytes(10), ...b.bytes(20)], run(0, 30))
  const rest = room(100)
  assert.equal(read(rest.window), 20)
  assert.deepEqual(rest.bytes(20), run(30, 20))
})

test('bytes are taken straight out of a write that waits, once the ring is empty', () => {
  const { counter, more, room, write, read, start, settle } = world()
  assert.equal(write(more(PIPE_BYTES)), PIPE_BYTES)
  const writing = start(write(more(PIPE_BYTES)))
  assert.equal(writing.done, false)
  const into = room(PIPE_BYTES)
  assert.equal(read(into.window), PIPE_BYTES)
  counter.bytesCopied = 0
  assert.equal(read(into.window), PIPE_BYTES)
  assert.equal(counter.bytesCopied, PIPE_BYTES, 'one copy')
  assert.deepEqual(into.bytes(10), run(PIPE_BYTES, 10))
  settle()
  assert.deepEqual([writing.done, writing.value], [true, PIPE_BYTES])
})

test('a write that goes in whole has no other between its parts, though it was taken in two', () => {
  const { more, room, write, read, start, settle } = world()
  assert.equal(write(more(PIPE_BYTES)), PIPE_BYTES)
  const small = start(write(more(100)))
  const into = room(PIPE_BYTES)
  assert.equal(read(into.window), PIPE_BYTES)
  assert.equal(read(room(40).window), 40, 'out of its window')
  assert.equal(write(more(30)), 30)
  settle()
  assert.equal(small.value, 100)
  assert.equal(read(into.window), 90)
  assert.deepEqual(into.bytes(90), run(PIPE_BYTES + 40, 90))
})

test('a read that is ended while it waits takes nothing; the next is served in its place', () => {
  const { more, room, write, read, start, settle } = world()
  const gone = read(room(10).window)
  const task = start(gone)
  const into = room(10)
  const next = start(read(into.window))
  task.end()
  assert.equal(write(more(5)), 5)
  settle()
  assert.equal(next.value, 5)
  assert.deepEqual(into.bytes(5), run(0, 5))
})

test('windows that are no more are the fault of whose they are, and nobody else loses a byte', () => {
  const { more, room, write, read, start, settle, pipe } = world()
  const dead = room(10)
  const reading = start(read(dead.window))
  const into = room(10)
  const next = start(read(into.window))
  dead.window.revoke()
  assert.equal(write(more(5)), 5)
  settle()
  assert.deepEqual([reading.value, next.value], [-Errno.EFAULT, 5])
  assert.deepEqual(into.bytes(5), run(0, 5))

  assert.equal(write(more(PIPE_BYTES)), PIPE_BYTES)
  const broken = more(PIPE_BYTES)
  const writing = start(write(broken))
  broken.revoke()
  assert.equal(read(room(PIPE_BYTES).window), PIPE_BYTES)
  assert.equal(pipe.tryRead(room(1).window), -Errno.EAGAIN)
  settle()
  assert.equal(writing.value, -Errno.EFAULT)
})

test('the ring grows with what is in it, around its end too, and keeps the order', () => {
  const { arena, more, room, write, read } = world()
  let [written, got] = [0, 0]
  const into = room(PIPE_BYTES)
  for (const [put, take] of [[3000, 2000], [3000, 1000], [3096, 10], [12_000, 11_000], [16_000, 15_000], [50_000, PIPE_BYTES]] as const) {
    assert.equal(write(more(put)), put)
    written += put
    const count = read(into.window.slice(0, take)) as number
    assert.deepEqual(into.bytes(count), run(got, count))
    got += count
  }
  assert.equal(got, written)
  assert.equal(arena.allocatedBytes, PIPE_BYTES)
})

test('where there is no memory for a ring, a write says so; one that fits what there is waits for room', () => {
  const none = world(0)
  assert.equal(none.write(none.more(1)), -Errno.ENOMEM)
  const little = world(PIPE_ATOMIC_BYTES)
  assert.equal(little.write(little.more(PIPE_ATOMIC_BYTES)), PIPE_ATOMIC_BYTES)
  const more = little.write(little.more(100))
  assert.ok(isFiber(more))
  const writing = little.start(more)
  assert.equal(little.read(little.room(200).window), 200)
  little.settle()
  assert.equal(writing.value, 100)
  const large = little.start(little.write(little.more(PIPE_BYTES)))
  const into = little.room(PIPE_BYTES)
  let got = 0
  while (!large.done) {
    got += little.read(into.window) as number
    little.settle()
  }
  assert.equal(large.value, PIPE_BYTES)
  while (got < PIPE_ATOMIC_BYTES - 200 + 100 + PIPE_BYTES) got += little.read(into.window) as number
})

test('the last end that is closed gives the ring back; who waits on the other side is told', () => {
  const { arena, more, room, write, read, start, settle, pipe } = world()
  const reading = start(read(room(5).window))
  pipe.close(Access.WRITE)
  settle()
  assert.equal(reading.value, 0)
  pipe.open(Access.WRITE)
  assert.equal(write(more(PIPE_BYTES)), PIPE_BYTES)
  const writing = start(write(more(1)))
  pipe.close(Access.READ)
  settle()
  assert.equal(writing.value, -Errno.EPIPE)
  pipe.close(Access.WRITE)
  assert.equal(arena.allocatedBytes, 0)
})

test('whatever is written comes out once and in order, whoever waits and whoever is ended while waiting', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = randomFrom(seed)
    const below = (n: number): number => Math.floor(random() * n)
    const { more, room, write, read, start, settle, pipe } = world()
    const size = (): number => 1 + below([10, 5000, 3 * PIPE_BYTES][below(3)]!)
    let [wanted, written, got] = [0, 0, 0]
    let writing: { task: ReturnType<typeof start>, length: number } | null = null
    const readings: { task: ReturnType<typeof start>, into: ReturnType<typeof room> }[] = []
    const look = (): void => {
      settle()
      if (writing?.task.done === true) {
        assert.equal(writing.task.value, writing.length, `seed ${seed}`)
        written += writing.length
        writing = null
      }
      while (readings[0]?.task.done === true) {
        const { task, into } = readings.shift()!
        assert.deepEqual(into.bytes(task.value!), run(got, task.value!), `seed ${seed}: from ${got}`)
        got += task.value!
      }
    }
    for (let step = 0; step < 60; step++) {
      const act = below(5)
      if (act < 2 && writing === null) {
        const length = size()
        wanted += length
        writing = { task: start(settled(write(more(length)))), length }
      } else if (act < 4 && readings.length < 3) {
        // Sometimes two before the writer has run: then the second finds the ring empty, and the writer's window.
        const asked = Array.from({ length: 1 + below(2) }, () => {
          const into = room(size())
          return { value: read(into.window), into }
        })
        for (const { value, into } of asked) readings.push({ task: start(settled(value)), into })
      } else if (readings.length > 0) {
        const at = below(readings.length)
        readings[at]!.task.end()
        readings.splice(at, 1)
      }
      look()
      assert.ok(pipe.length === 0 || readings.length === 0, `seed ${seed}: nobody waits for what is there`)
      assert.ok(got <= wanted && written <= wanted)
    }
    for (const reading of readings.splice(0)) reading.task.end()
    while (got < wanted) {
      const into = room(PIPE_BYTES)
      readings.push({ task: start(settled(read(into.window))), into })
      look()
    }
    assert.deepEqual([got, written, pipe.length], [wanted, wanted, 0], `seed ${seed}`)
  }
})

function * settled (value: Eventual<number>): Fiber<number> {
  return isFiber(value) ? yield * value : value
}

test('all who wait to read are told of the end, and who is ended at the head of the line holds up nobody', () => {
  const { pipe, room, read, write, more, start, settle } = world()
  const [first, second, third] = [room(10), room(10), room(10)]
  const ended = read(first.window) as Fiber<number>
  ended.next(undefined as never)
  const readings = [start(read(second.window)), start(read(third.window))]
  ended.return(0)
  assert.equal(write(more(4)), 4)
  settle()
  assert.deepEqual(readings.map(({ done }) => done), [true, false])
  assert.deepEqual(second.bytes(4), run(0, 4))
  const last = start(read(first.window))
  pipe.close(Access.WRITE)
  settle()
  assert.deepEqual([readings[1]!.done, last.done], [true, true])
})
