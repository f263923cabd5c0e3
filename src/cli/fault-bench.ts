/** A bench of a campaign: a thread of the host that carries out experiments, made anew when one of them has kept it. */

import { Worker } from 'node:worker_threads'
import { HUNG_MS, notDone } from '../lab/index.ts'
import type { Bench, Experiment, FaultKind, Outcome } from '../lab/index.ts'
import type { BenchAnswer, BenchRequest } from './faults-worker.ts'

/** Where its code is: beside this file, or, where the command is put together in few files, where the package has it. */
const code = import.meta.url.endsWith('.ts') ? new URL('./faults-worker.ts', import.meta.url) : new URL('../../dist/cli/faults-worker.js', import.meta.url)

export class ThreadBench implements Bench {
  #worker: Worker | null = null

  survey (kernel: string, machine: string): Promise<Record<string, FaultKind[]>> {
    return this.#ask({ survey: kernel, machine }, Infinity) as Promise<Record<string, FaultKind[]>>
  }

  async carryOut (experiment: Experiment): Promise<Outcome> {
    try {
      return await this.#ask({ experiment }, HUNG_MS) as Outcome
    } catch (error) {
      if (!(error instanceof Kept)) throw error
      await this.close()
      return notDone(experiment, 'whole-system loss', error.message)
    }
  }

  async close (): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }

  #ask (request: BenchRequest, limitMs: number): Promise<unknown> {
    const worker = this.#worker ??= new Worker(code, { stdout: false })
    return new Promise((resolve, reject) => {
      const timer = limitMs === Infinity ? null : setTimeout(() => { settle(() => { reject(new Kept(`the host's processor was not given back for ${limitMs / 1000} s`)) }) }, limitMs)
      const answered = (answer: BenchAnswer): void => {
        settle(() => { if ('value' in answer) resolve(answer.value); else reject(new Error(answer.failed)) })
      }
      const failed = (error: Error): void => { settle(() => { reject(new Kept(`the host's thread ended: ${error.message}`)) }) }
      const exited = (status: number): void => { failed(new Error(`status ${status}`)) }
      const settle = (then: () => void): void => {
        if (timer !== null) clearTimeout(timer)
        worker.off('message', answered)
        worker.off('error', failed)
        worker.off('exit', exited)
        then()
      }
      worker.on('message', answered)
      worker.on('error', failed)
      worker.on('exit', exited)
      worker.postMessage(request)
    })
  }
}

/** The experiment took the host's thread with it. */
class Kept extends Error {}
