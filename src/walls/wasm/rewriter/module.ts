// A module's sections, and of each what the rewriter has to know: how many there are of everything (since new ones
// are appended), the limits of memories and tables, which functions escape, and where the bodies lie.
//
// The input is not validated before it is rewritten, and what is added to it has the indices after its own. So an index that is
// not its own is refused wherever one can be written, here and in the bodies (`body-scanner.ts`): otherwise it could name what is
// added, be valid with it, and set its own fuel. What that leaves to the engine, which validates the output:
// - Types: those that are added are names of shapes, and give nothing to whoever names one.
// - Constant expressions: they take only constants of what is not mutable, and all globals that are added are mutable.
// - Memories, tags and segments: none are added. (A memory may be imported in place of the one that is defined; it is the same index.)
// - Labels: those of the loops and blocks that are added are counted from inside, and a branch beyond the body's own is refused.
//
// Nothing is copied out of the input but what is small; sections that are not changed are copied whole by the emitter.
// Source: WebAssembly Core Specification 3.0, 5.5 Modules.

import { ByteReader } from './byte-reader.ts'
import { malformed } from './fault.ts'
import { InstructionReader } from './instruction-reader.ts'
import { IntList } from './int-list.ts'
import { type DefinedType, readTypes, readValueType, skipValueType } from './value-types.ts'

export const sectionId = {
  custom: 0, type: 1, import: 2, function: 3, table: 4, memory: 5, global: 6, export: 7, start: 8, element: 9,
  code: 10, data: 11, dataCount: 12, tag: 13,
} as const

/** The ids in the order in which they must stand. */
export const sectionOrder: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]

/** A section: its whole extent, and that of its contents. */
export interface Section { id: number, at: number, start: number, end: number }

export type ExternalKind = 'function' | 'table' | 'memory' | 'global' | 'tag'

const externalKinds: readonly ExternalKind[] = ['function', 'table', 'memory', 'global', 'tag']

export interface Import {
  module: string
  name: string
  kind: ExternalKind
  /** Of a function: its erased signature (value-types.ts). */
  signature?: string
}

export interface Export { name: string, kind: ExternalKind, index: number }

export interface Limits {
  initial: number
  maximum: number | undefined
  shared: boolean
  /** Whether addresses and sizes are 64 bits wide. */
  wide: boolean
}

export interface Memory extends Limits {
  imported: Import | undefined
  /** Where its limits lie in the input. */
  at: number
  end: number
}

export interface Table extends Limits {
  imported: Import | undefined
  at: number
  /** The bytes of the type of its elements. */
  element: Uint8Array
  /** Where its limits lie in the input, and where its definition ends (an initial value may come between). */
  limitsAt: number
  limitsEnd: number
  end: number
}

export interface Module {
  bytes: Uint8Array
  sections: Section[]
  types: DefinedType[]
  imports: Import[]
  exports: Export[]
  importedFunctions: number
  /** Type index of every function, imported ones first. */
  functionTypes: number[]
  /** Of every function, whether something outside the module or a value can refer to it. */
  escapes: Uint8Array
  tables: Table[]
  memories: Memory[]
  globals: number
  start: number | undefined
  /** First byte and end of every body, in turn. */
  bodies: IntList
}

const magicAndVersion = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)

export function readModule(bytes: Uint8Array): Module {
  for (let at = 0; at < magicAndVersion.length; at++) {
    if (bytes[at] !== magicAndVersion[at]) throw malformed('not a WebAssembly module of version 1', at)
  }
  const module: Module = {
    bytes, sections: readSections(bytes), types: [], imports: [], exports: [], importedFunctions: 0,
    functionTypes: [], escapes: new Uint8Array(0), tables: [], memories: [], globals: 0, start: undefined,
    bodies: new IntList(),
  }
  for (const section of module.sections) {
    const read = sectionReaders[section.id]
    if (!read) continue
    const reader = new InstructionReader(bytes, section.start, section.end)
    read(reader, module)
    reader.expectEnd(`section ${section.id}`)
  }
  const defined = module.functionTypes.length - module.importedFunctions
  if (module.bodies.length !== defined * 2) {
    throw malformed(`${defined} functions are declared, ${module.bodies.length / 2} have a body`, bytes.length)
  }
  return module
}

function readSections(bytes: Uint8Array): Section[] {
  const reader = new ByteReader(bytes, magicAndVersion.length, bytes.length)
  const sections: Section[] = []
  let rank = -1
  while (reader.pos < reader.end) {
    const at = reader.pos
    const id = reader.u8()
    const size = reader.u32()
    const start = reader.pos
    reader.skip(size)
    sections.push({ id, at, start, end: reader.pos })
    if (id === sectionId.custom) continue
    const own = sectionOrder.indexOf(id)
    if (own < 0) throw malformed(`unknown section ${id}`, at)
    if (own <= rank) throw malformed(`section ${id} out of order`, at)
    rank = own
  }
  return sections
}

const sectionReaders: Partial<Record<number, (reader: InstructionReader, module: Module) => void>> = {
  [sectionId.type]: (reader, module) => { module.types = readTypes(reader) },
  [sectionId.import]: readImports,
  [sectionId.function]: readFunctions,
  [sectionId.table]: readTables,
  [sectionId.memory]: readMemories,
  [sectionId.global]: readGlobals,
  [sectionId.export]: readExports,
  [sectionId.start]: (reader, module) => {
    const at = reader.pos
    module.start = functionIndex(reader, module)
    const type = module.types[module.functionTypes[module.start]!]
    if (type?.form !== 'function' || type.signature !== ':') throw malformed('the start function takes or gives something', at)
    module.escapes[module.start] = 1
  },
  [sectionId.element]: readElements,
  [sectionId.code]: readBodies,
}

function readImports(reader: InstructionReader, module: Module): void {
  for (let left = reader.count(); left > 0; left--) {
    const entry: Import = { module: reader.name(), name: reader.name(), kind: externalKind(reader) }
    module.imports.push(entry)
    if (entry.kind === 'function') {
      const type = typeIndex(reader, module)
      module.functionTypes.push(type)
      const defined = module.types[type]
      if (defined?.form === 'function') entry.signature = defined.signature
    } else if (entry.kind === 'table') readTable(reader, module, entry)
    else if (entry.kind === 'memory') readMemory(reader, module, entry)
    else if (entry.kind === 'global') readGlobalType(reader, module)
    else {
      reader.u8() // the attribute, which has one value so far
      reader.u32()
    }
  }
  module.importedFunctions = module.functionTypes.length
  module.escapes = new Uint8Array(module.functionTypes.length)
}

function readFunctions(reader: InstructionReader, module: Module): void {
  for (let left = reader.count(); left > 0; left--) module.functionTypes.push(typeIndex(reader, module))
  module.escapes = new Uint8Array(module.functionTypes.length)
}

function readTables(reader: InstructionReader, module: Module): void {
  for (let left = reader.count(); left > 0; left--) readTable(reader, module, undefined)
}

function readTable(reader: InstructionReader, module: Module, imported: Import | undefined): void {
  const at = reader.pos
  const withInitialValue = !imported && reader.bytes[at] === 0x40
  if (withInitialValue) {
    reader.skip(1)
    if (reader.u8() !== 0) throw malformed('unknown table form', at)
  }
  const element = readValueType(reader)
  const limitsAt = reader.pos
  const limits = readLimits(reader)
  if (limits.shared) throw malformed('shared table', limitsAt)
  const limitsEnd = reader.pos
  if (withInitialValue) reader.constantExpression((index) => { markEscape(module, index, reader.at) })
  module.tables.push({ ...limits, imported, at, element, limitsAt, limitsEnd, end: reader.pos })
}

function readMemories(reader: InstructionReader, module: Module): void {
  for (let left = reader.count(); left > 0; left--) readMemory(reader, module, undefined)
}

function readMemory(reader: InstructionReader, module: Module, imported: Import | undefined): void {
  const at = reader.pos
  module.memories.push({ imported, at, ...readLimits(reader), end: reader.pos })
}

function readLimits(reader: ByteReader): Limits {
  const flags = reader.u8()
  if (flags > 7) throw malformed(`unknown limits 0x${flags.toString(16)}`, reader.pos - 1)
  const wide = (flags & 4) !== 0
  const size = (): number => wide ? reader.u64() : reader.u32()
  return { initial: size(), maximum: flags & 1 ? size() : undefined, shared: (flags & 2) !== 0, wide }
}

function readGlobals(reader: InstructionReader, module: Module): void {
  for (let left = reader.count(); left > 0; left--) {
    readGlobalType(reader, module)
    reader.constantExpression((index) => { markEscape(module, index, reader.at) })
  }
}

function readGlobalType(reader: ByteReader, module: Module): void {
  skipValueType(reader)
  reader.skip(1)
  module.globals++
}

function readExports(reader: InstructionReader, module: Module): void {
  for (let left = reader.count(); left > 0; left--) {
    const at = reader.pos
    const entry: Export = { name: reader.name(), kind: externalKind(reader), index: reader.u32() }
    module.exports.push(entry)
    if (entry.kind === 'function') markEscape(module, entry.index, at)
    else if (entry.kind === 'table') refuseBeyond('table', entry.index, module.tables.length, at)
    else if (entry.kind === 'global') refuseBeyond('global', entry.index, module.globals, at)
  }
}

function readElements(reader: InstructionReader, module: Module): void {
  for (let left = reader.count(); left > 0; left--) {
    const flags = reader.u32()
    if (flags > 7) throw malformed(`unknown element segment ${flags}`, reader.pos - 1)
    const passive = (flags & 1) !== 0
    const explicit = (flags & 2) !== 0
    const expressions = (flags & 4) !== 0
    if (!passive) refuseBeyond('table', explicit ? reader.u32() : 0, module.tables.length, reader.pos)
    if (!passive) reader.constantExpression((index) => { markEscape(module, index, reader.at) })
    if (passive || explicit) {
      if (expressions) skipValueType(reader)
      else reader.skip(1)
    }
    for (let entries = reader.count(); entries > 0; entries--) {
      if (expressions) reader.constantExpression((index) => { markEscape(module, index, reader.at) })
      else markEscape(module, reader.u32(), reader.pos)
    }
  }
}

function readBodies(reader: InstructionReader, module: Module): void {
  for (let left = reader.count(); left > 0; left--) {
    const size = reader.u32()
    module.bodies.push(reader.pos)
    reader.skip(size)
    module.bodies.push(reader.pos)
  }
}

/** Notes that a value refers to a function. */
export function markEscape(module: Module, index: number, at: number): void {
  refuseBeyond('function', index, module.escapes.length, at)
  module.escapes[index] = 1
}

/** Refuses an index of what a module does not have. */
export function refuseBeyond(what: string, index: number, count: number, at: number): void {
  if (index >= count) throw malformed(`there is no ${what} ${index}`, at)
}

function externalKind(reader: ByteReader): ExternalKind {
  const kind = externalKinds[reader.u8()]
  if (!kind) throw malformed('unknown kind of import or export', reader.pos - 1)
  return kind
}

function typeIndex(reader: ByteReader, module: Module): number {
  const at = reader.pos
  const index = reader.u32()
  if (module.types[index]?.form !== 'function') throw malformed(`type ${index} is not a function type`, at)
  return index
}

function functionIndex(reader: ByteReader, module: Module): number {
  const at = reader.pos
  const index = reader.u32()
  if (index >= module.functionTypes.length) throw malformed(`there is no function ${index}`, at)
  return index
}
