// Caps on the growth of memories and tables.
//
// A cap holds for all memories (or all tables) of a module together. Each one's maximum is written down to what it
// could at most have, so the engine itself refuses to grow it further, as it may refuse any growth. Where two or more
// can grow, a growth also takes from a budget that they share, in a helper that stands for the instruction.
// A module whose initial sizes are over the cap is refused.
// Where whoever runs the module keeps the account of its memory, a growth asks first: the helper calls the function in
// slot GROW_SLOT of the yield table with the pages that are wanted, and with their negative when the engine had none.

import type { CodeWriter } from './code-writer.ts'
import { arithmetic } from './code-writer.ts'
import { overLimit } from './fault.ts'
import type { Helper } from './helper-set.ts'
import { engine } from './limits.ts'
import type { Limits, Memory, Module, Table } from './module.ts'
import { op } from './opcodes.ts'
import { i32, i64 } from './value-types.ts'

/** What may become of the memories, or the tables, of a module. */
export interface Growth {
  /** The maximum of each, undefined where there is none and no cap. */
  maxima: (number | undefined)[]
  /** Pages or elements that may be added to all of them together, if a helper has to count them. */
  budget: number | undefined
}

export function planMemories(module: Module, cap: number | undefined): Growth {
  const limit = (memory: Memory): number => memory.wide ? engine.memory64Pages : engine.memory32Pages
  return plan(module.memories, cap, limit, 'pages of memory')
}

export function planTables(module: Module, cap: number | undefined): Growth {
  return plan(module.tables, cap, () => engine.tableElements, 'elements of tables')
}

function plan<T extends Memory | Table>(
  all: readonly T[], cap: number | undefined, limitOf: (item: T) => number, what: string,
): Growth {
  if (cap === undefined) return { maxima: all.map((item) => item.maximum), budget: undefined }
  let initial = 0
  for (const item of all) {
    initial += item.initial
    if (initial > cap) throw overLimit(`the module asks for ${initial} ${what}, ${cap} are allowed`, item.at)
  }
  const spare = cap - initial
  const maxima = all.map((item) => Math.min(item.maximum ?? limitOf(item), item.initial + spare))
  const growable = all.filter((item, index) => maxima[index]! > item.initial).length
  return { maxima, budget: growable > 1 ? spare : undefined }
}

/** The slot of the yield table in which the loader puts the function that is asked for memory. */
export const GROW_SLOT = 1

/** Types of the parameters and of the result of a growth helper. */
export function growthTypes(module: Module, helper: Helper): { parameters: Uint8Array[], result: Uint8Array } {
  const size = Uint8Array.of(grown(module, helper).wide ? i64 : i32)
  const value = helper.opcode === op.tableGrow ? [module.tables[helper.first]!.element] : []
  return { parameters: [...value, size], result: size }
}

/** Writes the instructions of a growth helper's body, which has one local of the type of its result. */
export function writeGrowthHelper(code: CodeWriter, module: Module, helper: Helper, budgetGlobal: number): void {
  const width = grown(module, helper).wide ? i64 : i32
  const size = helper.opcode === op.tableGrow ? 1 : 0
  const result = size + 1
  const pushSize = (): void => {
    code.instruction(op.localGet, size)
    code.convert(width, i64)
  }
  pushSize()
  code.instruction(op.globalGet, budgetGlobal)
  code.u8(arithmetic[i64].greater)
  code.hintedIf(false)
  code.constant(width, -1)
  code.u8(op.return)
  code.u8(op.end)
  for (let parameter = 0; parameter <= size; parameter++) code.instruction(op.localGet, parameter)
  code.instruction(helper.opcode, helper.first)
  code.instruction(op.localTee, result)
  code.constant(width, -1)
  code.u8(arithmetic[width].notEqual)
  code.block(op.if)
  code.instruction(op.globalGet, budgetGlobal)
  pushSize()
  code.u8(arithmetic[i64].subtract)
  code.instruction(op.globalSet, budgetGlobal)
  code.u8(op.end)
  code.instruction(op.localGet, result)
  code.u8(op.end)
}

/** What calls the function that is asked for memory: its type, the table that it lies in. */
export interface Asking { type: number, table: number }

/** Writes the instructions of a helper that asks before it grows a memory; it has one local of the type of its result. */
export function writeAskingHelper(code: CodeWriter, module: Module, helper: Helper, asking: Asking): void {
  const width = grown(module, helper).wide ? i64 : i32
  const [size, result] = [0, 1]
  const pushPages = (): void => {
    code.instruction(op.localGet, size)
    code.convert(width, i64)
    code.u8(f64ConvertI64Unsigned)
  }
  const ask = (): void => {
    code.constant(i32, GROW_SLOT)
    code.instruction(op.callIndirect, asking.type, asking.table)
  }
  pushPages()
  ask()
  code.u8(arithmetic[i32].equalZero)
  code.hintedIf(false)
  code.constant(width, -1)
  code.u8(op.return)
  code.u8(op.end)
  code.instruction(op.localGet, size)
  code.instruction(helper.opcode, helper.first)
  code.instruction(op.localTee, result)
  code.constant(width, -1)
  code.u8(arithmetic[width].notEqual)
  code.u8(arithmetic[i32].equalZero)
  code.hintedIf(false)
  pushPages()
  code.u8(f64Negate)
  ask()
  code.u8(drop)
  code.u8(op.end)
  code.instruction(op.localGet, result)
  code.u8(op.end)
}

const f64ConvertI64Unsigned = 0xba
const f64Negate = 0x9a
const drop = 0x1a

function grown(module: Module, helper: Helper): Limits {
  return helper.opcode === op.memoryGrow ? module.memories[helper.first]! : module.tables[helper.first]!
}
