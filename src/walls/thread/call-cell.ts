/**
 * Call cells: how a program on a thread of its own calls the kernel, and hears its answer.
 *
 * A program makes one call at a time and waits for its answer, so what a channel of rings would be for a domain is one cell for
 * a program: an operation, its numbers, and a word that says whose turn it is. The thread rings the kernel's bell when it has
 * posted a call, spins for a moment, and then sleeps on that word; who answers wakes it only if it says that it sleeps.
 *
 * The kernel's side copies a call out once and looks at nothing of it again. What is written by the thread is not trusted to be
 * in range; that what a program says is checked is the kernel's business.
 */

const TURN = 0
const SLEEPS = 16
const OPERATION = 32
const RESULT = 33
const TEXT_BYTES = 34
const FIRST_ARGUMENT = 35
/** Numbers that a call may have. */
export const CELL_ARGUMENTS = 13
const TEXT_AT = 256
const TEXT_BYTES_MAX = 512

export const CELL_BYTES = TEXT_AT + TEXT_BYTES_MAX

const PROGRAMS = 0
const KERNELS = 1

/** What a program asks that is no system call: pages of memory, or fewer (negative); whether it may have them. */
export const GROW = -1
/** It has ended: how, and what was thrown. */
export const END = -2

/** How the code of a program has ended by itself. */
export const ENDED = { RETURNED: 0, EXITED: 1, THREW: 2 } as const

/** How long a thread spins for an answer before it sleeps. */
const SPIN_NS = 20_000
const LOOKS_A_READ = 32

/** What a call was, as the kernel took it. */
export interface TakenCall {
  operation: number
  readonly args: number[]
}

/** The kernel's side. */
export class KernelCell {
  readonly memory = new SharedArrayBuffer(CELL_BYTES)
  readonly #words = new Int32Array(this.memory)
  /** A call that was taken and is not answered yet. */
  #busy = false

  /** Whether a call was posted that nobody has taken. */
  get posted (): boolean {
    return !this.#busy && Atomics.load(this.#words, TURN) === KERNELS
  }

  /** Copies out the call that was posted. */
  take (into: TakenCall): void {
    const words = this.#words
    this.#busy = true
    into.operation = words[OPERATION]!
    for (let at = 0; at < CELL_ARGUMENTS; at++) into.args[at] = words[FIRST_ARGUMENT + at]!
  }

  /** What was said along with it. */
  text (): string {
    const length = Math.min(TEXT_BYTES_MAX, Math.max(0, this.#words[TEXT_BYTES]!))
    return new TextDecoder().decode(new Uint8Array(this.memory, TEXT_AT, length).slice())
  }

  /** Answers the call that was taken: its thread goes on. */
  answer (result: number): void {
    const words = this.#words
    words[RESULT] = result
    this.#busy = false
    Atomics.store(words, TURN, PROGRAMS)
    if (Atomics.load(words, SLEEPS) === 1) Atomics.notify(words, TURN)
  }
}

/** The thread's side. */
export class ThreadCell {
  readonly #memory: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #ring: () => void
  readonly #nowNs: () => number
  #spins = true

  constructor (memory: SharedArrayBuffer, ring: () => void, nowNs: () => number) {
    this.#memory = memory
    this.#words = new Int32Array(memory)
    this.#ring = ring
    this.#nowNs = nowNs
  }

  /** Makes a call and waits for its answer. */
  call (operation: number, args: ArrayLike<number>): number {
    this.post(operation, args)
    this.#wait()
    return this.#words[RESULT]!
  }

  /** Posts a call; nobody waits for an answer. */
  post (operation: number, args: ArrayLike<number>, text = ''): void {
    const words = this.#words
    words[OPERATION] = operation
    for (let at = 0; at < args.length; at++) words[FIRST_ARGUMENT + at] = args[at]!
    words[TEXT_BYTES] = text === '' ? 0 : this.#say(text)
    Atomics.store(words, TURN, KERNELS)
    this.#ring()
  }

  #say (text: string): number {
    const bytes = new TextEncoder().encode(text).subarray(0, TEXT_BYTES_MAX)
    new Uint8Array(this.#memory, TEXT_AT).set(bytes)
    return bytes.length
  }

  #wait (): void {
    const words = this.#words
    if (this.#spins || Atomics.load(words, TURN) === PROGRAMS) {
      const untilNs = this.#nowNs() + SPIN_NS
      do {
        for (let looks = 0; looks < LOOKS_A_READ; looks++) if (Atomics.load(words, TURN) === PROGRAMS) return
      } while (this.#nowNs() < untilNs)
    }
    // Next time it spins again if this answer came soon after it had given up.
    const sinceNs = this.#nowNs()
    Atomics.store(words, SLEEPS, 1)
    while (Atomics.load(words, TURN) !== PROGRAMS) Atomics.wait(words, TURN, KERNELS)
    Atomics.store(words, SLEEPS, 0)
    this.#spins = this.#nowNs() - sinceNs < 2 * SPIN_NS
  }
}
