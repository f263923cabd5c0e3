/** `sock_*`: calls on sockets. Their sockets are streams, so what is received is never a datagram that was cut. */

import { Errno } from '../../fiber/index.ts'
import { READ, WRITE } from '../../roles/index.ts'
import { inside, put32 } from './memory.ts'
import { deliver, errnoOf } from './personality.ts'
import type { Calls, Personality } from './personality.ts'
import { FDFLAGS_ALL } from './structures.ts'
import { Windows, reportWrite, vectorOf } from './transfers.ts'

/** `riflags`: 1 peek, 2 wait for all. `sdflags`: 1 receiving, 2 sending. */
const RIFLAGS_ALL = 3
const SDFLAGS_ALL = 3

export function socketCalls (personality: Personality): Calls<'sock_accept' | 'sock_recv' | 'sock_send' | 'sock_shutdown'> {
  const { caller, requires } = personality
  const windows = new Windows(personality)
  return {
    sock_accept (fd, flags, out) {
      const memory = caller.memory
      if (memory === null || !inside(memory, out >>> 0, 4)) return Errno.EFAULT
      if ((flags & ~FDFLAGS_ALL) !== 0) return Errno.EINVAL
      return deliver(memory, out >>> 0, requires.files.accept(fd, flags), put32)
    },

    sock_recv (fd, iovs, count, flags, sizeOut, flagsOut) {
      const memory = caller.memory
      if (memory === null || !inside(memory, flagsOut >>> 0, 2)) return Errno.EFAULT
      const window = vectorOf(windows, memory, iovs >>> 0, count >>> 0, sizeOut >>> 0, WRITE)
      if (typeof window === 'number') return window
      if ((flags & ~RIFLAGS_ALL) !== 0) return Errno.EINVAL
      return deliver(memory, sizeOut >>> 0, requires.files.receive(fd, flags, window), (view, at, size: number) => {
        put32(view, at, size)
        view.setUint16(flagsOut >>> 0, 0, true)
      })
    },

    // There are no flags for sending.
    sock_send (fd, iovs, count, flags, sizeOut) {
      const memory = caller.memory
      if (memory === null) return Errno.EFAULT
      const window = vectorOf(windows, memory, iovs >>> 0, count >>> 0, sizeOut >>> 0, READ)
      if (typeof window === 'number') return window
      if (flags !== 0) return Errno.EINVAL
      return reportWrite(personality, memory, sizeOut >>> 0, requires.files.send(fd, flags, window), window.length)
    },

    sock_shutdown (fd, how) {
      if (how === 0 || (how & ~SDFLAGS_ALL) !== 0) return Errno.EINVAL
      return errnoOf(requires.files.shutdown(fd, how))
    }
  }
}
