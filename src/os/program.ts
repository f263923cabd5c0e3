/** Programs as values: read, checked, rewritten and compiled once; cached by content, for all systems of one library. */

import { PROGRAM_MEMORY_BYTES } from '../roles/index.ts'
import { CompiledCache, Image, loadImage } from '../walls/wasm/index.ts'
import type { LoadOptions, Program } from './api.ts'
import { ProgramError } from './errors.ts'

export class LoadedProgram implements Program {
  readonly image: Image
  /** The module as given, to be rewritten for another cap of memory. */
  readonly #bytes: Uint8Array
  readonly #options: LoadOptions
  readonly #loader: ProgramLoader
  readonly #byCap = new Map<number, LoadedProgram>()

  constructor (image: Image, bytes: Uint8Array, options: LoadOptions, loader: ProgramLoader) {
    this.image = image
    this.#loader = loader
    this.#bytes = bytes.slice()
    this.#options = options
  }

  /** The same program with no more memory than this, nor than it was loaded with. */
  within (memoryBytesMax: number): LoadedProgram {
    const { memoryBytesMax: own } = this.#options
    const cap = Math.min(own ?? Infinity, memoryBytesMax)
    if (cap === (own ?? PROGRAM_MEMORY_BYTES)) return this
    let found = this.#byCap.get(cap)
    if (found === undefined) {
      found = this.#loader.load(this.#bytes, { ...this.#options, memoryBytesMax: cap })
      this.#byCap.set(cap, found)
    }
    return found
  }

  get name (): string {
    return this.image.label
  }

  get sizeBytes (): number {
    return this.image.sizeBytes
  }

  get imports (): readonly string[] {
    return this.image.imports.map(entry => `${entry.module}.${entry.name}`)
  }
}

/** The image behind a `Program` that `loadProgram` gave: for tests and tools of this tree, not of the library. */
export function imageOf (program: Program): Image {
  if (program instanceof LoadedProgram) return program.image
  throw new TypeError('not a program that loadProgram() gave')
}

/** Loads programs. What is compiled for one system serves another. */
export class ProgramLoader {
  readonly compiled: CompiledCache

  /** `digest`: a collision-resistant digest of bytes, as text: what the cache is keyed by. */
  constructor (digest: (bytes: Uint8Array) => string) {
    this.compiled = new CompiledCache(digest)
  }

  /** Reads a program. Throws a ProgramError that says what is wrong with it. */
  load (bytes: Uint8Array, options: LoadOptions = {}): LoadedProgram {
    const image = loadImage(options.name ?? 'program', bytes, {
      memoryBytesMax: options.memoryBytesMax ?? PROGRAM_MEMORY_BYTES, cache: this.compiled,
      ...(options.hostModules === undefined ? {} : { hostModules: options.hostModules })
    })
    if ('error' in image) throw new ProgramError(image.error, image.message)
    return new LoadedProgram(image, bytes, options, this)
  }

  /** Loaded as it is, or read first. A compiled WebAssembly.Module is refused: it can no longer be made to give way. */
  of (program: Uint8Array | Program, options: LoadOptions): LoadedProgram {
    if (program instanceof LoadedProgram) return program.within(options.memoryBytesMax ?? PROGRAM_MEMORY_BYTES)
    if (program instanceof Uint8Array) return this.load(program, options)
    if ((program as unknown) instanceof ArrayBuffer) return this.load(new Uint8Array(program as unknown as ArrayBuffer), options)
    if ((program as unknown) instanceof WebAssembly.Module) {
      throw new ProgramError('malformed', 'a compiled WebAssembly.Module cannot be rewritten to give way; pass its bytes, or what loadProgram(bytes) returns')
    }
    throw new TypeError('a program is the bytes of a WebAssembly module, or what loadProgram(bytes) returns')
  }
}
