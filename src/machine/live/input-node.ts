/**
 * The input of the console on Node: a descriptor or a stream of the host.
 *
 * Input is pulled: nothing is taken from the host before somebody reads, and never more than is asked for, so that the
 * next program finds the rest. Waiting for more is left to a stream of Node's that is given room for a single byte:
 * when that byte is there, the rest is read as if no one had waited.
 * The host is kept alive only while somebody waits.
 *
 * What it does not hold: `readable` has to look, and takes up to AHEAD_BYTES_MAX. A stream that the caller made, and
 * Node's own for what cannot be opened anew (sockets; pipes and terminals on macOS and Windows), read ahead as far as
 * their own `highWaterMark` once somebody has read.
 */

import { closeSync, constants, readSync } from 'node:fs'
import type { Socket, SocketConstructorOpts } from 'node:net'
import type { Readable } from 'node:stream'
import type { ReadStream } from 'node:tty'
import { Errno } from '../../fiber/index.ts'
import { attempt, hostError } from './errors-node.ts'
import { kindOf, openAnew } from './descriptors-node.ts'
import { noInput } from './input.ts'
import type { Input } from './input.ts'

const AHEAD_BYTES_MAX = 4096
const REOPEN_MS = 32

export function descriptorInput (fd: number, arrived: () => void): Input {
  const kind = kindOf(fd)
  if (kind === 'closed') return { ...noInput, read: () => -Errno.EBADF }
  if (kind === 'direct') return pulledInput(fd, null, false, arrived, () => {})
  const own = kind === 'socket' ? -1 : openAnew(fd, constants.O_RDONLY)
  if (own < 0) return streamInput(() => standardStream(fd, kind), kind === 'terminal', arrived)
  const watch = watchDescriptor(fd, kind === 'terminal')
  return pulledInput(own, watch, kind === 'terminal', arrived, () => {
    watch.close()
    closeSync(own)
  })
}

interface WatchEvents {
  got (byte: number): void
  ended (): void
  /** Something went wrong; reading says what. */
  failed (): void
}

/** What waits for a descriptor: reads one byte, then stops. */
interface Watch {
  start (events: WatchEvents): void
  stop (): void
  close (): void
}

/** Without a `watch`, reading never has to wait. */
function pulledInput (fd: number, watch: Watch | null, terminal: boolean, arrived: () => void, close: () => void): Input {
  /** Taken from the host by `watch` (one byte) or `readable` (the rest), and not yet read by anybody. */
  const ahead = new Uint8Array(AHEAD_BYTES_MAX + 1)
  let aheadFrom = 0
  let aheadTo = 0
  let ended = false
  let awaited = false

  function read (bytes: Uint8Array, at: number, length: number): number {
    if (length === 0) return 0
    const first = Math.min(length, aheadTo - aheadFrom)
    bytes.set(ahead.subarray(aheadFrom, aheadFrom + first), at)
    aheadFrom += first
    if (first === length) return first
    const rest = fromHost(bytes, at + first, length - first)
    // The end or an error after bytes that were there is for the next read to say.
    if (first > 0) return first + Math.max(rest, 0)
    // A terminal goes on after its end (Ctrl-D); everything else has ended for good.
    if (rest === 0 && terminal) ended = false
    return rest
  }

  function fromHost (bytes: Uint8Array, at: number, length: number): number {
    if (ended) return 0
    try {
      const count = readSync(fd, bytes, at, length, null)
      if (count === 0) ended = true
      return count
    } catch (thrown) {
      return hostError(thrown)
    }
  }

  function readable (): number {
    if (aheadFrom === aheadTo) {
      aheadFrom = aheadTo = 0
      const count = fromHost(ahead, 0, AHEAD_BYTES_MAX)
      // An error is something to read: reading says which.
      if (count < 0 && count !== -Errno.EAGAIN) return 1
      aheadTo = Math.max(count, 0)
    }
    return aheadFrom === aheadTo && ended ? -1 : aheadTo - aheadFrom
  }

  function wake (): void {
    if (!awaited) return
    awaited = false
    arrived()
  }

  function got (byte: number): void {
    if (aheadFrom === aheadTo) aheadFrom = aheadTo = 0
    ahead[aheadTo++] = byte
    wake()
  }

  function hostEnded (): void {
    ended = true
    wake()
  }

  function awaitInput (now: boolean): void {
    if (now === awaited) return
    awaited = now
    if (!now) watch?.stop()
    else if (watch !== null && !ended && aheadFrom === aheadTo) watch.start({ got, ended: hostEnded, failed: wake })
    else setImmediate(wake)
  }

  return {
    read, readable, terminal, await: awaitInput,
    hungUp: () => watch !== null && ended && aheadFrom === aheadTo,
    close () {
      awaited = false
      close()
    }
  }
}

/** The stream has an opening of its own, so that ending it ends nothing else. */
function watchDescriptor (fd: number, terminal: boolean): Watch {
  let stream: Socket | null = null
  let on: WatchEvents | null = null

  function open (): Socket | number {
    const own = openAnew(fd, constants.O_RDONLY)
    if (own < 0) return own
    const onread = {
      buffer: new Uint8Array(1),
      callback (count: number, buffer: Uint8Array): boolean {
        if (count > 0) on?.got(buffer[0]!)
        return false
      }
    }
    const options = { onread, readable: true, writable: false }
    return attempt(() => {
      const made = terminal ? terminalStream(own, options) : socketOf({ fd: own, ...options })
      made.on('end', () => on?.ended())
      made.on('error', () => on?.failed())
      return made
    })
  }

  return {
    start (events) {
      on = events
      if (stream === null || stream.destroyed) {
        const opened = open()
        if (typeof opened === 'number') {
          // The host is out of descriptors. It may not be for long.
          setTimeout(events.failed, REOPEN_MS)
          return
        }
        stream = opened
      }
      stream.resume()
      stream.read(0)
    },
    stop () {
      stream?.pause()
    },
    close () {
      on = null
      stream?.destroy()
    }
  }
}

/** The stream of a descriptor that cannot be opened anew. The host's loop knows each only once, so Node's own where it has one. */
function standardStream (fd: number, kind: 'pipe' | 'socket' | 'terminal'): Readable {
  if (fd === 0) return process.stdin
  return kind === 'terminal' ? terminalStream(fd) : socketOf({ fd, readable: true, writable: false })
}

/** Node's streams are loaded when there is something to wait for: most programs have read and written all before. */
function socketOf (options: SocketConstructorOpts): Socket {
  return new (process.getBuiltinModule('node:net').Socket)(options)
}

function terminalStream (fd: number, options: object = {}): ReadStream {
  return new (process.getBuiltinModule('node:tty').ReadStream)(fd, options)
}

/** Input from a stream that the caller made; it is not touched before somebody reads. */
export function streamInput (open: () => Readable, terminal: boolean, arrived: () => void): Input {
  let opened: Readable | null = null
  let chunk: Uint8Array = new Uint8Array(0)
  let from = 0
  let failed = 0
  let awaited = false
  let listens = false
  const wake = (): void => {
    if (!awaited) return
    awaited = false
    hold(false)
    arrived()
  }
  const fail = (error: unknown): void => {
    failed = hostError(error)
    wake()
  }

  function stream (): Readable {
    if (opened !== null) return opened
    opened = open()
    opened.on('error', fail).on('end', wake).on('close', wake)
    hold(false)
    return opened
  }

  /** Some streams keep the host alive while they read. */
  function hold (alive: boolean): void {
    const { ref, unref } = opened as { ref?: () => void, unref?: () => void }
    if (alive) ref?.call(opened)
    else unref?.call(opened)
  }

  function pull (): number {
    if (from < chunk.length) return chunk.length - from
    const source = stream()
    const next: unknown = source.read()
    if (next === null) {
      if (failed < 0) return failed
      return source.readableEnded || source.destroyed ? 0 : -Errno.EAGAIN
    }
    chunk = typeof next === 'string' ? new TextEncoder().encode(next) : next as Uint8Array
    from = 0
    // An empty piece of an object stream is not the end.
    return chunk.length === 0 ? pull() : chunk.length
  }

  return {
    read (bytes, at, length) {
      if (length === 0) return 0
      const there = pull()
      if (there <= 0) return there
      const count = Math.min(length, there)
      bytes.set(chunk.subarray(from, from + count), at)
      from += count
      return count
    },
    readable () {
      const there = pull()
      if (there === -Errno.EAGAIN) return 0
      return there === 0 ? -1 : Math.max(there, 1)
    },
    await (now) {
      if (now === awaited) return
      const source = stream()
      awaited = now
      hold(now)
      if (!now) return
      if (!listens) source.on('readable', wake)
      listens = true
      // What is there already is not announced again.
      setImmediate(() => { if (awaited && pull() !== -Errno.EAGAIN) wake() })
    },
    hungUp: () => opened !== null && from === chunk.length && (opened.readableEnded || opened.destroyed),
    terminal,
    close () {
      awaited = false
      opened?.removeListener('readable', wake).removeListener('end', wake).removeListener('close', wake).removeListener('error', fail)
    }
  }
}
