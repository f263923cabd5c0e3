/**
 * What each kind of fault does at the call that it was aimed at.
 *
 * An aim is a kind of site, which calls there fit, and the effect, which takes the call's place. A lasting one acts at every
 * call that fits from then on. Whether something is undone when an exception goes through a service is up to what the
 * service does with it: `stop` is the exception without any unwinding, as in a language that has none: the fiber is left
 * where it stands, and what it holds it holds.
 */

import { WaitQueue, giveWay, isFiber, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber, Wait } from '../../fiber/index.ts'
import { wildWrite } from '../../link/index.ts'
import type { FaultKind } from './fault.ts'
import type { Site, SiteKind, Target } from './interposer.ts'
import { OVERFLOW_BYTES_MAX, WILD_BYTES_MAX } from './limits.ts'
import { deviceAims } from './device-faults.ts'
import type { World } from './world.ts'
import { garble, writable, wrongArguments, wrongResult } from './wrong-values.ts'

export type Effect = (call: Target, args: unknown[], site: Site, world: World) => unknown

export interface Aim {
  readonly site: SiteKind
  readonly variant: string
  readonly fits: (site: Site) => boolean
  readonly act: Effect
  /** How many more of the calls that fit it acts at. Default none. */
  readonly lasting?: number
}

const any = (): boolean => true
const waits = ({ definition }: Site): boolean => definition?.blocks === true
const gives = ({ definition }: Site): boolean => definition?.parameters.some(({ kind }) => kind.kind === 'window-out') === true
const hasNumbers = ({ definition }: Site): boolean => definition?.parameters.some(({ kind }) => kind.kind === 'number') === true

class InjectedFault extends Error {
  override readonly name = 'InjectedFault'
}

function fail (what: string): never {
  throw new InjectedFault(what)
}

// ---- exceptions

const exceptions: readonly Aim[] = [
  { site: 'asked', variant: 'in the middle', fits: any, act: (_call, _args, { of, operation }) => fail(`in the middle of an operation, at ${of}.${operation}`) },
  { site: 'device', variant: 'at a device', fits: any, act: (_call, _args, { of, operation }) => fail(`at the device ${of}.${operation}`) },
  { site: 'served', variant: 'at the start', fits: any, act: (_call, _args, { of, operation }) => fail(`at the start of ${of}.${operation}`) },
  {
    site: 'served', variant: 'before the reply', fits: any,
    act: (call, args, { of, operation }) => ended(call(...args), () => fail(`before the reply of ${of}.${operation}`))
  },
  { site: 'served', variant: 'stopped where it waits', fits: waits, act: (call, args) => stopped(call(...args)) }
]

/** Lets an operation come to its end and does something else than return. */
function ended (value: unknown, then: (value: unknown) => unknown): unknown {
  return isFiber(value as Eventual<unknown>) ? endedLater(value as Fiber<unknown>, then) : then(value)
}

function * endedLater (fiber: Fiber<unknown>, then: (value: unknown) => unknown): Fiber<unknown> {
  return then(yield * fiber)
}

/** At its first wait, or its end: an exception that nothing in it sees. */
function stopped (value: unknown): unknown {
  if (!isFiber(value as Eventual<unknown>)) return fail('at the end of an operation')
  return stoppedLater(value as Fiber<unknown>)
}

/** No `finally` of the operation runs, then or when its caller is killed: what it holds it holds. */
function * stoppedLater (fiber: Fiber<unknown>): Fiber<unknown> {
  const step = fiber.next(undefined as never)
  if (!step.done) yield step.value
  return fail('in an operation that waited, and was left where it stood')
}

// ---- memory

const writes: readonly Aim[] = (['served', 'asked', 'device'] as const).map(site => ({
  site, variant: 'in what it can address', fits: any,
  act: (call, args, _site, world) => {
    const { label } = world.domain()
    const random = (): number => world.random.fraction()
    for (let left = 1 + world.random.below(WILD_BYTES_MAX); left > 0; left--) wildWrite(world.system, label, random)
    return call(...args)
  }
}))

const grants: readonly Aim[] = [{
  site: 'served', variant: 'in a grant that it holds', fits: gives,
  act: (call, args, site, world) => {
    for (const window of writable(args, site.definition!)) garble(window, window.length, world.random)
    return call(...args)
  }
}]

const overflows: readonly Aim[] = (['served', 'asked', 'device'] as const).map(site => ({
  site, variant: 'of its domain', fits: any,
  act: (call, args, _site, world) => {
    const { label } = world.domain()
    const { arena, address } = wildWrite(world.system, label, () => world.random.fraction())
    const length = Math.min(1 + world.random.below(OVERFLOW_BYTES_MAX), arena.sizeBytes - address)
    for (let at = 0; at < length; at++) arena.bytes[address + at] = world.random.below(256)
    return call(...args)
  }
}))

const leaks: readonly Aim[] = [{
  site: 'served', variant: 'of the whole arena', fits: any,
  act: (call, args, _site, world) => {
    const { arena } = world.domain()
    for (let size = 65536; arena !== null && size >= 16;) if (arena.allocate(size) === 0) size /= 2
    return call(...args)
  }
}]

// ---- wrong values

const results: readonly Aim[] = [{
  site: 'served', variant: 'a wrong value', fits: any,
  act: (call, args, { definition }, { random }) => ended(call(...args), value => wrongResult(value, definition!, random))
}]

const wrongAsks: readonly Aim[] = [{
  site: 'asked', variant: 'a wrong number', fits: hasNumbers,
  act: (call, args, { definition }, { random }) => call(...wrongArguments(args, definition!, random) ?? args)
}]

const garbage: readonly Aim[] = [{
  site: 'served', variant: 'of the bytes it gives', fits: gives,
  act: (call, args, { definition }, { random }) => {
    const windows = writable(args, definition!)
    return ended(call(...args), value => {
      for (const window of windows) garble(window, typeof value === 'number' && value > 0 ? value : window.length, random)
      return value
    })
  }
}]

// ---- time

/** Nobody wakes it. */
function * forEver (): Fiber<never> {
  const never = new WaitQueue('for ever')
  for (;;) yield never
}

const hangs: readonly Aim[] = [
  { site: 'served', variant: 'before it began', fits: waits, act: () => forEver() },
  { site: 'asked', variant: 'in the middle', fits: waits, act: () => forEver() }
]

const loops: readonly Aim[] = (['served', 'asked'] as const).map(site => ({
  site, variant: 'in a loop', fits: waits,
  act: (_call, _args, _site, world) => {
    // What the hardware's timer can take the processor from goes on later; nothing else ever gives it back.
    if (!world.domain().supervisor || world.system.plan.policies?.preemptible === true) return looping(world)
    world.burnForEver()
    return undefined
  }
}))

function * looping (world: World): Fiber<never> {
  const { scheduler } = world.system.plan
  for (;;) {
    world.burn(scheduler.policy === 'round-robin' ? scheduler.sliceUs * 1000 : 1e6)
    yield giveWay
  }
}

const slowness: readonly Aim[] = [{
  site: 'served', variant: 'from then on', fits: any, lasting: Infinity,
  act: (call, args, _site, world) => {
    world.burn(1000 * (1 + world.random.below(100)))
    return call(...args)
  }
}]

// ---- messages

const MESSAGE_LATE_NS_MAX = 2e6

const losses: readonly Aim[] = [
  { site: 'message', variant: 'of the request', fits: waits, act: () => forEver() },
  { site: 'message', variant: 'of the reply', fits: waits, act: (call, args) => thenForEver(call(...args)) }
]

function * thenForEver (value: unknown): Fiber<never> {
  yield * settle(value as Eventual<unknown>)
  return yield * forEver()
}

const duplicates: readonly Aim[] = [{
  site: 'message', variant: 'the second reply counts', fits: waits,
  act: (call, args) => twice(call, args, true)
}, {
  site: 'message', variant: 'the first reply counts', fits: waits,
  act: (call, args) => twice(call, args, false)
}]

function * twice (call: Target, args: unknown[], second: boolean): Fiber<unknown> {
  const first = yield * settle(call(...args) as Eventual<unknown>)
  const again = yield * settle(call(...args) as Eventual<unknown>)
  return second ? again : first
}

const delays: readonly Aim[] = [{
  site: 'message', variant: 'of the request', fits: waits,
  act: (call, args, _site, world) => late(call, args, world.after(1 + world.random.below(MESSAGE_LATE_NS_MAX)))
}]

const reorders: readonly Aim[] = [{
  site: 'message', variant: 'by who can run', fits: waits,
  act: (call, args) => late(call, args, giveWay)
}]

function * late (call: Target, args: unknown[], until: Wait): Fiber<unknown> {
  yield until
  return yield * settle(call(...args) as Eventual<unknown>)
}

/** What a fault of each kind can be. */
export const aims: Readonly<Record<FaultKind, readonly Aim[]>> = {
  exception: exceptions,
  'wild-write': [...writes, ...grants],
  overflow: overflows,
  'wrong-result': results,
  'wrong-argument': wrongAsks,
  uninitialised: garbage,
  hang: hangs,
  'busy-loop': loops,
  'slow-down': slowness,
  leak: leaks,
  'message-lost': losses,
  'message-duplicated': duplicates,
  'message-delayed': delays,
  'message-reordered': reorders,
  'device-error': deviceAims
}
