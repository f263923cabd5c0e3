/** Programs as values: read, checked, rewritten and compiled once; cached by content, for all systems of one library. */

import { CompiledCache, Image, loadImage } from '../walls/wasm/index.ts'
import type { Metering } from '../walls/wasm/index.ts'
import type { Host, Machine } from '../machine/index.ts'
import type { LoadOptions, Program, ProgramSource } from './api.ts'
import { ProgramError } from './errors.ts'

export class LoadedProgram implements Program {
  readonly image: Image
  /** As given: a system of another kind has it metered otherwise. They are not to change. */
  readonly bytes: Uint8Array
  readonly options: LoadOptions

  /** The same, metered otherwise, once a system wanted it. */
  readonly others = new Map<Metering, LoadedProgram>()

  constructor (image: Image, bytes: Uint8Array, options: LoadOptions) {
    this.image = image
    this.bytes = bytes
    this.options = options
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

/** How programs are metered on a machine: exactly where it is told what they execute. */
export function meteringOn (machine: Machine): Metering {
  return machine.timing === null ? 'live' : 'exact'
}

/** The image behind a `Program` that `loadProgram` gave: for tests and tools of this tree, not of the library. */
export function imageOf (program: Program): Image {
  if (program instanceof LoadedProgram) return program.image
  throw new TypeError('not a program that loadProgram() gave')
}

/** Loads programs. What is compiled for one system serves another. */
export class ProgramLoader {
  readonly compiled: CompiledCache

  readonly #host: Host

  constructor (host: Host) {
    this.#host = host
    this.compiled = new CompiledCache(bytes => host.identityOf(bytes))
  }

  /** Reads a program. Throws a ProgramError that says what is wrong with it. */
  load (given: Uint8Array | ArrayBuffer, options: LoadOptions = {}, metering: Metering = 'live'): LoadedProgram {
    const bytes = moduleBytes(given)
    const image = loadImage(options.name ?? 'program', bytes, {
      cache: this.compiled, metering,
      ...(options.cache === undefined ? {} : { store: this.#host.keptIn(options.cache) }),
      ...(options.hostModules === undefined ? {} : { hostModules: options.hostModules })
    })
    if ('error' in image) throw new ProgramError(image.error, image.message)
    return new LoadedProgram(image, bytes, options)
  }

  /**
   * Loaded as it is, or read first. Says of what is neither how to make a program of it. One that was loaded for a
   * system of another kind is loaded again.
   */
  of (program: ProgramSource, options: LoadOptions, metering: Metering = 'live'): LoadedProgram {
    if (!(program instanceof LoadedProgram)) return this.load(program as Uint8Array, options, metering)
    if (program.image.compiled.metering === metering) return program
    let other = program.others.get(metering)
    if (other === undefined) {
      other = this.load(program.bytes, { ...program.options, ...options, name: program.name }, metering)
      program.others.set(metering, other)
    }
    return other
  }
}

/** The bytes of a module; throws what says how to come to them. A compiled module can no longer be made to give way. */
function moduleBytes (given: unknown): Uint8Array {
  if (given instanceof Uint8Array) return given
  if (given instanceof ArrayBuffer) return new Uint8Array(given)
  if (given instanceof WebAssembly.Module) {
    throw new ProgramError('malformed', 'a compiled WebAssembly.Module cannot be rewritten to give way; pass its bytes, or what loadProgram(bytes) returns')
  }
  const name = typeof given === 'object' && given !== null ? given.constructor?.name ?? 'Object' : typeof given
  const remedy = remedies[name]
  throw new TypeError(`a program is the bytes of a WebAssembly module, what loadProgram(bytes) returns, or a task (a function); ${remedy === undefined ? `this is of type ${name}` : remedy}`)
}

const remedies: Readonly<Record<string, string>> = {
  string: 'read the file first: await readFile(path)',
  URL: 'read what it names first: await readFile(url), or await (await fetch(url)).arrayBuffer()',
  Response: 'take the bytes of the Response: await response.arrayBuffer()',
  Blob: 'take the bytes of the Blob: await blob.arrayBuffer()',
  File: 'take the bytes of the File: await file.arrayBuffer()',
  Promise: 'await the Promise first'
}
