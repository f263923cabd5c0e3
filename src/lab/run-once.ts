/** One system, booted for one measurement and closed again. What every kernel can do: some take one program only. */

import { createHash } from 'node:crypto'
import type { BootOptions, Exit, OperatingSystem, Program, Share, SpawnOptions } from '../os/index.ts'
import type { Plan } from '../link/index.ts'
import { countsBetween, countsOf, type Counts } from './results.ts'

/** What is taken of the library; tests give another. */
export interface Library {
  boot (options: BootOptions): Promise<OperatingSystem>
}

export interface Order {
  readonly kernel: Plan
  readonly program: Program
  readonly spawn: SpawnOptions
  readonly copies?: number
  readonly shares?: readonly Share[]
  readonly files?: Readonly<Record<string, Uint8Array | string>>
}

export interface Outcome {
  readonly bootNs: number
  /** From spawn to the end of the output. */
  readonly elapsedNs: number
  /** From before spawn to after the end. */
  readonly counts: Counts
  /** Of the first copy. */
  readonly exit: Exit
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

export async function runOnce (library: Library, order: Order): Promise<Outcome> {
  await using os = await library.boot({
    kernel: order.kernel,
    program: order.program,
    ...(order.shares === undefined ? {} : { shares: order.shares })
  })
  for (const [path, data] of Object.entries(order.files ?? {})) await os.fs.writeFile(path, data)
  const before = countsOf(os.stats().counters)
  const start = performance.now()
  const processes = Array.from({ length: order.copies ?? 1 }, () => os.spawn(order.program, order.spawn))
  const outputs = await Promise.all(processes.map(process => process.output()))
  const elapsedNs = (performance.now() - start) * 1e6
  const stats = os.stats()
  const bad = outputs.find(output => output.status !== 0) ?? outputs[0]!
  return {
    bootNs: stats.bootNs,
    elapsedNs,
    counts: countsBetween(before, countsOf(stats.counters)),
    exit: { kind: bad.kind, status: bad.status, signal: bad.signal, message: bad.message },
    stdout: bad.stdout,
    stderr: bad.stderr
  }
}

/** Why a run did not do what it should, in a line; undefined when it did. */
export function failureOf (outcome: Outcome): string | undefined {
  if (outcome.exit.status === 0) return undefined
  return outcome.exit.message || lastWords(outcome) || `exit status ${outcome.exit.status}`
}

/** The last line that it wrote on standard error: where programs say what was wrong. */
export function lastWords (outcome: Outcome): string {
  return new TextDecoder().decode(outcome.stderr).trim().split('\n').at(-1) ?? ''
}

export function sha256 (...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    // The length first, so that bytes cannot move from one part to the next unseen.
    hash.update(`${part.length}:`).update(part)
  }
  return hash.digest('hex')
}
