/**
 * What a peer of the benchmarks is: a system that runs WASI programs in JavaScript, set up as well as it can be.
 *
 * Every system runs in a process of its own (`serve.ts`), which compiles the program once and runs it whenever it is told to.
 * A peer's program is run as it is; ours goes through the loader, as always.
 */

/** The end of a run. */
export interface Output {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface Peer {
  /** The package's name; ours: the kernel's. */
  readonly name: string
  /** How it is set up: what its files lie in. */
  readonly setUp: string
  /** A directory that programs may make files in. */
  readonly folder: string
  /** Whether files stay from one run to the next. */
  readonly keepsFiles: boolean
  /** Makes a system for a program, and gives a function that runs it with arguments. */
  open (program: Uint8Array<ArrayBuffer>): Promise<(args: readonly string[]) => Promise<Output>>
}
