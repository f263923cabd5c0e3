// What a straight run of instructions costs in exact mode, by class: known when the module is rewritten, charged in one go.

import { instructionClass } from './instruction-classes.ts'
import type { IntList } from './int-list.ts'
import { movesPerInstruction } from './limits.ts'

/** Numbers that a charge takes in a list of them: total, and of it float, memory, branch, call; the rest is integer. */
export const chargeStride = 5

export class StraightRun {
  /** All instructions that count. */
  total = 0
  private float = 0
  private memory = 0
  private branch = 0
  private call = 0
  /** Moves since the last instruction of another class, in this run or before it. */
  private moves = 0

  add(of: number): void {
    if (of === instructionClass.structure) return
    if (of === instructionClass.move) {
      // So that nothing is free however much there is of it.
      if (++this.moves % movesPerInstruction === 0) this.total++
      return
    }
    this.moves = 0
    this.total++
    if (of === instructionClass.memory) this.memory++
    else if (of === instructionClass.branch) this.branch++
    else if (of === instructionClass.float) this.float++
    else if (of === instructionClass.call) this.call++
  }

  /** The share of a bulk operation. */
  addMemory(count: number): void {
    this.total += count
    this.memory += count
  }

  /** Writes it at `at` of a list of charges, and starts the next run. */
  moveTo(charges: IntList, at: number): void {
    charges.set(at, this.total)
    charges.set(at + 1, this.float)
    charges.set(at + 2, this.memory)
    charges.set(at + 3, this.branch)
    charges.set(at + 4, this.call)
    this.total = this.float = this.memory = this.branch = this.call = 0
  }

  /** Begins a body. */
  reset(): void {
    this.total = this.float = this.memory = this.branch = this.call = this.moves = 0
  }
}
