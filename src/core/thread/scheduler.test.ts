import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, WaitQueue, giveWay, settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { stillCore } from '../testing.ts'
import { hostTurn } from './index.ts'

/** A fiber that acts without waiting. */
function * atOnce (act: () => void): Fiber<void> {
  yield * settle(undefined)
  act()
}

/** Threads that write down when they run. */
function world () {
  const { scheduler, counters } = stillCore()
  const log: string[] = []
  const worker = function * (name: string, turns: number): Fiber<string> {
    for (let turn = 0; turn < turns; turn++) {
      log.push(name)
      yield giveWay
    }
    return name
  }
  /** Makes threads within one, so that none runs before all are there. */
  const together = (make: () => void): void => {
    scheduler.startFiber('maker', 0, 0, null, atOnce(make), () => {})
  }
  return { scheduler, counters, log, worker, together }
}

test('round robin: threads of one priority take turns in order', () => {
  const { scheduler, log, worker, together } = world()
  together(() => { for (const name of ['a', 'b', 'c']) scheduler.startFiber(name, 1, 1, null, worker(name, 3), () => {}) })
  assert.equal(log.join(''), 'abcabcabc')
})

test('a higher priority is served first, as long as it can run', () => {
  const { scheduler, log, worker, together } = world()
  together(() => {
    scheduler.startFiber('low', 1, 3, null, worker('l', 2), () => {})
    scheduler.startFiber('high', 1, 1, null, worker('h', 3), () => {})
  })
  assert.equal(log.join(''), 'hhhll')
})

test('a thread waits until its condition holds, and its value goes to who started it', () => {
  const { scheduler, counters } = world()
  const queue = new WaitQueue('q')
  let ready = false
  let got: unknown
  scheduler.startFiber('waiter', 1, 1, null, (function * (): Fiber<number> {
    while (!ready) yield queue
    return 42
  })(), value => { got = value })
  assert.equal(got, undefined)
  const wake = (): void => {
    scheduler.startFiber('waker', 1, 1, null, atOnce(() => { queue.wakeAll() }), () => {})
  }
  wake()
  assert.equal(got, undefined, 'a wake is a hint')
  ready = true
  wake()
  assert.equal(got, 42)
  assert.equal(counters.waits, 2)
})

test('one of several queues wakes, and the thread has left the others', () => {
  const { scheduler } = world()
  const [a, b] = [new WaitQueue('a'), new WaitQueue('b')]
  let by: WaitQueue | null = null
  scheduler.startFiber('waiter', 1, 1, null, (function * (): Fiber<void> { by = yield [a, b] })(), () => {})
  assert.deepEqual([a.length, b.length], [1, 1])
  scheduler.startFiber('waker', 1, 1, null, atOnce(() => { b.wakeAll() }), () => {})
  assert.equal(by, b)
  assert.deepEqual([a.length, b.length], [0, 0])
})

test('a thread that is removed gives back what it holds, and is never told of', () => {
  const { scheduler } = world()
  const queue = new WaitQueue('q')
  const log: string[] = []
  const thread = scheduler.startFiber('waiter', 1, 1, null, (function * (): Fiber<void> {
    try { yield queue } finally { log.push('given back') }
  })(), () => { log.push('told') })
  scheduler.remove(thread)
  assert.deepEqual(log, ['given back'])
  assert.equal(queue.length, 0)
  scheduler.startFiber('waker', 1, 1, null, atOnce(() => { queue.wakeAll() }), () => {})
  assert.deepEqual(log, ['given back'])
})

test('nothing runs after a halt', () => {
  const { scheduler, log, worker } = world()
  scheduler.startFiber('halts', 1, 1, null, atOnce(() => { scheduler.halt() }), () => {})
  scheduler.startFiber('late', 1, 1, null, worker('x', 1), () => {})
  assert.deepEqual(log, [])
})

test('a task that was killed by an oops on its way goes no further: it gives back what it holds, and its end is told', () => {
  const { scheduler } = world()
  const log: unknown[] = []
  scheduler.startFiber('task', 1, 1, null, (function * (): Fiber<number> {
    try {
      scheduler.current!.killedBy = 11
      yield new WaitQueue('never')
      return 1
    } finally {
      log.push('given back')
    }
  })(), value => { log.push(value) })
  assert.deepEqual(log, ['given back', -Errno.EFAULT])
})

test('one that was killed while it waited gives back too', () => {
  const { scheduler } = world()
  const log: unknown[] = []
  const queue = new WaitQueue('q')
  const thread = scheduler.startFiber('task', 1, 1, null, (function * (): Fiber<number> {
    try {
      for (;;) yield queue
    } finally {
      log.push('given back')
    }
  })(), value => { log.push(value) })
  scheduler.startFiber('killer', 1, 1, null, atOnce(() => {
    thread.killedBy = 11
    queue.wakeAll()
  }), () => {})
  assert.deepEqual(log, ['given back', -Errno.EFAULT])
})

test('what an ended thread gives back it gives back as itself, and who ended it goes on as who it was', () => {
  const { scheduler } = world()
  const seen: (string | undefined)[] = []
  const victim = scheduler.startFiber('victim', 1, 1, null, (function * (): Fiber<void> {
    try {
      yield new WaitQueue('never')
    } finally {
      seen.push(scheduler.current?.label)
      scheduler.switchTo(7)
    }
  })(), () => {})
  scheduler.startFiber('killer', 2, 1, null, atOnce(() => {
    victim.killedBy = 9
    scheduler.cancel(victim)
    seen.push(scheduler.current?.label, String(scheduler.space))
  }), () => {})
  assert.deepEqual(seen, ['victim', 'killer', '0'])
})

test('a thread that lets the host have its turn goes on before others of its priority, and after those above', () => {
  const { scheduler, log, worker, together } = world()
  together(() => {
    scheduler.startFiber('turn', 1, 2, null, (function * (): Fiber<void> {
      log.push('t')
      scheduler.startFiber('above', 1, 1, null, worker('a', 1), () => {})
      yield hostTurn
      log.push('t')
    })(), () => {})
    scheduler.startFiber('beside', 1, 2, null, worker('b', 2), () => {})
  })
  assert.equal(log.join(''), 'tatbb')
})
