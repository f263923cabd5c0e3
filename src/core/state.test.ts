import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WaitQueue } from '../fiber/index.ts'
import type { Fiber } from '../fiber/index.ts'
import { FAULTS_KEPT_MAX } from '../roles/index.ts'
import { stillCore } from './testing.ts'

function breakDown (): void {
  throw new Error('broken')
}

function world (panicOnOops = false) {
  const state = stillCore(panicOnOops)
  const supervisor = state.createSpace('core', null, true)
  const server = state.createSpace('server', null, false)
  return { state, supervisor, server }
}

test('an exception while an ended operation gives back is a fault of its domain, and of nobody else', () => {
  const { state, server } = world()
  function * careless (): Fiber<number> {
    try {
      yield new WaitQueue('never')
      return 0
    } finally {
      breakDown()
    }
  }
  const carried = state.carry(server, 0, 1, 1, null, careless())
  carried.next(undefined as never)
  carried.return(undefined)
  assert.equal(server.alive, false)
  assert.deepEqual(state.faults.map(fault => fault.domain), ['server'])
  assert.deepEqual(server.caller, { principal: 0, immediate: 0, memory: null })
})

test('an exception of an interrupt handler is a fault of the domain that it belongs to; a dead one handles nothing', () => {
  const { state, server, supervisor } = world()
  let handled = 0
  const handler = (): void => {
    handled++
    throw new Error('spurious interrupt')
  }
  state.interrupt(server, handler)
  assert.deepEqual({ alive: server.alive, tainted: state.tainted }, { alive: false, tainted: false })
  state.interrupt(server, handler)
  assert.equal(handled, 1)
  state.interrupt(supervisor, handler)
  assert.equal(state.tainted, true)
  assert.equal(state.counters.faults, 2)
})

test('all faults are counted, and the latest kept', () => {
  const { state, supervisor } = world()
  for (let i = 0; i < FAULTS_KEPT_MAX + 10; i++) state.fault(supervisor, new Error(`number ${i}`))
  assert.equal(state.counters.faults, FAULTS_KEPT_MAX + 10)
  assert.equal(state.faults.length, FAULTS_KEPT_MAX)
  assert.match(state.faults.at(-1)!.message, new RegExp(`number ${FAULTS_KEPT_MAX + 9}$`))
})
