// Puts the rewritten module together: every section in its place, changed ones written anew, the others copied whole.
//
// The bodies are most of a module, and are written before it is known how long what stands before them becomes. So they are written into
// the module's own buffer with room left in front, what comes after is written behind them, and what comes before is put
// in front last: nothing large is copied a second time. The module is a view of the buffer.

import {
  type Additions, DRAIN_EXPORT, FUEL_EXPORT, functionsAdded, MEMORY_IMPORT, START_EXPORT, YIELD_EXPORT,
} from './additions.ts'
import { ByteReader } from './byte-reader.ts'
import { asciiBytes, ByteWriter } from './byte-writer.ts'
import {
  branchHintName, type CodeMetadata, isCodeMetadata, type Remark, writeCodeMetadata,
} from './code-metadata.ts'
import type { Growth } from './growth.ts'
import { drainFunction, meterGlobals } from './meter.ts'
import { type Limits, type Module, type Section, sectionId, sectionOrder } from './module.ts'
import { i32, i64 } from './value-types.ts'

export interface Parts {
  module: Module
  additions: Additions
  memories: Growth
  tables: Growth
  /** Whether its only memory is imported and not defined. */
  importsMemory: boolean
  /** Every body with its size before it, the module's own and then the helpers', from byte `bodiesAt` on. */
  bodies: ByteWriter
  bodiesAt: number
  bodyCount: number
  /** Branch hints, without how many functions have any: so many. */
  hints: ByteWriter
  hinted: number
  metadata: readonly CodeMetadata[]
}

type Write = (out: ByteWriter, parts: Parts, reader: ByteReader, own: number) => void

/** Bytes that are likely enough for what stands before the bodies; with fewer, the module is copied once more. */
export function roomBefore(module: Module): number {
  const code = module.sections.find(({ id }) => id === sectionId.code)
  const hints = (code ? code.end - code.start : 0) >> 3
  return (code?.at ?? module.bytes.length) + hints + 65_536
}

export function writeModule(parts: Parts): Uint8Array<ArrayBuffer> {
  const { module, bodies, bodiesAt } = parts
  const before = new ByteWriter(bodiesAt)
  before.copy(module.bytes, 0, 8)
  const writers = changedSections(parts)
  const codeSize = bodies.length - bodiesAt
  let out = before
  let rank = 0
  const writeMissing = (to: number): void => {
    for (const id of sectionOrder.slice(rank, to)) {
      const write = writers.get(id)
      if (write && appends.has(id)) writeNew(id, write, new ByteReader(module.bytes, 0, 0), 0)
    }
    rank = to
  }
  const writeNew = (id: number, write: Write, reader: ByteReader, own: number): void => {
    if (id !== sectionId.code) {
      writeContents(out, parts, id, write, reader, own)
      return
    }
    writeHints(out, parts)
    const count = new ByteWriter(8)
    count.u32(parts.bodyCount)
    out.u8(id)
    out.u32(count.length + codeSize)
    out.append(count)
    out = bodies
  }
  for (const section of module.sections) {
    if (section.id !== sectionId.custom) {
      const own = sectionOrder.indexOf(section.id)
      writeMissing(own)
      rank = own + 1
    }
    const write = writers.get(section.id)
    if (!write) {
      writeUnchanged(out, parts, section)
      continue
    }
    const reader = new ByteReader(module.bytes, section.start, section.end)
    writeNew(section.id, write, reader, reader.u32())
  }
  writeMissing(sectionOrder.length)
  return out === bodies ? bodies.after(before, bodiesAt) : before.take()
}

function writeUnchanged(out: ByteWriter, parts: Parts, section: Section): void {
  const { module } = parts
  if (section.id === sectionId.start) return // the loader runs it as a program
  if (isCodeMetadata(module, section)) writeMetadata(out, parts, section)
  else out.copy(module.bytes, section.at, section.end)
}

function writeContents(
  out: ByteWriter, parts: Parts, id: number, write: Write, reader: ByteReader, own: number,
): void {
  const contents = new ByteWriter(reader.end - reader.pos + 256)
  write(contents, parts, reader, own)
  out.u8(id)
  out.u32(contents.length)
  out.append(contents)
}

/** Sections that get something appended, and so are written even where the module has none. */
const appends = new Set<number>([
  sectionId.type, sectionId.import, sectionId.function, sectionId.table, sectionId.global, sectionId.export, sectionId.code,
])

function changedSections(parts: Parts): Map<number, Write> {
  const writers = new Map<number, Write>([
    [sectionId.type, writeTypes], [sectionId.table, writeTables], [sectionId.global, writeGlobals],
    [sectionId.export, writeExports],
  ])
  if (parts.bodyCount > 0) writers.set(sectionId.code, () => {})
  if (functionsAdded(parts.additions) > 0) writers.set(sectionId.function, writeFunctions)
  if (parts.importsMemory || parts.module.memories.some(({ imported, shared }) => imported && shared)) writers.set(sectionId.import, writeImports)
  if (parts.memories.maxima.length > 0) writers.set(sectionId.memory, writeMemories)
  return writers
}

function writeTypes(out: ByteWriter, { additions }: Parts, reader: ByteReader, own: number): void {
  out.u32(own + additions.types.length)
  out.copy(reader.bytes, reader.pos, reader.end)
  for (const type of additions.types) out.copy(type, 0, type.length)
}

function writeFunctions(out: ByteWriter, { additions }: Parts, reader: ByteReader, own: number): void {
  out.u32(own + functionsAdded(additions))
  out.copy(reader.bytes, reader.pos, reader.end)
  for (const { type } of additions.helpers) out.u32(type)
  for (const type of additions.meter?.types ?? []) out.u32(type)
}

function writeTables(out: ByteWriter, { module, tables }: Parts, reader: ByteReader, own: number): void {
  out.u32(own + 1)
  module.tables.forEach((table, index) => {
    if (table.imported) return
    out.copy(module.bytes, table.at, table.limitsAt)
    writeLimits(out, table, tables.maxima[index])
    out.copy(module.bytes, table.limitsEnd, table.end)
  })
  out.u8(functionReference)
  writeLimits(out, { initial: YIELD_SLOTS, maximum: YIELD_SLOTS, shared: false, wide: false }, YIELD_SLOTS)
}

/** The module's own imports, shared memories as they are declared now, and its memory after them. */
function writeImports(out: ByteWriter, { module, memories, importsMemory }: Parts, reader: ByteReader, own: number): void {
  out.u32(own + (importsMemory ? 1 : 0))
  let copied = reader.pos
  module.memories.forEach((memory, index) => {
    if (!memory.imported || !memory.shared) return
    out.copy(reader.bytes, copied, memory.at)
    writeLimits(out, memory, memories.maxima[index])
    copied = memory.end
  })
  out.copy(reader.bytes, copied, reader.end)
  if (!importsMemory) return
  out.name(asciiBytes(MEMORY_IMPORT.module))
  out.name(asciiBytes(MEMORY_IMPORT.name))
  out.u8(2)
  writeLimits(out, module.memories[0]!, memories.maxima[0])
}

function writeMemories(out: ByteWriter, { module, memories, importsMemory }: Parts, _reader: ByteReader, own: number): void {
  out.u32(importsMemory ? 0 : own)
  if (importsMemory) return
  module.memories.forEach((memory, index) => {
    if (!memory.imported) writeLimits(out, memory, memories.maxima[index])
  })
}

function writeLimits(out: ByteWriter, limits: Limits, maximum: number | undefined): void {
  out.u8((maximum === undefined ? 0 : 1) | (limits.shared ? 2 : 0) | (limits.wide ? 4 : 0))
  out.u64(limits.initial)
  if (maximum !== undefined) out.u64(maximum)
}

function writeGlobals(out: ByteWriter, { additions }: Parts, reader: ByteReader, own: number): void {
  out.u32(own + additions.globals)
  out.copy(reader.bytes, reader.pos, reader.end)
  writeGlobal(out, i32, 0)
  for (const budget of [additions.memoryBudget, additions.tableBudget]) {
    if (budget !== undefined) writeGlobal(out, i64, budget)
  }
  if (additions.meter) for (const type of meterGlobals) writeGlobal(out, type, 0)
}

function writeGlobal(out: ByteWriter, type: typeof i32 | typeof i64, value: number): void {
  out.u8(type)
  out.u8(1) // mutable
  out.u8(type === i32 ? 0x41 : 0x42)
  out.signed(value)
  out.u8(0x0b)
}

function writeExports(out: ByteWriter, { module, additions }: Parts, reader: ByteReader, own: number): void {
  const entries: [name: string, kind: number, index: number][] = [
    [FUEL_EXPORT, 3, additions.fuelGlobal], [YIELD_EXPORT, 1, additions.yieldTable],
  ]
  if (module.start !== undefined) entries.push([START_EXPORT, 0, module.start])
  if (additions.meter) entries.push([DRAIN_EXPORT, 0, additions.meter.firstFunction + drainFunction])
  out.u32(own + entries.length)
  out.copy(reader.bytes, reader.pos, reader.end)
  for (const [name, kind, index] of entries) {
    out.name(asciiBytes(name))
    out.u8(kind)
    out.u32(index)
  }
}

function writeHints(out: ByteWriter, { hints, hinted }: Parts): void {
  if (hinted === 0) return
  const start = new ByteWriter(64)
  start.name(branchHintName)
  start.u32(hinted)
  out.u8(sectionId.custom)
  out.u32(start.length + hints.length)
  out.append(start)
  out.append(hints)
}

/** Other code metadata than branch hints, with its offsets moved; branch hints are written before the code. */
function writeMetadata(out: ByteWriter, { metadata }: Parts, section: Section): void {
  const known = metadata.find((item) => item.section === section)
  if (known && !known.isBranchHints) writeCustom(out, known.name, known.byFunction)
}

function writeCustom(
  out: ByteWriter, name: Uint8Array, byFunction: ReadonlyMap<number, readonly Remark[]>,
): void {
  const contents = new ByteWriter(1024)
  writeCodeMetadata(contents, name, byFunction)
  out.u8(sectionId.custom)
  out.u32(contents.length)
  out.append(contents)
}

const functionReference = 0x70
/** That which is called without fuel, and that which is asked for memory. */
const YIELD_SLOTS = 2
