/**
 * Profiles: what hardware costs, as plain numbers, read from a data file (`profiles/*.json`) in which every number has
 * its source.
 *
 * All times are in cycles of the processor unless the name says ns. A figure that the real part does not have is 0.
 * What each number means, its unit and its bounds stand in `profile-fields.ts`, which the compiler holds against this type.
 */

export interface CacheProfile {
  readonly name: string
  readonly sizeBytes: number
  readonly lineBytes: number
  /**
   * Cycles that a line takes which is not in it, on top of what a miss in the nearer ones has taken: so a line from memory
   * takes the sum of all levels.
   */
  readonly missCycles: number
  /** The same for a line that follows the one before: in a burst, or fetched ahead. Copying pays this one. */
  readonly streamCycles: number
}

export interface Profile {
  readonly name: string
  /** The part that it is of, as its maker calls it. */
  readonly hardware: string
  readonly year: number
  readonly summary: string
  readonly frequencyMHz: number
  /** Most processors that it is sensible to model with it. */
  readonly processorsMax: number
  /** Cycles of one WebAssembly instruction of each class (`InstructionCounts`), as compiled, with warm caches. */
  readonly program: { readonly integer: number, readonly float: number, readonly memory: number, readonly branch: number, readonly call: number }
  /** Cycles of one instruction of kernel code, with warm caches. */
  readonly kernelInstruction: number
  /** Entering and leaving supervisor mode by a system call, registers saved and restored. */
  readonly trapEntry: number
  readonly trapExit: number
  /** What of them saving and restoring the program's registers takes: a message that lies in registers leaves those where they are. */
  readonly trapRegisters: { readonly save: number, readonly restore: number }
  /** What page-table isolation adds to each entry and each exit; 0 without it. */
  readonly pageTableIsolation: number
  /** Loading another page table; the refill of an untagged TLB is extra. */
  readonly addressSpaceSwitch: number
  readonly tlb: {
    readonly entries: number, readonly pageBytes: number, readonly missCycles: number
    /** Entries name their address space, and outlive a switch. */
    readonly tagged: boolean
    /** Without tags: entries of the supervisor, the same in every space, outlive a switch. */
    readonly globalPages: boolean
  }
  /** From the nearest to the farthest. */
  readonly caches: readonly CacheProfile[]
  /** Copying, all in the nearest cache. */
  readonly copy: { readonly startCycles: number, readonly perByte: number }
  /** Mapping a page into another address space, and taking it out again with its TLB entry. */
  readonly map: { readonly perPage: number, readonly unmapPerPage: number }
  readonly interrupt: { readonly entry: number, readonly exit: number }
  /** Sending an inter-processor interrupt, and until it is taken. */
  readonly interProcessor: { readonly send: number, readonly latency: number }
  /** A cache line that another processor has modified. */
  readonly lineTransfer: { readonly near: number, readonly far: number, readonly processorsNear: number }
  /** An atomic operation on a line that the processor owns. */
  readonly atomic: number
  readonly timer: { readonly program: number, readonly resolutionNs: number }
  /** Leaving a virtual machine and going on in it. */
  readonly virtualMachine: { readonly exitAndEntry: number }
  readonly devices: {
    readonly console: { readonly perByteNs: number, readonly latencyNs: number }
    readonly disk: { readonly latencyNs: number, readonly perByteNs: number, readonly queueDepth: number }
    readonly link: { readonly latencyNs: number, readonly perByteNs: number, readonly queueDepth: number }
  }
}
