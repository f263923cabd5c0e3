/**
 * Steps: the small pieces of which a kernel's work is made, in instructions, and rows of cost tables made of them.
 *
 * Counted, where nothing else is said: `scripts/steps/steps.c` has each step in plain C, and `count-steps.mjs` counts what
 * gcc and clang make of it for x86-64 at -O1, -O2 and -Os. The figure is gcc's at -O2, the range all of theirs, made wider
 * where another structure would do (a radix tree for an array, a slab with accounting for a free list) or another
 * instruction set (64-bit arithmetic on 32 bits). Data lines are those of the structures, counted by hand.
 *
 * A row is the sum of its steps, and so is its least. What is done once a call has at least three times its figure for its
 * most: a kernel in use checks, counts and tells others much besides. That factor is read off the open call of Linux 5 (about 1,800
 * cycles beyond its entry without mitigations; Kuenzer et al., EuroSys 2021, figure 22, and their table 1), which is three times
 * and more what the same steps come to here.
 */

import type { CostRow, Lock, Measure } from './costs.ts'

export interface Step {
  readonly instructions: number
  readonly range: readonly [number, number]
  /** Cache lines of data, of 64 bytes; the part of one that it goes through where it goes through memory in order. */
  readonly dataLines: number
}

function step (instructions: number, least: number, most: number, dataLines: number): Step {
  return { instructions, range: [least, most], dataLines }
}

export const Steps = {
  /** A function that keeps registers is called and returns; a neighbour's through a table of functions. Its line is the stack's. */
  FRAME: step(12, 6, 26, 0.5),
  /** A few comparisons and branches: flags, types, arguments. By hand. */
  CHECK: step(6, 3, 10, 0),
  /** The open file behind a number of the caller's: the table of the current process, its bound, the entry, the file. */
  DESCRIPTOR: step(11, 9, 16, 4),
  /** An object behind a number that is its place: an inode, a handle. */
  SLOT: step(6, 4, 8, 2),
  /** An object's reference taken and given back, so that nobody frees it meanwhile. By hand: two atomic counts, one test. */
  REFERENCE: step(8, 4, 14, 0),
  /** A lock taken and given back without a wait; what the atomic operations cost is the machine's. By hand. */
  LOCK: step(8, 2, 14, 1),
  /** Rights that are asked for, among those that there are. */
  RIGHT: step(6, 3, 7, 0),
  /** Whether bytes lie in the caller's memory. */
  RANGE: step(9, 7, 10, 0.5),
  /** A word stored there, checked; or a field of a structure put there. */
  WORD: step(9, 5, 11, 0.2),
  /** Some fields of an object read or changed. By hand. */
  FIELDS: step(8, 4, 12, 0.5),
  /** A byte of a path: looked at for its end and hashed. */
  SCAN: step(8.5, 4, 10.4, 0.016),
  /** A byte of a text taken from the caller, and checked. By words where the machine does. */
  TEXT: step(7.2, 1, 7.2, 0.031),
  /** An entry of a hash table by a hash that is known, and its name compared. */
  PROBE: step(30, 16, 52, 3),
  /** An object of one size from a free list, emptied; a slab with accounting at most. */
  ALLOCATE: step(30, 16, 90, 2),
  /** The same given back. */
  RELEASE: step(12, 5, 60, 1),
  /** A block of an arena of several sizes, by the size. By hand: the size's list found, then the same. */
  ALLOCATE_BLOCK: step(45, 25, 120, 3),
  RELEASE_BLOCK: step(25, 12, 80, 2),
  /** The lowest free number of a table, by a bit map. */
  NUMBER: step(26, 25, 36, 2),
  /** An object put on a list. */
  LINK: step(6, 6, 7, 2),
  UNLINK: step(4, 3, 6, 2),
  /** A page of a file by its number, in a table of two levels; a radix tree at most. */
  PAGE: step(8, 6, 40, 2),
  /** A word of a record copied to where the caller wants it. */
  FIELD: step(3, 2, 6.5, 0.125),
  /** A time joined from, or split into, seconds and nanoseconds; a division of 64 bits by words at most. */
  TIME: step(10, 3, 60, 0),
  /** A buffer of a vector: taken, checked, added. */
  PIECE: step(12.8, 10, 14, 0.25),
  /** How much of a ring a transfer takes, and the ring's places moved. */
  RING: step(17, 15, 30, 1),
  /** A thread put on a queue. What then switches is the core's. */
  WAIT: step(10, 9, 20, 3),
  /** Whether anybody is on a queue; nobody is. By hand. */
  NOBODY: step(4, 3, 5, 1),
  /** The first taken off a queue and made ready. */
  WAKE: step(24, 22, 40, 4),
  /** A place in a heap of deadlines. */
  SIFT: step(14, 8, 80, 4),
  /** A directory entry put as a record, but for its name. */
  DIRENT: step(12, 11, 25, 2),
  /** A digit of a number as text. */
  DIGIT: step(20, 4, 24, 0),
  /** 64 bytes of a stream cipher's output. */
  CIPHER: step(1234, 300, 1327, 2),
  /** A capability of the caller's: its slot, what it is to, whether it lives. */
  CAPABILITY: step(13, 12, 25, 3),
  /** A capability derived from another, and taken back. */
  DERIVE: step(23, 21, 60, 5),
  REVOKE: step(13, 11, 40, 4),
  /** A register of a device read or written; that it is slow is the machine's. By hand. */
  REGISTER: step(4, 2, 8, 0)
} as const satisfies Readonly<Record<string, Step>>

/** A step done so many times. */
export function times (count: number, { instructions, range, dataLines }: Step): Step {
  return step(count * instructions, count * range[0], count * range[1], count * dataLines)
}

/** A step that is none of the counted ones; the row's reason says where it is from. */
export function assumed (instructions: number, least: number, most: number, dataLines: number): Step {
  return step(instructions, least, most, dataLines)
}

/** How many times its figure the most of what is done once a call is at least. */
const IN_USE = 3

/** A row that is the sum of these steps. */
export function row (measure: Measure, reason: string, steps: readonly Step[], lock?: Lock): CostRow {
  let [instructions, least, most, dataLines] = [0, 0, 0, 0]
  for (const each of steps) {
    instructions += each.instructions
    least += each.range[0]
    most += each.range[1]
    dataLines += each.dataLines
  }
  const once = measure.per === 'call' || measure.per === 'success' || measure.per === 'wait'
  const figures = {
    instructions: rounded(instructions), range: [rounded(least), rounded(once ? Math.max(most, IN_USE * instructions) : most)], dataLines: rounded(dataLines)
  } as const
  return { measure, ...figures, ...lock === undefined ? {} : { lock }, reason }
}

/** Sums of tenths are not exact. */
function rounded (value: number): number {
  return Math.round(value * 1000) / 1000
}

export const CALL: Measure = { per: 'call' }
export const SUCCESS: Measure = { per: 'success' }
export const WAIT: Measure = { per: 'wait' }

export function component (of: string): Measure {
  return { per: 'component', of }
}

/** `most`: for a number that the caller chooses. */
export function element (of: string, most?: number): Measure {
  return { per: 'element', of, ...most === undefined ? {} : { most } }
}

export function byte (of: string, most?: number): Measure {
  return { per: 'byte', of, ...most === undefined ? {} : { most } }
}

export function block (of: string, bytes: number, most?: number): Measure {
  return { per: 'block', of, bytes, ...most === undefined ? {} : { most } }
}
