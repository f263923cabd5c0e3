/**
 * The host's end of a socket, as a pair of streams. The descriptor is closed once both directions have ended, by their end, by a
 * failure or because nobody wants more of them, and `closed` is told.
 */

import { settle } from '../fiber/index.ts'
import type { Files } from '../roles/index.ts'
import type { System } from '../link/index.ts'
import type { Connection } from './api.ts'
import { SystemError } from './errors.ts'
import { STAGING_BYTES, receiving, sending } from './staging.ts'

/** `how` of `shutdown`. */
const SENDING = 2

export interface HostedConnection extends Connection {
  /** Whether the host waits for the program to read. */
  readonly isBeingFed: boolean
}

export function connectionOf (system: System, files: Files, fd: number, closed: () => void): HostedConnection {
  const open = new Set(['receiving', 'sending'])
  let writing = 0
  const ended = async (direction: string): Promise<void> => {
    if (!open.delete(direction) || open.size > 0) return
    closed()
    await system.run('close', () => settle(files.close(fd)))
  }
  const failed = async (direction: string, error: SystemError): Promise<never> => {
    // A stream that has failed is neither closed nor cancelled by who has it.
    await ended(direction)
    throw error
  }
  return {
    get isBeingFed () { return writing > 0 },
    readable: new ReadableStream<Uint8Array>({
      async pull (controller) {
        const piece = await system.run('receive', () => receiving(system, STAGING_BYTES, into => files.receive(fd, 0, into)))
        if (typeof piece === 'number') return await failed('receiving', new SystemError(piece, 'receive', 'from the program'))
        if (piece.length > 0) {
          controller.enqueue(piece)
          return
        }
        controller.close()
        await ended('receiving')
      },
      cancel: () => ended('receiving')
    }, { highWaterMark: 0 }),
    writable: new WritableStream<Uint8Array>({
      async write (chunk) {
        writing++
        const result = await system.run('send', () => sending(system, chunk, from => files.send(fd, 0, from))).finally(() => { writing-- })
        if (result < 0) await failed('sending', new SystemError(result, 'send', 'to the program'))
      },
      async close () {
        await system.run('shutdown', () => settle(files.shutdown(fd, SENDING)))
        await ended('sending')
      },
      abort: () => ended('sending')
    })
  }
}
