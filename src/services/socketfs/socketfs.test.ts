import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { TestScheduler, socketsConformance } from '../../roles/conformance/index.ts'
import {
  DescriptorFlags, FileType, NO_WAIT, PIPE_BYTES, READ, RIGHTS_ALL, ReceiveFlags, Ready, Rights, ShutdownHow, WRITE, Window
} from '../../roles/index.ts'
import type { DescriptorRecord, DescriptorTables, FileAttributes, Files, Sockets } from '../../roles/index.ts'
import { TestClock, startService, testArena, testCaller } from '../testing.ts'
import { vfs } from '../vfs/index.ts'
import { newPipefs, newRamfs } from '../vfs/testing.ts'
import { socketfs } from './index.ts'

socketsConformance({
  name: 'socketfs',
  test,
  skip: { streams: null, names: null, ends: null },
  make: () => ({ sockets: startService(socketfs)['sockets'] as unknown as Sockets, arena: testArena('client'), counter: { bytesCopied: 0 } })
})

function makeSockets () {
  const arena = testArena('socketfs')
  const sockets = startService(socketfs, { arena })['sockets'] as unknown as Sockets
  const scheduler = new TestScheduler()
  const run = <T> (value: Eventual<T>): T => scheduler.runNow(value)
  const memory = testArena('client')
  const room = (length: number, text = ''): Window => {
    const window = Window.of(memory, memory.allocate(Math.max(1, length)), length, READ | WRITE, { bytesCopied: 0 })!
    window.put(0, new TextEncoder().encode(text), 0, text.length)
    return window
  }
  const textOf = (window: Window, length: number): string => {
    const bytes = new Uint8Array(length)
    window.take(0, bytes, 0, length)
    return new TextDecoder().decode(bytes)
  }
  const receive = (handle: number, length: number, flags = 0): string | number => {
    const into = room(length)
    const count = run(sockets.receive(handle, flags, into))
    return count < 0 ? count : textOf(into, count)
  }
  const send = (handle: number, text: string): number => run(sockets.send(handle, 0, room(text.length, text)))
  const waiting = (fiber: Eventual<number>) => {
    const task = scheduler.spawn(fiber as Fiber<number>)
    run(scheduler.settleDown())
    assert.equal(task.done, false, 'it waits')
    return task
  }
  return { sockets, arena, run, room, textOf, receive, send, waiting }
}

/** Two connections that are each other's peer. */
function makePair () {
  const made = makeSockets()
  return { ...made, ...made.run(made.sockets.pair()) as { first: number, second: number } }
}

test('a pair carries bytes both ways', () => {
  const { first, second, send, receive } = makePair()
  assert.equal(send(first, 'ping'), 4)
  assert.equal(send(second, 'pong'), 4)
  assert.equal(receive(second, 10), 'ping')
  assert.equal(receive(first, 2), 'po')
  assert.equal(receive(first, 2), 'ng')
  assert.equal(receive(first, 2, ReceiveFlags.NO_WAIT), -Errno.EAGAIN)
})

test('PEEK leaves what it looked at, WAIT_ALL waits until its room is full or the end', () => {
  const { first, second, send, receive, sockets, room, run, waiting } = makePair()
  send(first, 'abc')
  assert.equal(receive(second, 10, ReceiveFlags.PEEK), 'abc')
  assert.equal(receive(second, 2, ReceiveFlags.PEEK | ReceiveFlags.WAIT_ALL), 'ab')
  const six = waiting(sockets.receive(second, ReceiveFlags.WAIT_ALL, room(6)))
  send(first, 'de')
  send(first, 'fgh')
  assert.equal(run(six.join()), 6)
  assert.equal(receive(second, 10), 'gh')
  const all = waiting(sockets.receive(second, ReceiveFlags.WAIT_ALL, room(6)))
  send(first, 'ij')
  run(sockets.shutdown(first, ShutdownHow.SEND))
  assert.equal(run(all.join()), 2)
  const looking = makePair()
  const look = looking.waiting(looking.sockets.receive(looking.second, ReceiveFlags.PEEK | ReceiveFlags.WAIT_ALL, looking.room(3)))
  looking.send(looking.first, 'xy')
  looking.send(looking.first, 'z')
  assert.equal(looking.run(look.join()), 3)
})

test('PEEK and WAIT_ALL for more than there can be ends when the ring is full', () => {
  const { first, second, sockets, run, room } = makePair()
  run(sockets.send(first, 0, room(PIPE_BYTES)))
  assert.equal(run(sockets.receive(second, ReceiveFlags.PEEK | ReceiveFlags.WAIT_ALL, room(PIPE_BYTES + 1))), PIPE_BYTES)
})

test('shutdown ends one direction at a time', () => {
  const { first, second, send, receive, run, sockets } = makePair()
  send(first, 'last')
  run(sockets.shutdown(first, ShutdownHow.SEND))
  assert.equal(send(first, 'x'), -Errno.EPIPE)
  assert.equal(receive(second, 10), 'last')
  assert.equal(receive(second, 10), '')
  assert.equal(send(second, 'still'), 5)
  assert.equal(receive(first, 10), 'still')
  run(sockets.shutdown(first, ShutdownHow.RECEIVE))
  assert.equal(send(second, 'x'), -Errno.EPIPE)
  assert.equal(receive(first, 10), '')
  assert.equal(run(sockets.shutdown(first, 0)), -Errno.EINVAL)
})

test('a close is the end for the peer, and the memory comes back with the last', () => {
  const { first, second, send, receive, run, sockets, arena, room } = makePair()
  assert.equal(arena.allocatedBytes, 0, 'what carries nothing costs nothing')
  run(sockets.send(second, 0, room(PIPE_BYTES)))
  assert.equal(arena.allocatedBytes, PIPE_BYTES)
  send(first, 'last')
  run(sockets.close(first))
  assert.equal(receive(second, 10), 'last')
  assert.equal(receive(second, 10), '')
  assert.equal(send(second, 'x'), -Errno.EPIPE)
  assert.equal(run(sockets.ready(second, Ready.READABLE | Ready.WRITABLE)), Ready.READABLE | Ready.WRITABLE | Ready.HANGUP)
  run(sockets.close(second))
  assert.equal(arena.allocatedBytes, 0)
  assert.equal(run(sockets.close(second)), -Errno.EBADF)
})

test('connections wait to be accepted, and no more of them than the backlog', () => {
  const { sockets, run, send, receive, waiting } = makeSockets()
  assert.equal(run(sockets.connect('service')), -Errno.ECONNREFUSED)
  const listener = run(sockets.listen('service', 1))
  assert.equal(run(sockets.listen('service', 1)), -Errno.EADDRINUSE)
  assert.equal(run(sockets.accept(listener, 0)), -Errno.EAGAIN)
  assert.equal(receive(listener, 1), -Errno.ENOTCONN)
  assert.equal(run(sockets.ready(listener, Ready.READABLE)), 0)
  const first = run(sockets.connect('service'))
  assert.equal(send(first, 'hello'), 5, 'before it is accepted')
  const second = waiting(sockets.connect('service'))
  assert.equal(run(sockets.ready(listener, Ready.READABLE)), Ready.READABLE)
  const accepted = run(sockets.accept(listener, 1))
  assert.equal(receive(accepted, 10), 'hello')
  assert.ok(run(second.join()) > 0)
  assert.equal(run(sockets.accept(accepted, 0)), -Errno.EINVAL)
  const third = waiting(sockets.connect('service'))
  run(sockets.close(listener))
  assert.equal(run(third.join()), -Errno.ECONNREFUSED)
  assert.equal(receive(run(second.join()), 1), '', 'one that was never accepted ends')
  assert.ok(run(sockets.listen('service', 1)) > 0, 'the name is free again')
})

test('who waits to accept is let go by a connection', () => {
  const { sockets, run, waiting } = makeSockets()
  const listener = run(sockets.listen('service', 5))
  const accepting = waiting(sockets.accept(listener, 1))
  const polling = waiting(sockets.awaitReady(listener, Ready.READABLE))
  run(sockets.connect('service'))
  assert.ok(run(accepting.join()) > 0)
  assert.equal(polling.done, false, 'somebody else has taken the connection')
  run(sockets.connect('service'))
  assert.equal(run(polling.join()), Ready.READABLE)
})

test('a program accepts, reads and writes through descriptors', () => {
  const { sockets, run, room, textOf, waiting } = makeSockets()
  const caller = testCaller()
  const clock = new TestClock()
  const provided = startService(vfs, {
    caller, requires: { clock, fileSystems: new Map([['ramfs', newRamfs()], ['pipefs', newPipefs()]]), sockets: new Map([['socketfs', sockets]]) }
  })
  const files = provided['files'] as unknown as Files
  const tables = provided['tables'] as unknown as DescriptorTables
  const root = run(tables.preopen(1, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
  const listener = run(tables.listen(1, 'service', 5, DescriptorFlags.NONBLOCK))
  assert.equal((run(files.descriptor(listener)) as DescriptorRecord).type, FileType.SOCKET_STREAM)
  assert.equal(run(files.accept(listener, 0)), -Errno.EAGAIN)
  run(files.setDescriptorFlags(listener, 0))
  const accepting = waiting(files.accept(listener, DescriptorFlags.NONBLOCK))

  ;(caller as { principal: number }).principal = 2
  const client = run(tables.connect(2, 'service'))
  assert.equal(run(tables.connect(2, 'nobody')), -Errno.ECONNREFUSED)
  assert.equal(run(files.write(client, room(5, 'hello'))), 5)
  assert.equal(run(files.accept(client, 0)), -Errno.ENOTCAPABLE)

  ;(caller as { principal: number }).principal = 1
  const connection = run(accepting.join())
  assert.equal((run(files.attributes(connection)) as FileAttributes).type, FileType.SOCKET_STREAM)
  assert.deepEqual(run(files.poll([connection, Ready.READABLE, listener, Ready.READABLE], 0)), [Ready.READABLE, 5, 0, 0])
  const into = room(10)
  assert.equal(run(files.receive(connection, ReceiveFlags.PEEK, into)), 5)
  assert.equal(run(files.read(connection, into)), 5)
  assert.equal(textOf(into, 5), 'hello')
  assert.equal(run(files.read(connection, into)), -Errno.EAGAIN)
  assert.equal(run(files.send(connection, 1, into)), -Errno.EINVAL)
  assert.equal(run(files.send(connection, 0, room(3, 'bye'))), 3)
  assert.equal(run(files.shutdown(connection, 4)), -Errno.EINVAL)
  assert.equal(run(files.shutdown(connection, ShutdownHow.SEND)), 0)
  for (const result of [files.accept(root, 0), files.receive(root, 0, into), files.send(root, 0, into), files.shutdown(root, 1)]) {
    assert.equal(run(result), -Errno.ENOTSOCK)
  }
  assert.equal(run(files.seek(connection, 0, 1)), -Errno.ESPIPE)
  run(files.setRights(connection, Rights.FD_READ, 0))
  assert.equal(run(files.send(connection, 0, into)), -Errno.ENOTCAPABLE)

  ;(caller as { principal: number }).principal = 2
  assert.equal(run(files.receive(client, ReceiveFlags.WAIT_ALL, into)), 3)
  assert.equal(run(sockets.read(1e6, NO_WAIT, into)), -Errno.EBADF)
})
