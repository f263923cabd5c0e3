/**
 * What the calls of a program came to: by what a program is brought back whose stack nobody can read.
 *
 * A program's memory and stack follow from its module and from what its calls gave it, in their order: WebAssembly has no
 * other input. So a log of that is kept beside it, and who makes the program anew answers its calls from the log, touching no
 * service, until it makes the one in which it was. An answer is an error number and the bytes that the call wrote to the
 * program's memory. What `memory.grow` was told is part of it.
 *
 * Rules of use: `begin`, then `end` when the call has come back. `call` is the one under way. A log that has become larger than
 * CALL_LOG_BYTES_MAX is dropped: its program goes on, and cannot be saved any more.
 * An answer is looked up with the number of the call and a hash of its arguments: a program that calls otherwise than it did is
 * found out at once. The bytes of a log may be anybody's: reading them checks each length.
 * Source: O'Callahan et al., "Engineering record and replay for deployability" (rr), USENIX ATC 2017.
 */

import { CALL_LOG_BYTES_MAX } from '../../roles/index.ts'
import type { Arena } from '../../roles/index.ts'

/** What calls write: by their place in the role, addresses and lengths in turn, once one has come back with that result. */
export interface CallEffects {
  /** Null where what is written can only be seen by a comparison of the whole memory: of calls that are made once. */
  readonly of: readonly (((memory: Arena, args: readonly number[], result: number) => readonly number[]) | null)[]
}

/** A call that has not come back. */
export interface CallUnderWay {
  readonly index: number
  readonly args: readonly number[]
  /** Its turn among the calls of all programs, and when it was made. */
  readonly order: number
  readonly atNs: number
}

/** In the place of a call's number: `memory.grow` asked. */
const GROW = 0xff
const HEAD_BYTES = 1 + 4 + 4 + 2
const FIRST_BYTES = 1024
/** Bytes that are as they were, between two that are not, that are written again too. */
const SAME_BYTES = 16

export class CallLog {
  readonly #effects: CallEffects
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView
  #length: number
  #dropped = false
  #call: CallUnderWay | null = null
  #before: Uint8Array | null = null

  constructor (effects: CallEffects, known: Uint8Array = new Uint8Array(0)) {
    this.#effects = effects
    this.#bytes = new Uint8Array(Math.max(FIRST_BYTES, known.length))
    this.#bytes.set(known)
    this.#length = known.length
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** The call that has begun and not come back; null where the program computes. */
  get call (): CallUnderWay | null {
    return this.#call
  }

  /** Whether it became too large, and is no more. */
  get isDropped (): boolean {
    return this.#dropped
  }

  /** What was logged. */
  get bytes (): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  begin (call: CallUnderWay, memory: Arena): void {
    this.#call = call
    if (!this.#dropped && this.#effects.of[call.index] === null) this.#before = memory.bytes.slice()
  }

  /** The call has come back. */
  end (result: number, memory: Arena): void {
    const call = this.#call
    if (call === null) return
    this.#call = null
    if (this.#dropped) return
    const effects = this.#effects.of[call.index]!
    const regions = effects === null ? changed(this.#before!, memory.bytes) : effects(memory, call.args, result)
    this.#before = null
    this.#put(call.index, hashOf(call.args), result, regions, memory)
  }

  grew (pages: number, granted: number, memory: Arena): void {
    if (!this.#dropped) this.#put(GROW, hashOf([pages]), granted, [], memory)
  }

  #put (index: number, hash: number, result: number, regions: readonly number[], memory: Arena): void {
    let size = HEAD_BYTES
    for (let i = 0; i < regions.length; i += 2) size += 8 + regions[i + 1]!
    if (!this.#room(size)) return
    const view = this.#view
    let at = this.#length
    view.setUint8(at, index)
    view.setUint32(at + 1, hash, true)
    view.setUint32(at + 5, result, true)
    view.setUint16(at + 9, regions.length / 2, true)
    at += HEAD_BYTES
    for (let i = 0; i < regions.length; i += 2) {
      const [from, length] = [regions[i]!, regions[i + 1]!]
      view.setUint32(at, from, true)
      view.setUint32(at + 4, length, true)
      this.#bytes.set(memory.bytes.subarray(from, from + length), at + 8)
      at += 8 + length
    }
    this.#length = at
  }

  #room (size: number): boolean {
    const needed = this.#length + size
    if (needed > CALL_LOG_BYTES_MAX) {
      this.#dropped = true
      this.#bytes = new Uint8Array(0)
      return false
    }
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    return true
  }
}

/** Answers calls from a log, in order. */
export class CallReplay {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  /** Why it cannot go on, in a sentence's end; null while it can. */
  failure: string | null = null

  constructor (bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Whether all answers were given. */
  get done (): boolean {
    return this.#at >= this.#bytes.length
  }

  /** The result of a call, its bytes written to the memory; -1, and `failure` says why, when the log has another in its place. */
  answer (index: number, args: readonly number[], memory: Arena): number {
    const view = this.#view
    const head = this.#at
    if (head + HEAD_BYTES > this.#bytes.length) return this.#fail('its log is damaged')
    if (view.getUint8(head) !== index || view.getUint32(head + 1, true) !== hashOf(args)) return this.#fail('it did not make the same calls again')
    const result = view.getUint32(head + 5, true)
    let at = head + HEAD_BYTES
    const bytes = memory.bytes
    for (let left = view.getUint16(head + 9, true); left > 0; left--) {
      if (at + 8 > this.#bytes.length) return this.#fail('its log is damaged')
      const to = view.getUint32(at, true)
      const length = view.getUint32(at + 4, true)
      at += 8
      if (at + length > this.#bytes.length || to + length > bytes.length) return this.#fail('its log is damaged')
      bytes.set(this.#bytes.subarray(at, at + length), to)
      at += length
    }
    this.#at = at
    return result
  }

  grow (pages: number, memory: Arena): number {
    return this.answer(GROW, [pages], memory)
  }

  #fail (why: string): -1 {
    this.failure ??= why
    return -1
  }
}

/** FNV-1a over the words: of arguments, which differ in few bits. */
function hashOf (words: readonly (number | undefined)[]): number {
  let hash = 0x811c9dc5
  for (const word of words) {
    if (word === undefined) break
    hash = Math.imul(hash ^ (word & 0xffff), 0x01000193)
    hash = Math.imul(hash ^ (word >>> 16), 0x01000193)
  }
  return hash >>> 0
}

/** Where two states of a memory differ: addresses and lengths in turn. What it has grown by is zeros, or was written too. */
function changed (before: Uint8Array, after: Uint8Array): number[] {
  const regions: number[] = []
  let end = -1
  for (let at = 0; at < after.length; at++) {
    if (after[at] === (at < before.length ? before[at] : 0)) continue
    if (end >= 0 && at - end <= SAME_BYTES) regions[regions.length - 1] = at + 1 - regions[regions.length - 2]!
    else regions.push(at, 1)
    end = at + 1
  }
  return regions
}
