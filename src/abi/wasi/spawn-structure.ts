/**
 * The structure that `proc_spawn` takes: fourteen words, pairs of address and length unless said otherwise.
 *
 *      0  path of the program; where its length is 0, the next pair says what it is
 *      8  the program itself, its bytes
 *     16  arguments, a block of NUL-terminated strings
 *     24  environment, such a block of KEY=value; address 0: the caller's
 *     32  descriptors, address and count of 32-bit numbers: the child's i is a duplicate of the caller's fds[i], -1 is none
 *     40  working directory; length 0: the caller's
 *     48  process group, one signed word: -1 the caller's, 0 a new one, else one to join
 *     52  flags, one word: 1 no preopened directories after the descriptors
 *
 * Everything is checked and taken before anything happens.
 */

import { Errno, decodeUtf8 } from '../../fiber/index.ts'
import { ARGUMENT_BYTES_MAX, DESCRIPTORS_MAX, READ, Window } from '../../roles/index.ts'
import type { Arena, CopyCounter } from '../../roles/index.ts'
import { inside, takePath } from './memory.ts'
import type { Personality } from './personality.ts'

export const SPAWN_BYTES = 56
const BARE = 1

export interface Spawn {
  readonly path: string
  /** Bytes of a program in place of a path. */
  readonly program: Window | null
  readonly args: readonly string[]
  /** Null: the caller's. */
  readonly env: readonly string[] | null
  readonly descriptors: number[]
  /** Null: the caller's. */
  readonly directory: string | null
  readonly group: number
  /** No directories but those among the descriptors. */
  readonly bare: boolean
}

/** The structure at an address, or the errno. */
export function takeSpawn (personality: Personality, memory: Arena, at: number): Spawn | number {
  if (!inside(memory, at, SPAWN_BYTES)) return Errno.EFAULT
  const { counter } = personality
  const view = memory.view
  const word = (offset: number): number => view.getUint32(at + offset, true)
  const flags = word(52)
  if ((flags & ~BARE) !== 0) return Errno.EINVAL
  const path = takePath(memory, word(0), word(4), counter)
  if (typeof path === 'number') return path
  const program = path === '' ? Window.of(memory, word(8), word(12), READ, counter) : null
  if (path === '' && program === null) return Errno.EFAULT
  const args = takeStrings(memory, word(16), word(20), counter)
  if (typeof args === 'number') return args
  const env = word(24) === 0 ? null : takeStrings(memory, word(24), word(28), counter)
  if (typeof env === 'number') return env
  const descriptors = takeDescriptors(memory, word(32), word(36))
  if (typeof descriptors === 'number') return descriptors
  const directory = takePath(memory, word(40), word(44), counter)
  if (typeof directory === 'number') return directory
  return {
    path, program: program === null || program.length === 0 ? null : program, args, env, descriptors,
    directory: directory === '' ? null : directory, group: view.getInt32(at + 48, true), bare: flags === BARE
  }
}

/** The strings of a block, each ended by a NUL or by the end of the block; or the errno. */
function takeStrings (memory: Arena, at: number, length: number, counter: CopyCounter): string[] | number {
  const bytes = memory.bytes
  if (at + length > bytes.length) return Errno.EFAULT
  if (length > ARGUMENT_BYTES_MAX) return Errno.E2BIG
  counter.bytesCopied += length
  const texts: string[] = []
  // No more than it: the memory behind may be of any size, and without a NUL.
  const block = bytes.subarray(at, at + length)
  for (let from = 0; from < length;) {
    const nul = block.indexOf(0, from)
    const to = nul < 0 ? length : nul
    const text = decodeUtf8(block, from, to - from)
    if (text === null) return Errno.EILSEQ
    texts.push(text)
    from = to + 1
  }
  return texts
}

/** Descriptors of the caller's array; or the errno. */
function takeDescriptors (memory: Arena, at: number, count: number): number[] | number {
  if (!inside(memory, at, 4 * count)) return Errno.EFAULT
  if (count > DESCRIPTORS_MAX) return Errno.EINVAL
  return Array.from({ length: count }, (_, i) => memory.view.getInt32(at + 4 * i, true))
}
