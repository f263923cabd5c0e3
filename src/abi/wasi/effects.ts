/**
 * What each call writes to its caller's memory: for who keeps what calls came to, to answer them again.
 *
 * It follows from the role's parameters, whose names are the interface's: `out` and what ends in `Out` is where a result goes, a
 * `buffer` and `iovs` take bytes, as many as a result says. More may be told than was written, since what is there after
 * the call is there either way; less may not: a program that is brought back would miss it. What of strings of unknown number
 * is written (arguments, environment) is found by comparison.
 */

import { Errno } from '../../fiber/index.ts'
import { SystemCalls } from '../../roles/index.ts'
import type { Arena, Operation } from '../../roles/index.ts'
import type { CallEffects } from '../../core/index.ts'
import { FILESTAT_BYTES } from './structures.ts'

type Effect = CallEffects['of'][number]

/** The largest structure that a call gives. */
const RESULT_BYTES = FILESTAT_BYTES
const EVENT_BYTES = 32
const IOVEC_BYTES = 8

/** Calls whose strings are as many as there are. */
const unknown: ReadonlySet<string> = new Set(['args_get', 'environ_get'])

/** Where bytes go: the parameters of address and length; and of where it says how many there are, if it says. */
const buffers: Readonly<Record<string, readonly [at: string, length: string, count: string | null]>> = {
  fd_readdir: ['buffer', 'length', 'out'],
  fd_prestat_dir_name: ['path', 'length', null],
  path_readlink: ['buffer', 'bufferLength', 'out'],
  getcwd: ['buffer', 'length', 'out'],
  random_get: ['buffer', 'length', null]
}

/** Where bytes go by a vector of buffers, and where it says how many there are. */
const vectors: Readonly<Record<string, string>> = { fd_read: 'out', fd_pread: 'out', sock_recv: 'sizeOut' }

export const callEffects: CallEffects = {
  of: Object.entries(SystemCalls.operations as Readonly<Record<string, Operation>>).map(([name, operation]) => unknown.has(name) ? null : effectOf(name, operation))
}

function effectOf (name: string, { parameters }: Operation): Effect {
  const places = parameters.map(({ name }) => name)
  const results = places.flatMap((place, index) => /^out$|Out$/.test(place) ? [index] : [])
  const buffer = buffers[name]?.map(each => each === null ? -1 : places.indexOf(each))
  const vector = vectors[name] === undefined ? null : [places.indexOf('iovs'), places.indexOf('count'), places.indexOf(vectors[name])]
  const events = name === 'poll_oneoff' ? [places.indexOf('events'), places.indexOf('out')] : null
  return (memory, args, result) => {
    const regions: number[] = []
    const add = (at: number, length: number): void => {
      const most = Math.min(length, memory.sizeBytes - at)
      if (most > 0) regions.push(at, most)
    }
    const word = (index: number): number => at32(memory, args[index]! >>> 0)
    // What went wrong for want of room may have been told of.
    for (const index of results) add(args[index]! >>> 0, RESULT_BYTES)
    if (result !== Errno.SUCCESS) return regions
    if (buffer !== undefined) {
      const length = args[buffer[1]!]! >>> 0
      add(args[buffer[0]!]! >>> 0, buffer[2]! < 0 ? length : Math.min(length, word(buffer[2]!)))
    }
    if (vector !== null) addVector(memory, args[vector[0]!]! >>> 0, args[vector[1]!]! >>> 0, word(vector[2]!), add)
    if (events !== null) add(args[events[0]!]! >>> 0, word(events[1]!) * EVENT_BYTES)
    return regions
  }
}

/** As many bytes as were moved, over the buffers in their order. */
function addVector (memory: Arena, iovs: number, count: number, moved: number, add: (at: number, length: number) => void): void {
  let left = moved
  for (let i = 0; i < count && left > 0; i++) {
    const length = Math.min(left, at32(memory, iovs + IOVEC_BYTES * i + 4))
    add(at32(memory, iovs + IOVEC_BYTES * i), length)
    left -= length
  }
}

function at32 (memory: Arena, at: number): number {
  return at + 4 <= memory.sizeBytes ? memory.view.getUint32(at, true) : 0
}
