/** Memory that one booted system holds: exactly what its arenas gave out, and what the host's heap grew by. */

import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Plan } from '../link/index.ts'
import type { Program } from '../os/index.ts'
import type { MemoryFacts } from './results.ts'
import type { Library } from './run-once.ts'

/** Enough of them at once for garbage of other origin to be small beside. */
const systems = 16

export async function memoryOf (library: Library, kernel: Plan, program: Program): Promise<MemoryFacts> {
  const order = { kernel, program }
  // The first boot compiles and caches what all share.
  await (await library.boot(order)).close()
  const before = await hostBytes()
  const booted = []
  for (let n = 0; n < systems; n++) booted.push(await library.boot(order))
  const after = await hostBytes()
  const arenaBytes = booted[0]!.stats().arenas.reduce((sum, arena) => sum + arena.allocatedBytes, 0)
  for (const os of booted) await os.close()
  return { arenaBytes, hostBytes: Math.max(0, Math.round((after - before) / systems)) }
}

async function hostBytes (): Promise<number> {
  // What the first collection finalises, the second frees; the event loop has to turn in between.
  for (let n = 0; n < 3; n++) {
    collect()
    await setImmediate()
  }
  // `external` includes the array buffers that arenas stand on.
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** A full collection: Node has it only behind a flag, which can be set while it runs. */
function collect (): void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  if (typeof gc === 'function') gc()
}
