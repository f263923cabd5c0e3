/**
 * The role's operations on sockets by handle.
 *
 * A connection's two pipes lie in the domain's arena until both ends are closed.
 */

import { Errno } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { HANDLES_MAX, NO_WAIT, ReceiveFlags, Ready, SendFlags, ShutdownHow, StateError, fieldOf, itemsOf, listOf, textOf, wholeOf } from '../../roles/index.ts'
import type { Arena, ServiceState, Sockets, StateValue, Window } from '../../roles/index.ts'
import { Pipe } from '../pipe.ts'
import { Slots } from '../slots.ts'
import { Connection, Listener } from './socket.ts'

const BOTH = ShutdownHow.RECEIVE | ShutdownHow.SEND
const RECEIVE_FLAGS = ReceiveFlags.PEEK | ReceiveFlags.WAIT_ALL | ReceiveFlags.NO_WAIT

export class Socketfs implements Sockets, ServiceState {
  readonly #arena: Arena
  readonly #sockets = new Slots<{ readonly number: number, readonly socket: Connection | Listener }>()
  readonly #listeners = new Map<string, Listener>()

  constructor (arena: Arena) {
    this.#arena = arena
  }

  save (): StateValue {
    const numbers = new Map<Pipe, number>()
    const pipeOf = (pipe: Pipe): number => {
      const number = numbers.get(pipe) ?? numbers.size
      numbers.set(pipe, number)
      return number
    }
    const sockets = this.#sockets.save(({ socket }) => socket.save(pipeOf))
    return { sockets, pipes: [...numbers.keys()].map(pipe => pipe.save()) }
  }

  takeUp (saved: StateValue): void {
    const told = listOf(fieldOf(saved, 'pipes'), 'pipes of sockets', each => each)
    const pipes = told.map(() => new Pipe(0, this.#arena))
    this.#sockets.takeUp(fieldOf(saved, 'sockets'), 'sockets', HANDLES_MAX, (each, number) => {
      if (!Array.isArray(each) || each.length === 4) return { number, socket: Connection.takenUp(each, pipes) }
      const [of, backlog, pending] = itemsOf(each, 'a listening socket', 3)
      const name = textOf(of!, 'the name of a socket')
      const listener = new Listener(name, wholeOf(backlog!, 'a backlog', 1))
      listOf(pending!, 'connections that wait', connection => { listener.add(Connection.takenUp(connection, pipes)) })
      if (this.#listeners.has(name)) throw new StateError(`two sockets listen as ${name}`)
      this.#listeners.set(name, listener)
      return { number, socket: listener }
    })
    // Ends that are shut have emptied nothing: what is in them comes last.
    told.forEach((each, index) => { pipes[index]!.takeUp(each) })
  }

  pair (): { first: number, second: number } | number {
    const made = this.#connect()
    const first = this.#add(made[0])
    const second = first < 0 ? first : this.#add(made[1])
    if (second >= 0) return { first, second }
    if (first >= 0) this.#sockets.remove(first)
    for (const connection of made) connection.shutdown(BOTH)
    return second
  }

  listen (name: string, backlog: number): number {
    if (this.#listeners.has(name)) return -Errno.EADDRINUSE
    if (!(backlog >= 1)) return -Errno.EINVAL
    const listener = new Listener(name, backlog)
    const handle = this.#add(listener)
    if (handle >= 0) this.#listeners.set(name, listener)
    return handle
  }

  connect (name: string): Eventual<number> {
    const listener = this.#listeners.get(name)
    if (listener === undefined) return -Errno.ECONNREFUSED
    return listener.full ? this.#connectSlowly(listener) : this.#connectTo(listener)
  }

  * #connectSlowly (listener: Listener): Fiber<number> {
    while (listener.full && !listener.closed) yield listener.changed
    return listener.closed ? -Errno.ECONNREFUSED : this.#connectTo(listener)
  }

  accept (handle: number, wait: number): Eventual<number> {
    const listener = this.#listener(handle)
    if (typeof listener === 'number') return listener
    if (this.#sockets.size >= HANDLES_MAX) return -Errno.ENFILE
    const connection = listener.take()
    if (connection !== undefined) return this.#add(connection)
    return wait === 0 ? -Errno.EAGAIN : this.#acceptSlowly(listener)
  }

  * #acceptSlowly (listener: Listener): Fiber<number> {
    for (;;) {
      if (listener.closed) return -Errno.EBADF
      const connection = listener.take()
      if (connection !== undefined) return this.#add(connection)
      yield listener.changed
    }
  }

  receive (handle: number, flags: number, into: Window): Eventual<number> {
    const connection = this.#connection(handle)
    if (typeof connection === 'number') return connection
    if ((flags & ~RECEIVE_FLAGS) !== 0) return -Errno.EINVAL
    const waitsForAll = (flags & ReceiveFlags.WAIT_ALL) !== 0 && (flags & ReceiveFlags.NO_WAIT) === 0
    if (waitsForAll && connection.available < into.length) return connection.receive(flags, into)
    const count = connection.tryReceive(flags, into)
    return count !== -Errno.EAGAIN || (flags & ReceiveFlags.NO_WAIT) !== 0 ? count : connection.receive(flags, into)
  }

  send (handle: number, flags: number, from: Window): Eventual<number> {
    const connection = this.#connection(handle)
    if (typeof connection === 'number') return connection
    if ((flags & ~SendFlags.NO_WAIT) !== 0) return -Errno.EINVAL
    const count = connection.trySend(from, 0)
    const ends = (flags & SendFlags.NO_WAIT) !== 0 || (count < 0 && count !== -Errno.EAGAIN) || count === from.length
    return ends ? count : connection.send(from, Math.max(0, count))
  }

  shutdown (handle: number, how: number): number {
    const connection = this.#connection(handle)
    if (typeof connection === 'number') return connection
    if (how === 0 || (how & ~BOTH) !== 0) return -Errno.EINVAL
    connection.shutdown(how)
    return 0
  }

  close (handle: number): number {
    const entry = this.#sockets.get(handle)
    if (entry === undefined) return -Errno.EBADF
    this.#sockets.remove(handle)
    if (entry.socket instanceof Listener) {
      this.#listeners.delete(entry.socket.name)
      entry.socket.close()
    } else {
      entry.socket.shutdown(BOTH)
    }
    return 0
  }

  read (handle: number, offset: number, into: Window): Eventual<number> {
    return this.receive(handle, offset === NO_WAIT ? ReceiveFlags.NO_WAIT : 0, into)
  }

  write (handle: number, offset: number, from: Window): Eventual<number> {
    return this.send(handle, offset === NO_WAIT ? SendFlags.NO_WAIT : 0, from)
  }

  ready (handle: number, events: number): number {
    const socket = this.#sockets.get(handle)?.socket
    if (socket === undefined) return -Errno.EBADF
    if (socket instanceof Listener) return socket.waiting > 0 ? events & Ready.READABLE : 0
    return socket.ready(events)
  }

  awaitReady (handle: number, events: number): Eventual<number> {
    const now = this.ready(handle, events)
    return now !== 0 ? now : this.#readySlowly(handle, events)
  }

  * #readySlowly (handle: number, events: number): Fiber<number> {
    for (;;) {
      const now = this.ready(handle, events)
      if (now !== 0) return now
      const socket = this.#sockets.get(handle)!.socket
      yield socket instanceof Listener ? socket.changed : socket.queues
    }
  }

  available (handle: number): number {
    const socket = this.#sockets.get(handle)?.socket
    if (socket === undefined) return -Errno.EBADF
    return socket instanceof Listener ? socket.waiting : socket.available
  }

  #add (socket: Connection | Listener): number {
    if (this.#sockets.size >= HANDLES_MAX) return -Errno.ENFILE
    return this.#sockets.add(number => ({ number, socket })).number
  }

  #listener (handle: number): Listener | number {
    const socket = this.#sockets.get(handle)?.socket
    if (socket === undefined) return -Errno.EBADF
    return socket instanceof Listener ? socket : -Errno.EINVAL
  }

  #connection (handle: number): Connection | number {
    const socket = this.#sockets.get(handle)?.socket
    if (socket === undefined) return -Errno.EBADF
    return socket instanceof Listener ? -Errno.ENOTCONN : socket
  }

  /** The caller's end of a new connection, whose other end waits to be accepted. */
  #connectTo (listener: Listener): number {
    const made = this.#connect()
    const handle = this.#add(made[0])
    if (handle < 0) {
      for (const connection of made) connection.shutdown(BOTH)
      return handle
    }
    listener.add(made[1])
    return handle
  }

  #connect (): readonly [Connection, Connection] {
    const there = new Pipe(0, this.#arena)
    const back = new Pipe(0, this.#arena)
    return [new Connection(back, there), new Connection(there, back)]
  }
}
