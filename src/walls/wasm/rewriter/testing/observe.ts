// Runs a module and writes down everything that can be seen of it from outside, so that an original and its rewritten
// form can be compared: results, traps, exceptions, what it told its imports, memories, globals and tables.
//
// Every import is filled with something that does the same each time; every exported function is called with arguments
// drawn from a seed. What can't be compared is left out: how deep a recursion gets before the stack overflows.

import { DRAIN_EXPORT, FUEL_EXPORT, rewrite, type RewriteOptions, type Rewritten, START_EXPORT, YIELD_EXPORT } from '../index.ts'
import { readModule, type Module } from '../module.ts'
import { Random } from './random.ts'
import { countedByReference, referenceExports } from './reference-counter.ts'
import { nullaryFunction } from './start.ts'

export interface Observation {
  /** One line for each thing that happened, in order. */
  lines: string[]
  /** How often it gave way. */
  yields: number
  /** What it took from the fuel. */
  spent: number
  /**
   * What was executed by class, where that can be told: up to each call of an import, and to each end of a call that is no
   * trap. One line each.
   */
  counts: string[]
  /** Whether a stack overflowed, after which nothing can be compared. */
  overflowed: boolean
}

const roundsPerFunction = 3
const hashedBytesMax = 1 << 22
const reserved: readonly string[] = [FUEL_EXPORT, YIELD_EXPORT, START_EXPORT, DRAIN_EXPORT, ...referenceExports]

/** Observes a module as it is. */
export function observe(bytes: Uint8Array<ArrayBuffer>, seed: number): Observation {
  const observer = new Observer(bytes, seed)
  observer.run(bytes, undefined, undefined)
  return observer
}

/** Observes a module that counts each of its instructions. */
export function observeReference(bytes: Uint8Array<ArrayBuffer>, seed: number): Observation {
  const observer = new Observer(bytes, seed)
  observer.run(countedByReference(bytes), undefined, undefined)
  return observer
}

/**
 * Observes what a module is rewritten to, with `grant` units of fuel or a few less each time it gives way; undefined where
 * exact mode refuses it as not deterministic.
 */
export function observeRewritten(
  bytes: Uint8Array<ArrayBuffer>, options: RewriteOptions, grant: number, seed: number,
): Observation | undefined {
  const rewritten = rewrite(bytes, options)
  if ('kind' in rewritten && rewritten.kind === 'nondeterministic' && options.mode === 'exact') return undefined
  if ('kind' in rewritten) throw new Error(`not rewritten: ${rewritten.kind} at ${rewritten.offset}: ${rewritten.message}`)
  const observer = new Observer(bytes, seed)
  observer.run(rewritten.bytes, rewritten, grant)
  return observer
}

class Observer implements Observation {
  readonly lines: string[] = []
  readonly counts: string[] = []
  yields = 0
  spent = 0
  overflowed = false
  private readonly module: Module
  private readonly random: Random
  private fuel: WebAssembly.Global<'i32'> | undefined
  /** Answers what was executed since it was last asked. */
  private counter: (() => number[]) | undefined

  constructor(original: Uint8Array, seed: number) {
    this.module = readModule(original)
    this.random = new Random(seed)
  }

  run(bytes: Uint8Array<ArrayBuffer>, rewritten: Rewritten | undefined, grant: number | undefined): void {
    const exports = this.attempt('start', () => {
      const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), this.imports())
      if (rewritten && grant !== undefined) this.begin(instance.exports, grant)
      return instance.exports
    })
    if (exports) {
      this.counter = counterOf(exports)
      this.explore(exports)
    }
    this.counter?.()
    this.spent -= this.fuel?.value ?? 0
  }

  private explore(exports: WebAssembly.Exports): void {
    const names = Object.keys(exports).filter((name) => !reserved.includes(name))
    for (let round = 0; round < roundsPerFunction; round++) {
      for (const name of names) if (!this.overflowed) this.call(exports, name)
    }
    for (const name of names) if (!this.overflowed) this.state(name, exports[name])
  }

  private begin(exports: WebAssembly.Exports, grant: number): void {
    const fuel = exports[FUEL_EXPORT] as WebAssembly.Global<'i32'>
    this.fuel = fuel
    const table = exports[YIELD_EXPORT] as WebAssembly.Table
    const random = new Random(grant)
    table.set(0, nullaryFunction(() => {
      this.yields++
      const next = grant - random.below(Math.min(grant, 3) + 1)
      this.spent += next - fuel.value
      fuel.value = next
    }))
    const start = exports[START_EXPORT]
    if (typeof start === 'function') start()
  }

  private call(exports: WebAssembly.Exports, name: string): void {
    const called = exports[name]
    const entry = this.module.exports.find((known) => known.name === name)
    if (typeof called !== 'function' || !entry) return
    const type = this.module.types[this.module.functionTypes[entry.index]!]
    if (type?.form !== 'function') return
    const parameters = type.signature.slice(0, type.parameters)
    const values = [...parameters].map((letter) => this.argument(letter))
    this.counter?.()
    const what = `${name}(${values.map(show).join(', ')})`
    const trapped = (): boolean => /! (Runtime|Range)Error/.test(this.lines.at(-1)!)
    this.attempt(what, () => (called as (...values: unknown[]) => unknown)(...values))
    if (!trapped() && !this.overflowed) this.count(what)
  }

  private count(when: string): void {
    if (this.counter) this.counts.push(`${when}: ${this.counter().join(' ')}`)
  }

  /** Writes down how something ends; a module's own traps and exceptions are ends like any other. */
  private attempt<T>(what: string, action: () => T): T | undefined {
    try {
      const value = action()
      this.lines.push(`${what} = ${show(value)}`)
      return value
    } catch (error) {
      if (error instanceof RangeError && /stack/.test(error.message)) this.overflowed = true
      else this.lines.push(`${what} ! ${error instanceof Error ? `${error.name} ${error.message.replace(/"[^"]*"/, '')}` : show(error)}`)
      return undefined
    }
  }

  private argument(letter: string): unknown {
    switch (letter.charCodeAt(0)) {
      case 0x7f: return this.random.integer32()
      case 0x7e: return BigInt(this.random.integer32()) * BigInt(this.random.below(3))
      case 0x7d: case 0x7c: return this.random.pick([0, -0, 1.5, -3, NaN, Infinity, 1e9, 7e-9])
      default: return null
    }
  }

  private state(name: string, value: unknown): void {
    if (value instanceof WebAssembly.Memory) this.lines.push(`memory ${name}: ${value.buffer.byteLength} ${hash(value.buffer)}`)
    if (value instanceof WebAssembly.Table) this.lines.push(`table ${name}: ${value.length} ${tableOf(value)}`)
    if (value instanceof WebAssembly.Global) this.attempt(`global ${name}`, () => value.value as unknown)
  }

  private imports(): WebAssembly.Imports {
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {}
    let functions = 0
    let memories = 0
    let tables = 0
    for (const { module, name, kind } of this.module.imports) {
      const into = imports[module] ??= {}
      if (kind === 'function') into[name] = this.imported(name, functions++)
      else if (kind === 'memory') into[name] = memoryLike(this.module, memories++)
      else if (kind === 'table') into[name] = tableLike(this.module, tables++)
      else if (kind === 'global') into[name] = globalLike(name)
      else into[name] = tagLike(name)
    }
    return imports
  }

  private imported(name: string, index: number): (...values: unknown[]) => unknown {
    const type = this.module.types[this.module.functionTypes[index]!]
    const results = type?.form === 'function' ? type.signature.slice(type.parameters + 1) : ''
    let calls = 0
    return (...values) => {
      this.lines.push(`  ${name}(${values.map(show).join(', ')})`)
      this.count(name)
      if (name === 'throw') throw new Error('thrown by the host')
      calls++
      const answers = [...results].map((letter) => letter === '\x7e' ? BigInt(calls) : letter === 'r' ? null : calls % 4)
      return answers.length > 1 ? answers : answers[0]
    }
  }
}

function counterOf(exports: WebAssembly.Exports): (() => number[]) | undefined {
  const drain = exports[DRAIN_EXPORT]
  if (typeof drain === 'function') return drain as () => number[]
  const globals = referenceExports.map((name) => exports[name] as WebAssembly.Global<'i64'>)
  if (!globals[0]) return undefined
  return () => globals.map((global) => {
    const count = Number(global.value)
    global.value = 0n
    return count
  })
}

function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (value === null || value === undefined || typeof value === 'string') return String(value)
  return typeof value
}

function hash(buffer: ArrayBufferLike): string {
  let state = 0x811c9dc5
  const bytes = new Uint8Array(buffer, 0, Math.min(buffer.byteLength, hashedBytesMax))
  for (const byte of bytes) state = Math.imul(state ^ byte, 0x01000193)
  return (state >>> 0).toString(16)
}

function tableOf(table: WebAssembly.Table): string {
  let text = ''
  const length = table.length as number | bigint
  for (let index = 0; index < Math.min(Number(length), 64); index++) {
    try {
      const entry: unknown = table.get((typeof length === 'bigint' ? BigInt(index) : index) as number)
      text += entry === null ? '0' : '1'
    } catch {
      text += '?'
    }
  }
  return text
}

function memoryLike(module: Module, index: number): WebAssembly.Memory {
  const { initial, maximum, shared } = module.memories.filter((memory) => memory.imported)[index]!
  return new WebAssembly.Memory({ initial, ...(maximum === undefined ? {} : { maximum }), shared })
}

function tableLike(module: Module, index: number): WebAssembly.Table {
  const { initial, maximum, element } = module.tables.filter((table) => table.imported)[index]!
  const kind = element[0] === 0x6f ? 'externref' : 'anyfunc'
  return new WebAssembly.Table({ initial, ...(maximum === undefined ? {} : { maximum }), element: kind })
}

/** The name of an imported global says what it is; one that says nothing is an externref. */
function globalLike(name: string): WebAssembly.ImportValue {
  if (name === 'mutable i32') return new WebAssembly.Global({ value: 'i32', mutable: true }, 5)
  return (name === 'i32' ? 7 : name === 'i64' ? 7n : 'some host value') as unknown as WebAssembly.ImportValue
}

function tagLike(name: string): WebAssembly.ImportValue {
  const withJsTag = WebAssembly as unknown as { JSTag: WebAssembly.ImportValue, Tag: new (type: object) => WebAssembly.ImportValue }
  return name === 'jstag' ? withJsTag.JSTag : new withJsTag.Tag({ parameters: name === 'wasmtag' ? ['i32'] : [] })
}
