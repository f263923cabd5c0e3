/**
 * This process's standard input, as what stands at a model machine's console.
 *
 * A file or a pipe is read whole when a program first looks at it: what is in it is then there from the beginning, and a
 * program that never looks waits for nobody. What a person types comes when it comes.
 */

import { readSync } from 'node:fs'
import { FedInput, wholeInput } from '../machine/model/index.ts'
import type { ModelInput } from '../machine/model/index.ts'

/** Reads all of standard input, once it is looked at. */
export class WholeInput implements ModelInput {
  #input: ModelInput | null = null
  readonly #arrived: () => void
  /** What was read; null when nobody has looked. */
  bytes: Uint8Array | null = null

  constructor (arrived: () => void) {
    this.#arrived = arrived
  }

  #looked (): ModelInput {
    if (this.#input !== null) return this.#input
    this.bytes = readWhole(0)
    return this.#input = wholeInput(this.bytes)(this.#arrived)
  }

  read (bytes: Uint8Array, at: number, length: number): number {
    return this.#looked().read(bytes, at, length)
  }

  readable (): number {
    return this.#looked().readable()
  }

  await (wanted: boolean): void {
    if (wanted) this.#looked().await(true)
    else this.#input?.await(false)
  }

  hungUp (): boolean {
    return this.#looked().hungUp()
  }
}

/** What a person types at this process's terminal, from when a program first waits for it. */
export class TypedInput extends FedInput {
  readonly #told: (bytes: Uint8Array | null) => void
  #listening = false

  /** `told` is called with each piece before it comes, and with null for the end. */
  constructor (arrived: () => void, told: (bytes: Uint8Array | null) => void) {
    super(arrived)
    this.#told = told
  }

  override await (wanted: boolean): void {
    super.await(wanted)
    if (!wanted || this.#listening) return
    this.#listening = true
    process.stdin.on('data', this.#typed).on('end', this.#ended)
  }

  /** Nobody listens any more. */
  close (): void {
    if (!this.#listening) return
    process.stdin.off('data', this.#typed).off('end', this.#ended).pause()
  }

  readonly #typed = (bytes: Uint8Array): void => {
    this.#told(bytes)
    this.feed(bytes)
  }

  readonly #ended = (): void => {
    this.#told(null)
    this.feed(null)
  }
}

const PIECE_BYTES = 65536
/** How often a pipe that has nothing yet is looked at, where reading it does not wait. */
const AGAIN_MS = 5

/** All that a descriptor gives until its end; nothing where there is none. */
function readWhole (fd: number): Uint8Array {
  const pieces: Uint8Array[] = []
  const word = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    const piece = new Uint8Array(PIECE_BYTES)
    try {
      const count = readSync(fd, piece)
      if (count === 0) break
      pieces.push(piece.subarray(0, count))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') break
      Atomics.wait(word, 0, 0, AGAIN_MS)
    }
  }
  return Buffer.concat(pieces)
}
