// A cache of rewritten modules by the content of the original: a program that is started again is not rewritten again.
//
// The key is a digest of the bytes, so the digest must be one that nobody can find collisions of (SHA-256): whoever
// could would have another's program run in place of it. The language has none, so the machine passes one in.
// Bounded in bytes of output; the least recently used modules go first. Errors are not kept: refusing is cheap.

import type { RewriteError } from './fault.ts'
import { cacheBytesDefault } from './limits.ts'
import { rewrite, type RewriteOptions, type Rewritten } from './rewrite.ts'

export interface RewriteCacheOptions {
  /** A collision-resistant digest of bytes, as text. */
  digest: (bytes: Uint8Array) => string
  /** Most bytes of rewritten modules that are kept. */
  bytesMax?: number
}

export class RewriteCache {
  /** In the order of their last use, the least recent first. */
  private readonly entries = new Map<string, Rewritten>()
  private readonly digest: (bytes: Uint8Array) => string
  private readonly bytesMax: number
  private bytesKept = 0

  constructor(options: RewriteCacheOptions) {
    this.digest = options.digest
    this.bytesMax = options.bytesMax ?? cacheBytesDefault
  }

  /** Bytes of rewritten modules that are kept now. */
  get bytes(): number {
    return this.bytesKept
  }

  /** The rewritten module, from the cache if it has been rewritten with the same options before. */
  rewrite(bytes: Uint8Array, options: RewriteOptions): Rewritten | RewriteError {
    const { mode, memoryPagesMax = -1, tableElementsMax = -1 } = options
    const key = `${this.digest(bytes)} ${mode} ${memoryPagesMax} ${tableElementsMax}`
    const known = this.entries.get(key)
    if (known) {
      this.entries.delete(key)
      this.entries.set(key, known)
      return known
    }
    const result = rewrite(bytes, options)
    if (!('kind' in result)) this.keep(key, result)
    return result
  }

  private keep(key: string, module: Rewritten): void {
    if (module.bytes.length > this.bytesMax) return
    this.entries.set(key, module)
    this.bytesKept += module.bytes.length
    for (const [oldest, entry] of this.entries) {
      if (this.bytesKept <= this.bytesMax) return
      this.entries.delete(oldest)
      this.bytesKept -= entry.bytes.length
    }
  }
}
