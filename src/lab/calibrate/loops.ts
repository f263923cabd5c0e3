/**
 * The loops that are timed: each does so many instructions of one class a round, and little else.
 *
 * What they hold fixed: all data in the nearest cache unless said; three independent chains of work, as much as compiled
 * programs keep going on average; every result is used, so that nothing is compiled away.
 */

import {
  add, addAtomic, addFloat, and, callIndirect, constant, constantFloat, copyMemory, equal, f64, get, i32, load, loadAtomic, loadByte, loop,
  loopUntil, multiplyFloat, returns, set, shiftLeft, store, storeAtomic, times, truncateFloat, wasmModule, when, xor, zero, type Code, type WasmFunction
} from './wasm-code.ts'

/** Bytes at the beginning of the memory that loops may write; data of tests lie above. */
export const scratchBytes = 65_536
/** Where branches find the bits that decide them, and how many there are. */
export const decisionsAt = scratchBytes
export const decisions = 65_536
/** Two words that two processors hand to and fro, each in a line of its own; and one for atomic operations. */
export const handedAt = 1024
export const atomicAt = 2048

/** Instructions of its class that one round of each loop does. */
export const perRound = { chain: 128, integers: 96, floats: 96, memories: 48, branches: 16, calls: 8, hops: 16, lines: 8, atomics: 16 } as const

export interface Loops {
  /** Additions and exclusive ors, each of which waits for the one before: a cycle each on every processor of today. */
  chain (rounds: number, operand: number): number
  integers (rounds: number, operand: number): number
  floats (rounds: number): number
  /** Loads, two for each store, an addition for each load. */
  memories (rounds: number, at: number): number
  /** Goes by decisions from `at` on; a load, an addition and a branch for each. */
  branches (rounds: number, at: number): number
  /** Through a table, to one of eight functions in turn; two additions and an and for each. */
  calls (rounds: number, operand: number): number
  /** Follows a chain of addresses; returns where it stands. */
  chase (rounds: number, at: number): number
  /** Reads a word of each line of 64 bytes from `at` on. */
  stream (rounds: number, at: number): number
  copy (rounds: number, to: number, from: number, bytes: number): number
  atomics (rounds: number, at: number): number
  /** Hands a word over and waits until it comes back; 0 if it did not within `patience` looks. */
  ping (rounds: number, at: number, patience: number): number
  /** Goes on where a `ping` of one round ended. */
  resume (rounds: number, at: number, patience: number): number
  pong (rounds: number, at: number, patience: number): number
}

const counted = (name: string, params: number, locals: readonly number[], body: Code): WasmFunction =>
  ({ name, params: Array<number>(params).fill(i32), result: i32, locals, body })

const step = (operation: Code, local: number): Code => [...get(local), ...get(1), ...operation, ...set(local)]
const sum = (...locals: readonly number[]): Code => [...get(locals[0]!), ...locals.slice(1).flatMap(local => [...get(local), ...add])]

const chain = counted('chain', 2, [i32], [
  ...loop(0, times(perRound.chain / 2, () => [...step(add, 2), ...step(xor, 2)])), ...get(2)])

const integers = counted('integers', 2, [i32, i32, i32], [
  ...loop(0, times(perRound.integers / 12, () => [
    ...step(add, 2), ...step(xor, 3), ...step(add, 4), ...step(xor, 2), ...step(add, 3), ...step(xor, 4),
    ...step(add, 2), ...step(add, 3), ...step(xor, 4), ...step(shiftLeft, 2), ...step(shiftLeft, 3), ...step(add, 4)
  ])), ...sum(2, 3, 4)])

const half = (local: number): Code => [...get(local), ...constantFloat(0.5), ...multiplyFloat, ...constantFloat(1), ...addFloat, ...set(local)]
const floats = counted('floats', 1, [f64, f64, f64], [
  ...loop(0, times(perRound.floats / 6, () => [...half(1), ...half(2), ...half(3)])),
  ...get(1), ...get(2), ...addFloat, ...get(3), ...addFloat, ...truncateFloat])

const memories = counted('memories', 2, [i32, i32, i32, i32], [
  ...loop(0, times(perRound.memories / 3, at => [
    ...get(2 + at % 3), ...get(1), ...load(8 * at), ...add, ...set(2 + at % 3),
    ...get(2 + (at + 1) % 3), ...get(1), ...load(8 * at + 4), ...add, ...set(2 + (at + 1) % 3),
    ...get(1), ...get(2 + (at + 2) % 3), ...store(1024 + 4 * at)
  ])), ...sum(2, 3, 4)])

const branches = counted('branches', 2, [i32, i32], [
  ...loop(0, [...times(perRound.branches, at => [
    ...get(1), ...loadByte(at), ...when([...get(2), ...constant(3), ...add, ...set(2)], [...get(3), ...constant(5), ...xor, ...set(3)])
  ]), ...get(1), ...constant(perRound.branches), ...add, ...set(1)]), ...sum(2, 3)])

/** More than a compiler puts in place of a call through a table. */
const callees = Array.from({ length: 8 }, (_, at) => counted(`callee${at}`, 2, [], [...get(0), ...get(1), ...at % 2 === 0 ? add : xor]))
/** Of what type they are: functions' types are numbered as functions are. */
const calleeType = 0
const calls = counted('calls', 2, [i32], [
  ...loop(0, times(perRound.calls, at => [
    ...get(2), ...get(1), ...get(0), ...constant(at), ...add, ...constant(callees.length - 1), ...and, ...callIndirect(calleeType), ...set(2)
  ])), ...get(2)])

const chase = counted('chase', 2, [], [...loop(0, times(perRound.hops, () => [...get(1), ...load(0), ...set(1)])), ...get(1)])

const stream = counted('stream', 2, [i32, i32], [
  ...loop(0, [...times(perRound.lines, at => [...get(2 + at % 2), ...get(1), ...load(64 * at), ...add, ...set(2 + at % 2)]),
    ...get(1), ...constant(64 * perRound.lines), ...add, ...set(1)]), ...sum(2, 3)])

const copy = counted('copy', 4, [], [...loop(0, [...get(1), ...get(2), ...get(3), ...copyMemory]), ...get(1), ...load(0)])

const atomics = counted('atomics', 2, [i32], [
  ...loop(0, times(perRound.atomics, () => [...get(1), ...constant(1), ...addAtomic, ...set(2)])), ...get(2)])

/** Waits until the word holds what local 3 says, looking no more often than local 2 says. */
const wait: Code = [
  ...get(2), ...set(4),
  ...loopUntil([
    ...get(4), ...constant(-1), ...add, ...set(4), ...get(4), ...zero, ...when([...constant(0), ...returns], []),
    ...get(1), ...loadAtomic, ...get(3), ...equal
  ])]
const next: Code = [...get(3), ...constant(1), ...add, ...set(3)]
const hand: Code = [...next, ...get(1), ...get(3), ...storeAtomic]

// One hands over 1, 3, 5 …, the other 2, 4, 6 …
const ping = counted('ping', 3, [i32, i32], [...loop(0, [...hand, ...next, ...wait]), ...constant(1)])
const resume = counted('resume', 3, [i32, i32], [...constant(2), ...set(3), ...loop(0, [...hand, ...next, ...wait]), ...constant(1)])
const pong = counted('pong', 3, [i32, i32], [...loop(0, [...next, ...wait, ...hand]), ...constant(1)])

const functions = [...callees, chain, integers, floats, memories, branches, calls, chase, stream, copy, atomics, ping, resume, pong]

export interface LoopModule {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  readonly loops: Loops
}

const pageBytes = 65_536

export function instantiateLoops (memoryBytes: number): LoopModule {
  const pages = Math.ceil(memoryBytes / pageBytes)
  const module = new WebAssembly.Module(wasmModule(functions, callees.map(({ name }) => name), pages))
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  // The module was put together above, of these functions.
  return { module, memory, loops: exports as unknown as Loops }
}
