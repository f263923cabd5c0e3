/** Values that a server may answer with, and that are not what its role says: each made anew, since some are used up. */

import { WaitQueue } from '../../fiber/index.ts'

export interface Exotic {
  readonly what: string
  readonly value: unknown
}

const thrower = (what: string): never => { throw new Error(`${what} was looked at`) }

/** Throws at whatever is done with it. */
function proxy (target: object = () => {}): object {
  const trap = (): never => thrower('a proxy')
  return new Proxy(target, {
    get: trap, set: trap, has: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap, apply: trap, construct: trap, deleteProperty: trap,
    defineProperty: trap, isExtensible: trap, preventExtensions: trap, setPrototypeOf: trap
  })
}

function revoked (): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

export const exoticValues = (): readonly Exotic[] => [
  ...[undefined, null, true, 'text', '8', 8n, NaN, Infinity, -Infinity, 0.5, -0, 2 ** 60, -1e9, -0.5].map(value => ({ what: typeof value === 'bigint' ? '8n' : String(value), value })),
  { what: 'a symbol', value: Symbol('s') },
  { what: 'an object', value: {} },
  { what: 'a list', value: [8] },
  { what: 'a function', value: () => 8 },
  { what: 'a number object', value: new Number(8) },
  { what: 'a thenable', value: { then: (resolve: (n: number) => void) => { resolve(8) } } },
  { what: 'a promise', value: Promise.resolve(8) },
  { what: 'an object that is a number when asked', value: { valueOf: () => 8, [Symbol.toPrimitive]: () => thrower('a primitive') } },
  { what: 'an object whose next throws', value: { get next () { return thrower('next') } } },
  { what: 'a proxy that throws', value: proxy({}) },
  { what: 'a revoked proxy', value: revoked() },
  { what: 'an object without a prototype', value: Object.create(null) as object }
]

const fields = {
  inode: 2, type: 4, links: 1, size: 4, accessSec: 0, accessNsec: 0, modifySec: 0, modifyNsec: 0, changeSec: 0, changeNsec: 0
}

export const exoticRecords = (): readonly Exotic[] => [
  { what: 'a record that throws at its first field', value: { ...fields, get inode () { return thrower('inode') } } },
  { what: 'a record that throws at its last field', value: Object.defineProperty({ ...fields }, 'changeNsec', { get: () => thrower('changeNsec'), enumerable: true }) },
  { what: 'a record that throws when it is spread', value: twice({ ...fields }) },
  { what: 'a record with a field missing', value: { inode: 2, type: 4 } },
  { what: 'a record of strings', value: Object.fromEntries(Object.keys(fields).map(name => [name, 'x'])) },
  { what: 'a record with a field too many', value: { ...fields, more: 1 } },
  { what: 'a record in another order', value: Object.fromEntries(Object.entries(fields).toReversed()) },
  { what: 'a record of NaN', value: Object.fromEntries(Object.keys(fields).map(name => [name, NaN])) },
  { what: 'a record of huge numbers', value: Object.fromEntries(Object.keys(fields).map(name => [name, 1e300])) },
  { what: 'a record of negative numbers', value: Object.fromEntries(Object.keys(fields).map(name => [name, -1])) },
  { what: 'a record from its prototype', value: Object.create(fields) as object },
  { what: 'a proxy of a record', value: new Proxy({ ...fields }, { ownKeys: () => thrower('keys') }) },
  { what: 'a proxy that throws', value: proxy({}) },
  { what: 'a revoked proxy', value: revoked() },
  { what: 'a record whose numbers are others each time', value: counting({ ...fields }) },
  { what: 'a record whose numbers are none the second time', value: counting({ ...fields }, 'none') },
  { what: 'null', value: null },
  { what: 'a positive number', value: 5 },
  { what: 'a record that is a fiber', value: { ...fields, next: () => ({ done: true, value: fields }) } }
]

/** Getters that give a number the first time, and another from then on. */
function counting (record: Record<string, number>, then: unknown = 1e9): object {
  for (const [name, first] of Object.entries(record)) {
    let looks = 0
    Object.defineProperty(record, name, { enumerable: true, get: () => looks++ === 0 ? first : then })
  }
  return record
}

/** A getter that gives its number the first time, and throws from then on. */
function twice (record: Record<string, number>): object {
  let looks = 0
  const first = record['inode']!
  return Object.defineProperty(record, 'inode', { enumerable: true, get: () => looks++ === 0 ? first : thrower('inode, again,') })
}

export const exoticErrors = (): readonly Exotic[] => [
  ...[undefined, null, 0, 8, '', 'text', 8n].map(value => ({ what: typeof value === 'bigint' ? '8n' : JSON.stringify(value) ?? 'undefined', value })),
  { what: 'a symbol', value: Symbol('s') },
  { what: 'a function', value: () => 8 },
  { what: 'an object without a prototype', value: Object.create(null) as object },
  { what: 'an error whose message throws', value: Object.defineProperty(new Error('x'), 'message', { get: () => thrower('message') }) },
  { what: 'an error whose name throws', value: Object.defineProperty(new Error('x'), 'name', { get: () => thrower('name') }) },
  { what: 'an error whose message is a symbol', value: Object.defineProperty(new Error('x'), 'message', { value: Symbol('s') }) },
  { what: 'an error with a message of 16 MiB', value: new Error('x'.repeat(16 * 2 ** 20)) },
  { what: 'an object whose text throws', value: { toString: () => thrower('text'), [Symbol.toPrimitive]: () => thrower('a primitive') } },
  { what: 'a proxy that throws', value: proxy({}) },
  { what: 'a revoked proxy', value: revoked() },
  { what: 'a thenable', value: { get then () { return thrower('then') } } }
]

export const exoticWaits = (): readonly Exotic[] => [
  ...[undefined, null, 0, 8, 'text', 8n, true].map(value => ({ what: typeof value === 'bigint' ? '8n' : String(value), value })),
  { what: 'a symbol', value: Symbol('s') },
  { what: 'an object', value: {} },
  { what: 'no queues', value: [] },
  { what: 'a list of nothing', value: [undefined] },
  { what: 'a list with one queue and one number', value: [new WaitQueue('one'), 8] },
  { what: 'a list of a thousand million', value: Object.assign([], { length: 1e9 }) },
  { what: 'a list that throws', value: Object.defineProperty([new WaitQueue('one')], '0', { get: () => thrower('0') }) },
  { what: 'a promise', value: Promise.resolve(8) },
  { what: 'a false queue', value: { enter: () => {}, leave: () => {}, wakeAll: () => 0, wakes: 0, name: 'false' } },
  { what: 'a queue that throws', value: Object.assign(new WaitQueue('throws'), { enter: () => thrower('a queue'), leave: () => thrower('a queue') }) },
  { what: 'the same queue twice', value: (queue => [queue, queue])(new WaitQueue('same')) },
  { what: 'a proxy of a queue', value: new Proxy(new WaitQueue('proxied'), {}) },
  { what: 'a proxy that throws', value: proxy({}) },
  { what: 'a revoked proxy', value: revoked() }
]

const step = (value: unknown, done = false): IteratorResult<unknown> => ({ done, value } as IteratorResult<unknown>)

export const exoticFibers = (): readonly Exotic[] => {
  const fiber = (what: string, parts: object): Exotic => ({ what, value: { next: () => step(new WaitQueue('for ever')), return: () => step(0, true), throw: () => step(0, true), [Symbol.iterator] () { return this }, ...parts } })
  return [
    fiber('next throws', { next: () => thrower('next') }),
    fiber('next is no step', { next: () => undefined }),
    fiber('next is a number', { next: () => 8 }),
    fiber('next is a promise of a step', { next: async () => step(8, true) }),
    fiber('next is a step that throws', { next: () => ({ get done () { return thrower('done') } }) }),
    fiber('next is a step whose value throws', { next: () => ({ done: true, get value () { return thrower('value') } }) }),
    fiber('next is a frozen step', { next: () => Object.freeze(step(8, true)) }),
    fiber('next is a frozen step that waits', { next: () => Object.freeze(step(new WaitQueue('frozen'))) }),
    fiber('done is neither', { next: () => ({ done: 'no', value: 8 }) }),
    fiber('done with a fiber', { next: () => step({ next: () => step(8, true) }, true) }),
    fiber('return throws', { return: () => thrower('return') }),
    fiber('return goes on', { return: () => step(new WaitQueue('goes on')) }),
    fiber('return is no function', { return: 8 }),
    fiber('return is missing', { return: undefined }),
    fiber('only next', { return: undefined, throw: undefined, [Symbol.iterator]: undefined }),
    { what: 'a generator that yields when it is ended', value: yieldsAtEnd() },
    { what: 'a generator that has ended', value: ended() },
    { what: 'an async generator', value: (async function * () { yield new WaitQueue('async') })() }
  ]
}

function * yieldsAtEnd (): Generator<WaitQueue, number> {
  try {
    yield new WaitQueue('for ever')
  } finally {
    yield new WaitQueue('at the end')
    yield new WaitQueue('and again')
  }
  return 8
}

function ended (): Generator<WaitQueue, number> {
  const fiber = (function * () { yield new WaitQueue('never'); return 8 })()
  fiber.return(8)
  return fiber
}
