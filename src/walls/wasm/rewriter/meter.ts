// The meter of exact mode: counts what is executed by class, and takes it from the fuel.
//
// One addition to one 64-bit word does both: the word holds the fuel that is left of a *window* in its upper bits, signed, and
// below it what was executed of four classes; the fifth is the rest. A charge is subtracted from the one and added to the others by one
// constant, known when the module is rewritten. Nothing is carried from field to field, since no more is executed in
// a window than a field can hold. When the word is below zero, the window is used up: `refill` adds the fields up, takes a new
// window from the fuel, and gives way when there is none.
//
// The word is a global; a body keeps it in a local of its own while nobody else can look at it, and puts it back before
// every call and whatever else leaves (`BodyWriter`).
//
// Invariant: the fuel left is that of the fuel global and of the word together. After `fold` it is all in the global.

import { arithmetic, type CodeWriter } from './code-writer.ts'
import type { IntList } from './int-list.ts'
import { meterWindow } from './limits.ts'
import { op } from './opcodes.ts'
import { i32, i64 } from './value-types.ts'

/** What takes fuel: in live mode `Checks`, in exact mode the meter. */
export interface Charging {
  /** Takes a fixed amount. */
  charge(code: CodeWriter, cost: number): void
  /** Takes the amount that `pushCost` leaves on the stack. */
  chargeWith(code: CodeWriter, pushCost: () => void): void
}

/** Indices of what the meter is made of. */
export interface MeterParts {
  fuelGlobal: number
  yieldType: number
  yieldTable: number
  /** The word, then the size of its window, then what was counted: all, float, memory, branch, call. */
  firstGlobal: number
  /** Its functions, in the order of `meterFunctions`. */
  firstFunction: number
}

/** Bits of a field of the word. The fuel begins above four of them. */
export const fieldBits = 12
const fuelShift = 4 * fieldBits

/** Globals of the meter: the word, the window, and five counts. */
export const meterGlobals = [i64, i32, i64, i64, i64, i64, i64] as const

/** Parameters and results of its functions: fold, spend, refill, drain. */
export const meterFunctions = [
  { parameters: [i64], results: [] },
  { parameters: [i32], results: [] },
  { parameters: [i64], results: [i64] },
  { parameters: [], results: [0x7c, 0x7c, 0x7c, 0x7c, 0x7c] },
] as const

/** Number of that which is exported. */
export const drainFunction = 3

const integer = arithmetic[i32]
const long = arithmetic[i64]

export class Meter implements Charging {
  private readonly parts: MeterParts
  private readonly word: number
  private readonly window: number
  private readonly total: number

  constructor(parts: MeterParts) {
    this.parts = parts
    this.word = parts.firstGlobal
    this.window = parts.firstGlobal + 1
    this.total = parts.firstGlobal + 2
  }

  charge(code: CodeWriter, cost: number): void {
    this.chargeWith(code, () => { code.constant(i32, cost) })
  }

  /** Bytes moved, by the class of what moves them. */
  chargeWith(code: CodeWriter, pushCost: () => void): void {
    pushCost()
    code.instruction(op.call, this.parts.firstFunction + 1)
  }

  /** Charges a straight run, whose counts lie at `at` of `charges`, to the word in `local`, or where that is -1 in its global. */
  run(code: CodeWriter, charges: IntList, at: number, local: number): void {
    const [total, float, memory, branch, call] = [charges.at(at), charges.at(at + 1), charges.at(at + 2), charges.at(at + 3), charges.at(at + 4)]
    if (local < 0) code.instruction(op.globalGet, this.word)
    else code.instruction(op.localGet, local)
    code.constant64(
      (call << 4) + (branch >> 8) - (total << 16),
      (float + (memory << fieldBits) + (branch << 2 * fieldBits)) >>> 0,
    )
    code.u8(long.add)
    if (local < 0) {
      code.instruction(op.globalSet, this.word)
      code.instruction(op.globalGet, this.word)
    } else {
      code.instruction(op.localTee, local)
    }
    code.constant(i64, 0)
    code.u8(long.lessSigned)
    code.hintedIf(false)
    this.get(code, local)
    code.instruction(op.call, this.parts.firstFunction + 2)
    if (local < 0) code.u8(dropInstruction)
    else code.instruction(op.localSet, local)
    code.u8(op.end)
  }

  /** Takes the word from its global, for as long as nobody else looks at it. */
  take(code: CodeWriter, local: number): void {
    code.instruction(op.globalGet, this.word)
    code.instruction(op.localSet, local)
  }

  /** Puts it back. */
  putBack(code: CodeWriter, local: number): void {
    code.instruction(op.localGet, local)
    code.instruction(op.globalSet, this.word)
  }

  /** Writes the body of the function numbered `index` of `meterFunctions`. */
  writeFunction(code: CodeWriter, index: number): void {
    [this.fold, this.spend, this.refill, this.drained][index]!.call(this, code)
    code.u8(op.end)
  }

  /** [word] -> []: adds its fields to the counts, and gives what is left of its window back to the fuel. */
  private fold(code: CodeWriter): void {
    const { fuelGlobal } = this.parts
    const [word, left] = [0, 1]
    locals(code, i32)
    code.instruction(op.localGet, word)
    code.constant(i64, fuelShift)
    code.u8(shiftRightSigned)
    code.convert(i64, i32)
    code.instruction(op.localSet, left)
    this.increase(code, fuelGlobal, i32, () => { code.instruction(op.localGet, left) })
    this.increase(code, this.total, i64, () => {
      code.instruction(op.globalGet, this.window)
      code.instruction(op.localGet, left)
      code.u8(integer.subtract)
      code.u8(extendSigned)
    })
    for (let field = 0; field < 4; field++) {
      this.increase(code, this.total + 1 + field, i64, () => {
        code.instruction(op.localGet, word)
        code.constant(i64, field * fieldBits)
        code.u8(long.shiftRight)
        code.constant(i64, (1 << fieldBits) - 1)
        code.u8(and)
      })
    }
    code.constant(i32, 0)
    code.instruction(op.globalSet, this.window)
    code.constant(i64, 0)
    code.instruction(op.globalSet, this.word)
  }

  /** [count] -> []: takes what was not known when the module was rewritten. */
  private spend(code: CodeWriter): void {
    const { fuelGlobal, firstFunction } = this.parts
    const count = 0
    locals(code)
    for (const global of [this.total, this.total + memoryField]) {
      this.increase(code, global, i64, () => {
        code.instruction(op.localGet, count)
        code.convert(i32, i64)
      })
    }
    code.instruction(op.globalGet, fuelGlobal)
    code.instruction(op.localGet, count)
    code.u8(integer.subtract)
    code.instruction(op.globalSet, fuelGlobal)
    this.ifWithoutFuel(code, () => {
      code.instruction(op.globalGet, this.word)
      code.instruction(op.call, firstFunction)
      this.giveWay(code)
    })
  }

  /** [word] -> [word]: the next window, when there is fuel. */
  private refill(code: CodeWriter): void {
    const { fuelGlobal, firstFunction } = this.parts
    const [word, size] = [0, 1]
    locals(code, i32)
    code.instruction(op.localGet, word)
    code.instruction(op.call, firstFunction)
    this.giveWay(code)
    code.instruction(op.globalGet, fuelGlobal)
    code.instruction(op.localSet, size)
    this.limit(code, size, integer.greaterSigned, meterWindow)
    this.limit(code, size, integer.lessSigned, 0)
    code.instruction(op.localGet, size)
    code.instruction(op.globalSet, this.window)
    code.instruction(op.globalGet, fuelGlobal)
    code.instruction(op.localGet, size)
    code.u8(integer.subtract)
    code.instruction(op.globalSet, fuelGlobal)
    code.instruction(op.localGet, size)
    code.convert(i32, i64)
    code.constant(i64, fuelShift)
    code.u8(shiftLeft)
    code.instruction(op.localTee, word)
    code.instruction(op.globalSet, this.word)
    code.instruction(op.localGet, word)
  }

  /** [] -> [integer, float, memory, branch, call]: what was counted since it was last asked. */
  private drained(code: CodeWriter): void {
    locals(code)
    code.instruction(op.globalGet, this.word)
    code.instruction(op.call, this.parts.firstFunction)
    code.instruction(op.globalGet, this.total)
    for (let field = 0; field < 4; field++) {
      code.instruction(op.globalGet, this.total + 1 + field)
      code.u8(long.subtract)
    }
    code.u8(f64ConvertI64Unsigned)
    for (let field = 0; field < 4; field++) {
      code.instruction(op.globalGet, this.total + 1 + field)
      code.u8(f64ConvertI64Unsigned)
    }
    for (let count = 0; count < 5; count++) {
      code.constant(i64, 0)
      code.instruction(op.globalSet, this.total + count)
    }
  }

  private get(code: CodeWriter, local: number): void {
    if (local < 0) code.instruction(op.globalGet, this.word)
    else code.instruction(op.localGet, local)
  }

  private increase(code: CodeWriter, global: number, width: typeof i32 | typeof i64, push: () => void): void {
    code.instruction(op.globalGet, global)
    push()
    code.u8(arithmetic[width].add)
    code.instruction(op.globalSet, global)
  }

  private giveWay(code: CodeWriter): void {
    this.ifWithoutFuel(code, () => {
      code.constant(i32, 0)
      code.instruction(op.callIndirect, this.parts.yieldType, this.parts.yieldTable)
    })
  }

  private ifWithoutFuel(code: CodeWriter, write: () => void): void {
    code.instruction(op.globalGet, this.parts.fuelGlobal)
    code.constant(i32, 0)
    code.u8(integer.lessSigned)
    code.hintedIf(false)
    write()
    code.u8(op.end)
  }

  /** Sets a local to `bound` where it is beyond it. */
  private limit(code: CodeWriter, local: number, beyond: number, bound: number): void {
    code.instruction(op.localGet, local)
    code.constant(i32, bound)
    code.u8(beyond)
    code.block(op.if)
    code.constant(i32, bound)
    code.instruction(op.localSet, local)
    code.u8(op.end)
  }
}

function locals(code: CodeWriter, ...types: number[]): void {
  code.u32(types.length)
  for (const type of types) {
    code.u32(1)
    code.u8(type)
  }
}

/** Of the counts after the total. */
const memoryField = 2
const shiftLeft = 0x86
const shiftRightSigned = 0x87
const and = 0x83
const extendSigned = 0xac
const f64ConvertI64Unsigned = 0xba
const dropInstruction = 0x1a
