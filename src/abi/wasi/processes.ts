/**
 * Signals and processes: `proc_raise` of WASI, and the calls of the module `kaleidos`.
 *
 * A status is one of POSIX: the exit code in the second byte, the signal that ended a process in the first.
 * `proc_spawn` finds its file as the C library does, by the caller's preopened directories; the child has the
 * descriptors that the caller names and the preopened directories after those.
 */

import { Errno, decodeUtf8, settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { ARGUMENT_BYTES_MAX, DESCRIPTORS_MAX, Ending, Signal, WAIT_NO_HANG } from '../../roles/index.ts'
import type { Arena, EndingRecord } from '../../roles/index.ts'
import { inside, put32, takePath } from './memory.ts'
import { begin, deliver, errnoOf } from './personality.ts'
import type { Calls, Personality } from './personality.ts'
import { FIRST_PREOPEN, locate, preopens } from './preopens.ts'

const SIGNAL_LAST = Signal.SYS

type ProcessCalls = Calls<'proc_raise' | 'proc_spawn' | 'proc_wait' | 'proc_kill' | 'proc_id' | 'proc_parent' | 'pipe'>

export function processCalls (personality: Personality): ProcessCalls {
  const { caller, requires, counter } = personality

  function * spawn (memory: Arena, path: string, args: readonly string[], descriptors: number[], out: number): Fiber<number> {
    const directories = yield * preopens(personality)
    const file = locate(directories, path)
    if (file === null) return Errno.ENOENT
    // The C library looks for preopened directories from FIRST_PREOPEN on, so they must not stand before it.
    while (descriptors.length < FIRST_PREOPEN) descriptors.push(-1)
    for (let i = 0; i < directories.length; i++) descriptors.push(FIRST_PREOPEN + i)
    const process = yield * settle(requires.processes.spawnFile(file.fd, file.path, args, descriptors))
    if (process < 0) return -process
    put32(memory.view, out, process)
    return Errno.SUCCESS
  }

  function * wait (memory: Arena, process: number, flags: number, processOut: number, statusOut: number): Fiber<number> {
    const ending = yield * settle(requires.processes.wait(process, flags))
    if (typeof ending === 'number') return -ending
    put32(memory.view, processOut, ending.process)
    put32(memory.view, statusOut, statusOf(ending))
    return Errno.SUCCESS
  }

  return {
    proc_raise: signal => signal < 0 || signal > SIGNAL_LAST ? Errno.EINVAL : errnoOf(requires.processes.raise(signal)),

    proc_spawn (path, length, argv, argvLength, fds, fdsCount, out) {
      const memory = caller.memory
      if (memory === null || !inside(memory, out >>> 0, 4)) return Errno.EFAULT
      const file = takePath(memory, path, length, counter)
      if (typeof file === 'number') return file
      const args = takeStrings(memory, argv >>> 0, argvLength >>> 0)
      if (typeof args === 'number') return args
      counter.bytesCopied += argvLength >>> 0
      const descriptors = takeDescriptors(memory, fds >>> 0, fdsCount >>> 0)
      return typeof descriptors === 'number' ? descriptors : begin(spawn(memory, file, args, descriptors, out >>> 0))
    },

    proc_wait (process, flags, processOut, statusOut) {
      const memory = caller.memory
      if (memory === null || !inside(memory, processOut >>> 0, 4) || !inside(memory, statusOut >>> 0, 4)) return Errno.EFAULT
      if (process < 0 || (flags & ~WAIT_NO_HANG) !== 0) return Errno.EINVAL
      return begin(wait(memory, process, flags, processOut >>> 0, statusOut >>> 0))
    },

    proc_kill: (process, signal) =>
      signal < 0 || signal > SIGNAL_LAST ? Errno.EINVAL : errnoOf(requires.processes.kill(process, signal)),

    proc_id (out) {
      const memory = caller.memory
      if (memory === null || !inside(memory, out >>> 0, 4)) return Errno.EFAULT
      return deliver(memory, out >>> 0, requires.processes.identity(),
        (view, at, identity: { process: number }) => put32(view, at, identity.process))
    },

    proc_parent (out) {
      const memory = caller.memory
      if (memory === null || !inside(memory, out >>> 0, 4)) return Errno.EFAULT
      return deliver(memory, out >>> 0, requires.processes.identity(),
        (view, at, identity: { parent: number }) => put32(view, at, identity.parent))
    },

    pipe (out) {
      const memory = caller.memory
      if (memory === null || !inside(memory, out >>> 0, 8)) return Errno.EFAULT
      return deliver(memory, out >>> 0, requires.files.pipe(), (view, at, ends: { read: number, write: number }) => {
        put32(view, at, ends.read)
        put32(view, at + 4, ends.write)
      })
    }
  }
}

function statusOf (ending: EndingRecord): number {
  return ending.kind === Ending.EXIT ? (ending.code & 0xff) << 8 : ending.code & 0x7f
}

/** The strings of a block, each ended by a NUL or by the end of the block; or the errno. */
function takeStrings (memory: Arena, at: number, length: number): string[] | number {
  const bytes = memory.bytes
  if (at + length > bytes.length) return Errno.EFAULT
  if (length > ARGUMENT_BYTES_MAX) return Errno.E2BIG
  const texts: string[] = []
  const end = at + length
  for (let from = at; from < end;) {
    const nul = bytes.indexOf(0, from)
    const to = nul < 0 || nul > end ? end : nul
    const text = decodeUtf8(bytes, from, to - from)
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
