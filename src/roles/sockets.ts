/**
 * Sockets: connected streams of bytes in both directions, on this machine, by name.
 *
 * A handle is a listening socket or a connection. Those operations that FileSystem has too mean the same here, so that
 * the VFS treats an open socket as it treats a pipe. Source: POSIX.1-2024, 2.10 Sockets (`SOCK_STREAM`, local).
 */

import { bytesIn, bytesOut, count, number, operation, parameter, record, role, status, string } from './role.ts'
import type { RoleOf } from './role.ts'

/** Flags of `receive`; the first two are WASI's `riflags`. */
export const ReceiveFlags = { PEEK: 1, WAIT_ALL: 2, NO_WAIT: 4 } as const
/** Flags of `send`; WASI has none. */
export const SendFlags = { NO_WAIT: 4 } as const
/** Directions that `shutdown` ends: WASI's `sdflags`. */
export const ShutdownHow = { RECEIVE: 1, SEND: 2 } as const

const handle = parameter('handle', number)
const flags = parameter('flags', number)
const events = parameter('events', number)
const offset = parameter('offset', number)

export const Sockets = role('Sockets', 'connects programs by streams', {
  pair: operation('makes two connections, each the other\'s peer', [], record({ first: number, second: number }), { blocks: true, idempotent: false }),
  listen: operation('makes a listening socket under a name; at most `backlog` connections wait to be accepted',
    [parameter('name', string), parameter('backlog', number)], count, { blocks: true, idempotent: false }),
  connect: operation('connects to who listens under a name, waiting while its backlog is full; -ECONNREFUSED when nobody does',
    [parameter('name', string)], count, { blocks: true, idempotent: false }),
  accept: operation('takes a connection from a listening socket; waits for one when `wait` is not 0', [handle, parameter('wait', number)], count,
    { blocks: true, idempotent: false, waitsFirst: true }),
  receive: operation('receives (ReceiveFlags); 0 once the peer sends no more', [handle, flags, parameter('into', bytesOut)], count,
    { blocks: true, idempotent: false }),
  send: operation('sends (SendFlags); -EPIPE once the peer receives no more', [handle, flags, parameter('from', bytesIn)], count,
    { blocks: true, idempotent: false }),
  shutdown: operation('ends directions (ShutdownHow)', [handle, parameter('how', number)], status, { blocks: true, idempotent: true }),
  close: operation('gives a handle back', [handle], status, { blocks: true, idempotent: false }),
  read: operation('receives without flags; the offset is 0 or NO_WAIT', [handle, offset, parameter('into', bytesOut)], count,
    { blocks: true, idempotent: false, waitsFirst: true }),
  write: operation('sends without flags; the offset is 0 or NO_WAIT', [handle, offset, parameter('from', bytesIn)], count,
    { blocks: true, idempotent: false }),
  ready: operation('which of the events (Ready) hold now; a listening socket is readable when it has a connection', [handle, events], count,
    { blocks: true, idempotent: true }),
  awaitReady: operation('waits until one of the events holds, and returns those that do', [handle, events], count, { blocks: true, idempotent: true }),
  available: operation('how many bytes can be received without waiting', [handle], count, { blocks: true, idempotent: true })
})
export type Sockets = RoleOf<typeof Sockets>
