/**
 * Caches, found by following chains of addresses through more and more memory: how long a step takes rises where a level is
 * full (Saavedra and Smith 1995; lmbench's lat_mem_rd).
 *
 * Each chain goes through the lines of a block in random order, and through the blocks in random order: random enough that
 * nothing is fetched ahead, near enough that few steps miss the TLB.
 */

import { randomFrom, shuffled } from '../random.ts'
import { timed } from './clock.ts'
import { perRound, scratchBytes, type LoopModule } from './loops.ts'

export interface CacheLevel {
  readonly sizeBytes: number
  /** The last size that is surely within, and the first that is surely not. */
  readonly between: readonly [number, number]
  /** Nanoseconds of a lone line, and of one in a row, that is in this level. */
  readonly loneNs: number
  readonly streamNs: number
}

/** What was found: the levels from the nearest on, and what lies behind them where that was reached. */
export interface CacheCurve {
  readonly levels: readonly CacheLevel[]
  readonly memory: { readonly loneNs: number, readonly streamNs: number } | null
}

export const lineBytes = 64
const blockBytes = 65_536
const leastBytes = 8192
/** A step that is so much slower than the size before belongs to a rise; a rise that makes so much in all is the end of a level. */
const riseAtLeast = 1.12
const riseInAll = 1.5
const budgetNs = 12_000_000
const seed = 1

/** `onSize` is told of each size before it is tried. */
export async function measureCaches (loops: LoopModule, mostBytes: number, onSize: (bytes: number, share: number) => Promise<void>): Promise<CacheCurve> {
  const sizes = sizesUpTo(mostBytes)
  const loneNs: number[] = []
  for (const bytes of sizes) {
    await onSize(bytes, loneNs.length / sizes.length)
    loneNs.push(lone(loops, bytes, loneNs.length > 0))
  }
  return curveOf(sizes, loneNs, bytes => streamed(loops, bytes))
}

/** Two sizes for each doubling. */
export function sizesUpTo (mostBytes: number): number[] {
  const sizes: number[] = []
  for (let bytes = leastBytes; bytes <= mostBytes; bytes *= 2) {
    sizes.push(bytes)
    if (bytes * 1.5 <= mostBytes) sizes.push(bytes * 1.5)
  }
  return sizes
}

/** Levels out of what a step takes at each size. */
export function curveOf (sizes: readonly number[], stepNs: readonly number[], streamNsAt: (bytes: number) => number): CacheCurve {
  // A larger size cannot be faster: where it seems so, the smaller one was disturbed.
  const ns = stepNs.map((_, at) => Math.min(...stepNs.slice(at)))
  const rises: { from: number, to: number }[] = []
  for (let at = 0; at + 1 < ns.length; at++) {
    if (ns[at + 1]! / ns[at]! < riseAtLeast) continue
    const last = rises.at(-1)
    if (last?.to === at) last.to = at + 1
    else rises.push({ from: at, to: at + 1 })
  }
  const ends = rises.filter(({ from, to }) => ns[to]! / ns[from]! >= riseInAll)
  const plateaus = [0, ...ends.map(end => end.to)]
  const at = (level: number): { loneNs: number, streamNs: number } => {
    const from = plateaus[level]!
    const to = ends[level]?.from ?? sizes.length - 1
    const middle = (from + to) >> 1
    return { loneNs: ns[middle]!, streamNs: streamNsAt(sizes[middle]!) }
  }
  return {
    levels: ends.map((end, level) => ({ sizeBytes: sizeOf(end), between: [sizes[end.from]!, sizes[end.to]!], ...at(level) })),
    memory: ends.length === 0 ? null : at(ends.length)
  }

  /** Where a chain is a little larger than a cache only some of its lines are missed: the largest that is nearer to the level's own time. */
  function sizeOf ({ from, to }: { readonly from: number, readonly to: number }): number {
    const half = Math.sqrt(ns[from]! * ns[to]!)
    return sizes[ns.findLastIndex((step, index) => index <= to && step < half)]!
  }
}

function lone (loopModule: LoopModule, bytes: number, warm: boolean): number {
  const { loops, memory } = loopModule
  let at = layChain(memory, bytes)
  const hop = (rounds: number): void => { at = loops.chase(rounds, at) }
  hop(Math.ceil(bytes / lineBytes / perRound.hops))
  return timed(hop, budgetNs, warm).bestNs / perRound.hops
}

/** Writes the chain above the scratch bytes; returns its first address. */
function layChain (memory: WebAssembly.Memory, bytes: number): number {
  const words = new Int32Array(memory.buffer)
  const random = randomFrom(seed)
  const blocks = shuffled(Array.from({ length: Math.ceil(bytes / blockBytes) }, (_, block) => block), random)
  const first = { word: -1 }
  let last = -1
  for (const block of blocks) {
    const start = block * blockBytes
    const lines = Math.min(blockBytes, bytes - start) / lineBytes
    for (const line of shuffled(Array.from({ length: lines }, (_, line) => line), random)) {
      const word = (scratchBytes + start + line * lineBytes) / 4
      if (last < 0) first.word = word
      else words[last] = word * 4
      last = word
    }
  }
  words[last] = first.word * 4
  return first.word * 4
}

function streamed ({ loops }: LoopModule, bytes: number): number {
  const rounds = Math.floor(bytes / lineBytes / perRound.lines)
  return timed(times => { for (let time = 0; time < times; time++) loops.stream(rounds, scratchBytes) }, budgetNs).bestNs / rounds / perRound.lines
}
