/**
 * The workloads of the validation: what stands for each published one. Fixed with the targets, before the first comparison.
 *
 * Mixes are numbers of operations for each second of computing on the machine, from sources that are not the comparison's own,
 * with ranges; where nothing was found, they are assumed and say so.
 */

export interface Operation {
  /** As `bench` calls it; `spawn`, `pipe`, `page` and `file page` are programs of their own. */
  readonly name: string
  readonly perSecond: number
  readonly range: readonly [number, number]
}

export interface Mix {
  readonly what: string
  readonly basis: string
  readonly operations: readonly Operation[]
}

/** lmbench's `lat_pipe`: a byte to another program and back, through two pipes; a round trip (McVoy and Staelin, USENIX 1996). */
export const pipeRoundTrips = { iterations: 40, batches: 3 } as const

/**
 * lmbench's `bw_pipe`, with writes of 4 KiB: a pipe of Linux 2.0 holds a page, so that larger writes are done in such pieces
 * (its fs/pipe.c). Ours holds 64 KiB, and copies once where the reader waits.
 */
export const pipeBytes = { size: 4096, count: 256, batches: 3 } as const

export const getpidRuns = { iterations: 100, batches: 3 } as const

export const build: Mix = {
  what: 'compiling C files, one after the other',
  basis: 'calls of one compilation (gcc 12, 900 lines with seven system headers), counted with strace: 105 files opened and closed, 328 names looked for in vain ' +
    'or asked about, 104 reads, 21 writes, 3 programs started; what a compiler of 1997 did not do (paths made canonical, memory mapped) left out. ' +
    'Computing of a file: assumed 1.5 s of a Pentium at 133 MHz, 0.7 to 3.5. Pages touched for the first time: 3,440 in one compilation (gcc 12, 400 lines; getrusage); ' +
    'a compiler of 1997 was a third to a sixth of that size: assumed 1,000 a file, 400 of them of the compiler and what it starts, less the 33 that each of three programs started touches here',
  operations: [
    { name: 'open', perSecond: 70, range: [30, 150] },
    { name: 'stat', perSecond: 220, range: [80, 480] },
    { name: 'pread4k', perSecond: 70, range: [30, 150] },
    { name: 'pwrite4k', perSecond: 14, range: [6, 60] },
    { name: 'spawn', perSecond: 2, range: [0.9, 4.3] },
    // Added with page faults, after the first comparison (docs/validation.md).
    { name: 'page', perSecond: 330, range: [100, 2500] },
    { name: 'file page', perSecond: 270, range: [70, 1500] }
  ]
}

export const aim: Mix = {
  what: 'AIM multiuser, at its most',
  basis: 'assumed: its publisher says that it mixes files, pipes, processes and arithmetic so that the kernel has about half of the time; so many of each are taken that ' +
    'a kernel whose calls take 10 to 40 µs has between a third and two thirds of it. No count of its calls was found',
  operations: [
    { name: 'open', perSecond: 1500, range: [500, 4000] },
    { name: 'create', perSecond: 500, range: [150, 1500] },
    { name: 'pread4k', perSecond: 4000, range: [1500, 10_000] },
    { name: 'pwrite4k', perSecond: 3000, range: [1000, 8000] },
    { name: 'pipe', perSecond: 2000, range: [500, 6000] },
    { name: 'spawn', perSecond: 60, range: [20, 200] }
  ]
}

/**
 * Pages that are touched for the first time: memory that a program takes, and the size of its file, each less the least, in MiB. What is computed
 * meanwhile is what the same takes on a kernel without page faults.
 */
export const pageTouches = { most: 3, least: 1 } as const

/** How many operations of a mix are in a run. */
export const mixRuns = { iterations: 40, batches: 3 } as const

/** A call to another domain that does next to nothing: the status of a descriptor, which the VFS keeps; less the same call without a domain between. */
export const nullCall = { name: 'null', iterations: 60, batches: 3 } as const

/** Entries for 3 GB less those for 32 MB, in pages of 2 MiB: smaller ones would take far longer than was published. */
export const pageTableEntries = (3072 - 32) / 2

/** 2,000 rows in one transaction, as the shell of SQLite reads them; the count of the published run is not stated. */
export const sqlite = { rows: 2000 } as const
