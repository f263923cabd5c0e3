/**
 * Images: programs that have been read, checked, rewritten and compiled; what a process is made from.
 *
 * Every module goes through the rewriter, so that it gives way and its memory is capped. An image is immutable and
 * shared by all processes of it. What is wrong with a module is said here, in one sentence for a person.
 */

import type { KeptBytes } from '../../machine/index.ts'
import { PROGRAM_TABLE_ELEMENTS } from '../../roles/index.ts'
import { compile } from './compiled.ts'
import type { Compiled, CompiledCache, Metering } from './compiled.ts'
import { isSystemCall, systemCallSignature } from './trampoline.ts'

const PAGE_BYTES = 65536

export class Image {
  readonly kind = 'image'
  readonly label: string
  readonly compiled: Compiled

  constructor (label: string, compiled: Compiled) {
    this.label = label
    this.compiled = compiled
  }

  /** Bytes of the module as given. */
  get sizeBytes (): number {
    return this.compiled.sizeBytes
  }

  get imports (): readonly WebAssembly.ModuleImportDescriptor[] {
    return this.compiled.imports
  }

  get exports (): readonly WebAssembly.ModuleExportDescriptor[] {
    return this.compiled.exports
  }

  /** Whether it can be run as a process: as WASI has it, by a function `_start`. */
  get isCommand (): boolean {
    return this.exports.some(entry => entry.name === '_start' && entry.kind === 'function')
  }

  /** Bytes that it takes when it starts: its memories, and its tables as large as they can become, which lie on the host's heap. */
  get initialMemoryBytes (): number {
    return this.compiled.facts.memories.reduce((sum, memory) => sum + memory.initial, 0) * PAGE_BYTES + tableBytes(this.compiled)
  }

  /** Memories of the host that an instance takes: one at least, since a program without has an empty one. */
  get memoryCount (): number {
    return Math.max(1, this.compiled.facts.memories.length)
  }

  /** Names of the system calls that it imports. */
  get systemCalls (): string[] {
    return this.imports.filter(entry => entry.kind === 'function' && isSystemCall(entry.module, entry.name)).map(entry => entry.name)
  }
}

/** An image that host code calls: what its glue gives it, for one instance. */
export class HostedImage extends Image {
  readonly hostImports: WebAssembly.Imports

  constructor (image: Image, hostImports: WebAssembly.Imports) {
    super(image.label, image.compiled)
    this.hostImports = hostImports
  }

  /** What its glue gives it is the glue's. */
  override get initialMemoryBytes (): number {
    return this.compiled.facts.memories
      .filter(({ imported }) => imported === undefined || givenBy(this.hostImports, imported) === undefined)
      .reduce((sum, memory) => sum + memory.initial, 0) * PAGE_BYTES + tableBytes(this.compiled)
  }
}

/** Of an element of a table, in V8 14: measured with twenty tables of a million. */
const TABLE_ELEMENT_BYTES = 24

/** What tables may come to, in whole pages of a memory: the small ones that nearly all programs have are free. */
function tableBytes ({ facts }: Compiled): number {
  const elements = facts.tables.reduce((sum, table) => sum + (table.maximum ?? PROGRAM_TABLE_ELEMENTS), 0)
  const bytes = Math.min(elements, PROGRAM_TABLE_ELEMENTS) * TABLE_ELEMENT_BYTES
  return bytes - bytes % PAGE_BYTES
}

/** What the glue gives for an import of these names; undefined for nothing. */
export function givenBy (hostImports: WebAssembly.Imports, { module, name }: { readonly module: string, readonly name: string }): WebAssembly.ImportValue | undefined {
  return name !== '__proto__' && Object.hasOwn(hostImports, module) ? hostImports[module]![name] : undefined
}

/** Why bytes are no program that can run here. */
export interface ImageError {
  readonly error: 'malformed' | 'import' | 'export' | 'limit'
  readonly message: string
}

export interface ImageOptions {
  /** Where compiled modules are kept by content. */
  readonly cache?: CompiledCache
  /** Where that keeps rewritten modules beyond the run of the host. */
  readonly store?: KeptBytes
  /** `live` where left out; `exact` where a machine is told what a program executes (`ProgramInstance.drain`). */
  readonly metering?: Metering
  /** Import modules that the host itself fills (a reactor with JavaScript glue); nothing else may be missing. */
  readonly hostModules?: readonly string[]
}

/** Modules that were found to import nothing but system calls, each as it is. */
const selfContained = new WeakSet<Compiled>()

/** Reads a module; an ImageError when it can't run here. */
export function loadImage (label: string, bytes: Uint8Array, options: ImageOptions): Image | ImageError {
  if (bytes.length < 8 || bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    return { error: 'malformed', message: `${label} is not a WebAssembly module (it does not begin with \\0asm)` }
  }
  if (bytes[4] !== 1 && bytes[6] === 1) {
    return { error: 'malformed', message: `${label} is a WebAssembly component; KaleidOS runs core modules of WASI preview 1. Take the core module out of it, or build for wasm32-wasip1` }
  }
  const compiled = options.cache?.compile(bytes, options.metering, options.store) ?? compile(bytes, options.metering)
  if ('error' in compiled) return { error: compiled.error, message: `${label}${compiled.message}` }
  const image = new Image(label, compiled)
  if (selfContained.has(compiled)) return image
  const hostModules = options.hostModules ?? []
  const wrong = missing(image, hostModules) ?? mistyped(image, hostModules)
  if (wrong === null && hostModules.length === 0) selfContained.add(compiled)
  return wrong ?? image
}

function missing (image: Image, hostModules: readonly string[]): ImageError | null {
  const lacking = image.imports.filter(entry => {
    if (hostModules.includes(entry.module)) return false
    if (entry.kind === 'memory') return false
    return entry.kind !== 'function' || !isSystemCall(entry.module, entry.name)
  })
  if (lacking.length === 0) return null
  const names = lacking.slice(0, 5).map(entry => `${entry.module}.${entry.name} (${entry.kind})`).join(', ')
  const more = lacking.length > 5 ? ` and ${lacking.length - 5} more` : ''
  return {
    error: 'import',
    message: `${image.label} imports what KaleidOS does not have: ${names}${more}. It has wasi_snapshot_preview1 and kaleidos`
  }
}

const typeNames: Readonly<Record<string, string>> = { '\x7f': 'i32', '\x7e': 'i64', '\x7d': 'f32', '\x7c': 'f64', '\x7b': 'v128', r: 'a reference' }

function mistyped (image: Image, hostModules: readonly string[]): ImageError | null {
  for (const { module, name, signature } of image.compiled.facts.imports) {
    const wanted = hostModules.includes(module) ? null : systemCallSignature(module, name)
    if (wanted === null || signature === undefined || signature === wanted) continue
    const say = (letters: string): string => letters.split(':').map(side => `(${[...side].map(letter => typeNames[letter] ?? letter).join(', ')})`).join(' -> ')
    return { error: 'import', message: `${image.label} imports ${module}.${name} as ${say(signature)}; it is ${say(wanted)}` }
  }
  return null
}
