/** A library that is none: systems that answer as a test says, for tests of measurements. */

import type { BootOptions, Exit, OperatingSystem, Process, Program, SpawnOptions } from '../os/index.ts'
import type { Plan } from '../link/index.ts'
import { countNames, type Counts } from './results.ts'
import type { Library } from './run-once.ts'

export interface Answer {
  readonly stdout: string
  readonly stderr?: string
  readonly exit?: Partial<Exit>
  /** What it adds to the counts. */
  readonly counts: Partial<Counts>
}

export interface Call {
  readonly kernel: string
  readonly program: string
  readonly args: readonly string[]
  readonly boot: BootOptions
}

export function program (name: string): Program {
  return { name, sizeBytes: 1, imports: [] }
}

export function plan (name: string): Plan {
  return {
    name, summary: '', core: 'none', domains: [{ name: 'image', mode: 'supervisor', wall: 'none', services: [] }], gates: [],
    scheduler: { policy: 'round-robin', sliceUs: 1000, priorities: 1 }
  }
}

/** A library whose programs end with what `answer` says; an error that it throws refuses the program. */
export function fakeLibrary (answer: (call: Call) => Answer | Promise<Answer>): Library & { readonly calls: Call[] } {
  const calls: Call[] = []
  return { calls, boot: async options => fakeSystem(options, call => { calls.push(call); return answer(call) }) }
}

function fakeSystem (boot: BootOptions, answer: (call: Call) => Answer | Promise<Answer>): OperatingSystem {
  const counters: Record<string, number> = Object.fromEntries(countNames.map(name => [name, 1000]))
  const spawn = (program: Uint8Array | Program, options: SpawnOptions = {}): Process => {
    const answered = Promise.resolve()
      .then(() => answer({ kernel: boot.kernel.name, program: (program as Program).name, args: (options.args ?? []).slice(1), boot }))
    const output = async (): ReturnType<Process['output']> => {
      const { stdout, stderr = '', exit, counts } = await answered
      for (const name of countNames) counters[name]! += counts[name] ?? 0
      return {
        kind: 'exit', status: 0, signal: null, message: '', ...exit, stdout: new TextEncoder().encode(stdout), stderr: new TextEncoder().encode(stderr), text: stdout
      }
    }
    return { output } as unknown as Process
  }
  const files = { writeFile: async () => {} }
  const close = async (): Promise<void> => {}
  return {
    kernel: boot.kernel, fs: files, spawn, close, addressability: () => [], [Symbol.asyncDispose]: close,
    stats: () => ({ kernel: boot.kernel.name, counters: { ...counters }, processes: 0, arenas: [], tainted: false, bootNs: 5000 })
  } as unknown as OperatingSystem
}
