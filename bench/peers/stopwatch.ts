/** A fine clock for a program whose own system has one that steps by milliseconds: for timing alone, not while the clock is measured. */

import process from 'node:process'

type Imports = Record<string, unknown>

/** Puts it in the place of `clock_time_get` among a system's functions, unless the program is told to measure that. */
export function withStopwatch<T extends object> (functions: T, args: readonly string[], memory: () => WebAssembly.Memory): T {
  if (args[1] === 'clock') return functions
  const clock = (_clock: number, _precision: bigint, out: number): number => {
    new DataView(memory().buffer).setBigUint64(out, process.hrtime.bigint(), true)
    return 0
  }
  return { ...functions, clock_time_get: clock } satisfies Imports as T
}

/** Of an instance that its own imports need. */
export function memoryOf (instance: WebAssembly.Instance | null): WebAssembly.Memory {
  return instance!.exports['memory'] as WebAssembly.Memory
}
