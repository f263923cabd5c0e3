/** Programs as values: read, checked, rewritten and compiled once; cached by content. */

import { PROGRAM_MEMORY_BYTES } from '../roles/index.ts'
import { CompiledCache, Image, loadImage } from '../walls/wasm/index.ts'
import { sha256 } from '../machine/live/index.ts'
import type { Program } from './api.ts'
import { ProgramError } from './errors.ts'

/** Shared by all systems of this host: what is compiled for one serves another. */
export const compiledPrograms = new CompiledCache(sha256)

export class LoadedProgram implements Program {
  readonly image: Image
  /** The module as given, to be rewritten for another cap of memory. */
  readonly #bytes: Uint8Array
  readonly #options: LoadOptions
  readonly #byCap = new Map<number, LoadedProgram>()

  constructor (image: Image, bytes: Uint8Array, options: LoadOptions) {
    this.image = image
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
      found = loadProgram(this.#bytes, { ...this.#options, memoryBytesMax: cap })
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

export interface LoadOptions {
  /** For messages. Default: 'program'. */
  readonly name?: string
  /** Cap of its memories together. */
  readonly memoryBytesMax?: number
  /** Import modules that host code fills: for a reactor with JavaScript glue. */
  readonly hostModules?: readonly string[]
}

/** Reads a program. Throws a ProgramError that says what is wrong with it. */
export function loadProgram (bytes: Uint8Array, options: LoadOptions = {}): LoadedProgram {
  const image = loadImage(options.name ?? 'program', bytes, {
    memoryBytesMax: options.memoryBytesMax ?? PROGRAM_MEMORY_BYTES, cache: compiledPrograms,
    ...(options.hostModules === undefined ? {} : { hostModules: options.hostModules })
  })
  if ('error' in image) throw new ProgramError(image.error, image.message)
  return new LoadedProgram(image, bytes, options)
}

/** Loaded as it is, or read first. A compiled WebAssembly.Module is refused: it can no longer be made to give way. */
export function programOf (program: Uint8Array | Program, options: LoadOptions): LoadedProgram {
  if (program instanceof LoadedProgram) return program.within(options.memoryBytesMax ?? PROGRAM_MEMORY_BYTES)
  if (program instanceof Uint8Array) return loadProgram(program, options)
  if ((program as unknown) instanceof ArrayBuffer) return loadProgram(new Uint8Array(program as unknown as ArrayBuffer), options)
  if ((program as unknown) instanceof WebAssembly.Module) {
    throw new ProgramError('malformed', 'a compiled WebAssembly.Module cannot be rewritten to give way; pass its bytes, or what loadProgram(bytes) returns')
  }
  throw new TypeError('a program is the bytes of a WebAssembly module, or what loadProgram(bytes) returns')
}
