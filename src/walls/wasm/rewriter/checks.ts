// The code that takes fuel and gives way in live mode (in exact mode: meter.ts).
//
// The fuel is a global of the module's own, so the check is a load, a subtraction, a store and a branch that is
// hinted as unlikely. When the fuel is below zero, the function in the only slot of the yield table is called; it is
// expected to set the fuel to what is granted next. While that slot is empty, a program without fuel ends by a trap.
// Code is inserted where the stack may hold operands: it takes nothing from the stack and leaves nothing on it.
//
// A loop is not checked in the global but in a local of its activation: the local is increased by 2 ** 32 / window,
// and comes back to zero once in that many passes. Most loops are checked where they go back (`inner-loop.ts`), the others
// at their head. This is what measured cheapest of the ways tried (bench/metering.ts).

import { arithmetic, type CodeWriter } from './code-writer.ts'
import { loopWindow } from './limits.ts'
import type { Charging } from './meter.ts'
import { op } from './opcodes.ts'
import { i32 } from './value-types.ts'

const loopStep = (2 ** 32 / loopWindow) | 0
const integer = arithmetic[i32]

export class Checks implements Charging {
  private readonly fuelGlobal: number
  private readonly yieldType: number
  private readonly yieldTable: number

  constructor(fuelGlobal: number, yieldType: number, yieldTable: number) {
    this.fuelGlobal = fuelGlobal
    this.yieldType = yieldType
    this.yieldTable = yieldTable
  }

  /** Takes a fixed amount of fuel. */
  charge(code: CodeWriter, cost: number): void {
    this.chargeWith(code, () => { code.constant(i32, cost) })
  }

  /** Takes the amount of fuel that `pushCost` leaves on the stack. */
  chargeWith(code: CodeWriter, pushCost: () => void): void {
    code.instruction(op.globalGet, this.fuelGlobal)
    pushCost()
    code.u8(integer.subtract)
    code.instruction(op.globalSet, this.fuelGlobal)
    code.instruction(op.globalGet, this.fuelGlobal)
    code.constant(i32, 0)
    code.u8(integer.lessSigned)
    code.hintedIf(false)
    code.constant(i32, 0)
    code.instruction(op.callIndirect, this.yieldType, this.yieldTable)
    code.u8(op.end)
  }

  /** Counts a pass of a loop in `local`, and takes fuel once in a window of passes. */
  countPass(code: CodeWriter, local: number, costPerPass: number): void {
    this.count(code, local)
    code.u8(integer.equalZero)
    code.hintedIf(false)
    this.charge(code, costPerPass * loopWindow)
    code.u8(op.end)
  }

  /**
   * Branches to the loop `label`: counts a pass in `local`, and once in a window of passes takes fuel and branches
   * to the next label instead.
   */
  branchBack(code: CodeWriter, local: number, costPerPass: number, label: number): void {
    this.count(code, local)
    code.hint(true)
    code.instruction(op.brIf, label)
    this.charge(code, costPerPass * loopWindow)
    code.instruction(op.br, label + 1)
  }

  /** Counts a pass, and leaves on the stack what is zero once in a window of passes. */
  private count(code: CodeWriter, local: number): void {
    code.instruction(op.localGet, local)
    code.constant(i32, loopStep)
    code.u8(integer.add)
    code.instruction(op.localTee, local)
  }
}
