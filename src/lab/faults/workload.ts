/**
 * What runs while a fault is injected: programs that each check their own data (`programs/check.c`), all at once; and what they leave
 * behind, by which of them.
 *
 * A part uses few services, so that what a fault of another service does to it can be told apart from what one of its own
 * does. Where a kernel runs one program, that does all the parts that need no other, one after the other.
 */

import type { SpawnOptions } from '../../os/index.ts'
import type { Plan } from '../../link/index.ts'

export interface Part {
  readonly name: string
  readonly args: readonly string[]
  readonly seed: number
  /** Whether it is given the tree. */
  readonly tree: boolean
  /** Whether what it prints is looked at. */
  readonly prints: boolean
  /** Whether it listens, and the watcher connects to it. */
  readonly serves: boolean
}

/** The programs that a run needs, by name. */
export const programNames = ['check', 'cat', 'exit'] as const
/** What programs start by path. */
export const installed: readonly { readonly path: string, readonly name: typeof programNames[number] }[] = [{ path: '/bin/cat', name: 'cat' }, { path: '/bin/exit', name: 'exit' }]
/** The name that is listened on. */
export const SOCKET = 'check'
export const SOCKET_BYTES = 3000
/** Rounds of the part that makes no call but to give way. */
const WITNESS_ROUNDS = 48

const kinds: Readonly<Record<string, { readonly tree?: true, readonly prints?: true, readonly serves?: true, readonly more?: readonly string[] }>> = {
  memory: { more: [String(WITNESS_ROUNDS)] },
  files: { tree: true }, names: { tree: true }, pipe: {}, relay: { tree: true }, child: { tree: true }, clock: {}, random: {},
  print: { prints: true }, information: { tree: true }, serve: { serves: true }
}

/** Which of them run together: every service is used in some, and no run takes longer than it must. The first is the witness: it asks nothing of any service once it runs. */
const together: readonly (readonly string[])[] = [
  ['memory', 'files', 'names', 'pipe', 'clock', 'print'],
  ['memory', 'files', 'child', 'random', 'information', 'serve'],
  ['memory', 'names', 'relay', 'random', 'clock', 'serve'],
  ['memory', 'files', 'pipe', 'print', 'information', 'child']
]
/** Workloads that there are, each with seeds of its own. */
export const WORKLOADS = together.length

/** The parts of one workload of a kernel; `number` says which. */
export function partsFor (plan: Plan, number: number): Part[] {
  const seed = 100 * (number + 1)
  const alone = plan.domains.some(domain => domain.programs === 'one')
  if (alone) return [{ name: 'alone', args: ['check', 'alone', String(seed)], seed, tree: true, prints: true, serves: false }]
  return together[number]!.map((name, at) => {
    const { tree = false, prints = false, serves = false, more = [] } = kinds[name]!
    return { name, args: ['check', name, String(seed + at), ...more], seed: seed + at, tree, prints, serves }
  })
}

export function spawnOptions ({ args, tree, prints, serves }: Part): SpawnOptions {
  return {
    args, stdin: null, stdout: prints ? 'inherit' : null, stderr: null, preopens: tree ? { '/': '/' } : {},
    ...(serves ? { listen: [SOCKET] } : {})
  }
}

/** Whose a path is: the part that left it; null for what is nobody's. */
export function ownerOf (parts: readonly Part[], path: string): Part | null {
  const [, kind, seed] = /^\/(files|names)(\d+)/.exec(path) ?? []
  return kind === undefined ? null : parts.find(part => part.seed === Number(seed) && (part.name === kind || part.name === 'alone')) ?? null
}

/** The byte at a place of a stream: as `programs/check.c` has it. */
export function expectedByte (seed: number, stream: number, at: number): number {
  let z = Math.imul(seed, 0x9e3779b9) ^ Math.imul(stream, 0x85ebca6b) ^ Math.imul(at, 0xc2b2ae35)
  z = Math.imul(z ^ (z >>> 15), 0x2c1b3c6d)
  return (z ^ (z >>> 13)) & 0xff
}

export function expectedBytes (seed: number, stream: number, from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => expectedByte(seed, stream, from + index))
}
