/**
 * The devices behind the names of a devfs.
 *
 * Reading and writing are the drivers' own: what has to wait returns the fiber of the driver's operation.
 * Source: POSIX.1-2024, 10.1 (`/dev/null`, `/dev/tty`); Linux `null(4)`, `full(4)`, `random(4)`.
 */

import { Errno, chain, giveUp, isFiber, race, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { FileType, PIPE_BYTES, Ready } from '../../roles/index.ts'
import type { Console, Entropy, Window } from '../../roles/index.ts'

export interface Node {
  /** A FileType. */
  type (): Eventual<number>
  terminal (): Eventual<number>
  read (into: Window, mayWait: boolean): Eventual<number>
  write (from: Window, mayWait: boolean): Eventual<number>
  ready (events: number): Eventual<number>
  awaitReady (events: number): Eventual<number>
  available (): Eventual<number>
}

export interface NamedNode {
  readonly name: string
  readonly node: Node
}

/** What stands for "as much as you like". */
const PLENTY_BYTES = PIPE_BYTES
const ALWAYS = Ready.READABLE | Ready.WRITABLE

/** A device that never keeps anybody waiting. */
function plain (read: (into: Window) => Eventual<number>, write: (from: Window) => Eventual<number>, available: number): Node {
  return {
    type: () => FileType.CHARACTER_DEVICE,
    terminal: () => 0,
    read,
    write,
    ready: events => events & ALWAYS,
    awaitReady: events => events & ALWAYS,
    available: () => available
  }
}

const zeros = (into: Window): number => into.fill(0, into.length, 0)
const swallow = (from: Window): number => from.live ? from.length : -Errno.EFAULT

export function plainNodes (entropy: () => Entropy): NamedNode[] {
  const random = plain(into => entropy().fill(into), swallow, PLENTY_BYTES)
  return [
    { name: 'null', node: plain(() => 0, swallow, 0) },
    { name: 'zero', node: plain(zeros, swallow, PLENTY_BYTES) },
    { name: 'full', node: plain(zeros, from => from.length === 0 ? 0 : -Errno.ENOSPC, PLENTY_BYTES) },
    { name: 'random', node: random },
    { name: 'urandom', node: random }
  ]
}

/** Nodes of the machine's terminal: the unit that each reads, and the one that it writes; -1 for none. */
export function consoleNodes (console: Console): NamedNode[] {
  return [
    { name: 'console', node: consoleNode(console, 0, 1) },
    { name: 'stdin', node: consoleNode(console, 0, -1) },
    { name: 'stdout', node: consoleNode(console, -1, 1) },
    { name: 'stderr', node: consoleNode(console, -1, 2) }
  ]
}

function consoleNode (console: Console, reads: number, writes: number): Node {
  const unit = reads >= 0 ? reads : writes
  return {
    // Redirected to a file or a pipe of the host it is a stream of which nothing more is known.
    type: () => chain(console.terminal(unit), yes => yes > 0 ? FileType.CHARACTER_DEVICE : FileType.UNKNOWN),
    terminal: () => console.terminal(unit),

    read (into, mayWait) {
      if (reads < 0) return -Errno.EBADF
      if (mayWait || into.length === 0) return console.read(reads, into)
      return chain(console.ready(reads, Ready.READABLE), now => now === 0 ? -Errno.EAGAIN : now < 0 ? now : console.read(reads, into))
    },

    write (from, mayWait) {
      if (writes < 0) return -Errno.EBADF
      if (!mayWait) {
        return chain(console.ready(writes, Ready.WRITABLE), now => now === 0 ? -Errno.EAGAIN : now < 0 ? now : console.write(writes, from))
      }
      const count = console.write(writes, from)
      return count === from.length ? count : writeAll(console, writes, from, count)
    },

    ready (events) {
      const readable = reads < 0 ? 0 : console.ready(reads, events & ~Ready.WRITABLE)
      const writable = writes < 0 ? 0 : console.ready(writes, events & ~Ready.READABLE)
      return chain(readable, some => chain(writable, more => some < 0 ? some : more < 0 ? more : some | more))
    },

    awaitReady (events) {
      const readable = reads < 0 || (events & Ready.READABLE) === 0 ? null : console.awaitReady(reads, Ready.READABLE)
      const writable = writes < 0 || (events & Ready.WRITABLE) === 0 ? null : console.awaitReady(writes, Ready.WRITABLE)
      if (readable === null || writable === null) return readable ?? writable ?? -Errno.EINVAL
      return awaitEither(readable, writable)
    },

    available: () => reads < 0 ? 0 : chain(console.ready(reads, Ready.READABLE), now => (now & Ready.READABLE) !== 0 ? 1 : 0)
  }
}

/** Goes on until all bytes are taken: a terminal's write is short only for who may not wait. */
function * writeAll (console: Console, unit: number, from: Window, begun: Eventual<number>): Fiber<number> {
  let done = 0
  for (let count = yield * settle(begun); ;) {
    if (count <= 0) return done > 0 ? done : count
    done += count
    if (done >= from.length) return done
    count = yield * settle(console.write(unit, from.slice(done)))
  }
}

function awaitEither (one: Eventual<number>, other: Eventual<number>): Eventual<number> {
  if (isFiber(one) && isFiber(other)) return first([one, other])
  const now = isFiber(one) ? other : one
  for (const each of [one, other]) if (isFiber(each)) giveUp(each)
  return now
}

function * first (fibers: readonly Fiber<number>[]): Fiber<number> {
  return (yield * race(fibers)).value
}
