/**
 * The host's descriptors as the console meets them: what kind one is, and how to use it without waiting.
 *
 * Whether an operation waits is a property of the open file, which other programs share: a shell and all that it
 * started write to one terminal. Where the host can (Linux, through /proc), a pipe or terminal is therefore opened anew,
 * and only that opening is made non-blocking. A socket cannot be opened anew; Node makes it non-blocking as it does for
 * its own streams, and puts back what it found for descriptors 0 to 2 when it ends.
 */

import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { Errno } from '../../fiber/index.ts'
import { attempt } from './errors-node.ts'

/** DIRECT: reading and writing it does not wait for another program. */
export type DescriptorKind = 'closed' | 'direct' | 'pipe' | 'socket' | 'terminal'

export function kindOf (fd: number): DescriptorKind {
  const attributes = attempt(() => fstatSync(fd))
  if (typeof attributes === 'number') return 'closed'
  if (attributes.isFIFO()) return 'pipe'
  if (attributes.isSocket()) return 'socket'
  return mayBeTerminal(attributes) && process.getBuiltinModule('node:tty').isatty(fd) ? 'terminal' : 'direct'
}

/** Devices of memory on Linux: null, zero, random and their like. Source: Linux, admin-guide/devices.txt. */
const MEMORY_DEVICES = 1

/** Spares the question for what is surely none: the part of Node that answers it takes its time to load. */
function mayBeTerminal (attributes: Stats): boolean {
  return attributes.isCharacterDevice() && !(process.platform === 'linux' && attributes.rdev >> 8 === MEMORY_DEVICES)
}

/** A non-blocking descriptor of our own on what `fd` is; a negative error number where the host has no way. */
export function openAnew (fd: number, access: number): number {
  if (process.platform !== 'linux') return -Errno.ENOTSUP
  const own = attempt(() => openSync(`/proc/self/fd/${fd}`, access | constants.O_NONBLOCK | constants.O_NOCTTY))
  // Some other file may stand there when what looks like /proc is not.
  if (own >= 0 && !sameFile(fd, own)) {
    closeSync(own)
    return -Errno.ENOTSUP
  }
  return own
}

/** Whether two descriptors are of one file, by whatever opening. */
export function sameFile (a: number, b: number): boolean {
  const first = fstatSync(a, { bigint: true })
  const second = fstatSync(b, { bigint: true })
  return first.dev === second.dev && first.ino === second.ino
}
