/**
 * Channels: a ring in each direction, in shared memory that belongs to the pair.
 *
 * The kernel's end never blocks: it sends, looks what has come when the machine's bell rang, and leaves waiting to its
 * scheduler. The far end may block: it spins for a moment, since what is asked again and again comes at once, and then
 * sleeps until it is told. Nobody is told who is awake, so many frames cost one call of the host, or none.
 */

import { Bell } from '../../machine/index.ts'
import { FrameReader, FrameWriter } from './frame.ts'
import { LOOKS, SPIN_NS } from './limits.ts'
import { RING_BYTES, RingReader, RingWriter } from './ring.ts'

/** One end of a way to another thread or process. */
export interface Channel {
  /** The next frame to send is put together here. */
  readonly out: FrameWriter
  /** Sends what is in `out`; false when the other side has taken too little for too long. It may wait until `flush`. */
  send (): boolean
  /** What came next; null when nothing has. Valid until it is called again. Throws Malformed. */
  receive (): FrameReader | null
  /** Sends what waited, and tells the other side of it, if it sleeps; whether it had to. */
  flush (): boolean
}

/** The end of whoever may block. */
export interface FarChannel extends Channel {
  /** Waits until there is something to receive; false when nothing will come any more. */
  wait (): boolean
}

/** Shared memory for a channel. */
export function channelMemory (): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * RING_BYTES)
}

export class KernelRing implements Channel {
  readonly out = new FrameWriter()
  readonly #in = new FrameReader()
  readonly #writer: RingWriter
  readonly #reader: RingReader

  constructor (memory: SharedArrayBuffer) {
    this.#writer = new RingWriter(memory, 0)
    this.#reader = new RingReader(memory, RING_BYTES)
  }

  send (): boolean {
    return this.#writer.send(this.out)
  }

  receive (): FrameReader | null {
    return this.#reader.receive(this.#in) ? this.#in : null
  }

  flush (): boolean {
    if (this.#writer.waits) this.#writer.flush()
    return this.#writer.wake()
  }
}

export class FarRing implements FarChannel {
  readonly out = new FrameWriter()
  readonly #in = new FrameReader()
  readonly #writer: RingWriter
  readonly #reader: RingReader
  readonly #bell: Bell
  readonly #nowNs: () => number
  #unsaid = false
  #spins = false

  constructor (memory: SharedArrayBuffer, bell: SharedArrayBuffer, nowNs: () => number) {
    this.#nowNs = nowNs
    this.#writer = new RingWriter(memory, RING_BYTES)
    this.#reader = new RingReader(memory, 0)
    this.#bell = new Bell(bell)
  }

  send (): boolean {
    this.#unsaid = true
    return this.#writer.send(this.out)
  }

  receive (): FrameReader | null {
    return this.#reader.receive(this.#in) ? this.#in : null
  }

  flush (): boolean {
    if (this.#writer.waits) {
      this.#writer.flush()
      this.#unsaid = true
    }
    const told = this.#unsaid && this.#bell.ring()
    this.#unsaid = false
    return told
  }

  wait (): boolean {
    this.flush()
    const reader = this.#reader
    for (let i = 0; i < LOOKS; i++) if (reader.ready) return true
    const sinceNs = this.#nowNs()
    while (this.#spins && this.#nowNs() - sinceNs < SPIN_NS) for (let i = 0; i < LOOKS; i++) if (reader.ready) return true
    // Who has something left to send looks again whether there is room.
    while (!reader.ready) {
      if (reader.sleeps()) reader.sleep(this.#writer.waits ? 1 : Infinity)
      this.flush()
    }
    this.#spins = this.#nowNs() - sinceNs < SPIN_NS
    return true
  }
}
