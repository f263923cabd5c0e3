import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, WaitQueue } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { Arena, ENDPOINT_QUEUE_MAX, READ, WRITE, Window, bytesIn, bytesOut, capability, count, number, operation, parameter, record, role, string, strings, texts } from '../../roles/index.ts'
import type { RoleOf } from '../../roles/index.ts'
import { PEER_LOST, REFUSED } from '../state.ts'
import type { CoreState } from '../state.ts'
import { stillCore } from '../testing.ts'
import { Entry, TrapCore } from '../trap/index.ts'
import type { AddressSpace } from '../thread/index.ts'
import { CallCore, Endpoint, Server } from './index.ts'

const can = { blocks: true, idempotent: true } as const

const Peer = role('Peer', 'what tests call', {
  add: operation('a + b', [parameter('a', number), parameter('b', number)], count, can),
  echo: operation('all kinds', [parameter('text', string), parameter('list', strings)], texts, can),
  point: operation('a record', [parameter('x', number)], record({ x: number, name: string }), can),
  fill: operation('fills a window', [parameter('into', bytesOut)], count, can),
  sum: operation('adds a window up', [parameter('from', bytesIn)], count, can),
  hold: operation('waits', [parameter('x', number)], count, can),
  take: operation('is lent a capability', [parameter('what', capability)], count, can),
  fail: operation('throws', [], count, can),
  both: operation('is lent two things', [parameter('what', capability), parameter('into', bytesOut), parameter('text', string)], count, can),
  dot: operation('a record of numbers', [parameter('x', number)], record({ x: number, y: number }), can)
})
type Peer = RoleOf<typeof Peer>

interface World {
  state: CoreState
  core: CallCore
  server: AddressSpace
  client: AddressSpace
  slot: number
  root: number
  peer: Peer
  gate: WaitQueue
  kept: Window[]
  seen: { principal: number, immediate: number }[]
  lent: number[]
}

function world (threads = 1): World {
  const state = stillCore()
  state.createSpace('core', new Arena({ name: 'core', sizeBytesMax: 1 << 20 }), true)
  const server = state.createSpace('server', new Arena({ name: 'server', sizeBytesMax: 8 << 20 }), false)
  const client = state.createSpace('client', new Arena({ name: 'client', sizeBytesMax: 1 << 20 }), false)
  const core = new CallCore(state)
  const gate = new WaitQueue('gate')
  const kept: Window[] = []
  const seen: { principal: number, immediate: number }[] = []
  const lent: number[] = []
  const implementation: Peer = {
    add (a, b) {
      seen.push({ principal: server.caller.principal, immediate: server.caller.immediate })
      return a + b
    },
    echo: (text, list) => [text, ...list],
    point: x => x < 0 ? -Errno.EDOM : { x, name: `point ${x}` },
    fill (into) {
      kept.push(into)
      return into.put(0, Uint8Array.from({ length: into.length }, (_, i) => i + 1), 0, into.length)
    },
    sum (from) {
      const bytes = new Uint8Array(from.length)
      from.take(0, bytes, 0, bytes.length)
      return from.fill(0, 1, 9) === -Errno.EFAULT ? bytes.reduce((a, b) => a + b, 0) : -Errno.EPERM
    },
    * hold (x) {
      yield gate
      seen.push({ principal: server.caller.principal, immediate: server.caller.immediate })
      return x
    },
    take (what) {
      lent.push(what)
      return server.capabilities.lookup(what)?.badge ?? -1
    },
    fail () { throw new Error('broken') },
    both: () => 0,
    dot: x => ({ x, y: x })
  }
  const root = state.root.mint(new Endpoint('peer', new Server(server, threads, state.counters), Peer, implementation as never), 0)
  const slot = client.capabilities.derive(state.root, root, undefined, 42)
  return { state, core, server, client, slot, root, peer: core.stubs(Peer, client, slot) as unknown as Peer, gate, kept, seen, lent }
}

function step<T> (fiber: unknown, woken?: WaitQueue): IteratorResult<unknown, T> {
  return (fiber as Fiber<T>).next(woken as WaitQueue) as IteratorResult<unknown, T>
}

test('numbers, strings, lists and records cross, and so do error numbers in their place', () => {
  const { peer } = world()
  assert.equal(peer.add(2 ** 52, 3), 2 ** 52 + 3)
  assert.deepEqual(peer.echo('grüße 😀', ['a', '', 'x'.repeat(3000)]), ['grüße 😀', 'a', '', 'x'.repeat(3000)])
  assert.deepEqual(peer.point(5), { x: 5, name: 'point 5' })
  assert.equal(peer.point(-1), -Errno.EDOM)
})

test('a record crosses in an object of its own, whatever the order of its fields and their numbers', () => {
  for (const made of [{ x: 1, y: 2 }, { y: 2, x: 1 }, { x: -0, y: NaN }, { x: Infinity, y: 2 ** 53 }, { x: 1, y: 2, z: 'more' }, Object.assign(Object.create({ p: 1 }), { x: 1, y: 2 })]) {
    const { core, state, client, server } = world(1)
    const broken = { ...Object.fromEntries(Object.keys(Peer.operations).map(name => [name, () => 0])), dot: () => made }
    const root = state.root.mint(new Endpoint('dots', new Server(server, 1, state.counters), Peer, broken as never), 0)
    const { dot } = core.stubs(Peer, client, client.capabilities.derive(state.root, root)) as unknown as Peer
    const before = state.counters.bytesCopied
    const taken = dot(0) as { x: number, y: number }
    assert.notEqual(taken, made)
    assert.deepEqual(taken, { x: made.x, y: made.y })
    assert.equal(state.counters.bytesCopied - before, 8 + 8 + 2 * 8)
    made.x = 77
    assert.notEqual(taken.x, 77)
  }
})

test('a call is two entries and two switches, and copies a word for each argument and the reply', () => {
  const { peer, state } = world()
  const before = { ...state.counters }
  peer.add(1, 2)
  assert.equal(state.counters.invocations - before.invocations, 1)
  assert.equal(state.counters.crossings - before.crossings, 2)
  assert.equal(state.counters.switches - before.switches, 2)
  assert.equal(state.counters.bytesCopied - before.bytesCopied, 3 * 8)
  assert.equal(state.counters.grants - before.grants, 0)
})

test('the badge comes from the capability, not from the caller', () => {
  const { peer, seen } = world()
  peer.add(1, 2)
  assert.deepEqual(seen, [{ principal: 0, immediate: 42 }])
})

test('bulk goes by a grant that ends with the call, in one direction, and each byte is copied once', () => {
  const { peer, state, client, kept } = world()
  const address = client.arena!.allocate(100)
  const before = { ...state.counters }
  assert.equal(peer.fill(Window.of(client.arena!, address, 100, READ | WRITE, state.counters)!), 100)
  assert.equal(client.arena!.bytes[address + 99], 100)
  assert.equal(state.counters.grants - before.grants, 1)
  assert.equal(state.counters.bytesCopied - before.bytesCopied, 100 + 8)
  assert.equal(kept[0]!.put(0, new Uint8Array(1), 0, 1), -Errno.EFAULT, 'the callee kept the window; it is dead')
  assert.equal(peer.sum(Window.of(client.arena!, address, 100, READ | WRITE, state.counters)!), 5050, 'an argument cannot be written')
})

test('a capability that was revoked, never given or is of the wrong kind is refused, and counted', () => {
  const { peer, state, core, client, root } = world()
  assert.equal(peer.add(1, 2), 3)
  state.root.revoke(root)
  assert.equal(peer.add(1, 2), REFUSED)
  assert.equal(core.call(client, 77, 0, 1, 2), REFUSED)
  const entry = client.capabilities.mint(new Entry('other', state.supervisor, role('None', '', {}), {}), 1)
  assert.equal(core.call(client, entry, 0, 1, 2), REFUSED)
  assert.equal(state.counters.refusals, 3)
})

test('a revocation while a call waits lets that call end, and refuses the next', () => {
  const { peer, state, root, gate } = world(1)
  const waiting = peer.hold(8)
  assert.equal(step(waiting).done, false)
  state.root.revoke(root)
  const end = step(waiting, gate)
  assert.deepEqual(end, { done: true, value: 8 })
  assert.equal(peer.add(1, 2), REFUSED)
})

test('a server with one thread lets further callers queue, in order', () => {
  const { peer, gate } = world(1)
  const first = peer.hold(1)
  step(first)
  const second = peer.add(5, 6)
  assert.equal(typeof second, 'object', 'it has to wait for the thread')
  assert.equal(step(second).done, false)
  assert.deepEqual(step(first, gate), { done: true, value: 1 })
  assert.deepEqual(step(second), { done: true, value: 11 })
})

test('a migrating server serves a call while others wait in it', () => {
  const { peer, gate } = world(Infinity)
  const first = peer.hold(1)
  step(first)
  assert.equal(peer.add(5, 6), 11)
  assert.deepEqual(step(first, gate), { done: true, value: 1 })
})

test('a caller that is ended while it waits gives the thread and its grants back', () => {
  const { peer } = world(1)
  const waiting = peer.hold(1) as Fiber<number>
  step(waiting)
  waiting.return(0)
  assert.equal(peer.add(1, 1), 2)
})

test('who calls is who called, also after a wait', () => {
  const { peer, gate, seen } = world(Infinity)
  const waiting = peer.hold(1)
  step(waiting)
  peer.add(1, 2)
  step(waiting, gate)
  assert.deepEqual(seen.map(caller => caller.immediate), [42, 42])
})

test('a capability in a message is lent for the call', () => {
  const { peer, client, server, lent, state } = world()
  const thing = client.capabilities.mint({ kind: 'image', label: 'thing' }, 13)
  assert.equal(peer.take(thing), 13)
  assert.equal(server.capabilities.lookup(lent[0]!), null)
  assert.notEqual(client.capabilities.lookup(thing), null)
  const before = state.counters.refusals
  assert.equal(peer.take(99), REFUSED)
  assert.equal(state.counters.refusals, before + 1)
})

test('an exception kills the server\'s domain: its callers, waiting ones too, are told that the peer is lost', () => {
  const { peer, state, server } = world(Infinity)
  const waiting = peer.hold(1)
  const wait = step<number>(waiting)
  assert.ok((wait.value as unknown as WaitQueue[]).includes(server.death))
  assert.equal(peer.fail(), PEER_LOST)
  assert.equal(server.alive, false)
  assert.deepEqual(step(waiting, server.death), { done: true, value: PEER_LOST })
  assert.equal(peer.add(1, 2), PEER_LOST)
  assert.equal(state.tainted, false, 'a user domain does not taint the core')
  assert.equal(state.faults[0]!.domain, 'server')
})

test('a message beyond the limit is refused, and the server goes on', () => {
  const { peer } = world()
  assert.equal(peer.echo('x'.repeat(3 << 20), []), -Errno.EMSGSIZE)
  assert.equal(peer.add(1, 2), 3)
})

test('who waits for a server is served in the order of coming, and nobody overtakes', () => {
  const { peer, gate, seen } = world(1)
  const first = peer.hold(1)
  step(first)
  const waiting = [peer.hold(2), peer.hold(3)]
  for (const each of waiting) step(each)
  assert.deepEqual(step(first, gate), { done: true, value: 1 })
  const late = peer.hold(4)
  assert.ok(Array.isArray(step(late).value), 'the thread is idle, but two came before')
  assert.ok(Array.isArray(step(waiting[1]).value), 'woken for nothing: it is not its turn')
  assert.deepEqual([waiting[0], waiting[1], late].map(each => {
    step(each)
    return step(each, gate)
  }), [2, 3, 4].map(value => ({ done: true, value })))
  assert.equal(seen.length, 4)
})

test('one of those who wait that is ended, after it was woken, leaves its turn to the next', () => {
  const { peer, gate } = world(1)
  const first = peer.hold(1)
  step(first)
  const woken: string[] = []
  const [second, third] = ['second', 'third'].map(name => {
    const fiber = peer.hold(0) as Fiber<number>
    const waiter = { wake: () => { woken.push(name) } }
    for (const queue of step(fiber).value as WaitQueue[]) queue.enter(waiter)
    return fiber
  })
  step(first, gate)
  assert.deepEqual(woken, ['second'])
  second!.return(0)
  assert.deepEqual(woken, ['second', 'third'])
  assert.equal(Array.isArray(step(third).value), true, 'it is served, and holds')
})

test('arguments that are not what the role says are the client\'s fault: the server keeps its thread and lends nothing', () => {
  const { peer, state, client, server } = world(1)
  const window = Window.of(client.arena!, client.arena!.allocate(8), 8, READ | WRITE, state.counters)!
  const wrong = peer as unknown as Record<string, (...args: unknown[]) => unknown>
  const capabilities = server.capabilities.size
  for (const call of [
    () => wrong['echo']!(1, []), () => wrong['echo']!('x', [2]), () => wrong['echo']!(undefined, undefined), () => wrong['fill']!(undefined),
    () => wrong['both']!(client.capabilities.mint({ kind: 'image', label: 'thing' }, 13), window, 7), () => wrong['add']!(1n, 2)
  ]) assert.throws(call, TypeError)
  assert.equal(window.live, true)
  assert.equal(server.capabilities.size, capabilities)
  assert.equal(peer.add(1, 1), 2)
  assert.deepEqual(state.faults, [])
})

test('a result that is not what the role says is a fault of the server', () => {
  for (const [operation, result] of [['add', undefined], ['add', 'x'], ['echo', 7], ['echo', [1]], ['point', { x: 1 }], ['dot', {}], ['dot', 3]] as const) {
    const { core, state, client, server } = world(1)
    const broken = Object.fromEntries(Object.keys(Peer.operations).map(name => [name, () => result]))
    const root = state.root.mint(new Endpoint('broken', new Server(server, 1, state.counters), Peer, broken as never), 0)
    const stubs = core.stubs(Peer, client, client.capabilities.derive(state.root, root)) as Record<string, (...args: unknown[]) => unknown>
    const args = { add: [1, 2], echo: ['x', []], point: [1], dot: [1] }[operation]
    assert.equal(stubs[operation]!(...args), PEER_LOST, `${operation} gave ${String(result)}`)
    assert.equal(server.alive, false)
  }
})

test('a loan that was revoked during the call takes nothing else with it', () => {
  const { state, core, client, server, gate } = world(Infinity)
  const thing = client.capabilities.mint({ kind: 'image', label: 'thing' }, 13)
  const trap = new TrapCore(state)
  const borrow = { * borrow () { yield gate; return 0 } }
  const Borrow = role('Borrow', '', { borrow: operation('is lent a capability while it waits', [parameter('what', capability)], count, can) })
  const endpoint = client.capabilities.mint(new Endpoint('borrow', new Server(server, Infinity, state.counters), Borrow, borrow as never), 0)
  const entry = client.capabilities.mint(new Entry('borrow', state.supervisor, Borrow, borrow as never), 0)
  for (const [space, stubs] of [[server, core.stubs(Borrow, client, endpoint)], [state.supervisor, trap.stubs(Borrow, client, entry)]] as const) {
    const waiting = (stubs['borrow'] as unknown as (slot: number) => unknown)(thing)
    step(waiting)
    client.capabilities.revoke(thing)
    const own = space.capabilities.mint({ kind: 'image', label: 'its own, in the slot that became free' }, 0)
    assert.deepEqual(step(waiting, gate), { done: true, value: 0 })
    assert.notEqual(space.capabilities.lookup(own), null)
  }
})

test('callers that queue are bounded, and who was one too many can come again', () => {
  const { peer, gate } = world(1)
  const first = peer.hold(1)
  step(first)
  const queued = Array.from({ length: ENDPOINT_QUEUE_MAX }, () => peer.add(1, 2) as unknown as Fiber<number>)
  for (const fiber of queued) step(fiber)
  assert.deepEqual(step(peer.add(3, 4)), { done: true, value: -Errno.EAGAIN })
  for (const fiber of queued) fiber.return(0)
  step(first, gate)
  assert.equal(peer.add(3, 4), 7)
})
