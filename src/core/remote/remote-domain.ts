/**
 * A domain that stands elsewhere, in another thread or process of the host: the core's side of it.
 *
 * Its capabilities stay here, in a space like any other's; the domain knows slot numbers. What it asks for names a slot, and
 * goes through the stubs that stand over that slot, as if a neighbour had called them: each invocation is looked up. It is
 * performed by a thread of the kernel's, on behalf of a call that the domain serves, as whose principal the
 * core itself knows. Who calls into the domain waits as anybody does, alone.
 *
 * Nothing that comes from there is believed. A frame is copied before it is looked at; numbers, ranges, calls and grants that it
 * names have to be its own. What is wrong is a fault of the domain, which ends it: everything of it is taken back, and who
 * waits for it is told that the peer is lost.
 *
 * Invariant: a call is in `#calls` until the domain has said DONE, or is lost; its grants and loans live as long.
 */

import { Errno, Turns, WaitQueue, settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import type { Place } from '../../machine/index.ts'
import { PLACES_LINE } from '../../machine/index.ts'
import { Arena, ENDPOINT_QUEUE_MAX, Extents, READ, WRITE, Window } from '../../roles/index.ts'
import type { Implementation, Operation, Role } from '../../roles/index.ts'
import { Area, FRAMES_AT_ONCE, KernelPipe, KernelRing, Malformed, PAGES_BYTES_MAX, PARAMETERS_MAX, Say, TOO_LONG, channelMemory, stubsOf, targetsOf } from '../../gates/index.ts'
import type { Channel, FrameReader, PlacedDomain, PlacedEntry, PlacedService, Target } from '../../gates/index.ts'
import type { Capability } from '../capability/index.ts'
import type { AddressSpace, Thread } from '../thread/index.ts'
import { Lost, PEER_LOST, REFUSED } from '../state.ts'
import type { CoreState } from '../state.ts'
import { GrantPages } from './grants.ts'
import type { Grant } from './grants.ts'
import { GRANT_BYTES_MAX, REMOTE_CALLS_MAX, REMOTE_REQUESTS_MAX, REQUEST_PRIORITY } from './limits.ts'
import type { RemoteEndpoint } from './endpoint.ts'
import type { Placed, Placeds } from './places.ts'

const PAGE_BYTES = 65536
const PIECES_MAX = 1025

/** What a plan says of a domain elsewhere, and who is to run there. */
export interface RemoteOptions {
  readonly wall: 'thread' | 'process'
  readonly threads: number
  readonly arenaBytesMax: number
  readonly heapBytesMax?: number
  /** The module that runs there. */
  readonly occupant: string
}

/** A call that the domain serves. */
class RemoteCall {
  readonly id: number
  readonly operation: Operation
  readonly client: AddressSpace
  readonly thread: Thread | null
  readonly principal: number
  readonly grants: Grant[] = []
  readonly loans: Capability[] = []
  readonly answer: WaitQueue
  /** What it came to, once `answered`. */
  result: unknown
  answered = false
  /** The domain died with it. */
  lost = false
  /** Nobody waits for it. */
  abandoned = false

  constructor (id: number, operation: Operation, client: AddressSpace, thread: Thread | null, answer: WaitQueue) {
    this.id = id
    this.operation = operation
    this.client = client
    this.thread = thread
    this.principal = thread === null ? 0 : thread.principal
    this.answer = answer
  }
}

/** A neighbour as the domain may call it: stubs over a slot of its space. */
interface Neighbour {
  readonly role: Role
  readonly stubs: Implementation
  readonly operations: readonly Operation[]
  /** By the index of the operation, from when the domain begins: a neighbour may come later. */
  targets: readonly Target[]
}

export class RemoteDomain implements Placed {
  readonly space: AddressSpace
  readonly #state: CoreState
  readonly #placeds: Placeds
  readonly #options: RemoteOptions
  readonly #threads: number
  readonly #answerLabel: string
  /** Callers that found all its threads busy, in order. */
  readonly #queue: Turns
  readonly #services: PlacedService[] = []
  readonly #entries: PlacedEntry[] = []
  readonly #neighbours: Neighbour[] = []

  // Of the occupant that is there now:
  #place: Place | null = null
  #channel: Channel | null = null
  #grants: GrantPages | null = null
  readonly #calls = new Map<number, RemoteCall>()
  readonly #requests = new Map<number, Thread>()
  #nextCall = 1
  /** Why it is over, from whoever noticed it first. */
  #ending: string | null = null
  /** Whether it has started its services. */
  ready = false

  /** Who is calling into it, while a call is put together. */
  #client: AddressSpace
  #badge = 0

  constructor (state: CoreState, placeds: Placeds, space: AddressSpace, options: RemoteOptions) {
    this.#state = state
    this.#placeds = placeds
    this.space = space
    this.#options = options
    this.#threads = Math.min(options.threads, REMOTE_CALLS_MAX)
    this.#queue = new Turns(`callers of ${space.label}`)
    this.#client = space
    this.#answerLabel = `answer of ${space.label}`
  }

  get wall (): 'thread' | 'process' {
    return this.#options.wall
  }

  // ---- putting it together: before `begin`

  /** A service that is to run there. */
  place (service: PlacedService): void {
    this.#services.push(service)
  }

  /** What stands here for a role that one of its services provides, or for its heart (null). */
  provide (instance: string | null, role: Role): Implementation {
    const entry = this.#entries.push({ instance, role: role.name }) - 1
    return stubsOf(role, (operation, index) => (...args) => this.#perform(entry, operation, index, args))
  }

  /** Lets it call a neighbour through stubs over a slot of its space; the number by which it names them. */
  allow (role: Role, stubs: Implementation): number {
    return this.#neighbours.push({ role, stubs, operations: Object.values(role.operations), targets: [] }) - 1
  }

  /** Starts it, once all is there: in a thread or process of its own, with memory that nobody has written to. */
  begin (): void {
    const { name } = this
    const { machine } = this.#state
    const { arenaBytesMax, wall } = this.#options
    const shared = wall === 'thread'
    const memory = (bytesMax: number): SharedArrayBuffer | null => shared ? new SharedArrayBuffer(PAGE_BYTES, { maxByteLength: bytesMax }) : null
    const [arena, grants] = [memory(arenaBytesMax), memory(GRANT_BYTES_MAX)]
    const channel = shared ? channelMemory() : null
    const grantOptions = { name: `grants of ${name}`, sizeBytesMax: GRANT_BYTES_MAX }
    this.space.arena = arena === null ? new Arena({ name, sizeBytesMax: arenaBytesMax }) : Arena.ofShared(name, arena)
    this.#grants = new GrantPages(grants === null ? new Arena(grantOptions) : Arena.inShared(grantOptions, grants))
    const data: PlacedDomain = {
      name, arenaBytesMax, services: this.#services, entries: this.#entries, channel, bell: shared ? machine.places!.bell : null,
      arena, grants
    }
    const pipe = new KernelPipe(bytes => { place.send(bytes) })
    const mine = this.#channel = channel === null ? pipe : new KernelRing(channel)
    for (const neighbour of this.#neighbours) neighbour.targets = targetsOf(neighbour.role, neighbour.stubs)
    const place = this.#place = machine.places!.start({
      label: name, kind: wall, occupant: this.#options.occupant, data,
      ...this.#options.heapBytesMax === undefined ? {} : { heapBytesMax: this.#options.heapBytesMax },
      received: bytes => { pipe.received(bytes) },
      ended: why => { if (this.#channel === mine) this.#ending ??= why }
    })
    this.space.onEnd = () => { this.#takeBack() }
    this.#placeds.add(this)
  }

  get name (): string {
    return this.space.label
  }

  // ---- calls into it

  /** A call by capability: its value, or a fiber, since it nearly always waits. */
  call (client: AddressSpace, badge: number, endpoint: RemoteEndpoint, operation: number, args: readonly unknown[]): unknown {
    if (!this.space.alive) return this.#state.lost(Lost.UNBEGUN)
    endpoint.calls++
    this.#client = client
    this.#badge = badge
    return endpoint.targets[operation]!(...args)
  }

  /** What stands for a service here: makes the call that `call` began. */
  #perform (entry: number, operation: Operation, index: number, args: readonly unknown[]): unknown {
    const [client, badge] = [this.#client, this.#badge]
    if (!this.#isFree) {
      if (this.#queue.length >= ENDPOINT_QUEUE_MAX) return -Errno.EAGAIN
      return this.#queued(client, badge, entry, operation, index, args, this.#queue.enter())
    }
    const call = this.#send(client, badge, entry, operation, index, args)
    return typeof call === 'number' ? call : this.#await(call)
  }

  get #isFree (): boolean {
    return this.#calls.size < this.#threads && this.#queue.length === 0
  }

  * #queued (client: AddressSpace, badge: number, entry: number, operation: Operation, index: number, args: readonly unknown[], turn: WaitQueue): Fiber<unknown> {
    const { space } = this
    let call: RemoteCall | number
    try {
      while (space.alive && !(this.#queue.isFirst(turn) && this.#calls.size < this.#threads)) yield [turn, space.death]
      call = space.alive ? this.#send(client, badge, entry, operation, index, args) : this.#state.lost(Lost.UNBEGUN)
    } finally {
      this.#queue.leave(turn)
    }
    return typeof call === 'number' ? call : yield * this.#await(call)
  }

  * #await (call: RemoteCall): Fiber<unknown> {
    try {
      while (!call.answered) yield call.answer
      return call.lost ? this.#state.lost(Lost.BEGUN) : call.result
    } finally {
      if (!call.answered) this.#abandon(call)
    }
  }

  /** Sends a call; or the error number that it comes to at once. Throws what the client did wrong. */
  #send (client: AddressSpace, badge: number, entry: number, operation: Operation, index: number, args: readonly unknown[]): RemoteCall | number {
    const { scheduler, counters, machine } = this.#state
    const channel = this.#channel!
    const call = new RemoteCall(this.#nextCall++, operation, client, scheduler.current, new WaitQueue(this.#answerLabel))
    let failed = TOO_LONG
    try {
      failed = this.#pass(call, args)
      if (failed === 0) {
        const { out } = channel
        out.begin()
        for (const word of [Say.CALL, call.id, entry, index, call.principal, badge]) out.putNumber(word)
        failed = this.#putArguments(call, args) ? 0 : TOO_LONG
        if (failed === 0) {
          counters.bytesCopied += 8 * out.length
          if (!channel.send()) failed = -Errno.EAGAIN
        }
      }
    } catch (error) {
      this.#release(call)
      throw error
    }
    if (failed !== 0) {
      this.#release(call)
      return failed
    }
    this.#calls.set(call.id, call)
    machine.places!.expect(1, this.wall, channel.flush())
    return call
  }

  /** Grants the windows and lends the capabilities of a call; 0, or an error number. */
  #pass (call: RemoteCall, args: readonly unknown[]): number {
    const { counters } = this.#state
    for (const [index, { kind: { kind } }] of call.operation.parameters.entries()) {
      if (kind === 'window-in' || kind === 'window-out') {
        const grant = this.#grants!.grant((args[index] as Window).derive(kind === 'window-in' ? READ : WRITE))
        if (typeof grant === 'number') return grant
        call.grants.push(grant)
        counters.grants++
        if (this.wall === 'process' && kind === 'window-in') this.#sendPages(Area.GRANTS, this.#grants!.arena, grant.address, grant.length)
      } else if (kind === 'capability') {
        const lent = this.space.capabilities.derive(call.client.capabilities, args[index] as number)
        if (lent < 0) {
          counters.refusals++
          return lent
        }
        call.loans.push(this.space.capabilities.lookup(lent)!)
      }
    }
    return 0
  }

  #putArguments (call: RemoteCall, args: readonly unknown[]): boolean {
    const { out } = this.#channel!
    let [granted, lent] = [0, 0]
    for (const [index, { kind: { kind } }] of call.operation.parameters.entries()) {
      if (kind === 'window-in' || kind === 'window-out') {
        const { id, address, length } = call.grants[granted++]!
        if (!(out.putNumber(id) && out.putNumber(address) && out.putNumber(length))) return false
      } else if (kind === 'capability') {
        if (!out.putNumber(call.loans[lent++]!.slot)) return false
      } else if (!out.put(kind, args[index])) {
        return false
      }
    }
    return true
  }

  /** Where no memory is shared: brings bytes to where the domain has them. */
  #sendPages (area: number, arena: Arena, address: number, length: number): void {
    const channel = this.#channel!
    for (let at = 0; at < length; at += PAGES_BYTES_MAX) {
      const count = Math.min(PAGES_BYTES_MAX, length - at)
      channel.out.begin()
      for (const word of [Say.PAGES, area, address + at]) channel.out.putNumber(word)
      channel.out.putBytes(arena.bytes, address + at, count)
      channel.send()
    }
  }

  #release (call: RemoteCall): void {
    for (const grant of call.grants) this.#grants!.release(grant)
    for (const loan of call.loans) loan.space.takeBack(loan)
    call.grants.length = 0
    call.loans.length = 0
  }

  /** Nobody waits for it any more. The client's windows are dead from now on; the domain is told to end it. */
  #abandon (call: RemoteCall): void {
    call.abandoned = true
    for (const { window } of call.grants) window.revoke()
    const channel = this.#channel!
    channel.out.begin()
    channel.out.putNumber(Say.CANCEL)
    channel.out.putNumber(call.id)
    channel.send()
    channel.flush()
  }

  #answer (call: RemoteCall, result: unknown): void {
    this.#calls.delete(call.id)
    this.#release(call)
    this.#state.machine.places!.expect(-1, this.wall)
    call.result = result
    call.answered = true
    call.answer.wakeAll()
    if (this.#queue.length > 0) this.#queue.wakeFirst()
  }

  // ---- what comes from it

  poll (): boolean {
    const channel = this.#channel
    if (channel === null) return false
    try {
      let frame = channel.receive()
      for (let taken = 1; frame !== null; taken++) {
        this.#take(frame)
        if (this.#channel !== channel) return false
        if (taken === FRAMES_AT_ONCE) return true
        frame = channel.receive()
      }
      channel.flush()
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.#lose(error)
      return false
    }
    if (this.#ending !== null) this.#lose(new Error(this.#ending))
    return false
  }

  #take (frame: FrameReader): void {
    switch (frame.takeNumber()) {
      case Say.DONE: return this.#done(frame)
      case Say.REQUEST: return this.#request(frame)
      case Say.WRITTEN: return this.#written(frame)
      case Say.CANCEL: return this.#cancelled(frame)
      case Say.PAGES: return this.#pages(frame)
      case Say.FAULT: return this.#lose(new Error(frame.takeString().slice(0, 1000)))
      case Say.READY:
        this.ready = true
        return
      default: throw new Malformed('a frame that says nothing known')
    }
  }

  #done (frame: FrameReader): void {
    const { counters } = this.#state
    const call = this.#calls.get(frame.takeNumber())
    if (call === undefined) throw new Malformed('an answer to no call')
    counters.bytesCopied += frame.takeCount(2 ** 48) + 8 * frame.length
    counters.crossings++
    this.#written(frame)
    if (call.abandoned) {
      this.#answer(call, undefined)
      return
    }
    const { result: kind } = call.operation
    let result = frame.takeResult(kind)
    frame.end()
    if (kind.result === 'capability' && (result as number) >= 0) result = call.client.capabilities.derive(this.space.capabilities, result as number)
    this.#answer(call, result)
  }

  /** Ranges that were written in grants: brought where those came from. */
  #written (frame: FrameReader): void {
    for (let left = frame.takeCount(2 ** 20); left > 0; left--) {
      const grant = this.#grants!.find(frame.takeNumber())
      const from = frame.takeNumber()
      const length = frame.takeNumber()
      if (grant === undefined || !this.#grants!.bringBack(grant, from, length)) throw new Malformed('bytes written to no grant')
    }
  }

  #pages (frame: FrameReader): void {
    const area = frame.takeNumber()
    const at = frame.takeCount(2 ** 48)
    const arena = area === Area.ARENA ? this.space.arena! : this.#grants!.arena
    if (this.wall !== 'process') throw new Malformed('pages of memory that is shared')
    // Of grants, those that there are; of its arena, as much as it may have.
    const room = Math.min(PAGES_BYTES_MAX, (area === Area.ARENA ? arena.sizeBytesMax : arena.sizeBytes) - at)
    if (!(room > 0) || !arena.cover(Math.min(arena.sizeBytesMax, at + 8 * frame.length))) throw new Malformed('pages beyond what it has')
    frame.takeBytes(arena.bytes, at, Math.min(room, arena.sizeBytes - at))
  }

  #cancelled (frame: FrameReader): void {
    const id = frame.takeNumber()
    const thread = this.#requests.get(id)
    // The answer may be on its way.
    if (thread === undefined) return
    this.#requests.delete(id)
    this.#state.scheduler.remove(thread)
  }

  /** Something that the domain wants done: by a thread of the kernel's. */
  #request (frame: FrameReader): void {
    const { scheduler, counters } = this.#state
    counters.invocations++
    counters.crossings++
    counters.bytesCopied += 8 * frame.length
    const id = frame.takeNumber()
    const behalf = frame.takeNumber()
    const call = behalf === 0 ? null : this.#calls.get(behalf)
    if (call === undefined) throw new Malformed('a request on behalf of no call')
    if (this.#requests.has(id)) throw new Malformed('two requests of one number')
    if (this.#requests.size >= REMOTE_REQUESTS_MAX) throw new Malformed(`more than ${REMOTE_REQUESTS_MAX} requests at once`)
    const neighbour = this.#neighbours[frame.takeNumber()]
    if (neighbour === undefined) {
      counters.refusals++
      this.#reply(id, null, REFUSED)
      return
    }
    const index = frame.takeCount(neighbour.operations.length)
    const operation = neighbour.operations[index]!
    const windows: Window[] = []
    const outs: Extents[] = []
    const args = operation.parameters.slice(0, PARAMETERS_MAX).map(({ kind: { kind } }) =>
      kind === 'window-in' || kind === 'window-out' ? this.#window(frame, kind === 'window-in' ? READ : WRITE, windows, outs) : frame.take(kind))
    frame.end()
    const mine = this.#channel
    const client = call?.thread ?? null
    const thread = scheduler.startFiberInHandler(`for ${this.name}`, call?.principal ?? 0, REQUEST_PRIORITY, this.space, this.#serve(neighbour.targets[index]!, args), value => {
      for (const window of windows) window.revoke()
      if (client !== null) client.ranNs += scheduler.ranNs(thread)
      if (this.#channel !== mine || !this.#requests.delete(id)) return
      for (const extents of outs) this.#carryOut(extents)
      this.#reply(id, operation, value)
    })
    thread.serves = client
    thread.account = client?.account ?? null
    this.#requests.set(id, thread)
  }

  * #serve (target: Target, args: readonly unknown[]): Fiber<unknown> {
    return yield * settle(target(...args) as Fiber<unknown>)
  }

  /** A window that the domain names: bytes of its own, or part of what it was granted, which leads to where that came from. */
  #window (frame: FrameReader, access: number, windows: Window[], outs: Extents[]): Window {
    const id = frame.takeNumber()
    const pieces: number[] = []
    for (let left = frame.takeCount(PIECES_MAX); left > 0; left--) pieces.push(frame.takeNumber(), frame.takeNumber())
    const grant = id === 0 ? null : this.#grants!.find(id)
    if (grant === undefined) throw new Malformed('a window of no grant')
    let window: Window | null = null
    if (grant !== null) {
      const [from = 0, length = 0] = pieces
      if (!(from >= 0 && length >= 0 && from + length <= grant.length)) throw new Malformed('a window beyond its grant')
      window = grant.window.slice(from, length)
    } else if (pieces.every(Number.isSafeInteger)) {
      window = pieces.length === 2
        ? Window.of(this.space.arena!, pieces[0]!, pieces[1]!, access, this.#state.counters)
        : Window.ofPieces(this.space.arena!, pieces, access, this.#state.counters)
      if (this.wall === 'process' && access === WRITE && window !== null) {
        const extents = new Extents(full => { this.#carryOut(full) })
        window.watch(extents)
        outs.push(extents)
      }
    }
    if (window === null) throw new Malformed('a window beyond its arena')
    windows.push(window)
    return window
  }

  /** Where no memory is shared: brings what was written for the domain into its arena. */
  #carryOut (extents: Extents): void {
    const { ranges } = extents
    for (let at = 0; at < ranges.length; at += 2) this.#sendPages(Area.ARENA, this.space.arena!, ranges[at]!, ranges[at + 1]!)
    extents.clear()
  }

  #reply (id: number, operation: Operation | null, value: unknown): void {
    const channel = this.#channel!
    const { out } = channel
    const begin = (): void => {
      out.begin()
      out.putNumber(Say.REPLY)
      out.putNumber(id)
    }
    begin()
    if (operation === null || !out.putResult(operation.result, value)) {
      begin()
      out.putNumber(operation === null ? value as number : TOO_LONG)
    }
    this.#state.counters.crossings++
    this.#state.counters.bytesCopied += 8 * out.length
    if (!channel.send()) this.end('it does not take the answers to what it asked for')
    channel.flush()
  }

  // ---- its end

  /** Ends it, from wherever: what follows is done between threads. */
  end (why: string): void {
    this.#ending ??= why
    this.#place?.kill()
    this.#state.machine.interrupts.raise(PLACES_LINE)
  }

  /** A fault of it: it is lost. */
  #lose (error: Error): void {
    this.#state.fault(this.space, error)
  }

  /** It has ended, by whoever's doing: what it held or was lent is taken back, and who waits is told. */
  #takeBack (): void {
    const { scheduler } = this.#state
    this.#place?.kill()
    this.#place = null
    this.#channel = null
    this.#placeds.remove(this)
    const requests = [...this.#requests.values()]
    this.#requests.clear()
    for (const thread of requests) if (thread !== scheduler.current) scheduler.remove(thread)
    for (const call of [...this.#calls.values()]) {
      call.lost = true
      this.#answer(call, PEER_LOST)
    }
  }
}
