/**
 * Signals and processes: `proc_raise` of WASI, and the calls of the module `kaleidos` on processes.
 *
 * A status is one of POSIX: the exit code in the second byte, the signal that ended a process in the first.
 * The structure of `proc_spawn` is written down beside `takeSpawn`. A path is looked up from the working directory, by
 * the caller's preopened directories.
 */

import { Errno, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { Ending, FileType, PRIORITY_DEFAULT, Rights, Signal, SpawnOptions, WAIT_NO_HANG } from '../../roles/index.ts'
import type { Arena, EndingRecord } from '../../roles/index.ts'
import { inside, put32 } from './memory.ts'
import { begin, deliver, errnoOf } from './personality.ts'
import type { Calls, Personality } from './personality.ts'
import { FIRST_PREOPEN, locate, preopens } from './preopens.ts'
import { takeSpawn } from './spawn-structure.ts'
import type { Spawn } from './spawn-structure.ts'
import { absolute } from './working-directory.ts'

const SIGNAL_LAST = Signal.SYS

type ProcessCalls = Calls<
  'proc_raise' | 'proc_spawn' | 'proc_wait' | 'proc_kill' | 'proc_signal' | 'proc_id' | 'proc_parent' | 'proc_group' | 'proc_set_group' |
  'tty_group' | 'tty_set_group'
>

export function processCalls (personality: Personality): ProcessCalls {
  const { caller, requires } = personality

  function * spawn (memory: Arena, wanted: Spawn, out: number): Fiber<number> {
    const { args, env, descriptors, group } = wanted
    let directories: string[] | null = null
    if (!wanted.bare) {
      directories = yield * preopens(personality)
      // The C library looks for preopened directories from FIRST_PREOPEN on, so they must not stand before it.
      while (descriptors.length < FIRST_PREOPEN) descriptors.push(-1)
      for (let i = 0; i < directories.length; i++) descriptors.push(FIRST_PREOPEN + i)
    }
    const directory = wanted.directory === null ? '' : yield * absolute(personality, wanted.directory)
    if (typeof directory === 'number') return directory
    const options = env === null ? SpawnOptions.SAME_ENVIRONMENT : 0
    const rest = [args, env ?? [], descriptors, PRIORITY_DEFAULT, options, [], 0, directory, group] as const
    let started: Eventual<number>
    if (wanted.program !== null) {
      started = requires.processes.spawnBytes(wanted.program, ...rest)
    } else {
      const path = yield * absolute(personality, wanted.path)
      if (typeof path === 'number') return path
      const file = locate(directories ?? (yield * preopens(personality)), path)
      if (file === null) return Errno.ENOENT
      started = requires.processes.spawnFile(file.fd, file.path, ...rest)
    }
    const process = yield * settle(started)
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

  /** A call with one number for an answer, where `out` says. */
  const answer = (out: number, call: () => Eventual<number>): Eventual<number> => {
    const memory = caller.memory
    if (memory === null || !inside(memory, out >>> 0, 4)) return Errno.EFAULT
    return deliver(memory, out >>> 0, call(), put32)
  }

  /** There is one terminal; as a C library has it, a descriptor of it is a device in which nobody may seek. */
  function * ofTerminal (fd: number, call: () => Eventual<number>): Fiber<number> {
    const descriptor = yield * settle(requires.files.descriptor(fd))
    if (typeof descriptor === 'number') return descriptor
    const terminal = descriptor.type === FileType.CHARACTER_DEVICE && (descriptor.rightsBase & (Rights.FD_SEEK | Rights.FD_TELL)) === 0
    return terminal ? yield * settle(call()) : -Errno.ENOTTY
  }

  return {
    proc_raise: signal => signal < 0 || signal > SIGNAL_LAST ? Errno.EINVAL : errnoOf(requires.processes.raise(signal)),

    proc_spawn (options, out) {
      const memory = caller.memory
      if (memory === null || !inside(memory, out >>> 0, 4)) return Errno.EFAULT
      const wanted = takeSpawn(personality, memory, options >>> 0)
      return typeof wanted === 'number' ? wanted : begin(spawn(memory, wanted, out >>> 0))
    },

    proc_wait (process, flags, processOut, statusOut) {
      const memory = caller.memory
      if (memory === null || !inside(memory, processOut >>> 0, 4) || !inside(memory, statusOut >>> 0, 4)) return Errno.EFAULT
      if ((flags & ~WAIT_NO_HANG) !== 0) return Errno.EINVAL
      return begin(wait(memory, process, flags, processOut >>> 0, statusOut >>> 0))
    },

    proc_kill: (process, signal) =>
      signal < 0 || signal > SIGNAL_LAST ? Errno.EINVAL : errnoOf(requires.processes.kill(process, signal)),

    proc_signal: (signal, action, out) => answer(out, () => requires.processes.signalAction(signal, action)),

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

    proc_group: (process, out) => answer(out, () => requires.processes.group(process)),
    proc_set_group: (process, group) => errnoOf(requires.processes.setGroup(process, group)),
    tty_group: (fd, out) => answer(out, () => begin(ofTerminal(fd, () => requires.processes.foreground()))),
    tty_set_group: (fd, group) => errnoOf(begin(ofTerminal(fd, () => requires.processes.setForeground(group))))
  }
}

function statusOf (ending: EndingRecord): number {
  return ending.kind === Ending.EXIT ? (ending.code & 0xff) << 8 : ending.code & 0x7f
}
