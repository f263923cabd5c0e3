// Counts what a module executes instruction by instruction: the reference for exact mode.
//
// Before each instruction that counts, a global of its class is increased by one; there are no straight runs, no words, no
// locals, and nothing is charged ahead. Slow, and plain enough to be believed. What it shares with the rewriter is how
// instructions are read, and the table of their classes (instruction-classes.test.ts names them).

import { bulkShape } from '../bulk-shapes.ts'
import { ByteReader } from '../byte-reader.ts'
import { asciiBytes, ByteWriter } from '../byte-writer.ts'
import { CodeWriter } from '../code-writer.ts'
import { classOf, instructionClass } from '../instruction-classes.ts'
import { InstructionReader } from '../instruction-reader.ts'
import { movesPerInstruction } from '../limits.ts'
import { type Module, readModule, sectionId, sectionOrder } from '../module.ts'
import { op } from '../opcodes.ts'
import { skipValueType } from '../value-types.ts'

/** The globals that it exports, mutable i64, in the order of the classes. */
export const referenceExports = ['reference integer', 'reference float', 'reference memory', 'reference branch', 'reference call']

/** A valid module as one that counts. */
export function countedByReference(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const module = readModule(bytes)
  const out = new ByteWriter(bytes.length * 8)
  out.copy(bytes, 0, 8)
  let rank = 0
  const missing = (to: number): void => {
    for (; rank < to; rank++) {
      if (sectionOrder[rank] === sectionId.global) append(out, module, sectionId.global, undefined, writeGlobals)
      if (sectionOrder[rank] === sectionId.export) append(out, module, sectionId.export, undefined, writeExports)
    }
  }
  for (const section of module.sections) {
    if (section.id === sectionId.custom) continue
    const own = sectionOrder.indexOf(section.id)
    missing(own)
    rank = own + 1
    const reader = new ByteReader(bytes, section.start, section.end)
    if (section.id === sectionId.global) append(out, module, section.id, reader, writeGlobals)
    else if (section.id === sectionId.export) append(out, module, section.id, reader, writeExports)
    else if (section.id === sectionId.code) writeBodies(out, module)
    else out.copy(bytes, section.at, section.end)
  }
  missing(sectionOrder.length)
  return out.take()
}

function append(out: ByteWriter, module: Module, id: number, reader: ByteReader | undefined, write: (contents: ByteWriter, module: Module) => void): void {
  const contents = new ByteWriter(1024)
  contents.u32((reader?.u32() ?? 0) + referenceExports.length)
  if (reader) contents.copy(reader.bytes, reader.pos, reader.end)
  write(contents, module)
  out.u8(id)
  out.u32(contents.length)
  out.append(contents)
}

function writeGlobals(out: ByteWriter): void {
  for (const _name of referenceExports) for (const byte of [0x7e, 1, 0x42, 0, 0x0b]) out.u8(byte)
}

function writeExports(out: ByteWriter, module: Module): void {
  referenceExports.forEach((name, index) => {
    out.name(asciiBytes(name))
    out.u8(3)
    out.u32(module.globals + index)
  })
}

function writeBodies(out: ByteWriter, module: Module): void {
  const contents = new ByteWriter(1024)
  contents.u32(module.bodies.length / 2)
  for (let index = 0; index < module.bodies.length; index += 2) {
    const body = writeBody(module, module.importedFunctions + index / 2, module.bodies.at(index), module.bodies.at(index + 1))
    contents.u32(body.length)
    contents.append(body)
  }
  out.u8(sectionId.code)
  out.u32(contents.length)
  out.append(contents)
}

function writeBody(module: Module, functionIndex: number, start: number, end: number): CodeWriter {
  const reader = new InstructionReader(module.bytes, start, end)
  const code = new CodeWriter((end - start) * 8 + 64)
  const type = module.types[module.functionTypes[functionIndex]!]
  const groups = reader.count()
  const groupsAt = reader.pos
  let locals = type?.form === 'function' ? type.parameters : 0
  for (let left = groups; left > 0; left--) {
    locals += reader.u32()
    skipValueType(reader)
  }
  code.u32(groups + 2)
  code.copy(module.bytes, groupsAt, reader.pos)
  for (const type of [0x7f, 0x7e]) {
    code.u32(1)
    code.u8(type)
  }
  let moves = 0
  while (reader.pos < end) {
    const opcode = reader.next()
    const of = classOf(opcode)
    if (of > instructionClass.move) moves = 0
    if (of === instructionClass.move) moves++
    if (of > instructionClass.move) count(code, module, of - instructionClass.integer, () => { one(code) })
    else if (of === instructionClass.move && moves % movesPerInstruction === 0) count(code, module, 0, () => { one(code) })
    share(code, module, reader, opcode, locals)
    code.copy(module.bytes, reader.at, reader.pos)
  }
  return code
}

function count(code: CodeWriter, module: Module, index: number, push: () => void): void {
  code.instruction(op.globalGet, module.globals + index)
  push()
  code.u8(0x7c)
  code.instruction(op.globalSet, module.globals + index)
}

function one(code: CodeWriter): void {
  code.constant(0x7e, 1)
}

/** What a bulk operation counts for besides: its size is on the stack. */
function share(code: CodeWriter, module: Module, reader: InstructionReader, opcode: number, locals: number): void {
  const shape = bulkShape(opcode)
  if (!shape) return
  const all = shape.of === 'memory' ? module.memories : module.tables
  const operands = shape.does === 'copy' ? [reader.first, reader.second] : shape.does === 'fill' ? [reader.first] : []
  const wide = shape.of !== 'array' && operands.length > 0 && operands.every((index) => all[index]?.wide)
  const size = locals + (wide ? 1 : 0)
  code.instruction(op.localTee, size)
  count(code, module, instructionClass.memory - instructionClass.integer, () => {
    code.instruction(op.localGet, size)
    if (!wide) code.u8(0xad) // i64.extend_i32_u
    code.constant(0x7e, shape.perFuelShift)
    code.u8(0x88)
  })
}
