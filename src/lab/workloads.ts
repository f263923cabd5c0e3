/**
 * The workloads, as data: which program does what, and what one operation is.
 *
 * A workload of kind `batches` runs a program that makes the same operation over and over, and prints for each batch how
 * long it took: `NAME ITERATIONS NANOSECONDS …`, and maybe `# checksum N`, which depends on its arguments alone. A workload
 * of kind `runs` is timed from outside, from spawn to the end of its output.
 */

import type { Program } from '../os/index.ts'

/** In arguments: what the measurement decides. */
export const iterations = Symbol('iterations')
export const batches = Symbol('batches')

export interface BatchWorkload {
  readonly kind: 'batches'
  readonly name: string
  /** What one operation is. */
  readonly operation: string
  readonly program: string
  readonly args: readonly (string | typeof iterations | typeof batches)[]
  /** Programs that it starts itself: /NAME.wasm in the file system. */
  readonly children?: readonly string[]
}

export interface RunWorkload {
  readonly kind: 'runs'
  readonly name: string
  readonly operation: string
  readonly program: string
  readonly args: readonly string[]
  /** How many of it run at once. */
  readonly copies: number
  /** A text of so many lines for it to read, drawn from the seed, at /input.txt. */
  readonly inputLines?: number
}

export type Workload = BatchWorkload | RunWorkload

function bench (name: string, workload: string, operation: string): BatchWorkload {
  return { kind: 'batches', name, operation, program: 'bench', args: [workload, iterations, batches, '/'] }
}

export const workloads: readonly Workload[] = [
  bench('null call', 'null', 'fd_fdstat_get of standard input'),
  bench('clock', 'clock', 'clock_time_get of the monotonic clock'),
  bench('read 1 B', 'pread1', 'fd_pread of 1 B at a fixed offset'),
  bench('read 4 KiB', 'pread4k', 'fd_pread of 4 KiB at a fixed offset'),
  bench('write 1 B', 'pwrite1', 'fd_pwrite of 1 B at a fixed offset'),
  bench('write 4 KiB', 'pwrite4k', 'fd_pwrite of 4 KiB at a fixed offset'),
  bench('open/close', 'open', 'path_open and fd_close of a file in the root'),
  bench('stat', 'stat', 'path_filestat_get of a file in the root'),
  bench('create/unlink', 'create', 'path_open that creates, fd_close, path_unlink_file'),
  bench('readdir', 'readdir', 'fd_readdir of a directory of 32 names'),
  {
    kind: 'batches', name: 'pipe ping-pong', operation: 'a byte to another program and back, through two pipes', program: 'pair',
    args: ['/pingpong.wasm', iterations, batches], children: ['pingpong']
  },
  {
    kind: 'batches', name: 'spawn', operation: 'a program starts one that ends at once, and waits for it', program: 'spawns',
    args: ['/true.wasm', iterations, batches], children: ['true']
  },
  {
    kind: 'runs', name: 'four at once', operation: 'four programs that count the primes below 300,000, at the same time',
    program: 'primes', args: ['300000'], copies: 4
  },
  {
    kind: 'runs', name: 'sort', operation: 'a program that sorts 20,000 lines of a file',
    program: 'sort', args: ['/input.txt'], copies: 1, inputLines: 20_000
  }
]

/** A program that workloads name. */
export interface StoredProgram {
  readonly program: Program
  readonly bytes: Uint8Array
}

/** The names of all programs that workloads need. */
export function programsOf (list: readonly Workload[]): Set<string> {
  return new Set(list.flatMap(workload => [workload.program, ...(workload.kind === 'batches' ? workload.children ?? [] : [])]))
}
