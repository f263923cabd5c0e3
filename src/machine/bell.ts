/**
 * The bell: a word of shared memory that other threads of the host ring, and a flag by which the kernel's thread says that
 * it sleeps. Whoever rings counts it up, and wakes who sleeps; so nobody makes a system call to wake who is awake.
 *
 * All who may ring share it, and any of them could write nonsense there: it is a hint. The kernel's thread looks for itself
 * from time to time while it waits for any of them.
 */

/** Int32 words: a line of a cache for each. */
const COUNT = 0
const SLEEPS = 32

export const BELL_BYTES = 256

export class Bell {
  readonly #words: Int32Array

  constructor (memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, BELL_BYTES / 4)
  }

  /** How often it rang, modulo 2^32. */
  get rings (): number {
    return Atomics.load(this.#words, COUNT)
  }

  /** By another thread; whether somebody slept. */
  ring (): boolean {
    const words = this.#words
    Atomics.add(words, COUNT, 1)
    if (Atomics.load(words, SLEEPS) === 0 || Atomics.exchange(words, SLEEPS, 0) === 0) return false
    Atomics.notify(words, SLEEPS)
    return true
  }

  /** Looks up to so many times whether it has rung beyond `seen`. */
  spin (seen: number, times: number): boolean {
    const words = this.#words
    for (let i = 0; i < times; i++) if (Atomics.load(words, COUNT) !== seen) return true
    return false
  }

  /** Blocks the thread until it rings or the time is over; whether it has rung beyond `seen`. */
  sleep (seen: number, timeoutMs: number): boolean {
    const words = this.#words
    Atomics.store(words, SLEEPS, 1)
    if (Atomics.load(words, COUNT) === seen) Atomics.wait(words, SLEEPS, 1, timeoutMs)
    Atomics.store(words, SLEEPS, 0)
    return Atomics.load(words, COUNT) !== seen
  }

  /** Asks to be woken by who rings next: for who sleeps by `sleepAsync` already. Whether it has rung beyond `seen`. */
  listen (seen: number): boolean {
    const words = this.#words
    Atomics.store(words, SLEEPS, 1)
    return Atomics.load(words, COUNT) !== seen
  }

  /** Settles when it rings, or the time is over. */
  async sleepAsync (seen: number, timeoutMs: number): Promise<void> {
    const words = this.#words
    if (!this.listen(seen)) await Atomics.waitAsync(words, SLEEPS, 1, timeoutMs).value
  }
}
