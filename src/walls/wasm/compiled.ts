/**
 * Compiled modules: rewritten so that they give way and are capped, and compiled; kept by content, so that a program
 * that is started again is neither rewritten nor compiled again.
 *
 * A small program that was started lately is known by its own bytes, which are sooner compared than anything made of them.
 * The key of the cache is an identity that no two modules share, and that nobody can find two for: whoever could would have
 * another's program run in place of it. What it is, the machine says. Bounded in bytes of rewritten
 * modules; the least recently used go first. What is refused is not kept: refusing is cheap.
 *
 * A store keeps what was rewritten beyond the run of the host; what it gives back that does not compile is rewritten anew.
 */

import type { KeptBytes } from '../../machine/index.ts'
import { COMPILED_BYTES_MAX, PROGRAM_TABLE_ELEMENTS, SPARE_MEMORY_PAGES } from '../../roles/index.ts'
import { decodeEntry, encodeEntry } from './rewritten-entry.ts'
import { MEMORY_IMPORT, REWRITER_VERSION, rewrite } from './rewriter/index.ts'
import type { RewriteOptions, Rewritten } from './rewriter/index.ts'

/**
 * How programs are metered: as cheaply as can be, or instruction by instruction for a machine whose time is modelled. Not at
 * all where the host preempts them: on a thread of their own, with a memory that is shared, or in a process, with one that is not.
 */
export type Metering = 'live' | 'exact' | 'thread' | 'process'

const limited = { asksForMemory: true, tableElementsMax: PROGRAM_TABLE_ELEMENTS } as const
const optionsOf: Readonly<Record<Metering, RewriteOptions>> = {
  live: { ...limited, mode: 'live', importsMemoryUpTo: SPARE_MEMORY_PAGES },
  exact: { ...limited, mode: 'exact', importsMemoryUpTo: SPARE_MEMORY_PAGES },
  thread: { ...limited, mode: 'none', sharesMemory: true },
  process: { ...limited, mode: 'none' }
}
/** What an entry of a store depends on besides the module: another rewriter, or another limit, finds no entries of this one. */
const prefixOf = (metering: Metering): string => `v${REWRITER_VERSION} t${PROGRAM_TABLE_ELEMENTS} m${SPARE_MEMORY_PAGES} ${metering} `

/** Programs known by their own bytes: so many, of so many bytes at most each. */
const RECENT_MAX = 8
const RECENT_BYTES_MAX = 64 * 1024

export interface Compiled {
  readonly module: WebAssembly.Module
  readonly metering: Metering
  /** What the rewriter found out about it. */
  readonly facts: Omit<Rewritten, 'bytes'>
  /** Those of the module as given. */
  readonly imports: readonly WebAssembly.ModuleImportDescriptor[]
  readonly exports: readonly WebAssembly.ModuleExportDescriptor[]
  /** Bytes of the module as given, and rewritten. */
  readonly sizeBytes: number
  readonly rewrittenBytes: number
}

/** Why a module is refused. The message goes on after a name: ': …' or ' waits …'. */
export interface CompileFailure {
  readonly error: 'malformed' | 'limit'
  readonly message: string
}

/** Rewrites and compiles a module, so that it gives way, and asks for the memory that it takes. */
export function compile (
  bytes: Uint8Array, metering: Metering = 'live', kept?: { readonly store: KeptBytes, readonly identity: string }
): Compiled | CompileFailure {
  const key = `${prefixOf(metering)}${kept?.identity}`
  const known = fromStore(bytes, metering, kept?.store.get(key) ?? null)
  if (known !== null) return known
  const rewritten = rewrite(bytes, optionsOf[metering])
  if ('kind' in rewritten) {
    return { error: rewritten.kind === 'limit' || rewritten.kind === 'nondeterministic' ? 'limit' : 'malformed', message: `: ${rewritten.message}` }
  }
  if (rewritten.waits > 0 && optionsOf[metering].mode !== 'none') {
    return { error: 'limit', message: ' waits with memory.atomic.wait, which would stop every program; it needs a thread of its own: a kernel whose programs stand behind the wall \'thread\' (--wall programs=thread)' }
  }
  try {
    const compiled = compileRewritten(bytes, metering, rewritten)
    kept?.store.put(key, encodeEntry(rewritten))
    return compiled
  } catch (error) {
    return { error: 'malformed', message: `: ${whyInvalid(bytes) ?? `the rewritten module is refused: ${String(error)}`}` }
  }
}

/** Throws what WebAssembly throws for a module that is not valid. */
function compileRewritten (bytes: Uint8Array, metering: Metering, { bytes: rewritten, ...facts }: Rewritten): Compiled {
  const module = new WebAssembly.Module(rewritten)
  return {
    module, metering, facts, imports: WebAssembly.Module.imports(module).filter(entry => !facts.importsMemory || entry.module !== MEMORY_IMPORT.module),
    exports: WebAssembly.Module.exports(module),
    sizeBytes: bytes.length, rewrittenBytes: rewritten.length
  }
}

function fromStore (bytes: Uint8Array, metering: Metering, entry: Uint8Array<ArrayBuffer> | null): Compiled | null {
  const rewritten = entry === null ? null : decodeEntry(entry)
  if (rewritten === null) return null
  try {
    return compileRewritten(bytes, metering, rewritten)
  } catch {
    return null
  }
}

function whyInvalid (bytes: Uint8Array): string | null {
  try {
    new WebAssembly.Module(bytes.slice())
    return null
  } catch (error) {
    return `not a valid WebAssembly module: ${(error as Error).message.replace(/^WebAssembly\.Module\(\): /, '')}`
  }
}

interface Recent {
  readonly bytes: Uint8Array
  readonly metering: Metering
  readonly key: string
}

export class CompiledCache {
  readonly #identityOf: (bytes: Uint8Array) => string
  readonly #bytesMax: number
  /** In the order of their last use, the least recent first. */
  readonly #entries = new Map<string, Compiled>()
  #bytes = 0
  /** The latest first. */
  readonly #recent: Recent[] = []

  constructor (identityOf: (bytes: Uint8Array) => string, bytesMax = COMPILED_BYTES_MAX) {
    this.#identityOf = identityOf
    this.#bytesMax = bytesMax
  }

  /** Bytes of rewritten modules that are kept now. */
  get bytes (): number {
    return this.#bytes
  }

  /** With a store, what is not known yet is looked for there first, and kept there. A module has an entry for each metering. */
  compile (bytes: Uint8Array, metering: Metering = 'live', store?: KeptBytes): Compiled | CompileFailure {
    const recent = this.#recentOf(bytes, metering)
    const key = recent === undefined ? `${metering} ${this.#identityOf(bytes)}` : recent.key
    const known = this.#entries.get(key)
    if (known !== undefined) {
      if (recent === undefined) this.#remember({ bytes, metering, key })
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return known
    }
    const compiled = compile(bytes, metering, store && { store, identity: key.slice(metering.length + 1) })
    if (!('error' in compiled)) this.#keep(key, compiled)
    return compiled
  }

  #recentOf (bytes: Uint8Array, metering: Metering): Recent | undefined {
    if (bytes.length > RECENT_BYTES_MAX) return undefined
    const at = this.#recent.findIndex(recent => recent.metering === metering && isSame(recent.bytes, bytes))
    const recent = this.#recent[at]
    if (at > 0) this.#recent.unshift(...this.#recent.splice(at, 1))
    return recent
  }

  /** Whoever started it may change the bytes: what is kept is a copy. */
  #remember (recent: Recent): void {
    if (recent.bytes.length > RECENT_BYTES_MAX) return
    this.#recent.unshift({ ...recent, bytes: recent.bytes.slice() })
    if (this.#recent.length > RECENT_MAX) this.#recent.pop()
  }

  #keep (key: string, compiled: Compiled): void {
    if (compiled.rewrittenBytes > this.#bytesMax) return
    this.#entries.set(key, compiled)
    this.#bytes += compiled.rewrittenBytes
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#bytesMax) return
      this.#entries.delete(oldest)
      this.#bytes -= entry.rewrittenBytes
    }
  }
}

function isSame (one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}
