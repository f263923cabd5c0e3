// The helper functions that a rewritten module needs, one for each operation and what it operates on.
//
// They are numbered in the order in which they are first needed and appended after the module's own functions.

import { bulkShape } from './bulk-shapes.ts'
import { malformed } from './fault.ts'
import type { Module } from './module.ts'
import { op } from './opcodes.ts'

/** An instruction that is replaced by a call, with its immediates. */
export interface Helper { opcode: number, first: number, second: number }

export class HelperSet {
  readonly helpers: Helper[] = []
  private readonly module: Module
  private readonly numbers = new Map<string, number>()

  constructor(module: Module) {
    this.module = module
  }

  /** The number of the helper for an instruction at byte `at`. */
  number(opcode: number, first: number, second: number, at: number): number {
    const key = `${opcode}:${first}:${second}`
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    const helper = { opcode, first, second: hasSecond(opcode) ? second : 0 }
    this.checkIndices(helper, at)
    const number = this.helpers.length
    this.helpers.push(helper)
    this.numbers.set(key, number)
    return number
  }

  /** The module is not validated before it is rewritten, so what a helper is built from must be checked here. */
  private checkIndices({ opcode, first, second }: Helper, at: number): void {
    const { memories, tables, types } = this.module
    const shape = bulkShape(opcode)
    const destination = shape?.does === 'init' && shape.of !== 'array' ? second : first
    const indices = shape?.does === 'copy' ? [first, second] : [destination]
    for (const index of indices) {
      const known = opcode === op.memoryGrow || shape?.of === 'memory' ? memories[index] !== undefined
        : shape?.of === 'array' ? types[index]?.form === 'array'
          : tables[index] !== undefined
      if (!known) throw malformed(`instruction on ${index}, which there is not`, at)
    }
  }
}

function hasSecond(opcode: number): boolean {
  const shape = bulkShape(opcode)
  return shape !== undefined && shape.does !== 'fill'
}
