/** What a cache line takes between two processors, and an atomic operation on one: two threads that hand a word to and fro. */

import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { atomicAt, handedAt, perRound, type LoopModule } from './loops.ts'
import { timed, type Timing } from './clock.ts'

const rounds = 500
const batches = 60
const mostMs = 3000
/** No line takes so long; the two threads were not run at the same time. */
const lineNsMost = 5000
/** Looks at a word that does not change before it is given up: some seconds. */
const patience = 300_000_000

/**
 * The other thread. It has no file of its own, since the command is bundled and a bundle moves files; all that it does is in
 * the module that it is given.
 */
const otherThread = `
const { parentPort, workerData } = require('node:worker_threads')
const { exports } = new WebAssembly.Instance(workerData.module, { env: { memory: workerData.memory } })
parentPort.on('message', ({ rounds, at, patience }) => parentPort.postMessage(exports.pong(rounds, at, patience)))
parentPort.postMessage('ready')
`

/** Half of a way to and fro; undefined where this process has one processor, or was not given two at a time. */
export async function measureLineTransfer ({ module, memory, loops }: LoopModule): Promise<Timing | undefined> {
  if (availableParallelism() < 2) return undefined
  const worker = new Worker(otherThread, { eval: true, workerData: { module, memory } })
  try {
    await once(worker, 'message')
    const runs: number[] = []
    const until = performance.now() + mostMs
    for (let batch = 0; batch < batches && performance.now() < until; batch++) {
      new Int32Array(memory.buffer)[handedAt / 4] = 0
      worker.postMessage({ rounds, at: handedAt, patience })
      // The first way is not timed: the other thread has yet to begin.
      const answered = once(worker, 'message')
      if (loops.ping(1, handedAt, patience) === 0) return undefined
      const start = performance.now()
      if (loops.resume(rounds - 1, handedAt, patience) === 0) return undefined
      runs.push((performance.now() - start) * 1e6 / (rounds - 1) / 2)
      await answered
    }
    runs.sort((a, b) => a - b)
    return runs[0]! > lineNsMost ? undefined : { bestNs: runs[0]!, medianNs: runs[runs.length >> 1]! }
  } finally {
    await worker.terminate()
  }
}

export function measureAtomic ({ loops }: LoopModule, budgetNs: number): Timing {
  const { bestNs, medianNs } = timed(rounds => { loops.atomics(rounds, atomicAt) }, budgetNs)
  return { bestNs: bestNs / perRound.atomics, medianNs: medianNs / perRound.atomics }
}
