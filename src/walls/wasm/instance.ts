/**
 * Instances: one run of an image, behind the `wasm` wall. Own memory, a stack of its own while it is a process.
 */

import type { InstructionCounts } from '../../machine/index.ts'
import { Signal } from '../../roles/index.ts'
import { DRAIN_EXPORT, FUEL_EXPORT, GROW_SLOT, MEMORY_IMPORT, START_EXPORT, YIELD_EXPORT } from './rewriter/index.ts'
import { givenBy } from './image.ts'
import type { Image } from './image.ts'
import { SpareMemories } from './spare-memories.ts'
import type { Trampoline } from './trampoline.ts'

/** How a run ended that did not end itself. */
export interface Trap {
  readonly signal: number
  readonly message: string
}

export class ProgramInstance {
  readonly image: Image
  readonly instance: WebAssembly.Instance
  readonly memory: WebAssembly.Memory
  readonly #fuel: WebAssembly.Global<'i32'>
  readonly #drain: (() => [number, number, number, number, number]) | undefined
  /** What is to be given back when it has ended. */
  #lent: WebAssembly.Memory | null = null

  /** Throws what WebAssembly throws: a LinkError, a RangeError for want of memory, a RuntimeError of a data segment. */
  constructor (image: Image, trampoline: Trampoline, hostImports: WebAssembly.Imports = {}, spares = new SpareMemories()) {
    this.image = image
    const imports = named<Record<string, WebAssembly.ImportValue>>()
    let imported: WebAssembly.Memory | null = null
    image.imports.forEach(entry => {
      const into = imports[entry.module] ??= named()
      const call = entry.kind === 'function' ? trampoline.lookup(entry.module, entry.name) : undefined
      if (call !== undefined) {
        into[entry.name] = call
        return
      }
      const given = givenBy(hostImports, entry)
      if (given !== undefined) {
        into[entry.name] = given
      } else if (entry.kind === 'memory') {
        imported = memoryFor(image, entry)
        into[entry.name] = imported
      }
    })
    const { importsMemory, memories } = image.compiled.facts
    if (importsMemory) {
      this.#lent = spares.take(memories[0]!)
      imports[MEMORY_IMPORT.module] = { [MEMORY_IMPORT.name]: this.#lent }
    }
    this.instance = new WebAssembly.Instance(image.compiled.module, imports)
    const exports = this.instance.exports
    const yields = exports[YIELD_EXPORT] as WebAssembly.Table
    yields.set(0, trampoline.giveWay)
    yields.set(GROW_SLOT, trampoline.grow)
    this.#fuel = exports[FUEL_EXPORT] as WebAssembly.Global<'i32'>
    this.#drain = exports[DRAIN_EXPORT] as (() => [number, number, number, number, number]) | undefined
    this.memory = exports['memory'] instanceof WebAssembly.Memory ? exports['memory'] : imported ?? new WebAssembly.Memory({ initial: 0 })
  }

  /** It has ended, nothing of it runs any more, and nobody was given what it exports: its memory may be another's. */
  giveMemory (spares: SpareMemories): void {
    if (this.#lent !== null) spares.give(this.#lent, this.image.compiled.facts.memories[0]!)
    this.#lent = null
  }

  /**
   * How much it may do before it gives way: from 0 to 2 ** 31 - 1. Metered exactly, so many instructions as `drain` counts, and at
   * most the rest of a straight run more; it is to be drained first, since it may hold some of what it was given last.
   */
  set fuel (value: number) {
    this.#fuel.value = value
  }

  /**
   * Adds to `into` what it has executed since it was last drained, by class; returns how many instructions that is. Only of an image that is
   * metered exactly, and only while it does not run: at a call of the system, when it gives way, when it has ended. A straight
   * run of instructions is counted when it begins. A program that has ended by a trap in the midst of one may have executed some
   * thousand more since its last call.
   */
  drain (into: InstructionCounts): number {
    const [integer, float, memory, branch, call] = this.#drain!()
    into.integer += integer
    into.float += float
    into.memory += memory
    into.branch += branch
    into.call += call
    return integer + float + memory + branch + call
  }

  /** Runs its start function and then, when it has one, `_start`, each on a stack of its own that can be suspended. */
  async run (): Promise<void> {
    await this.#promise(START_EXPORT)
    await this.#promise('_start')
  }

  /** Its start function, to be called on the caller's own stack; undefined when it has none. */
  get start (): (() => void) | undefined {
    return this.instance.exports[START_EXPORT] as (() => void) | undefined
  }

  /** What the module itself exports: not what the rewriter added. */
  get exports (): Readonly<Record<string, WebAssembly.ExportValue>> {
    const added = [START_EXPORT, FUEL_EXPORT, YIELD_EXPORT, DRAIN_EXPORT]
    return Object.fromEntries(Object.entries(this.instance.exports).filter(([name]) => !added.includes(name)))
  }

  async #promise (name: string): Promise<void> {
    const entry = this.instance.exports[name]
    if (typeof entry === 'function') await WebAssembly.promising(entry)()
  }
}

/** Things by names that a program chose: an object of the language has names of its own, `__proto__` among them. */
function named<T> (): Record<string, T> {
  return Object.create(null) as Record<string, T>
}

/** A memory as a module wants to import it. */
function memoryFor (image: Image, entry: WebAssembly.ModuleImportDescriptor): WebAssembly.Memory {
  const wanted = image.compiled.facts.memories.find(memory => memory.imported?.module === entry.module && memory.imported.name === entry.name)
  const { initial, maximum, shared, wide } = wanted!
  // The declarations of the web's library know no memories of 64-bit addresses yet.
  const descriptor: object = wide
    ? { address: 'i64', initial: BigInt(initial), ...(maximum === undefined ? {} : { maximum: BigInt(maximum) }), shared }
    : { initial, ...(maximum === undefined ? {} : { maximum }), shared }
  return new WebAssembly.Memory(descriptor as WebAssembly.MemoryDescriptor)
}

/** What a thrown value says of how a program ended, in a person's words and as the signal that a shell would name. */
export function trapOf (error: unknown): Trap {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof RangeError && /call stack/i.test(message)) {
    return { signal: Signal.SEGV, message: 'stack overflow: it called itself too deeply' }
  }
  if (error instanceof WebAssembly.Exception) {
    return { signal: Signal.ABRT, message: 'an exception that nothing caught' }
  }
  if (error instanceof WebAssembly.RuntimeError) {
    if (/divide|remainder/.test(message)) return { signal: Signal.FPE, message }
    if (/out of bounds|null|stack/i.test(message)) return { signal: Signal.SEGV, message }
    if (/unreachable/.test(message)) return { signal: Signal.ABRT, message: 'unreachable: it aborted' }
    return { signal: Signal.ILL, message }
  }
  return { signal: Signal.ABRT, message }
}
