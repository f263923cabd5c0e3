/**
 * Sockets: the calls of programs on them, and how a process is given one, since WASI has no call that makes them.
 */

import { Errno, chain } from '../../fiber/index.ts'
import type { Eventual } from '../../fiber/index.ts'
import { DescriptorFlags, FileType, ReceiveFlags, Rights, SendFlags, ShutdownHow } from '../../roles/index.ts'
import type { DescriptorTables, Files, Sockets } from '../../roles/index.ts'
import { knownFlags } from './descriptor-calls.ts'
import { OpenFile } from './open-file.ts'
import { CONNECTION, LISTENING } from './rights.ts'
import { Descriptor, drop } from './tables.ts'
import type { Table, Tables } from './tables.ts'

const RECEIVE_FLAGS = ReceiveFlags.PEEK | ReceiveFlags.WAIT_ALL
const BOTH = ShutdownHow.RECEIVE | ShutdownHow.SEND

/** `sockets` is undefined where the system has none: then no descriptor is one. */
export function socketCalls (tables: Tables, sockets: () => Sockets | undefined): Pick<Files, 'accept' | 'receive' | 'send' | 'shutdown'> {
  /** The open socket behind a descriptor that has the right; else the error. */
  function socketOf (fd: number, right: number): { file: OpenFile, descriptor: Descriptor, sockets: Sockets } | number {
    const descriptor = tables.get(fd)
    if (descriptor === undefined) return -Errno.EBADF
    const file = descriptor.file
    const provider = sockets()
    if (file.type !== FileType.SOCKET_STREAM || provider === undefined) return -Errno.ENOTSOCK
    if ((descriptor.base & right) === 0) return -Errno.ENOTCAPABLE
    return { file, descriptor, sockets: provider }
  }

  return {
    accept (fd, descriptorFlags) {
      const socket = socketOf(fd, Rights.SOCK_ACCEPT)
      if (typeof socket === 'number') return socket
      if ((descriptorFlags & ~DescriptorFlags.NONBLOCK) !== 0) return -Errno.EINVAL
      const table = tables.current!
      const full = table.lowest()
      if (full < 0) return full
      const wait = (socket.file.flags & DescriptorFlags.NONBLOCK) === 0 ? 1 : 0
      return chain(socket.sockets.accept(socket.file.handle, wait), handle => handle < 0
        ? handle
        : addSocket(table, socket.sockets, handle, descriptorFlags, CONNECTION & socket.descriptor.inheriting, 0))
    },

    receive (fd, flags, into) {
      const socket = socketOf(fd, Rights.FD_READ)
      if (typeof socket === 'number') return socket
      if ((flags & ~RECEIVE_FLAGS) !== 0) return -Errno.EINVAL
      const noWait = (socket.file.flags & DescriptorFlags.NONBLOCK) === 0 ? 0 : ReceiveFlags.NO_WAIT
      return socket.sockets.receive(socket.file.handle, flags | noWait, into)
    },

    send (fd, flags, from) {
      const socket = socketOf(fd, Rights.FD_WRITE)
      if (typeof socket === 'number') return socket
      if (flags !== 0) return -Errno.EINVAL
      const noWait = (socket.file.flags & DescriptorFlags.NONBLOCK) === 0 ? 0 : SendFlags.NO_WAIT
      return socket.sockets.send(socket.file.handle, noWait, from)
    },

    shutdown (fd, how) {
      const socket = socketOf(fd, Rights.SOCK_SHUTDOWN)
      if (typeof socket === 'number') return socket
      if (how === 0 || (how & ~BOTH) !== 0) return -Errno.EINVAL
      return socket.sockets.shutdown(socket.file.handle, how)
    }
  }
}

export function socketTableCalls (tables: Tables, sockets: () => Sockets | undefined): Pick<DescriptorTables, 'listen' | 'connect'> {
  return {
    listen (process, name, backlog, descriptorFlags) {
      const provider = sockets()
      if (provider === undefined) return -Errno.ENOSYS
      if (!knownFlags(descriptorFlags)) return -Errno.EINVAL
      const table = tables.of(process) ?? tables.make(process)
      return chain(provider.listen(name, backlog), handle => handle < 0
        ? handle
        : addSocket(table, provider, handle, descriptorFlags, LISTENING, CONNECTION))
    },

    connect (process, name) {
      const provider = sockets()
      if (provider === undefined) return -Errno.ENOSYS
      const table = tables.of(process) ?? tables.make(process)
      return chain(provider.connect(name), handle => handle < 0
        ? handle
        : addSocket(table, provider, handle, 0, CONNECTION, 0))
    }
  }
}

function addSocket (
  table: Table, sockets: Sockets, handle: number, flags: number, base: number, inheriting: number
): Eventual<number> {
  const file = new OpenFile(sockets, null, handle, handle, FileType.SOCKET_STREAM, flags)
  const fd = table.add(new Descriptor(file, base, inheriting))
  return fd >= 0 ? fd : chain(drop(table, file), () => fd)
}
