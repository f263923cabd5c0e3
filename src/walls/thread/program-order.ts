/** What a thread is told: what its place is made with, and each program that it is to run. Everything in it is shared or can be cloned. */

export interface ThreadOrder {
  readonly bell: SharedArrayBuffer
  readonly cell: SharedArrayBuffer
  /** The trampoline's module, and the system calls in the order of their numbers. */
  readonly trampoline: WebAssembly.Module
  readonly calls: readonly string[]
  /** Names by which a rewritten module takes and gives what was added to it. */
  readonly names: { readonly yield: string, readonly growSlot: number, readonly start: string }
}

export interface ProgramOrder {
  readonly module: WebAssembly.Module
  /** The only one, which the kernel addresses too. */
  readonly memory: WebAssembly.Memory
}
