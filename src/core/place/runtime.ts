/**
 * What stands in for the core where a domain's services run that stand elsewhere: in a thread or a process of the host.
 *
 * It starts the services, sets the caller register around each step of theirs, lets several calls wait at once, and sends
 * what they ask of neighbours to the core, in the kernel's thread. It decides nothing: capabilities, grants and who may be asked what are
 * the core's, which believes nothing that comes from here.
 *
 * One thread of control at a time, until it waits. While nothing can run here, the host's thread blocks.
 */

import { isFiber } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import type { PlaceEnd } from '../../machine/index.ts'
import { Arena, Extents, Heart, READ, WRITE, Window } from '../../roles/index.ts'
import type { AnyService, Caller, CopyCounter, Environment, Implementation, Operation, Role } from '../../roles/index.ts'
import { Area, FarPipe, FarRing, PAGES_BYTES_MAX, Say, TOO_LONG, targetsOf } from '../../gates/index.ts'
import type { FarChannel, FrameReader, PlacedDomain, PlacedService, Target } from '../../gates/index.ts'
import { Request, neighbourStubs } from './neighbour.ts'
import { ServedCall } from './served-call.ts'
import type { GrantedWindow } from './served-call.ts'

const GRANT_BYTES_MAX = 2 ** 32

/** A role that is called from outside. */
interface Entry {
  readonly operations: readonly Operation[]
  readonly targets: readonly Target[]
}

/** Runs the services of a domain until nobody needs it any more: the thread is its own. `services`: those that a plan can name. */
export function runDomain (domain: PlacedDomain, end: PlaceEnd, services: ReadonlyMap<string, AnyService>): void {
  new PlaceRuntime(domain, end).run(services)
}

export class PlaceRuntime {
  readonly #domain: PlacedDomain
  readonly #end: PlaceEnd
  readonly #channel: FarChannel
  readonly #arena: Arena
  readonly #grants: Arena
  readonly #caller: Caller = { principal: 0, immediate: 0, memory: null }
  readonly #counter: CopyCounter = { bytesCopied: 0 }
  readonly #entries: Entry[] = []
  /** Calls that are served, by number. */
  readonly #calls = new Map<number, ServedCall>()
  readonly #requests = new Map<number, Request>()
  #nextRequest = 1
  /** Calls that can go on, in order. */
  #ready: ServedCall[] = []
  #current: ServedCall | null = null

  constructor (domain: PlacedDomain, end: PlaceEnd) {
    this.#domain = domain
    this.#end = end
    const { name, arenaBytesMax: sizeBytesMax } = domain
    this.#channel = domain.channel === null ? new FarPipe(end.send, end.receive) : new FarRing(domain.channel, domain.bell!, end.nowNs)
    this.#arena = domain.arena === null ? new Arena({ name, sizeBytesMax }) : Arena.inShared({ name, sizeBytesMax }, domain.arena)
    this.#grants = domain.grants === null ? new Arena({ name: `grants of ${name}`, sizeBytesMax: GRANT_BYTES_MAX }) : Arena.ofShared(`grants of ${name}`, domain.grants)
  }

  run (services: ReadonlyMap<string, AnyService>): void {
    try {
      this.#start(services)
      this.#say(Say.READY)
      while (this.#channel.wait()) this.#turn()
    } catch (error) {
      this.#channel.out.begin()
      this.#channel.out.putNumber(Say.FAULT)
      this.#channel.out.putString(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
      this.#channel.send()
      this.#channel.flush()
    }
    this.#end.exit()
  }

  /** Takes what has come and runs what can run, until there is neither. */
  #turn (): void {
    for (;;) {
      for (let frame = this.#channel.receive(); frame !== null; frame = this.#channel.receive()) this.#take(frame)
      const ready = this.#ready
      if (ready.length === 0) return
      this.#ready = []
      for (const call of ready) this.#step(call)
    }
  }

  // ---- services

  #start (services: ReadonlyMap<string, AnyService>): void {
    const provided = new Map<string, Readonly<Record<string, Implementation>>>()
    const late: (() => void)[] = []
    for (const placed of this.#domain.services) {
      const definition = services.get(placed.service)
      if (definition === undefined) throw new TypeError(`there is no service '${placed.service}' here`)
      provided.set(placed.instance, definition.start(this.#environment(placed, definition, provided, late) as never))
    }
    for (const connect of late) connect()
    for (const { instance, role } of this.#domain.entries) {
      if (instance === null) {
        this.#entries.push({ operations: Object.values(Heart.operations), targets: [() => 0] })
        continue
      }
      const { service } = this.#domain.services.find(placed => placed.instance === instance)!
      const [name, filled] = Object.entries(services.get(service)!.provides).find(([, candidate]) => candidate.name === role)!
      this.#entries.push({ operations: Object.values(filled.operations), targets: targetsOf(filled, provided.get(instance)![name]!).map(target => target.bind(provided.get(instance)![name]!)) })
    }
  }

  #environment (placed: PlacedService, definition: AnyService, provided: ReadonlyMap<string, Readonly<Record<string, Implementation>>>, late: (() => void)[]): Environment {
    const requires: Record<string, unknown> = {}
    for (const [name, requirement] of Object.entries(definition.requires)) {
      const connections = placed.requires[name] ?? []
      const connect = ({ sibling, neighbour }: typeof connections[number]): Implementation =>
        sibling === null ? neighbourStubs(this, requirement.role, neighbour) : this.#sibling(requirement.role, sibling, provided, late)
      if (requirement.many) requires[name] = new Map(connections.map(connection => [connection.route!, connect(connection)]))
      else requires[name] = connections[0] === undefined ? undefined : connect(connections[0])
    }
    return {
      requires: requires as never, arena: this.#arena, caller: this.#caller, counter: this.#counter,
      devices: { entropy: { fill: (bytes: Uint8Array) => { this.#fill(bytes) } } },
      options: { ...definition.options as object, ...placed.options },
      // Nobody on the other side could be told: a system with such a domain is not saved.
      keep: () => {}
    }
  }

  /** A service of the same domain: itself, or where it starts later, what leads to it. */
  #sibling (role: Role, instance: string, provided: ReadonlyMap<string, Readonly<Record<string, Implementation>>>, late: (() => void)[]): Implementation {
    const find = (): Implementation => {
      const implementations = Object.values(provided.get(instance)!)
      return implementations.find(candidate => Object.keys(role.operations).every(name => candidate[name] !== undefined))!
    }
    if (provided.has(instance)) return find()
    const stubs: Record<string, unknown> = {}
    late.push(() => {
      const provider = find()
      for (const name of Object.keys(role.operations)) stubs[name] = provider[name]!.bind(provider)
    })
    return stubs as Implementation
  }

  /** The host fills no memory that is shared. */
  #fill (bytes: Uint8Array): void {
    const filled = new Uint8Array(bytes.length)
    this.#end.entropy(filled)
    bytes.set(filled)
  }

  // ---- what comes

  #take (frame: FrameReader): void {
    switch (frame.takeNumber()) {
      case Say.CALL: return this.#call(frame)
      case Say.REPLY: return this.#reply(frame)
      case Say.CANCEL: return this.#calls.get(frame.takeNumber())?.cancel()
      case Say.PAGES: return this.#pages(frame)
    }
  }

  #call (frame: FrameReader): void {
    const id = frame.takeNumber()
    const { operations, targets } = this.#entries[frame.takeNumber()]!
    const index = frame.takeNumber()
    const operation = operations[index]!
    const principal = frame.takeNumber()
    const immediate = frame.takeNumber()
    const granted: GrantedWindow[] = []
    const args = operation.parameters.map(({ kind: { kind } }) => kind === 'window-in' || kind === 'window-out' ? this.#window(frame, kind === 'window-in' ? READ : WRITE, granted) : frame.take(kind))
    const call = new ServedCall(this, id, operation, targets[index]!, args, principal, immediate, granted)
    this.#calls.set(id, call)
    this.#ready.push(call)
  }

  #window (frame: FrameReader, access: number, granted: GrantedWindow[]): Window {
    const id = frame.takeNumber()
    const address = frame.takeNumber()
    const length = frame.takeNumber()
    if (this.#domain.grants === null) this.#grants.cover(address + length)
    const window = Window.of(this.#grants, address, length, access, this.#counter)!
    const written = new Extents(() => {
      const { out } = this.#channel
      this.#sendPagesOf(granted)
      out.begin()
      out.putNumber(Say.WRITTEN)
      this.#putWritten(granted)
      this.#channel.send()
    })
    if (access === WRITE) window.watch(written)
    granted.push({ id, address, length, window, written })
    return window
  }

  #reply (frame: FrameReader): void {
    const id = frame.takeNumber()
    const request = this.#requests.get(id)
    // One that nobody waits for any more.
    if (request === undefined) return
    this.#requests.delete(id)
    request.answer(frame.takeResult(request.operation.result))
  }

  #pages (frame: FrameReader): void {
    const arena = frame.takeNumber() === Area.ARENA ? this.#arena : this.#grants
    const at = frame.takeNumber()
    arena.cover(at + 8 * frame.length)
    frame.takeBytes(arena.bytes, at, PAGES_BYTES_MAX)
  }

  // ---- what runs

  makeReady (call: ServedCall): void {
    this.#ready.push(call)
  }

  /** Runs a call until it waits or is done, as who made it. */
  #step (call: ServedCall): void {
    const caller = this.#caller
    caller.principal = call.principal
    caller.immediate = call.immediate
    this.#current = call
    try {
      if (call.cancelled) {
        call.fiber?.return(undefined)
        this.#done(call, -1)
        return
      }
      if (call.fiber === null) {
        const value = call.target(...call.args)
        if (!(typeof value === 'object' && isFiber(value as Eventual<unknown>))) {
          this.#done(call, value)
          return
        }
        call.fiber = value as Fiber<unknown>
      }
      const step = call.fiber.next(call.woken!)
      if (step.done) this.#done(call, step.value)
      else if (call.cancelled) this.makeReady(call)
      else call.wait(step.value)
    } finally {
      this.#current = null
      caller.principal = 0
      caller.immediate = 0
    }
  }

  #done (call: ServedCall, result: unknown): void {
    const { out } = this.#channel
    this.#calls.delete(call.id)
    for (const { window } of call.granted) window.revoke()
    this.#sendPagesOf(call.granted)
    const begin = (): void => {
      out.begin()
      out.putNumber(Say.DONE)
      out.putNumber(call.id)
      out.putNumber(this.#counter.bytesCopied)
    }
    begin()
    if (!this.#putWritten(call.granted) || !out.putResult(call.operation.result, call.cancelled ? -1 : result)) {
      begin()
      out.putNumber(0)
      out.putNumber(TOO_LONG)
    }
    this.#counter.bytesCopied = 0
    this.#channel.send()
    this.#channel.flush()
  }

  /** Tells what of the grants was written since it was last told. */
  #putWritten (granted: readonly GrantedWindow[]): boolean {
    const { out } = this.#channel
    let ranges = 0
    for (const { written } of granted) ranges += written.ranges.length / 2
    if (!out.putNumber(ranges)) return false
    for (const { id, address, written } of granted) {
      for (let at = 0; at < written.ranges.length; at += 2) {
        if (!(out.putNumber(id) && out.putNumber(written.ranges[at]! - address) && out.putNumber(written.ranges[at + 1]!))) return false
      }
      written.clear()
    }
    return true
  }

  /** Where no memory is shared: sends the bytes that will be told of. */
  #sendPagesOf (granted: readonly GrantedWindow[]): void {
    if (this.#domain.grants !== null) return
    for (const { written: { ranges } } of granted) {
      for (let at = 0; at < ranges.length; at += 2) this.#sendPages(Area.GRANTS, this.#grants, ranges[at]!, ranges[at + 1]!)
    }
  }

  #sendPages (area: number, arena: Arena, address: number, length: number): void {
    const { out } = this.#channel
    for (let at = 0; at < length; at += PAGES_BYTES_MAX) {
      out.begin()
      for (const word of [Say.PAGES, area, address + at]) out.putNumber(word)
      out.putBytes(arena.bytes, address + at, Math.min(PAGES_BYTES_MAX, length - at))
      this.#channel.send()
    }
  }

  #say (say: number): void {
    const { out } = this.#channel
    out.begin()
    out.putNumber(say)
    this.#channel.send()
    this.#channel.flush()
  }

  // ---- what services ask of neighbours

  /** Sends a request on behalf of the call that runs now; or the error number that it comes to at once. */
  request (neighbour: number, operation: Operation, index: number, args: readonly unknown[]): Request | number {
    const { out } = this.#channel
    const call = this.#current
    this.#tellBefore(operation, args)
    const request = new Request(this, this.#nextRequest++, operation)
    out.begin()
    for (const word of [Say.REQUEST, request.id, call?.id ?? 0, neighbour, index]) out.putNumber(word)
    for (const [at, { kind: { kind } }] of operation.parameters.entries()) {
      const put = kind === 'window-in' || kind === 'window-out' ? this.#putWindow(args[at] as Window) : out.put(kind, args[at])
      if (!put) return TOO_LONG
    }
    this.#requests.set(request.id, request)
    this.#channel.send()
    this.#channel.flush()
    return request
  }

  /** What a window that is passed on covers has to be there before whoever gets it looks. */
  #tellBefore (operation: Operation, args: readonly unknown[]): void {
    for (const [at, { kind: { kind } }] of operation.parameters.entries()) {
      if (kind !== 'window-in' && kind !== 'window-out') continue
      const { arena, pieces } = (args[at] as Window).where()
      if (arena === this.#grants) {
        const { granted } = this.#grantOf(pieces[0]!, pieces[1]!)
        if (granted.some(({ written }) => written.ranges.length > 0)) granted[0]!.written.full()
      } else if (this.#domain.arena === null && kind === 'window-in') {
        for (let piece = 0; piece < pieces.length; piece += 2) this.#sendPages(Area.ARENA, arena, pieces[piece]!, pieces[piece + 1]!)
      }
    }
  }

  #putWindow (window: Window): boolean {
    const { out } = this.#channel
    const { arena, pieces } = window.where()
    if (arena === this.#grants) {
      const { grant } = this.#grantOf(pieces[0]!, pieces[1]!)
      return out.putNumber(grant.id) && out.putNumber(1) && out.putNumber(pieces[0]! - grant.address) && out.putNumber(pieces[1]!)
    }
    return out.putNumber(0) && out.putNumber(pieces.length / 2) && pieces.every(word => out.putNumber(word))
  }

  /** The grant that bytes of the grant pages belong to, and those of the same call. */
  #grantOf (at: number, length: number): { readonly grant: GrantedWindow, readonly granted: readonly GrantedWindow[] } {
    const calls = this.#current === null ? this.#calls.values() : [this.#current, ...this.#calls.values()]
    for (const { granted } of calls) {
      const grant = granted.find(({ address, length: size }) => at >= address && at + length <= address + size)
      if (grant !== undefined) return { grant, granted }
    }
    throw new TypeError('a window of a call that has ended')
  }

  /** Nobody waits for a request any more. */
  forget (request: Request): void {
    if (!this.#requests.delete(request.id)) return
    const { out } = this.#channel
    out.begin()
    out.putNumber(Say.CANCEL)
    out.putNumber(request.id)
    this.#channel.send()
    this.#channel.flush()
  }

  /** What a request comes to that never waits: this thread stands still until then. What else comes is put by. */
  answerNow (request: Request): unknown {
    while (!request.answered) {
      if (!this.#channel.wait()) this.#end.exit()
      const frame = this.#channel.receive()
      if (frame !== null) this.#take(frame)
    }
    return request.result
  }
}
