/**
 * Sockets: connections, each two pipes crossed, and listeners with connections that wait to be accepted.
 */

import { Errno, WaitQueue } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { Access, ReceiveFlags, Ready, ShutdownHow, StateError, flagOf, itemsOf, wholeOf } from '../../roles/index.ts'
import type { StateValue, Window } from '../../roles/index.ts'
import type { Pipe } from '../pipe.ts'

export class Connection {
  readonly #incoming: Pipe
  readonly #outgoing: Pipe
  #receives = true
  #sends = true
  /** Those who wait for all of their bytes and have some already. */
  #partial = 0

  /** The reading end of `incoming` and the writing end of `outgoing` are its own. */
  constructor (incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming
    this.#outgoing = outgoing
    incoming.open(Access.READ)
    outgoing.open(Access.WRITE)
  }

  /** `pipeOf` gives each of its pipes a number. */
  save (pipeOf: (pipe: Pipe) => number): StateValue {
    if (this.#partial > 0) throw new StateError('somebody waits for all bytes that it wants of a socket, and has some of them')
    return [pipeOf(this.#incoming), pipeOf(this.#outgoing), this.#receives, this.#sends]
  }

  static takenUp (saved: StateValue, pipes: readonly Pipe[]): Connection {
    const [incoming, outgoing, receives, sends] = itemsOf(saved, 'a connection', 4)
    const pipe = (number: StateValue): Pipe => pipes[wholeOf(number, 'a pipe', 0, pipes.length - 1)]!
    const connection = new Connection(pipe(incoming!), pipe(outgoing!))
    connection.shutdown((flagOf(receives!, 'whether it receives') ? 0 : ShutdownHow.RECEIVE) | (flagOf(sends!, 'whether it sends') ? 0 : ShutdownHow.SEND))
    return connection
  }

  get available (): number {
    return this.#receives ? this.#incoming.length : 0
  }

  shutdown (how: number): void {
    if ((how & ShutdownHow.RECEIVE) !== 0 && this.#receives) {
      this.#receives = false
      this.#incoming.close(Access.READ)
    }
    if ((how & ShutdownHow.SEND) !== 0 && this.#sends) {
      this.#sends = false
      this.#outgoing.close(Access.WRITE)
    }
  }

  /** Bytes received, `-EAGAIN` when it would have to wait for more. */
  tryReceive (flags: number, into: Window): number {
    if (!this.#receives) return 0
    const incoming = this.#incoming
    const waitsForAll = (flags & ReceiveFlags.WAIT_ALL) !== 0 && (flags & ReceiveFlags.NO_WAIT) === 0
    if ((flags & ReceiveFlags.PEEK) !== 0) {
      // What is looked at stays, so that all of it can only be waited for, as far as there is room for it.
      if (waitsForAll && incoming.length < into.length && incoming.writers > 0 && incoming.room > 0) return -Errno.EAGAIN
      return incoming.peek(into)
    }
    return incoming.tryRead(into)
  }

  * receive (flags: number, into: Window): Fiber<number> {
    const waitsForAll = (flags & ReceiveFlags.WAIT_ALL) !== 0 && (flags & ReceiveFlags.PEEK) === 0
    let done = 0
    for (;;) {
      const count = this.tryReceive(flags, done === 0 ? into : into.slice(done))
      if (count === -Errno.EAGAIN) {
        if (done > 0) this.#partial++
        try {
          yield this.#incoming.filled
        } finally {
          if (done > 0) this.#partial--
        }
        continue
      }
      if (count <= 0) return done > 0 ? done : count
      done += count
      if (!waitsForAll || done === into.length) return done
    }
  }

  trySend (from: Window, offset: number): number {
    return this.#sends ? this.#outgoing.tryWrite(from, offset) : -Errno.EPIPE
  }

  send (from: Window, sent: number): Fiber<number> {
    return this.#outgoing.write(from, sent)
  }

  ready (events: number): number {
    const receiving = this.#receives ? this.#incoming.ready(Access.READ, events) : Ready.READABLE | Ready.HANGUP
    const sending = this.#sends ? this.#outgoing.ready(Access.WRITE, events) : Ready.WRITABLE
    // One that only sends no more is half open: hung up is what neither receives nor can send.
    const hangup = receiving & sending & Ready.HANGUP
    return ((receiving | sending) & events & ~Ready.HANGUP) | hangup
  }

  /** Where a change of its readiness is announced. */
  get queues (): readonly WaitQueue[] {
    return [this.#incoming.filled, this.#outgoing.drained]
  }
}

export class Listener {
  readonly name: string
  readonly #backlog: number
  readonly #pending: Connection[] = []
  /** A connection came, or room for one, or it was closed. */
  readonly changed = new WaitQueue('listening socket')
  closed = false

  constructor (name: string, backlog: number) {
    this.name = name
    this.#backlog = backlog
  }

  save (pipeOf: (pipe: Pipe) => number): StateValue {
    return [this.name, this.#backlog, this.#pending.map(connection => connection.save(pipeOf))]
  }

  get waiting (): number {
    return this.#pending.length
  }

  get full (): boolean {
    return this.#pending.length >= this.#backlog
  }

  add (connection: Connection): void {
    this.#pending.push(connection)
    this.changed.wakeAll()
  }

  take (): Connection | undefined {
    const connection = this.#pending.shift()
    if (connection !== undefined) this.changed.wakeAll()
    return connection
  }

  /** Refuses those that wait. */
  close (): void {
    this.closed = true
    for (const connection of this.#pending) connection.shutdown(ShutdownHow.RECEIVE | ShutdownHow.SEND)
    this.#pending.length = 0
    this.changed.wakeAll()
  }
}
