/** Programs as values: read, checked, rewritten and compiled once; cached by content, for all systems of one library. */

import { CompiledCache, Image, loadImage } from '../walls/wasm/index.ts'
import type { LoadOptions, Program } from './api.ts'
import { ProgramError } from './errors.ts'

export class LoadedProgram implements Program {
  readonly image: Image

  constructor (image: Image) {
    this.image = image
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
      cache: this.compiled,
      ...(options.hostModules === undefined ? {} : { hostModules: options.hostModules })
    })
    if ('error' in image) throw new ProgramError(image.error, image.message)
    return new LoadedProgram(image)
  }

  /** Loaded as it is, or read first. A compiled WebAssembly.Module is refused: it can no longer be made to give way. */
  of (program: Uint8Array | Program, options: LoadOptions): LoadedProgram {
    if (program instanceof LoadedProgram) return program
    if (program instanceof Uint8Array) return this.load(program, options)
    if ((program as unknown) instanceof ArrayBuffer) return this.load(new Uint8Array(program as unknown as ArrayBuffer), options)
    if ((program as unknown) instanceof WebAssembly.Module) {
      throw new ProgramError('malformed', 'a compiled WebAssembly.Module cannot be rewritten to give way; pass its bytes, or what loadProgram(bytes) returns')
    }
    throw new TypeError('a program is the bytes of a WebAssembly module, or what loadProgram(bytes) returns')
  }
}
