// Decodes one instruction after the other and tells where each begins and ends.
//
// `next` returns the opcode and leaves the immediates that matter in `first`, `second` and `labels`. It decodes, it
// does not validate: types and indices are the engine's to check. What matters is that it finds the same boundaries
// as the engine, since whatever is inserted between two of them is executed between the two.

import { ByteReader } from './byte-reader.ts'
import { malformed } from './fault.ts'
import { firstPrefix, immediate, op, prefixedShapes, shapes } from './opcodes.ts'
import { skipHeapType, skipValueType } from './value-types.ts'

/** Bit of a memory access's alignment that says that a memory index follows. */
const memoryIndexFlag = 0x40

export class InstructionReader extends ByteReader {
  /** Where the instruction that was read last begins. */
  at = 0
  /** Its first immediate: an index, a label, or the value of an integer constant. */
  first = 0
  /** Its second index. */
  second = 0
  /** The labels of a br_table, and those of the catch clauses of a try_table. */
  readonly labels: number[] = []

  next(): number {
    this.at = this.pos
    const byte = this.u8()
    const shape = shapes[byte]!
    if (shape === immediate.none) return byte
    if (shape === immediate.index) {
      this.first = this.u32()
      return byte
    }
    if (shape !== immediate.prefix) {
      this.immediates(shape)
      return byte
    }
    const sub = this.u32()
    this.immediates(prefixedShapes[byte - firstPrefix]![sub] ?? immediate.invalid)
    return byte * 0x1000 + sub
  }

  /** Reads a constant expression up to its end; reports the functions that it takes a reference to. */
  constantExpression(referred: (functionIndex: number) => void): void {
    for (;;) {
      const opcode = this.next()
      if (opcode === op.end) return
      if (opcode === op.refFunc) referred(this.first)
    }
  }

  private immediates(shape: number): void {
    switch (shape) {
      case immediate.none: return
      case immediate.index: this.first = this.u32(); return
      case immediate.twoIndices:
        this.first = this.u32()
        this.second = this.u32()
        return
      case immediate.memoryAccess: this.memoryAccess(); return
      case immediate.i32: this.first = this.signed(5); return
      case immediate.i64: this.first = this.signed(10); return
      case immediate.bytes4: this.skip(4); return
      case immediate.bytes8: this.skip(8); return
      case immediate.bytes16: this.skip(16); return
      case immediate.lane: this.skip(1); return
      case immediate.memoryAccessLane:
        this.memoryAccess()
        this.skip(1)
        return
      case immediate.blockType: this.blockType(); return
      case immediate.labels: this.branchTable(); return
      case immediate.heapType: skipHeapType(this); return
      case immediate.valueTypes:
        for (let left = this.count(); left > 0; left--) skipValueType(this)
        return
      case immediate.catches: this.catches(); return
      case immediate.castBranch:
        this.skip(1)
        this.first = this.u32()
        skipHeapType(this)
        skipHeapType(this)
        return
      default: throw malformed(`unknown instruction 0x${this.bytes[this.at]!.toString(16)}`, this.at)
    }
  }

  private memoryAccess(): void {
    const flags = this.u32()
    if (flags & memoryIndexFlag) this.u32()
    this.skipNumber(10)
  }

  private blockType(): void {
    const byte = this.bytes[this.pos]
    if (this.pos < this.end && (byte === 0x63 || byte === 0x64)) skipValueType(this)
    else this.skipNumber(5)
  }

  private branchTable(): void {
    this.labels.length = 0
    for (let left = this.count(); left >= 0; left--) this.labels.push(this.u32())
  }

  private catches(): void {
    this.blockType()
    this.labels.length = 0
    for (let left = this.count(); left > 0; left--) {
      const kind = this.u8()
      if (kind > 3) throw malformed(`unknown catch clause ${kind}`, this.pos - 1)
      if (kind < 2) this.u32()
      this.labels.push(this.u32())
    }
  }
}
