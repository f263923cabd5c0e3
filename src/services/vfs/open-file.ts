/**
 * Open files: what descriptors stand for. Duplicates of a descriptor share one, and so its position and its flags.
 *
 * The position is held by whoever has to wait while it moves (MOVING), so that two readers of one open file never get
 * the same bytes.
 */

import { Turns } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { FileType } from '../../roles/index.ts'
import type { FileSystem } from '../../roles/index.ts'
import type { Mount } from './mounts.ts'

/** The position while somebody holds it. */
export const MOVING = -1

/** What an open file needs of the service behind it: a file system's part, or a socket's. */
export type Stream = Pick<FileSystem, 'read' | 'write' | 'close' | 'ready' | 'awaitReady' | 'available'>

export class OpenFile {
  readonly stream: Stream
  /** Where its inode lives; null for a socket. */
  readonly mount: Mount | null
  readonly handle: number
  readonly inode: number
  /** A FileType. */
  readonly type: number
  /** Whether it has a position. */
  readonly seekable: boolean
  /** Of a directory: what its listing calls '..'. */
  readonly above: number
  /** DescriptorFlags. */
  flags: number
  position = 0
  /** Descriptors that stand for it. */
  references = 0
  /** Those who wait for the position. */
  #turns: Turns | null = null

  constructor (
    stream: Stream, mount: Mount | null, handle: number, inode: number, type: number, flags: number, above = 0
  ) {
    this.stream = stream
    this.mount = mount
    this.handle = handle
    this.inode = inode
    this.type = type
    this.flags = flags
    this.above = above
    this.seekable = type === FileType.REGULAR || type === FileType.BLOCK_DEVICE
  }

  /** Waits until nobody moves the position, and holds it; returns it. */
  * hold (): Fiber<number> {
    const turns = this.#turns ??= new Turns('file position')
    const turn = turns.enter()
    try {
      while (this.position === MOVING || !turns.isFirst(turn)) yield turn
      const position = this.position
      this.position = MOVING
      return position
    } finally {
      turns.leave(turn)
    }
  }

  /** Lets go of the position that `hold` gave. */
  release (position: number): void {
    this.position = position
    this.#turns?.wakeFirst()
  }

  /** Its size in bytes, or an error. */
  size (): Eventual<number> {
    return this.stream.available(this.handle)
  }

  /** One descriptor less: the last one closes it. */
  drop (): Eventual<number> {
    this.references--
    return this.references === 0 ? this.stream.close(this.handle) : 0
  }
}
