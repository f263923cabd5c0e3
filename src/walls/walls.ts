/**
 * Walls: what separates two domains, and what each holds against what is behind it.
 *
 * `holds` is what tests have tried; a comparison prints `doesNotHold` beside every row. "Host gates" are those of
 * Node and V8 on this machine, not of hardware.
 */

/** confidentiality, integrity: of the other side's memory. processor: cannot keep it. heap: cannot exhaust the host's. kill: can be ended. */
export type Property = 'confidentiality' | 'integrity' | 'processor' | 'heap' | 'kill'

export interface Wall {
  readonly holds: readonly Property[]
  readonly doesNotHold: readonly Property[]
  readonly summary: string
  /** Whether this machine can put it up now. */
  readonly built: boolean
}

export const walls = {
  none: {
    holds: [],
    doesNotHold: ['confidentiality', 'integrity', 'processor', 'heap', 'kill'],
    summary: 'nothing: one domain',
    built: true
  },
  language: {
    holds: ['integrity'],
    doesNotHold: ['confidentiality', 'processor', 'heap', 'kill'],
    summary: 'same thread and heap; by construction only bytes, grants and capabilities cross. Holds mistakes and wild writes, not hostile code',
    built: true
  },
  wasm: {
    holds: ['confidentiality', 'integrity', 'processor', 'kill'],
    doesNotHold: ['heap'],
    summary: 'a WebAssembly instance: memory of its own, capped; preempted and killed. Garbage-collected objects of a program are on the host\'s heap; timing is not hidden',
    built: true
  },
  thread: {
    holds: [],
    doesNotHold: ['confidentiality', 'integrity', 'processor', 'heap', 'kill'],
    summary: 'a worker thread with a heap of its own: not built, so it holds nothing yet',
    built: false
  },
  process: {
    holds: [],
    doesNotHold: ['confidentiality', 'integrity', 'processor', 'heap', 'kill'],
    summary: 'a process of the host: not built, so it holds nothing yet',
    built: false
  },
  node: {
    holds: [],
    doesNotHold: ['confidentiality', 'integrity', 'processor', 'heap', 'kill'],
    summary: 'another machine: not built, so it holds nothing yet',
    built: false
  }
} as const satisfies Record<string, Wall>

export type WallName = keyof typeof walls
