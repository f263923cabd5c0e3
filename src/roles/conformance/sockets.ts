/** What every Sockets does: streams in both directions, by name, with back-pressure and ends. */

import { settle } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { ReceiveFlags, SendFlags, ShutdownHow } from '../index.ts'
import type { Sockets } from '../index.ts'
import type { Driver } from './drive.ts'
import { equal, fails, given, holds, works } from './expect.ts'
import { pattern, registerCases, sameBytes } from './suite.ts'
import type { Case, Client, Hand, Suite } from './suite.ts'

export interface SocketsSubject extends Client {
  readonly sockets: Sockets
}

export type SocketsFeature = 'streams' | 'names' | 'ends'

export function socketsConformance (suite: Suite<SocketsSubject, SocketsFeature>): void {
  registerCases('Sockets', cases, suite)
}

const { PEEK, WAIT_ALL, NO_WAIT } = ReceiveFlags

/** Two connections that are each other's peer, and a hand for both. */
class Pair {
  readonly sockets: Sockets
  readonly hand: Hand
  readonly first: number
  readonly second: number

  constructor (sockets: Sockets, hand: Hand, first: number, second: number) {
    this.sockets = sockets
    this.hand = hand
    this.first = first
    this.second = second
  }

  * send (handle: number, text: string): Fiber<number> {
    return yield * settle(this.sockets.send(handle, 0, this.hand.text(text)))
  }

  * receive (handle: number, length: number, flags = 0): Fiber<string | number> {
    const into = this.hand.room(length)
    const size = yield * settle(this.sockets.receive(handle, flags, into))
    return size < 0 ? size : this.hand.read(into, size)
  }
}

function onPair (feature: SocketsFeature, name: string, body: (pair: Pair, driver: Driver) => Fiber<void>): Case<SocketsSubject, SocketsFeature> {
  return {
    feature,
    name,
    * body ({ sockets }, hand, driver) {
      const { first, second } = given(yield * settle(sockets.pair()), 'pair')
      yield * body(new Pair(sockets, hand, first, second), driver)
    }
  }
}

/** Starts a call that has to wait. */
function * waiting<T> (driver: Driver, call: () => Eventual<T>) {
  const task = driver.spawn((function * (): Fiber<T> { return yield * settle(call()) })())
  yield * driver.settleDown()
  holds(!task.done, 'the call waits')
  return task
}

const cases: readonly Case<SocketsSubject, SocketsFeature>[] = [
  onPair('streams', 'bytes come out as they went in, both ways, without borders', function * (pair) {
    equal(yield * pair.send(pair.first, 'one'), 3, 'send')
    equal(yield * pair.send(pair.first, 'two'), 3, 'send')
    equal(yield * pair.send(pair.second, 'back'), 4, 'send')
    equal(yield * pair.receive(pair.second, 4), 'onet', 'receive')
    equal(yield * pair.receive(pair.second, 10), 'wo', 'receive')
    equal(yield * pair.receive(pair.first, 10), 'back', 'receive')
  }),

  onPair('streams', 'a receiver waits for bytes, or says that there are none', function * (pair, driver) {
    fails(yield * pair.receive(pair.second, 10, NO_WAIT), 'EAGAIN', 'receive without waiting')
    const into = pair.hand.room(10)
    const task = yield * waiting(driver, () => pair.sockets.receive(pair.second, 0, into))
    yield * pair.send(pair.first, 'late')
    equal(yield * task.join(), 4, 'receive')
    equal(pair.hand.read(into, 4), 'late', 'what was received')
  }),

  onPair('streams', 'a look leaves what it saw, and a wait for all waits for all', function * (pair, driver) {
    yield * pair.send(pair.first, 'abc')
    equal(yield * pair.receive(pair.second, 2, PEEK), 'ab', 'look')
    equal(yield * pair.receive(pair.second, 1), 'a', 'receive')
    const into = pair.hand.room(5)
    const task = yield * waiting(driver, () => pair.sockets.receive(pair.second, WAIT_ALL, into))
    yield * pair.send(pair.first, 'def')
    equal(yield * task.join(), 5, 'receive of all')
    equal(pair.hand.read(into, 5), 'bcdef', 'what was received')
  }),

  onPair('streams', 'a sender waits for room, and nothing is lost', function * (pair, driver) {
    const sent = pattern(300_000)
    const got = new Uint8Array(sent.length)
    const sender = driver.spawn((function * (): Fiber<number> {
      for (let at = 0; at < sent.length;) {
        at += works(yield * settle(pair.sockets.send(pair.first, 0, pair.hand.bytes(sent.slice(at, at + 50_000)))), 'send')
      }
      return sent.length
    })())
    yield * driver.settleDown()
    holds(!sender.done, 'the sender waits for room')
    const into = pair.hand.room(7000)
    for (let at = 0; at < sent.length;) {
      const size = works(yield * settle(pair.sockets.receive(pair.second, 0, into)), 'receive')
      got.set(pair.hand.see(into, size), at)
      at += size
    }
    equal(yield * sender.join(), sent.length, 'all was sent')
    holds(sameBytes(got, sent), 'every byte came, in order')
  }),

  {
    feature: 'names',
    name: 'who connects is accepted by who listens, in order',
    * body ({ sockets }, hand, driver) {
      const listener = works(yield * settle(sockets.listen('door', 4)), 'listen')
      fails(yield * settle(sockets.listen('door', 4)), 'EADDRINUSE', 'a second listener')
      fails(yield * settle(sockets.accept(listener, 0)), 'EAGAIN', 'accept without waiting')
      const accepting = yield * waiting(driver, () => sockets.accept(listener, 1))
      const client = works(yield * settle(sockets.connect('door')), 'connect')
      const server = works(yield * accepting.join(), 'accept')
      yield * new Pair(sockets, hand, client, server).send(client, 'hello')
      equal(yield * new Pair(sockets, hand, client, server).receive(server, 10), 'hello', 'receive')
    }
  },
  {
    feature: 'names',
    name: 'nobody listens: the connection is refused, and again once the listener has closed',
    * body ({ sockets }) {
      fails(yield * settle(sockets.connect('nobody')), 'ECONNREFUSED', 'connect')
      const listener = works(yield * settle(sockets.listen('door', 1)), 'listen')
      equal(yield * settle(sockets.close(listener)), 0, 'close')
      fails(yield * settle(sockets.connect('door')), 'ECONNREFUSED', 'connect after the close')
    }
  },

  onPair('ends', 'a shut direction ends, the other goes on', function * (pair) {
    yield * pair.send(pair.first, 'last')
    equal(yield * settle(pair.sockets.shutdown(pair.first, ShutdownHow.SEND)), 0, 'shutdown')
    equal(yield * pair.receive(pair.second, 10), 'last', 'what was on its way')
    equal(yield * pair.receive(pair.second, 10), '', 'the end')
    equal(yield * pair.send(pair.second, 'still'), 5, 'send the other way')
    equal(yield * pair.receive(pair.first, 10), 'still', 'receive the other way')
    fails(yield * pair.send(pair.first, 'x'), 'EPIPE', 'send after the shutdown')
  }),

  onPair('ends', 'who waits is let go by a close', function * (pair, driver) {
    const task = yield * waiting(driver, () => pair.sockets.receive(pair.second, 0, pair.hand.room(4)))
    equal(yield * settle(pair.sockets.close(pair.first)), 0, 'close')
    equal(yield * task.join(), 0, 'the end')
    fails(yield * settle(pair.sockets.send(pair.second, SendFlags.NO_WAIT, pair.hand.text('x'))), 'EPIPE', 'send to nobody')
  }),

  {
    feature: 'ends',
    name: 'a handle that was given back, or never given, is none',
    * body ({ sockets }, hand) {
      const { first } = given(yield * settle(sockets.pair()), 'pair')
      yield * settle(sockets.close(first))
      for (const handle of [first, 4711, -1]) {
        fails(yield * settle(sockets.receive(handle, 0, hand.room(1))), 'EBADF', `receive on ${handle}`)
        fails(yield * settle(sockets.send(handle, 0, hand.text('x'))), 'EBADF', `send on ${handle}`)
        fails(yield * settle(sockets.close(handle)), 'EBADF', `close of ${handle}`)
      }
    }
  }
]
