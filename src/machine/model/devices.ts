/**
 * Devices of the model machine that serve requests: a disk and a network link, as queues with latencies.
 *
 * A device works on so many requests at once; the others wait in the order in which they came. Each takes the device's
 * latency, which requests at once have in common, and its bytes, which go one after the other (the medium, the wire). When
 * one is done its bytes have moved and the device's line is raised. With a seed, latencies vary by up to a tenth.
 *
 * They are hardware: what a driver does is a service's. The contents of the disk are bytes that the caller gives.
 */

import { Errno } from '../../fiber/index.ts'
import type { ModelTiming } from './model-timing.ts'
import type { Random } from './random.ts'

/** Requests that wait at a device, beyond those that it works on. */
export const DEVICE_WAITING_MAX = 4096

export interface DeviceFigures {
  readonly latencyNs: number
  readonly perByteNs: number
  readonly queueDepth: number
}

export class ModelDevice {
  readonly name: string
  readonly #timing: ModelTiming
  readonly #figures: DeviceFigures
  readonly #jitter: Random | null
  readonly #raise: () => void
  readonly #waiting: { readonly bytes: number, readonly done: () => void }[] = []
  #working = 0
  /** When the medium has moved all that it was given. */
  #mediumNs = 0
  /** Requests done, and bytes moved. */
  requests = 0
  bytes = 0

  constructor (name: string, timing: ModelTiming, figures: DeviceFigures, jitter: Random | null, raise: () => void) {
    this.name = name
    this.#timing = timing
    this.#figures = figures
    this.#jitter = jitter
    this.#raise = raise
  }

  /** Requests that it works on or that wait. */
  get length (): number {
    return this.#working + this.#waiting.length
  }

  /** Takes a request that moves so many bytes; `done` is called when it is, before the interrupt. 0, or -EAGAIN when too many wait. */
  submit (bytes: number, done: () => void): number {
    if (this.#working < this.#figures.queueDepth) this.#begin(this.#timing.nowNs, bytes, done)
    else if (this.#waiting.length >= DEVICE_WAITING_MAX) return -Errno.EAGAIN
    else this.#waiting.push({ bytes, done })
    return 0
  }

  #begin (nowNs: number, bytes: number, done: () => void): void {
    this.#working++
    const { latencyNs, perByteNs } = this.#figures
    const latency = this.#jitter === null ? latencyNs : latencyNs * (0.95 + this.#jitter.below(1001) / 10_000)
    this.#mediumNs = Math.max(this.#mediumNs, nowNs + latency) + bytes * perByteNs
    const doneNs = this.#mediumNs
    this.#timing.events.add(doneNs, () => {
      this.#working--
      this.requests++
      this.bytes += bytes
      done()
      const next = this.#waiting.shift()
      if (next !== undefined) this.#begin(doneNs, next.bytes, next.done)
      this.#raise()
    })
  }
}

/** Sectors of a disk, which requests read and write. */
export class ModelDisk {
  readonly sectorBytes = 512
  readonly #contents: Uint8Array
  readonly #device: ModelDevice

  constructor (device: ModelDevice, contents: Uint8Array) {
    this.#device = device
    this.#contents = contents
  }

  get sectors (): number {
    return Math.floor(this.#contents.length / this.sectorBytes)
  }

  /** Reads sectors into `bytes`; 0, -EINVAL beyond the end, -EAGAIN. `done` is called when they are there. */
  read (sector: number, bytes: Uint8Array, done: () => void): number {
    return this.#move(sector, bytes.length, () => {
      bytes.set(this.#contents.subarray(sector * this.sectorBytes, sector * this.sectorBytes + bytes.length))
      done()
    })
  }

  /** Writes sectors; what is written is what `bytes` held when it was asked. */
  write (sector: number, bytes: Uint8Array, done: () => void): number {
    const written = bytes.slice()
    return this.#move(sector, bytes.length, () => {
      this.#contents.set(written, sector * this.sectorBytes)
      done()
    })
  }

  #move (sector: number, length: number, move: () => void): number {
    if (!Number.isInteger(sector) || sector < 0 || length % this.sectorBytes !== 0 || sector * this.sectorBytes + length > this.#contents.length) return -Errno.EINVAL
    return this.#device.submit(length, move)
  }
}

/** A network link: what is sent at one end is received at the other, whole and in order. */
export class ModelLink {
  readonly #device: ModelDevice
  readonly #deliver: (frame: Uint8Array) => void

  constructor (device: ModelDevice, deliver: (frame: Uint8Array) => void) {
    this.#device = device
    this.#deliver = deliver
  }

  /** 0, or -EAGAIN when too many frames wait to go out. */
  send (frame: Uint8Array): number {
    const sent = frame.slice()
    return this.#device.submit(sent.length, () => { this.#deliver(sent) })
  }
}
