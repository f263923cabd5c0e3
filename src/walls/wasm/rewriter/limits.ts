// Named limits of the rewriter, and the constants that decide how often a rewritten program gives way.
//
// Two of them bound the time between two checks of the fuel in live mode, whatever the program looks like:
// a unit of fuel stands for at most `workPerFuelMax` instructions, and a function whose one activation may
// execute more than `uncheckedWorkMax` instructions without a check takes fuel.
// The engine's limits are those of V8; a module at one of them leaves no room for what is added.

/** The loops of an activation take fuel once in this many passes. A power of two. */
export const loopWindow = 16

/** The most instructions that one activation of a function without an entry check may execute between checks. */
export const uncheckedWorkMax = 1024

/** The most instructions that one activation of a function which takes fuel may execute before it does. */
export const workBeforeChargeMax = 128

/** The most instructions that one unit of fuel pays for in live mode; most units pay for about ten. */
export const workPerFuelMax = 4096

/** The most fuel that one charge takes in live mode. */
export const chargeMax = 1 << 20

/** In exact mode a straight run of instructions is charged in pieces of at most this cost. */
export const exactChargeMax = 1000

/**
 * Instructions that exact mode counts in one word before it adds them up. With the most that one charge takes it is less than
 * a field of the word can hold.
 */
export const meterWindow = 3000

/** In exact mode so many moves (`instruction-classes.ts`) in a row count as an integer instruction. */
export const movesPerInstruction = 64

/** The largest share of a bulk operation of a known size that exact mode charges with its straight run. */
export const inlineShareMax = 512

/** Bytes that one direct memory.copy, memory.fill or memory.init may move. */
export const bulkChunkBytes = 1 << 16

/** Elements that one direct bulk operation on a table or an array may move. */
export const bulkChunkElements = 1 << 12

/** A unit of fuel pays for 2 ** this many bytes of a bulk operation on memories. */
export const bulkBytesPerFuelShift = 4

/** A unit of fuel pays for 2 ** this many elements of a bulk operation on tables and arrays. */
export const bulkElementsPerFuelShift = 0

/** Limits of the engine (V8: wasm-limits.h). */
export const engine = {
  functionBodyBytes: 7_654_321,
  functionLocals: 50_000,
  functions: 1_000_000,
  types: 1_000_000,
  globals: 1_000_000,
  exports: 1_000_000,
  tables: 100_000,
  memory32Pages: 65_536,
  memory64Pages: 262_144,
  tableElements: 10_000_000,
} as const


/** What a memory.grow or table.grow counts as when the time between two checks is bounded. */
export const growthWork = 4096
