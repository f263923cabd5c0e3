/** Faults of devices: errors, lies and losses of what a service drives, for some accesses or from then on. */

import { Errno } from '../../fiber/index.ts'
import type { Aim, Effect } from './effects.ts'
import type { Site } from './interposer.ts'

const some = 8

function at (device: string, ...operations: readonly string[]): (site: Site) => boolean {
  return ({ of, operation }) => of === device && operations.includes(operation)
}

function aim (variant: string, fits: Aim['fits'], act: Effect, lasting = 0): Aim {
  return { site: 'device', variant, fits, act, lasting }
}

/** Moves only a part of the bytes; the length is the last argument. */
const short: Effect = (call, args, _site, { random }) => {
  const length = args.at(-1) as number
  return call(...args.slice(0, -1), length > 1 ? 1 + random.below(length - 1) : length)
}

/** The bytes of a transfer on their way to the device: not the caller's, which it may still need. */
const garbledOut: Effect = (call, args, _site, { random }) => {
  const [at, length] = [args.at(-2) as number, args.at(-1) as number]
  const place = args.findIndex(argument => argument instanceof Uint8Array)
  const bytes = (args[place] as Uint8Array).slice()
  if (length > 0) bytes[at + random.below(length)]! ^= 1 << random.below(8)
  return call(...args.map((argument, index) => index === place ? bytes : argument))
}

/** The bytes that come from a device. */
const garbledIn: Effect = (call, args, _site, { random }) => {
  const moved = call(...args)
  const bytes = args.find(argument => argument instanceof Uint8Array) as Uint8Array
  if (typeof moved === 'number' && moved > 0) bytes[(args.at(-2) as number) + random.below(moved)]! ^= 1 << random.below(8)
  return moved
}

const clock = at('clock', 'monotonicNs', 'realtimeNs')
const consoleOut = at('console', 'write')

export const deviceAims: readonly Aim[] = [
  aim('the terminal fails', consoleOut, () => -Errno.EIO, some),
  aim('the terminal takes nothing', consoleOut, () => -Errno.EAGAIN, some),
  aim('the terminal loses what it took', consoleOut, (_call, args) => args.at(-1)),
  aim('the terminal takes less', consoleOut, short, some),
  aim('the terminal garbles', consoleOut, garbledOut),
  aim('the random source fails', at('entropy', 'fill'), () => { throw new Error('the random source does not answer') }),
  aim('the random source gives zeros', at('entropy', 'fill'), (_call, args) => { (args[0] as Uint8Array).fill(0) }, some),
  aim('the random source gives nothing', at('entropy', 'fill'), () => undefined, some),
  aim('the clock stands still', clock, lasting(value => value), some),
  aim('the clock jumps back', clock, (call, args) => Math.max(0, call(...args) as number - 1e6)),
  aim('the clock jumps ahead', clock, (call, args) => call(...args) as number + 10e6),
  aim('the timer stays silent', at('timer', 'arm'), () => undefined),
  aim('the timer comes early', at('timer', 'arm'), (call, _args, _site, { nowNs }) => call(nowNs)),
  aim('the timer comes late', at('timer', 'arm'), (call, args) => call(args[0] as number + 2e6)),
  aim('the disk fails', at('folders', 'read', 'write', 'open', 'find', 'attributes', 'sync'), () => -Errno.EIO),
  aim('the disk moves less', at('folders', 'read', 'write'), short, some),
  aim('the disk garbles what is read', at('folders', 'read'), garbledIn),
  aim('the disk garbles what is written', at('folders', 'write'), garbledOut),
  aim('the disk loses what is written', at('folders', 'write'), (_call, args) => args.at(-1))
]

/** Gives what it gave first, made into something. */
function lasting (from: (value: number) => number): Effect {
  const kept = new WeakMap<object, number>()
  return (call, args, _site, world) => {
    let value = kept.get(world)
    if (value === undefined) kept.set(world, value = from(call(...args) as number))
    return value
  }
}
