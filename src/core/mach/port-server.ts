/**
 * A domain that receives: its port set, and its threads, each of which takes a message, does what it asks, replies, and
 * takes the next.
 *
 * The right to reply comes with a message, is used once, and is the thread's that received it (Mach's send-once right, kept
 * where seL4 keeps its reply capabilities).
 * The threads are the domain's own, and the scheduler's like any other: nothing is switched to because a message was sent.
 * While one serves a message it acts for the message's principal, whose processor time it is. Who waits for a reply and is killed makes the operation
 * end where it stands: what it holds is given back by the thread that holds it.
 */

import { Errno, Line, WaitQueue, giveWay } from '../../fiber/index.ts'
import type { Fiber, Wait } from '../../fiber/index.ts'
import { SERVER_THREADS_MAX } from '../../roles/index.ts'
import { Message, PARAMETERS_MAX, TOO_LONG } from '../../gates/index.ts'
import type { AddressSpace, Thread } from '../thread/index.ts'
import { isWaiting } from '../state.ts'
import type { CoreState } from '../state.ts'
import type { PortMessage } from './port.ts'
import { HEADER_WORDS, SERVER_PRIORITY } from './limits.ts'

/** One of a domain's threads, while it waits for a message. */
interface Receiver {
  readonly thread: Thread
  readonly arrival: WaitQueue
}

export class PortServer {
  readonly space: AddressSpace
  readonly #state: CoreState
  /** Threads at most. */
  readonly #threadsMax: number
  #threads = 0
  /** Those that wait for a message; the one that waited least is first to get one. */
  readonly #idle: Receiver[] = []
  /** What was sent and not received, in the order of coming, over all the domain's ports. */
  readonly #messages = new Line<PortMessage>()
  /** Gives a message's buffer back to the kernel. */
  readonly #release: (message: PortMessage) => void

  constructor (state: CoreState, space: AddressSpace, threads: number, release: (message: PortMessage) => void) {
    this.#state = state
    this.space = space
    this.#threadsMax = Math.min(threads, SERVER_THREADS_MAX)
    this.#release = release
  }

  /** Queues a message at its port, where there is room, and wakes a thread for it. */
  send (message: PortMessage): void {
    const { port, answer } = message
    port.calls++
    port.queued++
    message.state = 'queued'
    this.#messages.enter(message)
    const receiver = this.#idle.pop()
    if (receiver !== undefined) {
      answer.by = receiver.thread
      receiver.arrival.wakeAll()
    } else if (this.#threads < this.#threadsMax) {
      answer.by = this.#startThread()
    }
  }

  /** Takes a message out of the queue, to be received or because its sender is gone. */
  take (message: PortMessage): void {
    this.#messages.leave(message)
    message.port.queued--
    message.port.room.wakeFirst()
  }

  #startThread (): Thread {
    this.#threads++
    return this.#state.scheduler.startFiber(`server of ${this.space.label}`, 0, SERVER_PRIORITY, this.#home, this.#run(), () => { this.#threads-- })
  }

  /** The space of its threads: the supervisor is mapped in every one. */
  get #home (): AddressSpace | null {
    return this.space.id === 0 ? null : this.space
  }

  /** What a thread of the domain does, until that dies. */
  * #run (): Fiber<void> {
    const { space } = this
    const thread = this.#state.scheduler.current!
    const receiver: Receiver = { thread, arrival: new WaitQueue(`message for ${space.label}`) }
    const inbox = Message.in(space.arena!, this.#state.counters)
    while (space.alive) {
      const message = this.#messages.first
      if (message === null) {
        this.#idle.push(receiver)
        yield [receiver.arrival, space.death]
      } else {
        this.take(message)
        yield * this.#serve(thread, message, inbox)
      }
    }
  }

  /** Serves one message, and replies. */
  * #serve (thread: Thread, message: PortMessage, inbox: Message | null): Fiber<void> {
    const { space } = this
    message.answer.by = thread
    message.state = 'received'
    const { scheduler } = this.#state
    const client = message.thread
    scheduler.actFor(thread, message.principal)
    thread.serves = client
    // What it runs now is the client's time, and charged to whom that is charged to.
    const beforeNs = scheduler.ranNs(thread)
    thread.account = client?.account ?? null
    try {
      const result = inbox === null ? -Errno.ENOMEM : yield * this.#perform(message, inbox)
      if (!message.abandoned && space.alive) this.#reply(message, result)
    } finally {
      const ranNs = scheduler.ranNs(thread) - beforeNs
      if (client !== null) client.ranNs += ranNs
      thread.account = null
      scheduler.actFor(thread, 0)
      thread.serves = null
      inbox?.reset()
      message.finished = true
      if (message.abandoned) this.#release(message)
    }
  }

  /** Copies the request out of the kernel's buffer, and does what it asks; what it came to. */
  * #perform (message: PortMessage, inbox: Message): Fiber<unknown> {
    const { space } = this
    const { caller } = space
    if (!message.buffer.copyTo(inbox)) return TOO_LONG
    const args = this.#arguments(message, inbox)
    const { principal, immediate, memory } = caller
    caller.principal = message.principal
    caller.immediate = message.immediate
    caller.memory = message.memory
    let result: unknown
    let waits = false
    try {
      result = message.served.target.apply(message.port.implementation, args)
      waits = isWaiting(result)
    } catch (error) {
      result = this.#state.fault(space, error)
    }
    caller.principal = principal
    caller.immediate = immediate
    caller.memory = memory
    if (!waits) return result
    return yield * this.#carry(message, this.#state.carry(space, space.id, message.principal, message.immediate, message.memory, result as Fiber<unknown>))
  }

  /** Takes an operation through its waits, as long as somebody waits for what it comes to. */
  * #carry (message: PortMessage, fiber: Fiber<unknown>): Fiber<unknown> {
    let step = fiber.next(undefined as never)
    while (!step.done) {
      const woken: WaitQueue = yield orAbort(step.value, message.abort)
      if (message.abandoned) {
        fiber.return(undefined)
        return undefined
      }
      step = fiber.next(woken)
    }
    return step.value
  }

  #arguments ({ served, grants }: PortMessage, inbox: Message): unknown[] {
    inbox.rewind()
    for (let word = 0; word < HEADER_WORDS; word++) inbox.takeNumber()
    if (served.framed) return Array.from({ length: PARAMETERS_MAX }, () => inbox.takeNumber()).slice(0, served.count)
    let granted = 0
    return served.kinds.map(kind => {
      if (kind !== 'window-in' && kind !== 'window-out') return inbox.take(kind)
      inbox.takeNumber()
      inbox.takeNumber()
      return grants[granted++]
    })
  }

  /** Puts the reply into the kernel's buffer, and lets who waits for it go on. The thread's next receive is the same entry into the core. */
  #reply (message: PortMessage, result: unknown): void {
    const { buffer, served } = message
    const kind = served.operation.result
    this.#state.counters.crossings++
    buffer.rewind()
    try {
      for (let word = 0; word < HEADER_WORDS; word++) buffer.putNumber(0)
      // A capability that is returned stays with the client.
      const sent = kind.result === 'capability' && (result as number) >= 0
        ? message.client.capabilities.derive(this.space.capabilities, result as number) : result
      if (!buffer.putResult(kind, sent)) message.failed = TOO_LONG
    } catch (error) {
      // A reply that is not what the role says it is: this domain's fault.
      message.failed = this.#state.fault(this.space, error)
    }
    message.state = 'replied'
    message.answer.wakeAll()
  }
}

function orAbort (wait: Wait, abort: WaitQueue): Wait {
  if (wait === giveWay) return wait
  return Array.isArray(wait) ? [...wait as WaitQueue[], abort] : [wait as WaitQueue, abort]
}
