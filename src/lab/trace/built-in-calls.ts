/** Which of the programs that come with KaleidOS makes a system call, over and over: what is traced where no program is named. */

export interface BuiltInCall {
  readonly call: string
  /** What is done in one, for a person. */
  readonly what: string
  readonly program: string
  readonly args: readonly string[]
  /** Programs that it starts: /NAME.wasm in the file system. */
  readonly children?: readonly string[]
}

/** Calls of a batch, and batches: short ones, so that few calls meet the end of a time slice. */
const ITERATIONS = '500'
const BATCHES = '16'

function bench (call: string, workload: string, what: string): BuiltInCall {
  return { call, what, program: 'bench', args: [workload, ITERATIONS, BATCHES, '/'] }
}

export const builtInCalls: readonly BuiltInCall[] = [
  bench('fd_read', 'scan4k', '4 KiB of a file'),
  bench('fd_write', 'rewrite4k', '4 KiB of a file'),
  bench('fd_pread', 'pread4k', '4 KiB of a file'),
  bench('fd_pwrite', 'pwrite4k', '4 KiB of a file'),
  bench('fd_seek', 'seek', 'to an offset'),
  bench('fd_fdstat_get', 'null', 'of standard input: as good as nothing is done'),
  bench('fd_filestat_get', 'fstat', 'of a file'),
  bench('fd_readdir', 'readdir', 'of 32 names'),
  bench('fd_close', 'open', 'of a file'),
  bench('path_open', 'open', 'of a file in the root'),
  bench('path_filestat_get', 'stat', 'of a file in the root'),
  bench('path_unlink_file', 'create', 'of an empty file'),
  bench('path_rename', 'rename', 'of a file'),
  bench('clock_time_get', 'clock', 'of the monotonic clock'),
  bench('random_get', 'random', '16 B'),
  bench('sched_yield', 'yield', 'with nobody else there'),
  { call: 'proc_spawn', what: 'of a program that ends at once', program: 'spawns', args: ['/true.wasm', '40', '6'], children: ['true'] },
  { call: 'proc_wait', what: 'for a program that ends at once', program: 'spawns', args: ['/true.wasm', '40', '6'], children: ['true'] }
]
