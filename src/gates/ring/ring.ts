/**
 * Rings: frames from one writer to one reader over shared memory, and a flag by which a reader says that it sleeps.
 *
 * Head and tail count words and wrap at 2^31; each is written by one side and read by the other. A frame lies whole, or in
 * pieces: its first word says how many words follow, and is negative where more of the same frame comes. What would run
 * over the end of the ring starts at its beginning (0 as first word: go there). Publishing the head is the only thing that
 * the other side sees, so several frames can be published at once.
 *
 * Invariant: each side keeps its own index to itself and only tells it: what the other side writes there, or
 * anywhere, changes nothing but what is read, and an index that cannot be is Malformed.
 * Source: Lamport, "Specifying concurrent program modules", 1983; virtio 1.2, section 2.8; futexes: Franke et al., OLS 2002.
 */

import { BACKLOG_WORDS_MAX, FRAME_WORDS_MAX, PIECE_WORDS_MAX, RING_WORDS } from './limits.ts'
import { Malformed } from './frame.ts'
import type { FrameReader, FrameWriter } from './frame.ts'

/** Int32 words of a ring's control part: a line of a cache for each, so that neither side's writes cost the other a miss too many. */
const LINE = 32
const HEAD = 0
const TAIL = LINE
/** 1 while the reader sleeps, and so has to be told. */
const SLEEPS = 2 * LINE
const CONTROL_BYTES = 3 * LINE * 4
const MASK = RING_WORDS - 1
/** Indices are kept below it: a multiple of the ring's size. */
const WRAP = 2 ** 30

/** Bytes of shared memory that a ring takes. */
export const RING_BYTES = CONTROL_BYTES + RING_WORDS * 8

export class RingWriter {
  readonly #control: Int32Array
  readonly #data: Float64Array
  #head = 0
  /** As last seen. */
  #tail = 0
  /** Pieces that found no room, in order. */
  readonly #backlog: Float64Array[] = []
  #backlogWords = 0

  constructor (memory: SharedArrayBuffer, at: number) {
    this.#control = new Int32Array(memory, at, CONTROL_BYTES / 4)
    this.#data = new Float64Array(memory, at + CONTROL_BYTES, RING_WORDS)
  }

  /** Sends a frame; false when the other side has taken too little for too long. Wakes nobody: `wake`. */
  send (frame: FrameWriter): boolean {
    const { words, length } = frame
    if (length <= PIECE_WORDS_MAX && this.#backlog.length === 0 && this.#place(words, 0, length, false)) return true
    if (this.#backlogWords + length > BACKLOG_WORDS_MAX) return false
    for (let at = 0; at < length; at += PIECE_WORDS_MAX) {
      const count = Math.min(PIECE_WORDS_MAX, length - at)
      const piece = new Float64Array(1 + count)
      piece[0] = at + count < length ? -count : count
      piece.set(words.subarray(at, at + count), 1)
      this.#backlog.push(piece)
      this.#backlogWords += count
    }
    this.flush()
    return true
  }

  /** Whether frames wait for room. */
  get waits (): boolean {
    return this.#backlog.length > 0
  }

  /** Sends what waits for room, as far as there is some. */
  flush (): void {
    while (this.#backlog.length > 0) {
      const piece = this.#backlog[0]!
      const count = piece.length - 1
      if (!this.#place(piece, 1, count, piece[0]! < 0)) return
      this.#backlog.shift()
      this.#backlogWords -= count
    }
  }

  /** Tells a reader that sleeps; whether it did. */
  wake (): boolean {
    const control = this.#control
    if (Atomics.load(control, SLEEPS) === 0 || Atomics.exchange(control, SLEEPS, 0) === 0) return false
    Atomics.notify(control, SLEEPS)
    return true
  }

  #place (words: Float64Array, from: number, count: number, more: boolean): boolean {
    const data = this.#data
    let at = this.#head & MASK
    const toEnd = RING_WORDS - at
    const skipped = count + 1 > toEnd ? toEnd : 0
    if (!this.#hasRoom(skipped + count + 1)) return false
    if (skipped > 0) {
      data[at] = 0
      at = 0
    }
    data[at] = more ? -count : count
    if (count <= 32) for (let i = 0; i < count; i++) data[at + 1 + i] = words[from + i]!
    else data.set(words.subarray(from, from + count), at + 1)
    this.#head = (this.#head + skipped + count + 1) % WRAP
    Atomics.store(this.#control, HEAD, this.#head)
    return true
  }

  #hasRoom (words: number): boolean {
    if (this.#used() + words <= RING_WORDS) return true
    this.#tail = Atomics.load(this.#control, TAIL)
    const used = this.#used()
    if (!(used >= 0 && used <= RING_WORDS)) throw new Malformed(`a reader that has read up to ${this.#tail} of ${this.#head}`)
    return used + words <= RING_WORDS
  }

  #used (): number {
    const used = this.#head - this.#tail
    return used < 0 ? used + WRAP : used
  }
}

export class RingReader {
  readonly #control: Int32Array
  readonly #data: Float64Array
  #tail = 0
  /** Whether what is in the frame reader is to go on. */
  #partial = false

  constructor (memory: SharedArrayBuffer, at: number) {
    this.#control = new Int32Array(memory, at, CONTROL_BYTES / 4)
    this.#data = new Float64Array(memory, at + CONTROL_BYTES, RING_WORDS)
  }

  /** Whether something has come. */
  get ready (): boolean {
    return Atomics.load(this.#control, HEAD) !== this.#tail
  }

  /** Copies the next frame out; false when there is none, or not all of it. The same reader is given until a frame is whole. */
  receive (frame: FrameReader): boolean {
    for (let skipped = false; ;) {
      const used = this.#used()
      if (used === 0) return false
      const data = this.#data
      const at = this.#tail & MASK
      const first = data[at]!
      if (first === 0) {
        if (skipped || at === 0 || RING_WORDS - at > used) throw new Malformed('a ring that goes on before it begins')
        skipped = true
        this.#take(RING_WORDS - at)
        continue
      }
      const more = first < 0
      const count = more ? -first : first
      if (!(Number.isInteger(count) && count <= PIECE_WORDS_MAX && count + 1 <= used && at + 1 + count <= RING_WORDS)) throw new Malformed(`a piece of ${first} words`)
      const from = this.#partial ? frame.length : 0
      if (from + count > FRAME_WORDS_MAX) throw new Malformed(`a frame of more than ${FRAME_WORDS_MAX} words`)
      if (from === 0) frame.begin(count)
      else frame.extend(count)
      const { words } = frame
      if (count <= 32) for (let i = 0; i < count; i++) words[from + i] = data[at + 1 + i]!
      else words.set(data.subarray(at + 1, at + 1 + count), from)
      this.#take(count + 1)
      this.#partial = more
      skipped = false
      if (!more) return true
    }
  }

  /** Says that the reader is about to sleep; false, and it may not, when something has come meanwhile. */
  sleeps (): boolean {
    Atomics.store(this.#control, SLEEPS, 1)
    if (!this.ready) return true
    this.awake()
    return false
  }

  /** Sleeps after `sleeps`, up to so many ms. Not where a thread must not block. */
  sleep (timeoutMs: number): void {
    Atomics.wait(this.#control, SLEEPS, 1, timeoutMs)
    this.awake()
  }

  awake (): void {
    Atomics.store(this.#control, SLEEPS, 0)
  }

  #used (): number {
    const head = Atomics.load(this.#control, HEAD)
    if (head === this.#tail) return 0
    const used = head - this.#tail
    const words = used < 0 ? used + WRAP : used
    if (!(head >= 0 && head < WRAP && words <= RING_WORDS)) throw new Malformed(`a writer that has written up to ${head}, and ${this.#tail} is read`)
    return words
  }

  #take (words: number): void {
    this.#tail = (this.#tail + words) % WRAP
    Atomics.store(this.#control, TAIL, this.#tail)
  }
}
