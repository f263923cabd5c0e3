/** `args_*` and `environ_*`: arguments and environment, each a vector of pointers and a buffer of NUL-terminated strings. */

import { Errno, settle, utf8Length } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import type { Arena } from '../../roles/index.ts'
import { inside, put32, putString } from './memory.ts'
import { begin } from './personality.ts'
import type { Calls, Personality } from './personality.ts'

type Texts = readonly string[] | number

export function argumentCalls (personality: Personality): Calls<'args_get' | 'args_sizes_get' | 'environ_get' | 'environ_sizes_get'> {
  const { caller, requires } = personality

  function * sizes (memory: Arena | null, asked: () => Eventual<Texts>, countOut: number, sizeOut: number): Fiber<number> {
    if (memory === null || !inside(memory, countOut, 4) || !inside(memory, sizeOut, 4)) return Errno.EFAULT
    const texts = yield * settle(asked())
    if (typeof texts === 'number') return -texts
    put32(memory.view, countOut, texts.length)
    put32(memory.view, sizeOut, bytesOf(texts))
    return Errno.SUCCESS
  }

  function * strings (memory: Arena | null, asked: () => Eventual<Texts>, vector: number, buffer: number): Fiber<number> {
    if (memory === null) return Errno.EFAULT
    const texts = yield * settle(asked())
    if (typeof texts === 'number') return -texts
    if (!inside(memory, vector, texts.length * 4) || !inside(memory, buffer, bytesOf(texts))) return Errno.EFAULT
    let at = buffer
    for (let i = 0; i < texts.length; i++) {
      put32(memory.view, vector + 4 * i, at)
      at += putString(memory, at, Infinity, texts[i]!, personality.counter)
      memory.bytes[at++] = 0
    }
    return Errno.SUCCESS
  }

  const args = (): Eventual<Texts> => requires.processes.args()
  const env = (): Eventual<Texts> => requires.processes.env()
  return {
    args_get: (argv, buffer) => begin(strings(caller.memory, args, argv >>> 0, buffer >>> 0)),
    args_sizes_get: (countOut, sizeOut) => begin(sizes(caller.memory, args, countOut >>> 0, sizeOut >>> 0)),
    environ_get: (environ, buffer) => begin(strings(caller.memory, env, environ >>> 0, buffer >>> 0)),
    environ_sizes_get: (countOut, sizeOut) => begin(sizes(caller.memory, env, countOut >>> 0, sizeOut >>> 0))
  }
}

/** Bytes of the strings with a NUL after each. */
function bytesOf (texts: readonly string[]): number {
  let size = 0
  for (const text of texts) size += utf8Length(text) + 1
  return size
}
