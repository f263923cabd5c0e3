/**
 * Compiled modules: rewritten so that they give way and are capped, and compiled; kept by content, so that a program
 * that is started again is neither rewritten nor compiled again.
 *
 * The key of the cache is a digest that nobody can find collisions of (SHA-256): whoever could would have another's
 * program run in place of it. The language has none, so the machine passes one in. Bounded in bytes of rewritten
 * modules; the least recently used go first. What is refused is not kept: refusing is cheap.
 */

import { COMPILED_BYTES_MAX, PROGRAM_TABLE_ELEMENTS } from '../../roles/index.ts'
import { rewrite } from './rewriter/index.ts'
import type { Rewritten } from './rewriter/index.ts'

export interface Compiled {
  readonly module: WebAssembly.Module
  /** What the rewriter found out about it. */
  readonly facts: Omit<Rewritten, 'bytes'>
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
export function compile (bytes: Uint8Array): Compiled | CompileFailure {
  const rewritten = rewrite(bytes, { mode: 'live', asksForMemory: true, tableElementsMax: PROGRAM_TABLE_ELEMENTS })
  if ('kind' in rewritten) return { error: rewritten.kind === 'limit' ? 'limit' : 'malformed', message: `: ${rewritten.message}` }
  if (rewritten.waits > 0) {
    return { error: 'limit', message: ' waits with memory.atomic.wait, which would stop every program; it needs a thread of its own' }
  }
  const { bytes: rewrittenBytes, ...facts } = rewritten
  try {
    const module = new WebAssembly.Module(rewrittenBytes)
    return {
      module, facts, imports: WebAssembly.Module.imports(module), exports: WebAssembly.Module.exports(module),
      sizeBytes: bytes.length, rewrittenBytes: rewrittenBytes.length
    }
  } catch (error) {
    return { error: 'malformed', message: `: ${whyInvalid(bytes) ?? `the rewritten module is refused: ${String(error)}`}` }
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

export class CompiledCache {
  readonly #digest: (bytes: Uint8Array) => string
  readonly #bytesMax: number
  /** In the order of their last use, the least recent first. */
  readonly #entries = new Map<string, Compiled>()
  #bytes = 0

  /** `digest`: a collision-resistant digest of bytes, as text. */
  constructor (digest: (bytes: Uint8Array) => string, bytesMax = COMPILED_BYTES_MAX) {
    this.#digest = digest
    this.#bytesMax = bytesMax
  }

  /** Bytes of rewritten modules that are kept now. */
  get bytes (): number {
    return this.#bytes
  }

  compile (bytes: Uint8Array): Compiled | CompileFailure {
    const key = this.#digest(bytes)
    const known = this.#entries.get(key)
    if (known !== undefined) {
      this.#entries.delete(key)
      this.#entries.set(key, known)
      return known
    }
    const compiled = compile(bytes)
    if (!('error' in compiled)) this.#keep(key, compiled)
    return compiled
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
