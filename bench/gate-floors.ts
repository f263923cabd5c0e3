/**
 * The floors of the gates: the bare mechanism that each cannot do without, by hand, and nothing else. No faults, no capabilities
 * of other kinds, no arguments that are not numbers, no domain that dies, no counters but the one that says it was called.
 *
 * Each gives a function that makes one call and returns what the callee returned. As a gate does, each has served several
 * operations before it is measured: the engine cannot put one of them in the place of the call.
 */

/** An operation, as a floor calls it. */
type Operation = (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number) => number

export interface Floor {
  readonly contains: string
  readonly call: (x: number) => number
}

/** Operations that a floor has served too. */
const others: readonly Operation[] = [
  a => a + 1, (a, b) => a - b, (a, b, c) => a * b + c, (a, _b, _c, d) => d - a, (a, _b, _c, _d, _e, f, _g, h) => a + f * h
]
const servedBefore = 20_000

/** Has a floor serve other operations. */
function serveOthers (serve: (operation: Operation, x: number) => unknown): void {
  for (let at = 0; at < servedBefore; at++) serve(others[at % others.length]!, at & 15)
}

const wordBytes = 8
const words = 8
const bufferBytes = 4096

interface Caller {
  principal: number
  immediate: number
  memory: Uint8Array | null
}

/** A slot looked up and checked, the caller register set and put back, the operation called through a table. */
export function trapFloor (operation: Operation): Floor {
  const operations = [operation, ...others]
  interface Capability { readonly kind: string, readonly badge: number, valid: boolean, readonly table: readonly Operation[] }
  const slots: (Capability | null)[] = [null, { kind: 'other', badge: 0, valid: true, table: [] }, { kind: 'entry', badge: 1, valid: true, table: operations }]
  const caller: Caller = { principal: 0, immediate: 0, memory: null }
  const memory = new Uint8Array(bufferBytes)
  let calls = 0
  const trap = (slot: number, operation: number, a: number): number => {
    calls++
    const capability = slots[slot]
    if (capability === null || capability === undefined || capability.kind !== 'entry' || !capability.valid) return -1
    const { principal, immediate, memory: before } = caller
    caller.principal = 1
    caller.immediate = capability.badge
    caller.memory = memory
    const result = capability.table[operation]!(a, 0, 0, 0, 0, 0, 0, 0)
    caller.principal = principal
    caller.immediate = immediate
    caller.memory = before
    return calls < 0 ? 0 : result
  }
  serveOthers((other, x) => trap(2, 1 + others.indexOf(other), x))
  return { contains: 'a slot looked up and its kind checked, the caller register set and put back, a call through a table', call: x => trap(2, 0, x) }
}

/** The callee's message buffer, and the register that says which address space is current. */
class Rendezvous {
  readonly #buffer = new DataView(new ArrayBuffer(bufferBytes))
  readonly #caller: Caller = { principal: 0, immediate: 0, memory: null }
  space = 0

  send (a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number, operation: Operation): number {
    const buffer = this.#buffer
    const at = 0
    buffer.setFloat64(at, a, true)
    buffer.setFloat64(at + wordBytes, b, true)
    buffer.setFloat64(at + 2 * wordBytes, c, true)
    buffer.setFloat64(at + 3 * wordBytes, d, true)
    buffer.setFloat64(at + 4 * wordBytes, e, true)
    buffer.setFloat64(at + 5 * wordBytes, f, true)
    buffer.setFloat64(at + 6 * wordBytes, g, true)
    buffer.setFloat64(at + 7 * wordBytes, h, true)
    const from = this.#enter()
    const result = operation(
      buffer.getFloat64(at, true), buffer.getFloat64(at + wordBytes, true), buffer.getFloat64(at + 2 * wordBytes, true),
      buffer.getFloat64(at + 3 * wordBytes, true), buffer.getFloat64(at + 4 * wordBytes, true), buffer.getFloat64(at + 5 * wordBytes, true),
      buffer.getFloat64(at + 6 * wordBytes, true), buffer.getFloat64(at + 7 * wordBytes, true))
    return this.#reply(result, from)
  }

  /** One word, and what is granted with it. */
  sendOne (a: number, operation: Operation): number {
    this.#buffer.setFloat64(0, a, true)
    const from = this.#enter()
    return this.#reply(operation(this.#buffer.getFloat64(0, true), 0, 0, 0, 0, 0, 0, 0), from)
  }

  /** One word, copied into the buffer and out of it. */
  pass (word: number): number {
    this.#buffer.setFloat64(0, word, true)
    return this.#buffer.getFloat64(0, true)
  }

  /** A step of a call that waits, in the callee's space and as its caller. */
  step (fiber: Generator<null, number, undefined>): IteratorResult<null, number> {
    const from = this.#enter()
    const result = fiber.next()
    this.#leave(from)
    return result
  }

  #enter (): number {
    const from = this.space
    this.space = 1
    this.#caller.principal = 1
    this.#caller.immediate = 1
    return from
  }

  #leave (from: number): void {
    this.space = from
    this.#caller.principal = 0
    this.#caller.immediate = 0
  }

  #reply (result: number, from: number): number {
    this.#buffer.setFloat64(0, result, true)
    this.#leave(from)
    return this.#buffer.getFloat64(0, true)
  }
}

/** Of a callee that the caller's own thread enters: eight words copied into the callee's message buffer and out of it, the space switched there and back, one word of reply. */
export function rpcFloor (operation: Operation): Floor {
  const rendezvous = new Rendezvous()
  serveOthers((other, x) => rendezvous.send(x, 2, 3, 4, 5, 6, 7, 8, other))
  return {
    contains: `${words} words copied into the callee's message buffer and out of it, the address space and the caller register switched there and back, a word of reply`,
    call: x => rendezvous.send(x, 2, 3, 4, 5, 6, 7, 8, operation)
  }
}

/** The same between two threads of control: the callee is a fiber of its own that waits for messages and answers them. */
export function rendezvousFloor (operation: Operation): Floor {
  const send = fiberServer()
  serveOthers((other, x) => send(x, other))
  return {
    contains: `${words} words copied into the callee's message buffer and out of it, a switch to the callee's fiber and back, a word of reply`,
    call: x => send(x, operation)
  }
}

/** A callee with a fiber and a message buffer: sends it a word and seven that are always the same, and gives its reply. */
function fiberServer (): (x: number, operation: Operation) => number {
  const buffer = new DataView(new ArrayBuffer(bufferBytes))
  let space = 0
  let operationNow: Operation = a => a
  function * serve (): Generator<undefined, never, undefined> {
    const word = (at: number): number => buffer.getFloat64(at * wordBytes, true)
    for (;;) {
      buffer.setFloat64(0, operationNow(word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7)), true)
      yield undefined
    }
  }
  const server = serve()
  return (x, served) => {
    operationNow = served
    buffer.setFloat64(0, x, true)
    for (let at = 1; at < words; at++) buffer.setFloat64(at * wordBytes, at + 1, true)
    const from = space
    space = 1
    server.next()
    space = from
    return buffer.getFloat64(0, true)
  }
}

/** A message, and a window on the caller's memory that holds for it alone. */
export function grantFloor (length: number): Floor {
  class Grant {
    readonly bytes: Uint8Array
    readonly address: number
    readonly length: number
    readonly rights: number
    valid = true

    constructor (bytes: Uint8Array, address: number, length: number, rights: number) {
      this.bytes = bytes
      this.address = address
      this.length = length
      this.rights = rights
    }
  }
  const send = fiberServer()
  const memory = new Uint8Array(2 * length)
  const own = new Grant(memory, 0, length, 3)
  let granted: Grant = own
  serveOthers((other, x) => send(x, other))
  const operation: Operation = a => granted.valid ? a + granted.length : -1
  return {
    contains: 'a message as for rpc, a window derived from the caller\'s with fewer rights, and revoked after the reply',
    call: x => {
      if (!own.valid || (own.rights & 2) === 0 || own.address + own.length > own.bytes.length) return -1
      granted = new Grant(own.bytes, own.address, own.length, 2)
      const result = send(x, operation)
      granted.valid = false
      return result
    }
  }
}

/**
 * A caller finds the callee's only thread busy with a call that waits, stands in line, is woken, and is served.
 *
 * Two calls are measured, and both are calls: the word of the one that waits crosses too, with its reply, and its callee is entered
 * for each of its steps. (Until then it was a generator beside any domain: what waits there has called nobody.)
 */
export function queueingFloor (operation: Operation): Floor {
  const rendezvous = new Rendezvous()
  serveOthers((other, x) => rendezvous.sendOne(x, other))
  const line: (() => void)[] = []
  let busy = false
  function * hold (x: number): Generator<null, number, undefined> {
    busy = true
    yield null
    busy = false
    line.shift()?.()
    return x
  }
  function * queued (x: number): Generator<null, number, undefined> {
    while (busy) yield null
    busy = true
    const result = rendezvous.sendOne(x, operation)
    busy = false
    return result
  }
  let woken = false
  const wake = (): void => { woken = true }
  return {
    contains: 'two generators and a list: one call\'s word is copied into a message buffer and out of it, its callee entered, it holds the thread and waits; the other ' +
      'finds that busy, enters the list and waits; the callee is entered again, the first ends, wakes it and has its reply; the word of the other is copied and its callee entered',
    call: x => {
      woken = false
      const first = hold(rendezvous.pass(x))
      rendezvous.step(first)
      const second = queued(x)
      second.next()
      line.push(wake)
      const { value } = rendezvous.step(first)
      const reply = rendezvous.pass(value!)
      return woken ? second.next().value! + reply : -1
    }
  }
}
