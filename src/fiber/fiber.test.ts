import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bug, WaitQueue, chain, giveUp, isFiber, race, runPlain, settle } from './index.ts'
import type { Eventual, Fiber } from './index.ts'

function * after (queue: WaitQueue, value: number, log: string[] = []): Fiber<number> {
  try {
    yield queue
    return value
  } finally {
    log.push(`end ${value}`)
  }
}

test('a value stays plain, and a fiber is waited for', () => {
  const queue = new WaitQueue('q')
  assert.equal(chain(3, n => n + 1), 4)
  const waiting = chain(after(queue, 3) as Eventual<number>, n => n + 1)
  assert.ok(isFiber(waiting))
  assert.equal(waiting.next(undefined as never).value, queue)
  assert.deepEqual(waiting.next(queue), { done: true, value: 4 })
  assert.equal(runPlain(settle(5)), 5)
})

test('no value of a role is taken for a fiber', () => {
  for (const value of [0, -1, 'text', [], [1], { a: 1 }, null, undefined]) assert.equal(isFiber(value), false)
})

test('a race gives the first, ends the others, and wakes only whom its queue is', () => {
  const [a, b] = [new WaitQueue('a'), new WaitQueue('b')]
  const log: string[] = []
  const running = race([after(a, 1, log), after(b, 2, log)])
  const waits = running.next(undefined as never).value as WaitQueue[]
  assert.deepEqual(waits, [a, b])
  assert.deepEqual(running.next(b), { done: true, value: { index: 1, value: 2 } })
  assert.deepEqual(log, ['end 2', 'end 1'])
})

test('a race that is ended ends its fibers', () => {
  const log: string[] = []
  const running = race([after(new WaitQueue('a'), 1, log), after(new WaitQueue('b'), 2, log)])
  running.next(undefined as never)
  running.return(undefined as never)
  assert.deepEqual(log, ['end 1', 'end 2'])
})

test('what must not wait and does is a bug that names the queue', () => {
  assert.throws(() => runPlain(after(new WaitQueue('the disk'), 1)), (error: Error) => error instanceof Bug && /the disk/.test(error.message))
})

test('a wait queue wakes in the order of arrival, each once', () => {
  const queue = new WaitQueue('q')
  const woken: number[] = []
  const waiters = [1, 2, 3].map(n => ({ wake: () => { woken.push(n) } }))
  for (const waiter of waiters) queue.enter(waiter)
  queue.leave(waiters[1]!)
  assert.equal(queue.wakeOne(), true)
  assert.equal(queue.wakeAll(), 1)
  assert.equal(queue.wakeOne(), false)
  assert.deepEqual(woken, [1, 3])
})

test('who enters while all are woken waits for the next time', () => {
  const queue = new WaitQueue('q')
  let times = 0
  const again = { wake () { times++; queue.enter(again) } }
  queue.enter(again)
  assert.equal(queue.wakeAll(), 1)
  assert.equal(times, 1)
  assert.equal(queue.length, 1)
})

test('a race looks at every fiber whose queue was woken before it ran, not only at the one that woke it', () => {
  const [a, b] = [new WaitQueue('a'), new WaitQueue('b')]
  let ready = false
  function * never (): Fiber<number> { for (;;) yield a }
  function * whenReady (): Fiber<number> {
    while (!ready) yield b
    return 2
  }
  const running = race([never(), whenReady()])
  running.next(undefined as never)
  // The thread is woken by one queue, and leaves all of them; before it runs, the other is woken too.
  a.wakeAll()
  ready = true
  b.wakeAll()
  assert.deepEqual(running.next(a), { done: true, value: { index: 1, value: 2 } })
})

test('what one fiber of a race does may be what another waits for', () => {
  const queue = new WaitQueue('q')
  let ready = false
  function * whenReady (): Fiber<number> {
    while (!ready) yield queue
    return 1
  }
  function * makesReady (): Fiber<number> {
    ready = true
    queue.wakeAll()
    yield new WaitQueue('never')
    return 2
  }
  assert.deepEqual(race([whenReady(), makesReady()]).next(undefined as never), { done: true, value: { index: 0, value: 1 } })
})

test('what a fiber took before it began is given back when a race ends before its turn', () => {
  let taken = 0
  // As an operation behind a gate: something is taken at once, and given back by the fiber.
  const operation = (): Fiber<number> => {
    taken++
    return (function * () {
      try {
        yield new WaitQueue('never')
        return 0
      } finally {
        taken--
      }
    })()
  }
  const atOnce = (): Fiber<number> => settle(1)
  assert.deepEqual(race([atOnce(), operation(), operation()]).next(undefined as never), { done: true, value: { index: 0, value: 1 } })
  assert.equal(taken, 0)
  giveUp(operation())
  assert.equal(taken, 0)
  assert.equal(giveUp(atOnce()), 1)
})
