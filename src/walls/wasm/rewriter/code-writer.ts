// Writes instructions, and remembers the hints for the branches among them.
// Source: WebAssembly Core Specification 3.0, 5.4; Branch Hinting proposal.

import { ByteWriter } from './byte-writer.ts'
import { op } from './opcodes.ts'
import { i32, i64 } from './value-types.ts'

/** The arithmetic that the rewriter inserts, by width. */
export const arithmetic = {
  [i32]: { constant: 0x41, equalZero: 0x45, notEqual: 0x47, lessSigned: 0x48, less: 0x49, greaterSigned: 0x4a, greater: 0x4b, lessOrEqual: 0x4d, add: 0x6a, subtract: 0x6b, shiftRight: 0x76 },
  [i64]: { constant: 0x42, equalZero: 0x50, notEqual: 0x52, lessSigned: 0x53, less: 0x54, greaterSigned: 0x55, greater: 0x56, lessOrEqual: 0x58, add: 0x7c, subtract: 0x7d, shiftRight: 0x88 },
} as const

export type Width = typeof i32 | typeof i64

const wrapToI32 = 0xa7
const extendToI64 = 0xad
const emptyBlockType = 0x40

export class CodeWriter extends ByteWriter {
  /** Offset and direction of each hint, in turn; a direction of 1 means that the branch is likely taken. */
  readonly hints: number[] = []

  override clear(): void {
    super.clear()
    this.hints.length = 0
  }

  instruction(opcode: number, ...immediates: number[]): void {
    if (opcode >= 0x1000) {
      this.u8(Math.floor(opcode / 0x1000))
      this.u32(opcode % 0x1000)
    } else {
      this.u8(opcode)
    }
    for (const value of immediates) this.u32(value)
  }

  constant(width: Width, value: number): void {
    this.u8(arithmetic[width].constant)
    this.signed(value)
  }

  /** A 64-bit constant by its halves: the upper one signed, the lower one not. */
  constant64(upper: number, lower: number): void {
    this.u8(arithmetic[i64].constant)
    this.signed64(upper, lower)
  }

  raw(bytes: readonly number[]): void {
    for (const byte of bytes) this.u8(byte)
  }

  block(opcode: number): void {
    this.u8(opcode)
    this.u8(emptyBlockType)
  }

  /** An `if` without results that is hinted as likely or unlikely to be entered. */
  hintedIf(likely: boolean): void {
    this.hint(likely)
    this.block(op.if)
  }

  /** Marks the branch that is written next. */
  hint(likely: boolean): void {
    this.hints.push(this.length, likely ? 1 : 0)
  }

  /** Converts an unsigned number on the stack from one width to another. */
  convert(from: Width, to: Width): void {
    if (from === to) return
    this.u8(to === i64 ? extendToI64 : wrapToI32)
  }
}
