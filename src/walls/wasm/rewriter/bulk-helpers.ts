// Helper functions that do a bulk operation in chunks and take fuel between them.
//
// Each has exactly the semantics of its instruction. A size of at most one chunk is the instruction itself. Otherwise
// the whole range is checked before anything is written, without a trap of our own: on memories a load of the last
// byte, elsewhere the instruction itself with size zero at the end of the range, traps just where the instruction would.
// Where start + size wraps around, the range cannot be in bounds, so the instruction is executed as it was and traps.
// A copy goes upwards if the destination is not above the source, else downwards, as for one overlapping range;
// between different memories or arrays either direction is right. Nothing can shrink in between: memories and
// tables only grow. (A segment could be dropped in between only by host code that enters the suspended instance.)

import { type BulkShape, bulkShape } from './bulk-shapes.ts'
import type { Charging } from './meter.ts'
import { arithmetic, type CodeWriter, type Width } from './code-writer.ts'
import type { Helper } from './helper-set.ts'
import type { Limits, Module } from './module.ts'
import { op } from './opcodes.ts'
import { i32, i64, nullableReferenceTo } from './value-types.ts'

interface Operand { local: number, width: Width }

/** The operands of a bulk operation, which are the parameters of its helper. */
interface Operands {
  parameters: Uint8Array[]
  /** In the order in which the instruction takes them; a number is a parameter that is passed on as it is. */
  order: (number | 'destination' | 'source' | 'size')[]
  destination: Operand
  source: Operand | undefined
  size: Operand
  /** Bytes of a data segment for one element. */
  sourceScale: number
}

type Push = () => void

/** The types of a helper's parameters. */
export function bulkParameters(module: Module, helper: Helper): Uint8Array[] {
  return operandsOf(module, helper, shapeOf(helper)).parameters
}

/** Writes the instructions of a helper's body. */
export function writeBulkHelper(code: CodeWriter, module: Module, helper: Helper, checks: Charging, exact: boolean): void {
  const shape = shapeOf(helper)
  new BulkHelper(code, helper, shape, operandsOf(module, helper, shape), checks, exact).write()
}

/**
 * The body of a helper that is the instruction and nothing else, for a program that takes no fuel: V8 looks whether a thread is to
 * end whenever a function is entered, but in a loop once in some ten thousand passes, which is minutes around long operations.
 */
export function writeBulkInstruction(code: CodeWriter, module: Module, helper: Helper): void {
  const shape = shapeOf(helper)
  writeInstruction(code, helper, shape, operandsOf(module, helper, shape))
  code.u8(op.end)
}

function shapeOf(helper: Helper): BulkShape {
  const shape = bulkShape(helper.opcode)
  if (!shape) throw new Error(`opcode ${helper.opcode} is no bulk operation`)
  return shape
}

function operandsOf(module: Module, helper: Helper, shape: BulkShape): Operands {
  return shape.of === 'array' ? arrayOperands(module, helper, shape) : indexedOperands(module, helper, shape)
}

/** Operands of an operation on memories or tables: destination, value or source, size. */
function indexedOperands(module: Module, helper: Helper, shape: BulkShape): Operands {
  const all: readonly Limits[] = shape.of === 'memory' ? module.memories : module.tables
  const destination: Operand = { local: 0, width: widthOf(all[shape.does === 'init' ? helper.second : helper.first]) }
  if (shape.does === 'fill') {
    const value = shape.of === 'memory' ? Uint8Array.of(i32) : module.tables[helper.first]!.element
    const size = { local: 2, width: destination.width }
    return {
      parameters: [Uint8Array.of(destination.width), value, Uint8Array.of(size.width)],
      order: ['destination', 1, 'size'], destination, source: undefined, size, sourceScale: 1,
    }
  }
  const source: Operand = { local: 1, width: shape.does === 'init' ? i32 : widthOf(all[helper.second]) }
  const size: Operand = { local: 2, width: destination.width === source.width ? source.width : i32 }
  return {
    parameters: [Uint8Array.of(destination.width), Uint8Array.of(source.width), Uint8Array.of(size.width)],
    order: ['destination', 'source', 'size'], destination, source, size, sourceScale: 1,
  }
}

/** Operands of an operation on arrays: a reference before each index. */
function arrayOperands(module: Module, helper: Helper, shape: BulkShape): Operands {
  const type = module.types[helper.first]
  if (type?.form !== 'array') throw new Error(`type ${helper.first} is no array`)
  const number = Uint8Array.of(i32)
  const reference = nullableReferenceTo(helper.first)
  const destination: Operand = { local: 1, width: i32 }
  if (shape.does === 'fill') {
    return {
      parameters: [reference, number, type.element, number], order: [0, 'destination', 2, 'size'],
      destination, source: undefined, size: { local: 3, width: i32 }, sourceScale: 1,
    }
  }
  if (shape.does === 'copy') {
    return {
      parameters: [reference, number, nullableReferenceTo(helper.second), number, number],
      order: [0, 'destination', 2, 'source', 'size'],
      destination, source: { local: 3, width: i32 }, size: { local: 4, width: i32 }, sourceScale: 1,
    }
  }
  return {
    parameters: [reference, number, number, number], order: [0, 'destination', 'source', 'size'],
    destination, source: { local: 2, width: i32 }, size: { local: 3, width: i32 },
    sourceScale: helper.opcode === op.arrayInitData ? type.elementBytes : 1,
  }
}

function widthOf(limits: Limits | undefined): Width {
  return limits?.wide ? i64 : i32
}

/** The instruction, with the operands as they are in their locals where no other is given. */
function writeInstruction(
  code: CodeWriter, helper: Helper, shape: BulkShape, operands: Operands, given: { destination?: Push | undefined, source?: Push | undefined, size?: Push | undefined } = {},
): void {
  for (const item of operands.order) {
    if (typeof item === 'number') code.instruction(op.localGet, item)
    else if (given[item]) given[item]()
    else code.instruction(op.localGet, operands[item]!.local)
  }
  if (shape.does === 'fill') code.instruction(helper.opcode, helper.first)
  else code.instruction(helper.opcode, helper.first, helper.second)
}

class BulkHelper {
  private readonly code: CodeWriter
  private readonly helper: Helper
  private readonly shape: BulkShape
  private readonly operands: Operands
  private readonly checks: Charging
  private readonly exact: boolean

  constructor(
    code: CodeWriter, helper: Helper, shape: BulkShape, operands: Operands, checks: Charging, exact: boolean,
  ) {
    this.code = code
    this.helper = helper
    this.shape = shape
    this.operands = operands
    this.checks = checks
    this.exact = exact
  }

  write(): void {
    const { code, operands: { source } } = this
    this.short()
    this.trapIfWrapping()
    this.probe()
    if (this.shape.does !== 'copy' || !source) {
      this.upwards()
    } else {
      this.pushAsI64OrSame(this.operands.destination, source)
      code.hint(true)
      code.block(op.if)
      this.upwards()
      code.u8(op.else)
      this.downwards()
      code.u8(op.end)
    }
    this.chargeRest()
    this.perform()
    code.u8(op.end)
  }

  /** At most one chunk: the instruction itself. */
  private short(): void {
    const { code, operands: { size } } = this
    this.push(size)
    code.constant(size.width, this.shape.chunk)
    code.u8(arithmetic[size.width].lessOrEqual)
    code.hintedIf(true)
    this.chargeRest()
    this.perform()
    code.u8(op.return)
    code.u8(op.end)
  }

  private trapIfWrapping(): void {
    const { operands: { destination, source } } = this
    this.performIfWrapping(destination, 1)
    if (source) this.performIfWrapping(source, this.operands.sourceScale)
  }

  private performIfWrapping(start: Operand, scale: number): void {
    const { code } = this
    if (scale === 1) {
      this.pushEnd(start, 1)
      this.push(start)
      code.u8(arithmetic[start.width].less)
    } else {
      this.pushWide(start)
      this.pushWide(this.operands.size)
      code.constant(i64, scale)
      code.u8(multiplyI64)
      code.u8(arithmetic[i64].add)
      code.constant(i64, 0xffff_ffff)
      code.u8(arithmetic[i64].greater)
    }
    code.hintedIf(false)
    this.perform()
    code.u8(op.return)
    code.u8(op.end)
  }

  /** Traps if a part of the range is out of bounds. */
  private probe(): void {
    const { helper, shape, operands: { destination, source, sourceScale, size } } = this
    if (shape.of !== 'memory') {
      this.perform(
        () => { this.pushEnd(destination, 1) },
        () => { if (source) this.pushEnd(source, sourceScale) },
        () => { this.code.constant(size.width, 0) },
      )
      return
    }
    this.loadLastByte(destination, shape.does === 'init' ? helper.second : helper.first)
    if (!source) return
    if (shape.does === 'copy') {
      this.loadLastByte(source, helper.second)
      return
    }
    this.perform(
      () => { this.push(destination) },
      () => { this.pushEnd(source, 1) },
      () => { this.code.constant(size.width, 0) },
    )
  }

  private loadLastByte(start: Operand, memory: number): void {
    const { code } = this
    this.pushEnd(start, 1)
    code.constant(start.width, 1)
    code.u8(arithmetic[start.width].subtract)
    code.u8(loadByteInstruction)
    if (memory > 0) {
      code.u8(0x40) // alignment 1, and the index of a memory follows
      code.u32(memory)
    } else {
      code.u8(0)
    }
    code.u8(0)
    code.u8(dropInstruction)
  }

  private upwards(): void {
    const { code, shape, operands: { destination, source, sourceScale, size } } = this
    code.block(op.loop)
    this.checks.charge(code, shape.chunk >> shape.perFuelShift)
    this.perform(undefined, undefined, () => { code.constant(size.width, shape.chunk) })
    this.advance(destination, shape.chunk)
    if (source) this.advance(source, shape.chunk * sourceScale)
    this.advance(size, -shape.chunk)
    this.repeatWhileLong()
  }

  private downwards(): void {
    const { code, shape, operands: { destination, source, size } } = this
    code.block(op.loop)
    this.checks.charge(code, shape.chunk >> shape.perFuelShift)
    this.advance(size, -shape.chunk)
    this.perform(
      () => { this.pushEnd(destination, 1) },
      () => { if (source) this.pushEnd(source, 1) },
      () => { code.constant(size.width, shape.chunk) },
    )
    this.repeatWhileLong()
  }

  private repeatWhileLong(): void {
    const { code, shape, operands: { size } } = this
    this.push(size)
    code.constant(size.width, shape.chunk)
    code.u8(arithmetic[size.width].greater)
    code.instruction(op.brIf, 0)
    code.u8(op.end)
  }

  /** In exact mode the rest, which is at most a chunk, is charged as well; in live mode it is too little to matter. */
  private chargeRest(): void {
    if (!this.exact) return
    const { code, shape, checks, operands: { size } } = this
    checks.chargeWith(code, () => {
      this.push(size)
      code.convert(size.width, i32)
      code.constant(i32, shape.perFuelShift)
      code.u8(arithmetic[i32].shiftRight)
    })
  }

  private perform(destination?: Push, source?: Push, size?: Push): void {
    writeInstruction(this.code, this.helper, this.shape, this.operands, { destination, source, size })
  }

  private push(operand: Operand): void {
    this.code.instruction(op.localGet, operand.local)
  }

  private pushWide(operand: Operand): void {
    this.push(operand)
    this.code.convert(operand.width, i64)
  }

  /** start + size * scale, in the width of start. */
  private pushEnd(start: Operand, scale: number): void {
    const { code, operands: { size } } = this
    this.push(start)
    this.push(size)
    code.convert(size.width, start.width)
    if (scale > 1) {
      code.constant(start.width, scale)
      code.u8(multiplyI32)
    }
    code.u8(arithmetic[start.width].add)
  }

  private pushAsI64OrSame(left: Operand, right: Operand): void {
    const { code } = this
    const width = left.width === right.width ? left.width : i64
    this.push(left)
    code.convert(left.width, width)
    this.push(right)
    code.convert(right.width, width)
    code.u8(arithmetic[width].lessOrEqual)
  }

  private advance(operand: Operand, by: number): void {
    const { code } = this
    this.push(operand)
    code.constant(operand.width, by)
    code.u8(arithmetic[operand.width].add)
    code.instruction(op.localSet, operand.local)
  }
}

const multiplyI32 = 0x6c
const multiplyI64 = 0x7e
const dropInstruction = 0x1a
const loadByteInstruction = 0x2d
