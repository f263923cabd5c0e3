/**
 * Walls: what separates two domains, and what each holds against what is behind it.
 *
 * Two claims, never mixed: what a wall holds against hostile code (`holds`: `kaleidos attacks` tries it), and what it
 * holds against code that is only wrong (`holdsFaults`: exceptions, wild writes, what goes through gates; `kaleidos
 * faults` tries that). A comparison prints `doesNotHold` beside every row. "Host gates" are those of Node and V8 on this
 * machine, not of hardware.
 */

/**
 * confidentiality, integrity: of what the other side has in memory. processor: cannot keep it. heap: cannot exhaust the
 * host's. kill: can be ended. availability: cannot end, stop or hang the other side in another way than by those.
 */
export const properties = ['confidentiality', 'integrity', 'processor', 'heap', 'kill', 'availability'] as const
export type Property = typeof properties[number]

export interface Wall {
  /** Against hostile code. */
  readonly holds: readonly Property[]
  /** The rest of them. */
  readonly doesNotHold: readonly Property[]
  /** Against faults of code that means no harm: more than `holds`, or the same. */
  readonly holdsFaults: readonly Property[]
  readonly summary: string
  /** Whether this machine can put it up now. */
  readonly built: boolean
}

export const walls = {
  none: {
    holds: [],
    doesNotHold: properties,
    holdsFaults: [],
    summary: 'nothing: one domain',
    built: true
  },
  language: {
    holds: [],
    doesNotHold: properties,
    holdsFaults: ['integrity'],
    summary: 'same thread and heap; by construction only bytes, grants and capabilities cross. Holds mistakes and wild writes, not hostile code',
    built: true
  },
  wasm: {
    holds: ['confidentiality', 'integrity', 'processor', 'kill', 'availability'],
    doesNotHold: ['heap'],
    holdsFaults: ['confidentiality', 'integrity', 'processor', 'kill', 'availability'],
    summary: 'a WebAssembly instance: memory of its own, capped; preempted and killed. Garbage-collected objects of a program are on the host\'s heap; timing is not hidden',
    built: true
  },
  thread: {
    holds: ['processor', 'kill'],
    doesNotHold: ['confidentiality', 'integrity', 'heap', 'availability'],
    holdsFaults: ['confidentiality', 'integrity', 'processor', 'heap', 'kill', 'availability'],
    summary: 'a thread of the host with objects of its own, capped and killed; with the kernel it shares memory for messages and grants, and believes nothing there. Code of a service there may use the host as this process may, and buffers are not capped',
    built: true
  },
  process: {
    holds: ['confidentiality', 'integrity', 'processor', 'kill'],
    doesNotHold: ['heap', 'availability'],
    holdsFaults: ['confidentiality', 'integrity', 'processor', 'heap', 'kill', 'availability'],
    summary: 'a process of the host without its environment, behind Node\'s permission model, sent bytes through a socket. Its user is the same, so it may signal others of that; buffers are not capped',
    built: true
  },
  node: {
    holds: [],
    doesNotHold: properties,
    holdsFaults: [],
    summary: 'another machine: not built, so it holds nothing yet',
    built: false
  }
} as const satisfies Record<string, Wall>

export type WallName = keyof typeof walls
