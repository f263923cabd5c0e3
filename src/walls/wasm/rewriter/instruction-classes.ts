// What each instruction is on hardware: the classes in which exact mode counts.
//
// An instruction that only names an operand (a local, a constant, drop, nop) is none of the hardware: a compiler keeps the
// value in a register, or in the instruction that uses it. It is a *move* and costs nothing; what marks structure
// (block, loop, end …) is none either. So a count is close to that of the instructions of a machine, and a
// profile can say what one takes. A call counts for its return as well; an access to a global, a table or a structure is one
// to memory, where it lies.
// Source: WebAssembly Core Specification 3.0, 5.4 Instructions.

import { firstPrefix } from './opcodes.ts'

export const instructionClass = { structure: 0, move: 1, integer: 2, float: 3, memory: 4, branch: 5, call: 6 } as const

type Class = keyof typeof instructionClass
type Range = readonly [first: number, last: number, of: Class]

/** All that is not in the ranges is `integer`. */
function table(size: number, ranges: readonly Range[]): Uint8Array {
  const classes = new Uint8Array(size).fill(instructionClass.integer)
  for (const [first, last, of] of ranges) classes.fill(instructionClass[of], first, last + 1)
  return classes
}

const plain = table(256, [
  [0x00, 0x00, 'branch'], // unreachable
  [0x01, 0x01, 'move'], // nop
  [0x02, 0x03, 'structure'], // block, loop
  [0x04, 0x04, 'branch'], // if
  [0x05, 0x07, 'structure'], // else, try, catch
  [0x08, 0x0a, 'call'], // throw, rethrow, throw_ref
  [0x0b, 0x0b, 'structure'], // end
  [0x0c, 0x0f, 'branch'], // br, br_if, br_table, return
  [0x10, 0x15, 'call'],
  [0x18, 0x19, 'structure'], // delegate, catch_all
  [0x1a, 0x1a, 'move'], // drop
  [0x1f, 0x1f, 'structure'], // try_table
  [0x20, 0x22, 'move'], // locals
  [0x23, 0x26, 'memory'], // globals, table.get, table.set
  [0x28, 0x40, 'memory'],
  [0x41, 0x44, 'move'], // constants
  [0x5b, 0x66, 'float'], // comparisons
  [0x8b, 0xa6, 'float'],
  [0xa8, 0xab, 'float'], // i32.trunc
  [0xae, 0xbf, 'float'], // i64.trunc, conversions, reinterpretations
  [0xd0, 0xd0, 'move'], // ref.null
  [0xd2, 0xd2, 'move'], // ref.func
  [0xd5, 0xd6, 'branch'], // br_on_null, br_on_non_null
])

const gc = table(31, [
  [0, 19, 'memory'], // structures and arrays
  [24, 25, 'branch'], // br_on_cast, br_on_cast_fail
])

const bulk = table(18, [
  [0, 7, 'float'], // saturating conversions
  [8, 17, 'memory'],
])

const simd = table(0x114, [
  [0x00, 0x0b, 'memory'],
  [0x0c, 0x0c, 'move'], // v128.const
  [0x13, 0x14, 'float'], // f32x4.splat, f64x2.splat
  [0x1f, 0x22, 'float'], // lanes of f32x4 and f64x2
  [0x41, 0x4c, 'float'], // comparisons
  [0x54, 0x5d, 'memory'],
  [0x5e, 0x5f, 'float'], // demote, promote
  [0x67, 0x6a, 'float'], // rounding of f32x4
  [0x74, 0x75, 'float'], [0x7a, 0x7a, 'float'], [0x94, 0x94, 'float'], // rounding of f64x2
  [0xe0, 0xe1, 'float'], [0xe3, 0xed, 'float'], [0xef, 0xff, 'float'],
  [0x101, 0x108, 'float'], [0x10d, 0x110, 'float'], // relaxed
])

const threads = table(0x4f, [[0x00, 0x4e, 'memory']])

const prefixed = [gc, bulk, simd, threads] as const

/** The class of an instruction, by its opcode as `InstructionReader.next` gives it. */
export function classOf(opcode: number): number {
  if (opcode < 0x1000) return plain[opcode]!
  return prefixed[(opcode >> 12) - firstPrefix]![opcode & 0xfff]!
}
