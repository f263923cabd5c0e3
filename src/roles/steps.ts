/**
 * Steps: the small pieces of which a kernel's work is made, in instructions, and rows of cost tables made of them.
 *
 * Counted, where nothing else is said: `scripts/steps/steps.c` has each step in plain C, and `count-steps.mjs` counts what
 * gcc and clang make of it for x86-64 at -O1, -O2 and -Os. The figure is gcc's at -O2 (with what the description adds to it), the
 * range all of theirs, made wider where another structure would do (a radix tree for an array, a slab with accounting for a
 * free list) or another instruction set (bytes by the word, 64-bit arithmetic on 32 bits). Data lines are those of the structures, counted by hand.
 *
 * A row is the sum of its steps, and so is its least. What is done once a call has at least three times its figure for its
 * most: a large kernel checks, counts and tells others much besides. An open of a name comes to 850 instructions in these tables, 270
 * of them the file system's. Linux 5 takes about 1,800 cycles for it beyond its entry without mitigations, which is 1,800 to 2,700
 * instructions; Unikraft's VFS 1,637 cycles, and its file system alone 308 (Kuenzer et al., EuroSys 2021, figure 22 and table 1).
 */

import type { CostRow, Lock, Measure } from './costs.ts'

export interface Step {
  /** What it is, where it has a name. */
  readonly what?: string
  readonly instructions: number
  readonly range: readonly [number, number]
  /** Cache lines of data, of 64 bytes; the part of one that it goes through where it goes through memory in order. */
  readonly dataLines: number
}

function step (what: string, instructions: number, least: number, most: number, dataLines: number): Step {
  return { what, instructions, range: [least, most], dataLines }
}

export const Steps = {
  FRAME: step('a function that keeps registers is called and returns; a neighbour\'s through a table of functions. By hand: four registers saved and taken, arguments moved. Its line is the stack\'s', 12, 6, 26, 0.5),
  CHECK: step('a few comparisons and branches: flags, types, arguments. By hand', 6, 3, 10, 0),
  DESCRIPTOR: step('the open file behind a number of the caller\'s: the table of the current process, its bound, the entry, the file', 11, 9, 16, 4),
  SLOT: step('an object behind a number that is its place: an inode, a handle', 7, 4, 8, 2),
  REFERENCE: step('an object\'s reference taken and given back, so that nobody frees it meanwhile. By hand: two atomic counts, one test', 8, 4, 14, 0),
  LOCK: step('a lock taken and given back without a wait; what the atomic operations cost is the machine\'s. By hand', 8, 2, 14, 1),
  RIGHT: step('rights that are asked for, among those that there are', 7, 3, 7, 0),
  RANGE: step('whether bytes lie in the caller\'s memory', 9, 7, 10, 0.5),
  WORD: step('a word stored there, checked; or a field of a structure put there', 9, 5, 11, 0.2),
  FIELDS: step('some fields of an object read or changed. By hand', 8, 4, 12, 0.5),
  SCAN: step('a byte of a path: looked at for its end and hashed', 8.6, 4, 14.4, 0.016),
  TEXT: step('a byte of a text taken from the caller, and checked. By words where the machine does', 7.2, 0.5, 8.2, 0.031),
  PROBE: step('an entry of a hash table by a hash that is known, and its name compared', 45, 17, 52, 3),
  ALLOCATE: step('an object of one size from a free list, emptied, under the list\'s lock; a slab with accounting at most', 24, 16, 90, 2),
  RELEASE: step('such an object given back', 13, 5, 60, 1),
  ALLOCATE_BLOCK: step('a block of an arena of several sizes, by the size. By hand: the size\'s list found, then the same', 40, 25, 120, 3),
  RELEASE_BLOCK: step('such a block given back. By hand', 25, 12, 80, 2),
  NUMBER: step('the lowest free number of a table, by a bit map', 24, 24, 36, 2),
  LINK: step('an object put on a list', 6, 6, 7, 2),
  UNLINK: step('an object taken off a list', 5, 3, 6, 2),
  PAGE: step('a page of a file by its number, in a table of two levels; a radix tree at most', 12, 6, 40, 2),
  FIELD: step('a word of a record copied to where the caller wants it. By hand: read, checked or shifted, written', 3, 2, 6.5, 0.125),
  TIME: step('a time joined from, or split into, seconds and nanoseconds; a division of 64 bits by words at most', 10, 3, 60, 0),
  PIECE: step('a buffer of a vector: taken, checked, added', 14, 10, 14.3, 0.25),
  RING: step('how much of a ring a transfer takes, and the ring\'s places moved', 17, 15, 30, 1),
  WAIT: step('a thread put on a queue. What then switches is the core\'s', 8, 8, 20, 3),
  NOBODY: step('whether anybody is on a queue; nobody is. By hand', 4, 3, 5, 1),
  WAKE: step('the first taken off a queue and made ready', 25, 22, 40, 4),
  SIFT: step('a place in a heap of deadlines', 14, 8, 80, 4),
  DIRENT: step('a directory entry put as a record, but for its name', 12, 11, 25, 2),
  DIGIT: step('a digit of a number as text', 23.5, 4, 24.2, 0),
  CIPHER: step('64 bytes of a stream cipher\'s output', 1234, 300, 1327, 2),
  CAPABILITY: step('a capability of the caller\'s: its slot, what it is to, whether it lives', 13, 12, 25, 3),
  DERIVE: step('a capability derived from another', 26, 21, 60, 5),
  REVOKE: step('a derived capability taken back', 14, 11, 40, 4),
  REGISTER: step('a register of a device read or written; that it is slow is the machine\'s. By hand', 4, 2, 8, 0)
} as const satisfies Readonly<Record<string, Step>>

/** A step done so many times. */
export function times (count: number, { instructions, range, dataLines }: Step): Step {
  return { instructions: count * instructions, range: [count * range[0], count * range[1]], dataLines: count * dataLines }
}

/** A step that is none of the counted ones; the row's reason says where it is from. */
export function assumed (instructions: number, least: number, most: number, dataLines: number): Step {
  return { instructions, range: [least, most], dataLines }
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
