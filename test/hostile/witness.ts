// A witness: a program that answers again and again while others do what they do. It counts, so that it is seen to make progress.

import assert from 'node:assert/strict'
import type { OperatingSystem, Process } from '../../src/index.ts'
import { latin1, program, sleep } from '../system/support.ts'

/** An answer has to come within that. */
const PATIENCE_MS = 20_000

export class Witness implements AsyncDisposable {
  readonly process: Process
  /** Questions that it has answered. */
  answers = 0
  #going = true
  readonly #loop: Promise<void>

  private constructor (process: Process) {
    this.process = process
    this.#loop = this.#ask()
  }

  /** Starts one, which has answered once. */
  static async start (os: OperatingSystem): Promise<Witness> {
    const witness = new Witness(os.spawn(program('pingpong'), { args: ['pingpong', 'pong'] }))
    await witness.answersAfter(0)
    return witness
  }

  /** Waits until it has answered what was asked after so many answers. */
  async answersAfter (count: number): Promise<void> {
    for (const until = performance.now() + PATIENCE_MS; this.answers <= count + 1;) {
      assert.ok(performance.now() < until, `it does not answer any more, after ${this.answers} answers`)
      await sleep(1)
    }
  }

  async #ask (): Promise<void> {
    const writer = this.process.stdin.getWriter()
    const reader = this.process.stdout.getReader()
    while (this.#going) {
      await writer.write(Buffer.from('?'))
      const { value, done } = await reader.read()
      assert.ok(!done && latin1(value) === '?', 'it ended')
      this.answers++
      // Now and then is enough, and leaves the processor to others.
      await sleep(1)
    }
    writer.releaseLock()
    reader.releaseLock()
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    this.#going = false
    await this.#loop
    await this.process.kill('SIGKILL')
    await this.process.wait()
  }
}
