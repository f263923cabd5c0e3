// Code metadata: custom sections that say something about single instructions by their offset in a function.
//
// The offsets move when code is inserted, so sections named `metadata.code.…` are read, moved and written again. The
// branch hints among them are merged with those for the inserted checks. A section that can't be read is advice that
// can't be followed: the engine ignores it, and it is left out.
// Source: Branch Hinting proposal; tool conventions, Code Metadata.

import { ByteReader } from './byte-reader.ts'
import { asciiBytes, type ByteWriter } from './byte-writer.ts'
import { Fault } from './fault.ts'
import { type Module, type Section, sectionId } from './module.ts'

const prefix = asciiBytes('metadata.code.')
export const branchHintName = asciiBytes('metadata.code.branch_hint')

/** One remark: the offset from the first byte of the function's body, and what is said. */
export interface Remark { offset: number, said: Uint8Array }

/** The remarks of one section by the index of the function. */
export interface CodeMetadata {
  section: Section
  name: Uint8Array
  isBranchHints: boolean
  byFunction: Map<number, Remark[]>
}

export function readCodeMetadata(module: Module): CodeMetadata[] {
  const all: CodeMetadata[] = []
  for (const section of module.sections) {
    if (section.id === sectionId.code) break // what comes later is too late to be used
    const reader = new ByteReader(module.bytes, section.start, section.end)
    const name = section.id === sectionId.custom ? customName(reader) : undefined
    if (!name || !startsWith(name, prefix)) continue
    const byFunction = readRemarks(reader, module)
    if (byFunction) all.push({ section, name, isBranchHints: sameBytes(name, branchHintName), byFunction })
  }
  return all
}

/** Whether a section is one whose offsets are moved, and that is therefore never copied as it is. */
export function isCodeMetadata(module: Module, section: Section): boolean {
  if (section.id !== sectionId.custom) return false
  const name = customName(new ByteReader(module.bytes, section.start, section.end))
  return name !== undefined && startsWith(name, prefix)
}

/** Writes the contents of a section of code metadata, the functions in the order of their index. */
export function writeCodeMetadata(
  out: ByteWriter, name: Uint8Array, byFunction: ReadonlyMap<number, readonly Remark[]>,
): void {
  out.name(name)
  out.u32(byFunction.size)
  for (const [index, remarks] of [...byFunction].sort(([left], [right]) => left - right)) {
    out.u32(index)
    writeRemarks(out, remarks)
  }
}

/** Writes how many remarks a function has, and those. */
export function writeRemarks(out: ByteWriter, remarks: readonly Remark[]): void {
  out.u32(remarks.length)
  for (const { offset, said } of remarks) {
    out.u32(offset)
    out.name(said)
  }
}

/** Two lists of remarks in the order of their offsets as one. */
export function mergeRemarks(left: readonly Remark[], right: readonly Remark[]): Remark[] {
  return [...left, ...right].sort((one, other) => one.offset - other.offset)
}

function readRemarks(reader: ByteReader, module: Module): Map<number, Remark[]> | undefined {
  const byFunction = new Map<number, Remark[]>()
  try {
    for (let functions = reader.count(); functions > 0; functions--) {
      const index = reader.u32()
      const remarks: Remark[] = []
      for (let left = reader.count(); left > 0; left--) {
        const offset = reader.u32()
        const countAt = reader.pos
        const start = countAt + lengthOfCount(reader)
        remarks.push({ offset, said: module.bytes.subarray(start, reader.pos) })
      }
      const known = index >= module.importedFunctions && index < module.functionTypes.length
      if (known) byFunction.set(index, remarks.sort((one, other) => one.offset - other.offset))
    }
  } catch (fault) {
    if (fault instanceof Fault) return undefined
    throw fault
  }
  return byFunction
}

/** Passes over a counted run of bytes; answers how many bytes the count itself took. */
function lengthOfCount(reader: ByteReader): number {
  const at = reader.pos
  const size = reader.count()
  const length = reader.pos - at
  reader.skip(size)
  return length
}

function customName(reader: ByteReader): Uint8Array | undefined {
  try {
    const size = reader.count()
    const start = reader.pos
    reader.skip(size)
    return reader.bytes.subarray(start, reader.pos)
  } catch (fault) {
    if (fault instanceof Fault) return undefined
    throw fault
  }
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((byte, at) => bytes[at] === byte)
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && startsWith(left, right)
}
