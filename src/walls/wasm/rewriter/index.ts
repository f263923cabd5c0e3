// The rewriter of programs: what a WebAssembly module becomes before the loader instantiates it.
//
// Contract of a rewritten module that the engine accepts:
// - It computes what the original computes (in exact mode but for the bits of NaNs): same results, memory, globals, tables, exceptions and traps.
// - It exports a mutable i32 global `FUEL_EXPORT`, zero at first, and a table `YIELD_EXPORT` of two function
//   references. The loader puts into slot 0 a function [] -> [], before it calls anything. The program takes from the
//   fuel as it runs and calls that function whenever the fuel is below zero; it is to set the fuel to zero or more
//   before it returns, and may suspend the program, or end it by a trap. With an empty table, or once the
//   function traps, a program without fuel ends by a trap that it cannot catch.
// - Live mode: between two calls of the function at most `fuel * workPerFuelMax` instructions are executed, whatever
//   the program does; in real programs one unit of fuel is about one pass of a loop or one call (a nanosecond in CRuby).
// - Exact mode, for a machine whose time is modelled: the function `DRAIN_EXPORT` answers what was executed since it was last
//   called, by class (`instruction-classes.ts`), with the share of bulk operations (`limits.ts`). It may be called
//   whenever the program does not run; what it answers is exact at each call that leaves the module, where it gives way
//   (the straight run that it is about to execute is counted), and at its end, but after a trap: then up to
//   `meterWindow` instructions since the last call are missing, or the rest of a straight run is counted too. The fuel
//   is taken by the same count, and it gives way within a straight run of where it is used up. While it is not drained
//   the fuel global does not hold all that is left: to set the fuel at any other time than in the function that gives it, drain first.
// - Exact mode: it computes the same on every host. A NaN that an operation makes is the one that is positive and has an empty
//   payload; relaxed SIMD, shared memories, wait and notify are refused. (How deep a recursion gets before the engine's
//   stack overflows is the engine's, in both modes.)
// - Mode `none`, for a program on a thread of its own: it never gives way and takes no fuel. Bulk operations are in
//   functions of their own, where the engine looks whether the thread is to end.
// - With `sharesMemory` its memory is declared shared, with a maximum; one that it defined is imported as `MEMORY_IMPORT`.
// - Its start function is not run by instantiating it; where it has one it exports it as `START_EXPORT`.
// - With `asksForMemory` every memory.grow calls the function [f64] -> [i32] in slot `GROW_SLOT` first, with the pages
//   that are wanted: 0 refuses them. When the engine has none it is called again, with the negative number.
// - With `importsMemoryUpTo` a memory that is alone and not shared is imported as `MEMORY_IMPORT`, and not defined, where it
//   begins with no more pages than that (`importsMemory`): the loader makes it, or takes one that is all zeros.
// - Its memories and tables cannot grow beyond the caps. No index of its own has changed.
// What it does not bound: allocations on the collected heap (`usesGc`), a single array.new or table.grow of a large
// size, and memory.atomic.wait, which puts the thread to sleep (`waits`).

export { DRAIN_EXPORT, FUEL_EXPORT, MEMORY_IMPORT, START_EXPORT, YIELD_EXPORT } from './additions.ts'
export { GROW_SLOT } from './growth.ts'
export type { RewriteError } from './fault.ts'
export { workPerFuelMax } from './limits.ts'
export { REWRITER_VERSION } from './version.ts'
export type { Export, ExternalKind, Import } from './module.ts'
export { rewrite, type RewriteOptions, type Rewritten, type Sizes } from './rewrite.ts'
