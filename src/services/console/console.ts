/**
 * The console service: the machine's terminal for any number of readers and writers.
 *
 * Whoever has to wait does so in one of two queues, and looks again when the machine says that something changed:
 * first come, first served. The machine is told whether anybody waits for input; only then does it fetch any.
 * Bytes go between the window and the device directly. A short write in several pieces is put together first, in this
 * domain's arena, so that it is one write on the host too: lines of two programs do not mix.
 */

import { Errno, WaitQueue } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { READ, Ready, WRITE } from '../../roles/index.ts'
import type { Arena, Console, Window } from '../../roles/index.ts'
import type { Devices } from '../../machine/index.ts'

export type ConsoleDevices = Pick<Devices, 'console' | 'interrupts'>

const INPUT = 0
const UNITS = 3
/** A write of up to so many bytes is put together: what a pipe of a POSIX host takes in one piece. */
const GATHER_BYTES = 4096
/** No error number: a window has several pieces. */
const IN_PIECES = -(2 ** 30)

export class ConsoleService implements Console {
  readonly #console: ConsoleDevices['console']
  readonly #arena: Arena
  readonly #inputChanged = new WaitQueue('console input')
  readonly #outputChanged = new WaitQueue('console output')
  /** How many wait for input. */
  #readers = 0
  /** Where pieces are put together; 0 until the first. */
  #gather = 0

  constructor (devices: ConsoleDevices, arena: Arena) {
    this.#console = devices.console
    this.#arena = arena
    devices.interrupts.connect('console-in', () => { this.#inputChanged.wakeAll() })
    devices.interrupts.connect('console-out', () => { this.#outputChanged.wakeAll() })
  }

  read (unit: number, into: Window): Eventual<number> {
    if (unit !== INPUT) return -Errno.EBADF
    const count = this.#readNow(into)
    return count === -Errno.EAGAIN ? this.#readLater(into) : count
  }

  write (unit: number, from: Window): Eventual<number> {
    if (!isOutput(unit)) return -Errno.EBADF
    const count = this.#writeNow(unit, from)
    return count === -Errno.EAGAIN ? this.#writeLater(unit, from) : count
  }

  ready (unit: number, events: number): number {
    if (unit !== INPUT && !isOutput(unit)) return -Errno.EBADF
    let holding = 0
    if (unit === INPUT) {
      // Looking for bytes is also what finds the end.
      const readable = this.#console.readable() !== 0
      if (readable && (events & Ready.READABLE) !== 0) holding = Ready.READABLE
    } else if ((events & Ready.WRITABLE) !== 0 && this.#console.writable(unit)) {
      holding = Ready.WRITABLE
    }
    return this.#console.hungUp(unit) ? holding | Ready.HANGUP : holding
  }

  awaitReady (unit: number, events: number): Eventual<number> {
    const holding = this.ready(unit, events)
    return holding === 0 ? this.#readyLater(unit, events) : holding
  }

  terminal (unit: number): number {
    return unit === INPUT || isOutput(unit) ? Number(this.#console.terminal(unit)) : -Errno.EBADF
  }

  #readNow (into: Window): number {
    return into.transfer(WRITE, 0, into.length, (bytes, at, length) => this.#console.read(bytes, at, length))
  }

  #writeNow (unit: number, from: Window): number {
    const whole = from.length
    const count = from.transfer(READ, 0, whole, (bytes, at, length) =>
      length === whole || whole > GATHER_BYTES ? this.#console.write(unit, bytes, at, length) : IN_PIECES)
    return count === IN_PIECES ? this.#writeTogether(unit, from) : count
  }

  #writeTogether (unit: number, from: Window): number {
    if (this.#gather === 0) this.#gather = this.#arena.allocate(GATHER_BYTES)
    if (this.#gather === 0) return -Errno.ENOMEM
    // Nothing is copied in vain.
    if (!this.#console.writable(unit)) return -Errno.EAGAIN
    const taken = from.take(0, this.#arena.bytes, this.#gather, from.length)
    return taken < 0 ? taken : this.#console.write(unit, this.#arena.bytes, this.#gather, taken)
  }

  * #readLater (into: Window): Fiber<number> {
    for (;;) {
      yield * this.#inputChange()
      const count = this.#readNow(into)
      if (count !== -Errno.EAGAIN) return count
    }
  }

  * #writeLater (unit: number, from: Window): Fiber<number> {
    for (;;) {
      while (!this.#console.writable(unit)) yield this.#outputChanged
      const count = this.#writeNow(unit, from)
      if (count !== -Errno.EAGAIN) return count
    }
  }

  * #readyLater (unit: number, events: number): Fiber<number> {
    for (;;) {
      // Who does not want to read must not make the machine answer for what is there to be read, again and again.
      const reads = unit === INPUT && (events & Ready.READABLE) !== 0
      if (reads) yield * this.#inputChange()
      const holding = this.ready(unit, events)
      if (holding !== 0) return holding
      if (!reads) yield unit === INPUT ? this.#inputChanged : this.#outputChanged
    }
  }

  /** The machine answers for input that came before this began, too: nothing is missed. */
  * #inputChange (): Fiber<void> {
    this.#readers++
    try {
      this.#console.awaitInput(true)
      yield this.#inputChanged
    } finally {
      if (--this.#readers === 0) this.#console.awaitInput(false)
    }
  }
}

function isOutput (unit: number): boolean {
  return unit > INPUT && unit < UNITS
}
