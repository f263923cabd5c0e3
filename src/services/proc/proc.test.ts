// A process that is ended in the middle of a spawn leaves nothing with the process server: no image, no table, no record.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, giveWay } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { TestScheduler } from '../../roles/conformance/index.ts'
import { Arena, Ending, FileType, INIT, READ, Signal, Window } from '../../roles/index.ts'
import type { Accounts, DescriptorTables, Files, Processes, ThreadEvents, Threads } from '../../roles/index.ts'
import { startService, testCaller } from '../testing.ts'
import { proc } from './index.ts'

/** Neighbours that keep count of what they gave; each call queues before it begins. */
function world (accounts?: Accounts) {
  let refusal = 0
  const held = { opened: 0, loaded: 0, images: 0, threads: 0, tables: new Set<number>() }
  let slot = 0
  const queued = <A extends unknown[], R>(act: (...args: A) => R) => function * (...args: A): Fiber<R> {
    yield giveWay
    return act(...args)
  }
  const images = new Set<number>()
  const ended: number[] = []
  const priorities: number[] = []
  const threads: Partial<Threads> = {
    load () {
      held.images++
      held.loaded++
      images.add(++slot)
      return slot
    },
    create (_image, _badge, priority) {
      priorities.push(priority)
      if (refusal < 0) return refusal
      held.threads++
      return ++slot
    },
    start: () => 0,
    end (which, signal) {
      ended.push(signal)
      return which > 0 ? 0 : -Errno.ENOTCAPABLE
    },
    usage: () => ({ waiting: 0, priority: 4, madeNs: 1, ranNs: 2, memoryBytes: 65536 }),
    drop (which) {
      if (images.delete(which)) held.images--
      else held.threads--
      return 0
    }
  }
  const tables: Partial<DescriptorTables> = {
    inherit: queued(process => {
      held.tables.add(process)
      return 0
    }),
    release: queued(process => {
      held.tables.delete(process)
      return 0
    })
  }
  const files: Partial<Files> = {
    open: queued(() => {
      held.opened++
      return 5
    }),
    close: queued(() => 0),
    attributes: queued(() => ({ device: 1, inode: 1, type: FileType.REGULAR, links: 1, size: 8, accessSec: 0, accessNsec: 0, modifySec: 0, modifyNsec: 0, changeSec: 0, changeNsec: 0 })),
    read: queued((_fd: number, into: Window) => into.length)
  }
  const caller = testCaller(INIT)
  const provided = startService(proc, { requires: { threads, tables, files, ...(accounts === undefined ? {} : { accounts }) }, caller })
  const refuse = (error: number): void => { refusal = error }
  return { held, ended, priorities, caller, refuse, processes: provided['processes'] as unknown as Processes, events: provided['events'] as unknown as ThreadEvents }
}

for (const [name, refusal] of [['starts', 0], ['cannot be made', -Errno.EAGAIN]] as const) {
  test(`a spawn of a program that ${name}, ended at each of its waits with its process`, () => {
    for (let waits = 1, ended = false; !ended; waits++) {
      const { held, caller, processes, events, refuse } = world()
      const run = <T> (value: Eventual<T>): T => new TestScheduler().runNow(value)
      const parent = run(processes.spawn(99, ['parent'], [], [], 4, 0, [], 0, '', -1)) as number
      refuse(refusal)
      caller.principal = parent
      const fiber = processes.spawnFile(3, 'f', ['child'], [], [], 4, 0, [], 0, '', -1) as Fiber<number>
      for (let wait = 1; wait <= waits && !ended; wait++) ended = fiber.next(giveWay).done === true
      fiber.return(0)
      run(events.ended(parent, Ending.SIGNAL, 9, ''))
      assert.equal(held.images, 0, `ended at wait ${waits}`)
      const started = held.threads
      assert.equal(held.tables.size, started, `ended at wait ${waits}`)
      const list = run(processes.list())
      // Init, the parent as a zombie, and a child that was started.
      assert.equal(typeof list === 'number' ? list : list.processes.length, 2 + started)
    }
  })
}

test('a child that there is no room for is refused before its program is read', () => {
  let used = 0
  const charge = (): number => used < 2 ? (used++, 0) : -Errno.EDQUOT
  const credit = (): number => (used--, 0)
  const accounts: Accounts = { of: () => 1, charge, credit, enter: () => charge() === 0 ? 0 : -Errno.EAGAIN, leave: credit }
  const { held, caller, processes } = world(accounts)
  const run = <T> (value: Eventual<T>): T => new TestScheduler().runNow(value)
  const { counter, arena } = { counter: { bytesCopied: 0 }, arena: new Arena({ name: 'test', sizeBytesMax: 1 << 20 }) }
  const start = [['child'], [], [], 4, 0, [], 0, '', -1] as const
  const spawns = {
    file: () => run(processes.spawnFile(3, 'f', ...start)),
    bytes: () => run(processes.spawnBytes(Window.of(arena, arena.allocate(8), 8, READ, counter)!, ...start))
  }
  const parent = run(processes.spawn(99, ['parent'], [], [], 4, 0, [], 0, '', -1)) as number
  caller.principal = parent
  assert.ok(spawns.file() > parent)
  assert.deepEqual({ ...held, tables: 0 }, { opened: 1, loaded: 1, images: 0, threads: 2, tables: 0 })
  for (const spawn of Object.values(spawns)) {
    assert.equal(spawn(), -Errno.EAGAIN)
    assert.deepEqual({ opened: held.opened, loaded: held.loaded, used }, { opened: 1, loaded: 1, used: 2 })
  }
})

test('a signal reaches a child that is being started: it ends by it as soon as it can', () => {
  const { ended, caller, processes } = world()
  const run = <T> (value: Eventual<T>): T => new TestScheduler().runNow(value)
  const parent = run(processes.spawn(99, ['parent'], [], [], 4, 0, [], 0, '', -1)) as number
  caller.principal = parent
  const fiber = processes.spawn(99, ['child'], [], [], 4, 0, [], 0, '', 0) as Fiber<number>
  assert.equal(fiber.next(giveWay).done, false)
  const child = parent + 1
  assert.equal(run(processes.kill(-child, Signal.NONE)), 0)
  assert.equal(run(processes.kill(-child, Signal.TERM)), 0)
  assert.equal(run(processes.kill(child, Signal.KILL)), 0)
  assert.deepEqual(ended, [])
  assert.deepEqual(fiber.next(giveWay), { done: true, value: child })
  assert.deepEqual(ended, [Signal.TERM])
})

test('a child is never served before its parent', () => {
  const { caller, priorities, processes } = world()
  const run = <T> (value: Eventual<T>): T => new TestScheduler().runNow(value)
  for (const wanted of [6, 4, 7, 0]) {
    caller.principal = run(processes.spawn(99, ['child'], [], [], wanted, 0, [], 0, '', -1)) as number
  }
  assert.deepEqual(priorities, [6, 6, 7, 7])
})

test('signals to a group, and who may use it, are decided in time linear in the processes', () => {
  const { caller, processes, ended } = world()
  const run = <T> (value: Eventual<T>): T => new TestScheduler().runNow(value)
  // Each the child of the one before.
  const group = run(processes.spawn(99, ['0'], [], [], 4, 0, [], 0, '', 0)) as number
  let last = group
  const spawned = Array.from({ length: 4000 }, () => {
    caller.principal = last
    return last = run(processes.spawn(99, ['n'], [], [], 4, 0, [], 0, '', -1)) as number
  })
  const other = run(processes.spawn(99, ['other'], [], [], 4, 0, [], 0, '', 0)) as number
  const began = process.hrtime.bigint()
  caller.principal = other
  for (let i = 0; i < 100; i++) {
    assert.equal(run(processes.kill(-group, Signal.TERM)), -Errno.EPERM)
    assert.equal(run(processes.setGroup(0, group)), -Errno.EPERM)
  }
  const ms = Number(process.hrtime.bigint() - began) / 1e6
  assert.deepEqual(ended, [])
  caller.principal = spawned[1000]!
  assert.equal(run(processes.kill(-group, Signal.TERM)), 0)
  assert.equal(ended.length, 4000 - 1000)
  // By a walk upwards from each it was half a minute.
  assert.ok(ms < 5000, `${ms} ms`)
})
