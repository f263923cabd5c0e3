/**
 * What a server answers may be anything. Whatever it is, it is the server's fault or a value: nothing throws into the caller,
 * no caller dies of it, and who answers well is served on. Grants die with their call, however that ends.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WaitQueue } from '../../src/fiber/index.ts'
import type { Fiber } from '../../src/fiber/index.ts'
import { CallCore, Endpoint, Port, PortCore, Server } from '../../src/core/index.ts'
import type { AddressSpace, CoreState } from '../../src/core/index.ts'
import { stillCore } from '../../src/core/testing.ts'
import { exoticErrors, exoticFibers, exoticRecords, exoticValues, exoticWaits } from '../../src/lab/attacks/exotic.ts'
import { Arena, READ, WRITE, Window, bytesOut, count, list, operation, parameter, record, role, text } from '../../src/roles/index.ts'
import type { Implementation } from '../../src/roles/index.ts'

const names = ['inode', 'type', 'links', 'size', 'accessSec', 'accessNsec', 'modifySec', 'modifyNsec', 'changeSec', 'changeNsec'] as const
const number = { kind: 'number' } as const
const Answers = role('Answers', 'answers', {
  number: operation('a number', [], count, { blocks: true, idempotent: true }),
  record: operation('a record', [], record(Object.fromEntries(names.map(name => [name, number]))), { blocks: true, idempotent: true }),
  list: operation('a list', [], list, { blocks: true, idempotent: true }),
  text: operation('a text', [], text, { blocks: true, idempotent: true }),
  take: operation('takes a window', [parameter('into', bytesOut)], count, { blocks: true, idempotent: true })
})

interface World {
  readonly state: CoreState
  readonly server: AddressSpace
  readonly client: AddressSpace
  readonly stubs: Implementation
}

const worlds: Readonly<Record<'rpc' | 'port', (implementation: Implementation) => World>> = {
  rpc: implementation => world((state, server, client) => {
    const core = new CallCore(state)
    const endpoint = new Endpoint('answers', new Server(server, Infinity, state.counters), Answers, implementation)
    return core.stubs(Answers, client, client.capabilities.derive(state.root, state.root.mint(endpoint, 0), undefined, 1))
  }),
  port: implementation => world((state, server, client) => {
    const core = new PortCore(state)
    const port = new Port('answers', core.server(server, 8), Answers, implementation)
    return core.stubs(Answers, client, client.capabilities.derive(state.root, state.root.mint(port, 0), undefined, 1))
  })
}

function world (make: (state: CoreState, server: AddressSpace, client: AddressSpace) => Implementation): World {
  const state = stillCore()
  state.createSpace('supervisor', new Arena({ name: 'supervisor', sizeBytesMax: 2 ** 30 }), true)
  const server = state.createSpace('server', new Arena({ name: 'server', sizeBytesMax: 2 ** 30 }), false)
  const client = state.createSpace('client', new Arena({ name: 'client', sizeBytesMax: 2 ** 30 }), false)
  return { state, server, client, stubs: make(state, server, client) }
}

const NEVER = Symbol('it waits')

/** What a call comes to, in a thread of the client's; NEVER when it waits. The thread is ended then, as a killed caller's is. */
function call ({ state, client, stubs }: World, operation: keyof typeof Answers.operations, ...args: unknown[]): unknown {
  let result: unknown = NEVER
  const body = function * (): Fiber<unknown> {
    const value = (stubs[operation] as (...args: unknown[]) => unknown)(...args)
    return typeof value === 'object' && value !== null && typeof (value as Fiber<unknown>).next === 'function' ? yield * value as Fiber<unknown> : value
  }
  const thread = state.scheduler.startHostFiber('client', 1, 1, client, body(), value => { result = value })
  if (result === NEVER) state.scheduler.remove(thread)
  return result
}

const good = { number: () => 8, record: () => 0, list: () => [1, 2], text: () => 'text', take: () => 0 }
const values = { number: exoticValues(), record: [...exoticRecords(), ...exoticValues()], list: exoticValues(), text: exoticValues() }

for (const gate of ['rpc', 'port'] as const) {
  test(`${gate}: what is answered in the place of a number, a record, a list or a text is nobody's fault but the server's`, () => {
    for (const operation of ['number', 'record', 'list', 'text'] as const) {
      for (const { what, value } of values[operation]) {
        const made = worlds[gate]({ ...good, [operation]: () => value })
        const result = call(made, operation)
        assert.deepEqual(made.state.faults.filter(({ domain }) => domain !== 'server'), [], `${operation}: ${what}`)
        assert.ok(made.client.alive, `${operation}: ${what}`)
        if (operation === 'record' && typeof result === 'object') {
          assert.deepEqual(Object.values(result!).filter(field => typeof field !== 'number'), [], `${what} came as a record`)
          assert.deepEqual(Object.keys(result!).toSorted(), names.toSorted(), `${what} came as a record`)
        }
      }
    }
  })

  test(`${gate}: whatever is thrown is a fault of the server, with a message that is kept short`, () => {
    for (const { what, value } of exoticErrors()) {
      const made = worlds[gate]({ ...good, number: () => { throw value } })
      assert.ok(call(made, 'number') as number < 0, what)
      assert.deepEqual(made.state.faults.map(({ domain }) => domain), ['server'], what)
      assert.ok(made.state.faults[0]!.message.length <= 500, what)
    }
  })

  test(`${gate}: waits for what is no queue, and fibers that are none, are faults of the server; who waits can be ended`, () => {
    const waits = exoticWaits().map(({ what, value }) => ({ what, value: (function * () { yield value as WaitQueue; return 8 })() as unknown }))
    for (const { what, value } of [...waits, ...exoticFibers()]) {
      const made = worlds[gate]({ ...good, number: () => value })
      call(made, 'number')
      assert.deepEqual(made.state.faults.filter(({ domain }) => domain !== 'server'), [], what)
      assert.ok(made.client.alive, what)
    }
  })

  for (const [how, end] of [
    ['returns', () => 8], ['is refused', () => -5], ['throws', () => { throw new Error('dies') }], ['is killed while it waits', () => (function * () { yield new WaitQueue('for ever') })()]
  ] as const) {
    test(`${gate}: a window, and what was made of it, is dead once its call ${how}`, () => {
      const kept: Window[] = []
      const made = worlds[gate]({
        ...good,
        take: ((into: Window) => {
          kept.push(into, into.derive(READ | WRITE), into.slice(0, 8), into.slice(2).slice(2).derive(WRITE))
          assert.deepEqual(kept.map(({ live }) => live), [true, true, true, true])
          return end()
        }) as never
      })
      const arena = made.client.arena!
      const [at, beside] = [arena.allocate(64), arena.allocate(64)]
      for (const window of [Window.of(arena, at, 64, WRITE, made.state.counters)!, Window.ofPieces(arena, [at, 20, beside, 20], WRITE, made.state.counters)!]) {
        if (!made.server.alive) break
        call(made, 'take', window)
        const before = arena.bytes.slice()
        for (const dead of kept) {
          assert.equal(dead.live, false)
          assert.ok(dead.put(0, new Uint8Array(4).fill(0x5a), 0, 4) < 0 && dead.fill(0, 4, 1) < 0 && dead.transfer(WRITE, 0, 4, () => 4) < 0 && dead.derive(WRITE).put(0, new Uint8Array(4), 0, 4) < 0)
        }
        assert.deepEqual(arena.bytes.slice(), before)
        assert.ok(window.live, 'the client\'s own goes on')
        kept.length = 0
      }
    })
  }
}

test('a list that says that it is longer than it is, or a string that is too long, costs no more than a message', () => {
  const made = worlds.rpc({ ...good, list: () => ({ length: 1e9, every: () => true }) as never })
  assert.ok(call(made, 'list') as number < 0)
  const long = worlds.rpc({ ...good, text: () => 'x'.repeat(2 ** 28) })
  const from = performance.now()
  assert.ok(call(long, 'text') as number < 0)
  assert.ok(performance.now() - from < 1000)
  assert.ok(long.server.alive, 'an answer that is too long is an error and no fault')
})
