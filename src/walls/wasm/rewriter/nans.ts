// NaNs made canonical, in exact mode: which instructions give one whose bits are the processor's choice, and who can see them.
//
// WebAssembly lets the sign and the payload of a NaN that an operation makes be anything, and processors differ in them. So the
// result of such an operation is replaced by the one NaN that is positive and has an empty payload, unless the very next instruction
// takes it and cannot see its bits: another such operation, whose own result is replaced, a comparison, a conversion
// to an integer. Nothing else is touched: loads, stores, locals, negation and the like move bits and choose none.
// Source: WebAssembly Core Specification 3.0, 4.3.3 Floating-point operations, NaN propagation.

/** What the result of an operation is: none that can be such a NaN, or a number, or a vector of numbers. */
export const nanKind = { none: 0, f32: 1, f64: 2, f32x4: 3, f64x2: 4 } as const

type Kind = Exclude<keyof typeof nanKind, 'none'>
type Range = readonly [first: number, last: number, kind: Kind]

function table(size: number, ranges: readonly Range[]): Uint8Array {
  const kinds = new Uint8Array(size)
  for (const [first, last, kind] of ranges) kinds.fill(nanKind[kind], first, last + 1)
  return kinds
}

/** Results: rounding, sqrt, add, sub, mul, div, min, max; demote, promote. */
const made = table(256, [
  [0x8d, 0x97, 'f32'], [0x9b, 0xa5, 'f64'],
  [0xb6, 0xb6, 'f32'], [0xbb, 0xbb, 'f64'],
])
const vectorsMade = table(0x114, [
  [0x5e, 0x5e, 'f32x4'], [0x5f, 0x5f, 'f64x2'],
  [0x67, 0x6a, 'f32x4'], [0x74, 0x75, 'f64x2'], [0x7a, 0x7a, 'f64x2'], [0x94, 0x94, 'f64x2'],
  [0xe3, 0xe9, 'f32x4'], [0xef, 0xf5, 'f64x2'],
])

/** Operands: those of the same operations, of comparisons, of conversions to integers. */
const taken = table(256, [
  [0x5b, 0x60, 'f32'], [0x61, 0x66, 'f64'],
  [0x8d, 0x97, 'f32'], [0x9b, 0xa5, 'f64'],
  [0xa8, 0xa9, 'f32'], [0xaa, 0xab, 'f64'], [0xae, 0xaf, 'f32'], [0xb0, 0xb1, 'f64'],
  [0xb6, 0xb6, 'f64'], [0xbb, 0xbb, 'f32'],
])
const saturatingTaken = table(18, [[0, 1, 'f32'], [2, 3, 'f64'], [4, 5, 'f32'], [6, 7, 'f64']])
const vectorsTaken = table(0x114, [
  [0x41, 0x46, 'f32x4'], [0x47, 0x4c, 'f64x2'],
  [0x5e, 0x5e, 'f64x2'], [0x5f, 0x5f, 'f32x4'],
  [0x67, 0x6a, 'f32x4'], [0x74, 0x75, 'f64x2'], [0x7a, 0x7a, 'f64x2'], [0x94, 0x94, 'f64x2'],
  [0xe3, 0xe9, 'f32x4'], [0xef, 0xf5, 'f64x2'],
  [0xf8, 0xf9, 'f32x4'], [0xfc, 0xfd, 'f64x2'],
])

const vectorPrefix = 0xfd000
const saturatingPrefix = 0xfc000

/** Of what kind the result of an instruction is, if its bits may be the processor's choice. */
export function nanMade(opcode: number): number {
  if (opcode < 0x100) return made[opcode]!
  return (opcode & 0xff000) === vectorPrefix ? vectorsMade[opcode & 0xfff]! : nanKind.none
}

/** Of what kind the topmost operand of an instruction is, if it cannot see which NaN that is. */
export function nanTaken(opcode: number): number {
  if (opcode < 0x100) return taken[opcode]!
  const prefix = opcode & 0xff000
  if (prefix === vectorPrefix) return vectorsTaken[opcode & 0xfff]!
  return prefix === saturatingPrefix ? saturatingTaken[opcode & 0xfff]! : nanKind.none
}

/** Types of a local for each kind, and the instructions that make one canonical. */
export const nanShapes: readonly (readonly [type: number, constant: readonly number[], notEqual: readonly number[]])[] = [
  [0, [], []],
  [0x7d, [0x43, 0, 0, 0xc0, 0x7f], [0x5c]],
  [0x7c, [0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f], [0x62]],
  [0x7b, [0xfd, 0x0c, ...repeated([0, 0, 0xc0, 0x7f], 4)], [0xfd, 0x42]],
  [0x7b, [0xfd, 0x0c, ...repeated([0, 0, 0, 0, 0, 0, 0xf8, 0x7f], 2)], [0xfd, 0x48]],
]

function repeated(bytes: readonly number[], times: number): number[] {
  return Array.from({ length: times }, () => bytes).flat()
}
