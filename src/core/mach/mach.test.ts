import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, WaitQueue, giveWay, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import {
  Arena, ENDPOINT_QUEUE_MAX, PORT_MESSAGES_MAX, READ, SERVER_THREADS_MAX, WRITE, Window, bytesIn, bytesOut, capability, count, granted, number,
  operation, parameter, record, role, string, strings, texts
} from '../../roles/index.ts'
import type { RoleOf } from '../../roles/index.ts'
import { FRAME_WORDS, reflectStubs } from '../../gates/index.ts'
import { PEER_LOST, REFUSED } from '../state.ts'
import { stillCore } from '../testing.ts'
import type { Thread } from '../thread/index.ts'
import { Port, PortCore } from './index.ts'

const can = { blocks: true, idempotent: true } as const
const WORD = 8
const HEADER = 3 * WORD

const Peer = role('Peer', 'what tests call', {
  add: operation('a + b', [parameter('a', number), parameter('b', number)], count, can),
  echo: operation('all kinds', [parameter('text', string), parameter('list', strings)], texts, can),
  point: operation('a record', [parameter('x', number)], record({ x: number, name: string }), can),
  fill: operation('fills a window', [parameter('into', bytesOut)], count, can),
  sum: operation('adds a window up', [parameter('from', bytesIn)], count, can),
  hold: operation('waits', [parameter('x', number)], count, can),
  lend: operation('is lent a capability, and waits', [parameter('what', capability)], count, can),
  give: operation('returns a capability', [], granted, can),
  fail: operation('throws', [], count, can)
})
type Peer = RoleOf<typeof Peer>

/** A fiber that acts without waiting. */
function * atOnce (act: () => void): Fiber<void> {
  yield * settle(undefined)
  act()
}

function world ({ threads = 1, supervisor = false, role: served = Peer as never, implementation = {}, exceptions = false }: {
  threads?: number, supervisor?: boolean, role?: typeof Peer, implementation?: Record<string, unknown>, exceptions?: boolean
} = {}) {
  const state = stillCore()
  const core = state.createSpace('core', new Arena({ name: 'core', sizeBytesMax: 64 << 20 }), true)
  const server = supervisor ? core : state.createSpace('server', new Arena({ name: 'server', sizeBytesMax: 64 << 20 }), false)
  const client = state.createSpace('client', new Arena({ name: 'client', sizeBytesMax: 1 << 20 }), false)
  client.memory = new Arena({ name: 'memory of client', sizeBytesMax: 1 << 16 })
  const ports = new PortCore(state)
  const gate = new WaitQueue('gate')
  const log: string[] = []
  const kept: Window[] = []
  const peer: Record<string, unknown> = {
    add: (a: number, b: number) => {
      log.push(`${server.caller.principal} ${server.caller.immediate} ${server.caller.memory?.name ?? 'no memory'} in ${state.scheduler.space}`)
      return a + b
    },
    echo: (text: string, list: readonly string[]) => [text, ...list],
    point: (x: number) => x < 0 ? -Errno.EDOM : { x, name: `point ${x}` },
    fill: (into: Window) => {
      kept.push(into)
      return into.put(0, Uint8Array.from({ length: into.length }, (_, i) => i + 1), 0, into.length)
    },
    sum: (from: Window) => {
      const bytes = new Uint8Array(from.length)
      from.take(0, bytes, 0, bytes.length)
      return from.fill(0, 1, 9) === -Errno.EFAULT ? bytes.reduce((a, b) => a + b, 0) : -Errno.EPERM
    },
    * hold (x: number) {
      log.push(`begins ${x}`)
      try {
        yield gate
        log.push(`${server.caller.principal} goes on`)
        return x
      } finally {
        log.push(`gives back ${x}`)
      }
    },
    * lend (slot: number) {
      yield gate
      return server.capabilities.lookup(slot)?.badge ?? -1
    },
    give: () => server.capabilities.mint({ kind: 'image', label: 'thing' }, 13),
    fail: () => { throw new Error('broken') },
    ...implementation
  }
  const port = new Port('peer', ports.server(server, threads), served, peer as never, exceptions)
  const root = state.root.mint(port, 0)
  const slot = client.capabilities.derive(state.root, root, undefined, 42)
  const stubs = (exceptions ? reflectStubs(served, ports, client, slot) : ports.stubs(served, client, slot)) as unknown as Peer
  const results: unknown[] = []
  /** A thread of the client that makes a call, and what comes of it. */
  const ask = (call: () => Eventual<unknown>, principal = 7): Thread => {
    const place = results.push('waits') - 1
    return state.scheduler.startFiber(`client ${place}`, principal, 2, client, (function * (): Fiber<unknown> {
      return yield * settle(call())
    })(), value => { results[place] = value })
  }
  /** Lets those go on who wait at the gate. */
  const open = (): void => {
    state.scheduler.startFiber('opens', 0, 3, null, atOnce(() => { gate.wakeAll() }), () => {})
  }
  const counted = (act: () => void) => {
    const before = { ...state.counters }
    act()
    const { crossings, switches, grants, bytesCopied, invocations, waits } = state.counters
    return {
      invocations: invocations - before.invocations, crossings: crossings - before.crossings, switches: switches - before.switches,
      grants: grants - before.grants, bytesCopied: bytesCopied - before.bytesCopied, waits: waits - before.waits
    }
  }
  return { state, ports, port, server, client, slot, root, peer: stubs, gate, log, kept, ask, results, open, counted }
}

test('numbers, strings, lists and records cross, and so do error numbers in their place', () => {
  const { ask, peer, results } = world()
  ask(() => peer.add(2 ** 52, 3))
  ask(() => peer.echo('grüße 😀', ['a', '', 'x'.repeat(3000)]))
  ask(() => peer.point(5))
  ask(() => peer.point(-1))
  assert.deepEqual(results, [2 ** 52 + 3, ['grüße 😀', 'a', '', 'x'.repeat(3000)], { x: 5, name: 'point 5' }, -Errno.EDOM])
})

test('a call is two entries and two switches; its two messages, with their headers, are copied twice each, and each side waits once', () => {
  const { ask, peer, counted } = world()
  ask(() => peer.add(1, 2))
  // The thread of the server is there already, and the client's space is current.
  assert.deepEqual(counted(() => ask(() => peer.add(1, 2))), {
    invocations: 1, crossings: 2, switches: 2, grants: 0, bytesCopied: 2 * (HEADER + 2 * WORD) + 2 * (HEADER + WORD), waits: 2
  })
})

test('a server in the supervisor: the same messages, and no switch', () => {
  const { ask, peer, counted, log } = world({ supervisor: true })
  ask(() => peer.add(1, 2))
  const { switches, crossings, bytesCopied } = counted(() => ask(() => peer.add(1, 2)))
  assert.deepEqual({ switches, crossings, bytesCopied }, { switches: 0, crossings: 2, bytesCopied: 2 * (HEADER + 2 * WORD) + 2 * (HEADER + WORD) })
  assert.match(log[1]!, /^7 42 memory of client in/, 'it addresses the client\'s memory')
})

test('whose call it is comes with the message, from the sender\'s thread and capability', () => {
  const { ask, peer, log } = world()
  ask(() => peer.add(1, 2), 7)
  ask(() => peer.add(1, 2), 8)
  assert.deepEqual(log, ['7 42 no memory in 1', '8 42 no memory in 1'])
})

test('processor time that a server uses is that of whom it serves, and charged to the same account', () => {
  let now = 1
  const { ask, peer, state, log } = world({ implementation: { add: () => { now += 1000; return 0 }, * hold () { now += 10; yield giveWay; now += 20; return 0 } } })
  Object.assign(state.machine.clock, { monotonicNs: () => now })
  const charged: number[] = []
  const account = { ran: (ns: number) => { charged.push(ns) } } as unknown as NonNullable<Thread['account']>
  let client: Thread | null = null
  state.scheduler.startFiber('maker', 0, 0, null, atOnce(() => {
    client = ask(() => peer.add(1, 2))
    client.account = account
  }), () => {})
  assert.equal(client!.ranNs, 1000)
  const waited = ask(() => peer.hold(1))
  assert.equal(waited.ranNs, 30)
  assert.deepEqual([charged.reduce((sum, ns) => sum + ns, 0), log], [1000, []])
})

test('a pager is told of its client\'s memory', () => {
  const { ask, peer, log, client, server } = world()
  client.pager = server
  ask(() => peer.add(1, 2))
  assert.deepEqual(log, ['7 42 memory of client in 1'])
})

test('nobody is switched to: the receiver has its turn when the scheduler comes to it', () => {
  const { ask, peer, log, state } = world()
  ask(() => peer.add(0, 0))
  log.length = 0
  const other = function * (): Fiber<void> {
    for (let turn = 0; turn < 2; turn++) {
      log.push('other')
      yield giveWay
    }
  }
  state.scheduler.startFiber('maker', 0, 0, null, (function * (): Fiber<void> {
    ask(() => peer.add(1, 2))
    state.scheduler.startFiber('other', 0, 0, null, other(), () => {})
    yield giveWay
  })(), () => {})
  assert.equal(log.filter(line => line === 'other').length, 2)
  assert.match(log.at(-1)!, /^7 42/)
})

test('bytes go out of line: a grant that ends with the reply, in one direction; each is copied once', () => {
  const { ask, peer, results, client, state, kept, counted } = world()
  const address = client.arena!.allocate(100)
  const window = (): Window => Window.of(client.arena!, address, 100, READ | WRITE, state.counters)!
  const { grants, bytesCopied } = counted(() => ask(() => peer.fill(window())))
  assert.deepEqual([grants, bytesCopied], [1, 100 + 2 * (HEADER + 2 * WORD) + 2 * (HEADER + WORD)])
  assert.equal(kept[0]!.put(0, new Uint8Array(1), 0, 1), -Errno.EFAULT, 'the server kept the window; it is dead')
  ask(() => peer.sum(window()))
  assert.deepEqual(results, [100, 5050])
})

test('a capability in a request is lent until the reply; one that is returned stays', () => {
  const { ask, peer, results, client, server, open, state } = world()
  const thing = client.capabilities.mint({ kind: 'image', label: 'thing' }, 13)
  ask(() => peer.lend(thing))
  assert.equal(server.capabilities.size, 1)
  open()
  assert.equal(server.capabilities.size, 0)
  ask(() => peer.lend(99))
  assert.equal(state.counters.refusals, 1)
  ask(() => peer.give())
  assert.deepEqual(results.slice(0, 2), [13, REFUSED])
  assert.equal(client.capabilities.lookup(results[2] as number)!.badge, 13)
})

test('a send right that was revoked, never given or is of another kind is refused, and counted', () => {
  const { ask, peer, results, client, state, ports, root } = world()
  ask(() => peer.add(1, 2))
  state.root.revoke(root)
  ask(() => peer.add(1, 2))
  ask(() => ports.request(client, 77, 0, [1, 2]) as Eventual<unknown>)
  const image = client.capabilities.mint({ kind: 'image', label: 'thing' }, 0)
  ask(() => ports.request(client, image, 0, [1, 2]) as Eventual<unknown>)
  assert.deepEqual(results, [3, REFUSED, REFUSED, REFUSED])
  assert.equal(state.counters.refusals, 3)
})

test('a port for traps takes none but the core\'s messages, and any other port none of those', () => {
  const usual = world()
  usual.ask(() => usual.ports.reflect(usual.client, usual.slot, 0, 1, 2) as Eventual<unknown>)
  const traps = world({ exceptions: true })
  traps.ask(() => traps.ports.request(traps.client, traps.slot, 0, [1, 2]) as Eventual<unknown>)
  assert.deepEqual([usual.results, traps.results], [[REFUSED], [REFUSED]])
})

test('a trap is a message of all registers, and the reply one of the result\'s', () => {
  const { ask, peer, results, counted } = world({ exceptions: true })
  const { invocations, crossings, bytesCopied } = counted(() => ask(() => peer.add(1, 2)))
  assert.deepEqual(results, [3])
  assert.deepEqual({ invocations, crossings, bytesCopied }, {
    invocations: 1, crossings: 2, bytesCopied: 2 * (HEADER + FRAME_WORDS * WORD) + 2 * (HEADER + WORD)
  })
})

test('a server serves as many messages at once as it has threads; others queue, in order', () => {
  const { ask, peer, results, open, log } = world({ threads: 2 })
  for (const x of [1, 2, 3]) ask(() => peer.hold(x), x)
  assert.deepEqual(log, ['begins 1', 'begins 2'])
  open()
  assert.deepEqual(results, [1, 2, 'waits'])
  assert.deepEqual(log.slice(2), ['1 goes on', 'gives back 1', 'begins 3', '2 goes on', 'gives back 2'])
  open()
  assert.deepEqual(results, [1, 2, 3])
})

test('a queue holds so many messages; who comes later waits for room, and is served in turn', () => {
  const { ask, peer, results, open, port } = world()
  ask(() => peer.hold(0))
  for (let i = 1; i <= PORT_MESSAGES_MAX + 2; i++) ask(() => peer.add(i, 0))
  assert.deepEqual([port.queued, port.room.length], [PORT_MESSAGES_MAX, 2])
  open()
  assert.deepEqual(results, Array.from({ length: PORT_MESSAGES_MAX + 3 }, (_, i) => i))
  assert.deepEqual([port.queued, port.room.length], [0, 0])
})

test('those who wait for room are bounded, and who was one too many can come again', () => {
  const { ask, peer, results, open } = world()
  for (let i = 0; i < 1 + PORT_MESSAGES_MAX + ENDPOINT_QUEUE_MAX; i++) ask(() => peer.hold(i))
  ask(() => peer.add(3, 4))
  assert.equal(results.at(-1), -Errno.EAGAIN)
  open()
  ask(() => peer.add(3, 4))
  assert.equal(results[0], 0)
  assert.equal(results.at(-1), 'waits')
})

test('however many threads a server may have, there is an end: SERVER_THREADS_MAX', () => {
  const { ask, peer, port, log } = world({ threads: Infinity })
  for (let i = 0; i < SERVER_THREADS_MAX + 5; i++) ask(() => peer.hold(i))
  assert.equal(log.length, SERVER_THREADS_MAX)
  assert.equal(port.queued, 5)
})

test('who is ended while its message is queued is not served, and leaves room', () => {
  const { ask, peer, results, open, port, state, log } = world()
  ask(() => peer.hold(0))
  const victim = ask(() => peer.hold(1))
  ask(() => peer.add(2, 0))
  state.scheduler.remove(victim)
  assert.equal(port.queued, 1)
  open()
  assert.deepEqual(results, [0, 'waits', 2])
  assert.deepEqual(log.filter(line => line.startsWith('begins')), ['begins 0'])
})

test('who is ended while it is served: what its operation holds is given back by the thread that holds it, which serves the next', () => {
  const { ask, peer, results, state, log, client, server } = world()
  const thing = client.capabilities.mint({ kind: 'image', label: 'thing' }, 13)
  const bytes = state.supervisor.arena!.allocatedBytes
  const victim = ask(() => peer.hold(1))
  ask(() => peer.lend(thing))
  ask(() => peer.add(2, 0))
  state.scheduler.remove(victim)
  state.scheduler.startFiber('lets them run', 0, 3, null, settle(0), () => {})
  assert.deepEqual(log, ['begins 1', 'gives back 1'])
  assert.deepEqual(results, ['waits', 'waits', 'waits'])
  assert.equal(server.capabilities.size, 1, 'the next is being served')
  assert.ok(state.supervisor.arena!.allocatedBytes > bytes)
})

test('buffers of the kernel are given back whatever becomes of a message', () => {
  const { ask, peer, state, open } = world()
  const round = (): void => {
    ask(() => peer.add(1, 2))
    const victims = [ask(() => peer.hold(1)), ask(() => peer.hold(2))]
    for (const victim of victims) state.scheduler.remove(victim)
    state.scheduler.startFiber('lets them run', 0, 3, null, settle(0), () => {})
    assert.throws(() => peer.echo(1 as never, []), TypeError)
    ask(() => peer.echo('x'.repeat(3 << 20), []))
    ask(() => peer.hold(3))
    open()
  }
  round()
  const bytes = state.supervisor.arena!.allocatedBytes
  for (let i = 0; i < 10; i++) round()
  assert.equal(state.supervisor.arena!.allocatedBytes, bytes)
})

test('an exception ends the server\'s domain: who waits, is queued or comes later is told that the peer is lost', () => {
  const { ask, peer, results, open, server, state } = world({ implementation: { * hold () { yield giveWay; throw new Error('broken') } } })
  const messages = PORT_MESSAGES_MAX + 3
  state.scheduler.startFiber('maker', 0, 0, null, atOnce(() => {
    for (let i = 0; i < messages; i++) ask(() => peer.hold(i))
  }), () => {})
  open()
  ask(() => peer.add(1, 2))
  assert.deepEqual(results, Array.from({ length: messages + 1 }, () => PEER_LOST))
  assert.equal(server.alive, false)
  assert.equal(state.tainted, false)
  assert.deepEqual(state.faults.map(fault => fault.domain), ['server'])
})

test('a fault of a server in the supervisor ends the task that asked, not the thread that served it', () => {
  const { ask, peer, results, state } = world({ supervisor: true })
  const victim = ask(() => peer.fail())
  assert.equal(victim.killedBy, 11)
  assert.equal(state.tainted, true)
  ask(() => peer.add(1, 2))
  assert.deepEqual(results, [-Errno.EFAULT, 3])
})

test('a reply that is not what the role says is a fault of the server', () => {
  for (const [operation, args, result] of [['add', [1, 2], 'x'], ['echo', ['x', []], 7], ['point', [1], { x: 1 }]] as const) {
    const { ask, peer, results, server } = world({ implementation: { [operation]: () => result } })
    ask(() => (peer[operation] as (...args: unknown[]) => Eventual<unknown>)(...args))
    assert.deepEqual(results, [PEER_LOST], operation)
    assert.equal(server.alive, false)
  }
})

test('who cannot be suspended hands the processor to the thread that is to answer', () => {
  const { peer, state, client } = world()
  const answers: unknown[] = []
  state.scheduler.startFiber('within', 7, 2, client, atOnce(() => {
    const call = peer.add(1, 2) as Fiber<number>
    const { value } = call.next(undefined as never)
    const [answer] = value as readonly WaitQueue[]
    const by = (answer as unknown as { by: Thread }).by
    assert.equal(state.scheduler.handOff(by), true)
    answers.push(state.scheduler.current?.label, state.scheduler.space, call.next(answer!).value)
    assert.equal(state.scheduler.handOff(by), false, 'it waits for a message again')
  }), () => {})
  assert.deepEqual(answers, ['within', client.id, 3])
})
