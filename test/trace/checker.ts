// What holds of every trace, whatever runs: an observer of its own, which knows of events and nothing of who makes them.

import assert from 'node:assert/strict'
import type { TraceCall, TraceEvent, TraceSink } from '../../src/index.ts'

export interface Checker {
  readonly check: TraceSink
  /** Throws what the first event broke that did. */
  assertHeld (): void
  /** Asserts that nothing is left open, too: of a system that was closed when nothing ran. */
  assertClosed (): void
  readonly count: number
  readonly kinds: ReadonlyMap<string, number>
}

interface Open {
  readonly call: TraceCall
  entered: 'no' | 'yes' | 'left'
  children: number
}

export function checker (): Checker {
  const open = new Map<number, Open>()
  const lastNs = new Map<number, number>()
  const running = new Map<number, number>()
  const interrupts = new Map<number, string[]>()
  const programs = new Map<number, string>()
  const kinds = new Map<string, number>()
  let calls = 0
  let count = 0

  function check (event: TraceEvent): void {
    count++
    kinds.set(event.kind, (kinds.get(event.kind) ?? 0) + 1)
    assert.ok(event.atNs >= (lastNs.get(event.processor) ?? 0), `${event.kind} goes back in time`)
    lastNs.set(event.processor, event.atNs)
    assert.ok(event.domain !== '', `${event.kind} is nowhere`)
    const { processor } = event
    switch (event.kind) {
      case 'call': {
        const { call } = event
        assert.equal(call.id, ++calls, 'calls are numbered in order')
        if (call.parent !== 0) {
          const parent = open.get(call.parent)
          assert.ok(parent !== undefined, `${call.operation} is made in the course of a call that has ended`)
          assert.notEqual(parent.entered, 'left', `${call.operation} is made in the course of an operation that has ended`)
          parent.children++
        }
        assert.equal(event.domain, call.fromDomain)
        open.set(call.id, { call, entered: 'no', children: 0 })
        break
      }
      case 'enter': {
        const found = open.get(event.call.id)
        assert.ok(found !== undefined && found.entered === 'no' && found.call === event.call, `enters ${event.call.operation} of ${event.call.to} uncalled`)
        assert.notEqual(event.call.gate, 'direct')
        assert.equal(event.domain, event.call.toDomain)
        found.entered = 'yes'
        break
      }
      case 'leave': {
        const found = open.get(event.call.id)
        assert.ok(found !== undefined && found.entered === 'yes', `leaves ${event.call.operation}, which it is not in`)
        assert.equal(found.children, 0, `leaves ${event.call.operation} with calls open`)
        found.entered = 'left'
        break
      }
      case 'return': {
        const { call } = event
        const found = open.get(call.id)
        assert.ok(found !== undefined, `returns from ${call.operation} twice`)
        assert.notEqual(found.entered, 'yes', `returns from ${call.operation} and has not left it`)
        assert.equal(found.children, 0, `returns from ${call.operation} with calls open`)
        open.delete(call.id)
        if (call.parent !== 0) open.get(call.parent)!.children--
        break
      }
      case 'run': {
        assert.ok(!running.has(processor), 'two threads run on one processor')
        assert.ok(event.thread !== null)
        running.set(processor, event.thread.id)
        break
      }
      case 'stop': {
        assert.equal(running.get(processor), event.thread?.id, 'a thread stops that does not run')
        running.delete(processor)
        break
      }
      case 'interrupt': {
        interrupts.set(processor, [...interrupts.get(processor) ?? [], event.line])
        break
      }
      case 'interrupt-end': {
        assert.equal(interrupts.get(processor)?.pop(), event.line)
        break
      }
      case 'begin': {
        assert.ok(!programs.has(event.process), `process ${event.process} begins twice`)
        programs.set(event.process, event.program)
        break
      }
      case 'end': {
        assert.equal(programs.get(event.process), event.program)
        programs.delete(event.process)
        break
      }
      case 'switch': {
        assert.notEqual(event.from, event.domain)
        break
      }
      case 'block': case 'wake': case 'fault': break
    }
  }

  // Not thrown within the kernel, which would have no more of it.
  let broken: unknown = null
  function assertHeld (): void {
    if (broken !== null) throw broken
  }

  return {
    check: event => {
      if (broken !== null) return
      try {
        check(event)
      } catch (error) {
        broken = error
      }
    },
    assertHeld,
    assertClosed () {
      assertHeld()
      assert.deepEqual([...open.values()].map(({ call }) => `${call.from} to ${call.to}: ${call.operation}`), [])
      assert.deepEqual([...programs.values()], [])
      assert.deepEqual([...running], [])
      assert.deepEqual([...interrupts.values()].flat(), [])
    },
    get count () { return count },
    kinds
  }
}
