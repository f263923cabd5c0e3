// The one table of WebAssembly's instructions: which immediates follow each opcode.
//
// Holds every standardised instruction that V8 14 accepts without a flag: MVP, sign extension, saturating conversion,
// multi-value, bulk memory, reference types, typed function references, GC, SIMD, relaxed SIMD, threads, tail calls,
// exceptions (legacy and exnref), multi-memory, memory64. An instruction not in it is refused, never guessed.
// An instruction with a prefix byte has the opcode `prefix * 0x1000 + sub-opcode`.
// Source: WebAssembly Core Specification 3.0, 5.4 Instructions; legacy exceptions: the proposal's legacy text.

/** The shape of what follows an opcode. */
export const immediate = {
  invalid: 0,
  none: 1,
  index: 2,
  twoIndices: 3,
  memoryAccess: 4,
  i32: 5,
  i64: 6,
  bytes4: 7,
  bytes8: 8,
  bytes16: 9,
  lane: 10,
  memoryAccessLane: 11,
  blockType: 12,
  labels: 13,
  heapType: 14,
  valueTypes: 15,
  catches: 16,
  castBranch: 17,
  prefix: 18,
} as const

type Shape = Exclude<keyof typeof immediate, 'invalid'>
type Range = readonly [first: number, last: number, shape: Shape]

const plain: readonly Range[] = [
  [0x00, 0x01, 'none'], // unreachable, nop
  [0x02, 0x04, 'blockType'], // block, loop, if
  [0x05, 0x05, 'none'], // else
  [0x06, 0x06, 'blockType'], // try
  [0x07, 0x09, 'index'], // catch, throw, rethrow
  [0x0a, 0x0b, 'none'], // throw_ref, end
  [0x0c, 0x0d, 'index'], // br, br_if
  [0x0e, 0x0e, 'labels'], // br_table
  [0x0f, 0x0f, 'none'], // return
  [0x10, 0x10, 'index'], // call
  [0x11, 0x11, 'twoIndices'], // call_indirect
  [0x12, 0x12, 'index'], // return_call
  [0x13, 0x13, 'twoIndices'], // return_call_indirect
  [0x14, 0x15, 'index'], // call_ref, return_call_ref
  [0x18, 0x18, 'index'], // delegate
  [0x19, 0x1b, 'none'], // catch_all, drop, select
  [0x1c, 0x1c, 'valueTypes'], // select t
  [0x1f, 0x1f, 'catches'], // try_table
  [0x20, 0x26, 'index'], // local, global, table.get, table.set
  [0x28, 0x3e, 'memoryAccess'], // loads and stores
  [0x3f, 0x40, 'index'], // memory.size, memory.grow
  [0x41, 0x41, 'i32'],
  [0x42, 0x42, 'i64'],
  [0x43, 0x43, 'bytes4'],
  [0x44, 0x44, 'bytes8'],
  [0x45, 0xc4, 'none'], // comparisons, arithmetic, conversions, sign extension
  [0xd0, 0xd0, 'heapType'], // ref.null
  [0xd1, 0xd1, 'none'], // ref.is_null
  [0xd2, 0xd2, 'index'], // ref.func
  [0xd3, 0xd4, 'none'], // ref.eq, ref.as_non_null
  [0xd5, 0xd6, 'index'], // br_on_null, br_on_non_null
  [0xfb, 0xfe, 'prefix'],
]

const gc: readonly Range[] = [
  [0, 1, 'index'], // struct.new, struct.new_default
  [2, 5, 'twoIndices'], // struct.get, get_s, get_u, set
  [6, 7, 'index'], // array.new, new_default
  [8, 10, 'twoIndices'], // array.new_fixed, new_data, new_elem
  [11, 14, 'index'], // array.get, get_s, get_u, set
  [15, 15, 'none'], // array.len
  [16, 16, 'index'], // array.fill
  [17, 19, 'twoIndices'], // array.copy, init_data, init_elem
  [20, 23, 'heapType'], // ref.test, ref.cast
  [24, 25, 'castBranch'], // br_on_cast, br_on_cast_fail
  [26, 30, 'none'], // conversions, i31
]

const bulk: readonly Range[] = [
  [0, 7, 'none'], // saturating conversions
  [8, 8, 'twoIndices'], // memory.init
  [9, 9, 'index'], // data.drop
  [10, 10, 'twoIndices'], // memory.copy
  [11, 11, 'index'], // memory.fill
  [12, 12, 'twoIndices'], // table.init
  [13, 13, 'index'], // elem.drop
  [14, 14, 'twoIndices'], // table.copy
  [15, 17, 'index'], // table.grow, size, fill
]

const simd: readonly Range[] = [
  [0, 11, 'memoryAccess'],
  [12, 13, 'bytes16'], // v128.const, i8x16.shuffle
  [14, 20, 'none'],
  [21, 34, 'lane'], // extract_lane, replace_lane
  [35, 83, 'none'],
  [84, 91, 'memoryAccessLane'],
  [92, 93, 'memoryAccess'],
  [94, 0x113, 'none'],
]

const threads: readonly Range[] = [
  [0, 2, 'memoryAccess'], // notify, wait32, wait64
  [3, 3, 'lane'], // atomic.fence and its reserved byte
  [0x10, 0x4e, 'memoryAccess'],
]

function table(size: number, ranges: readonly Range[]): Uint8Array {
  const shapes = new Uint8Array(size)
  for (const [first, last, shape] of ranges) shapes.fill(immediate[shape], first, last + 1)
  return shapes
}

/** Shape by opcode byte. */
export const shapes = table(256, plain)

/** Shape by sub-opcode, for the prefix bytes 0xfb to 0xfe in order. */
export const prefixedShapes: readonly Uint8Array[] =
  [table(31, gc), table(18, bulk), table(0x114, simd), table(0x4f, threads)]

export const firstPrefix = 0xfb

/** The opcodes that the rewriter has to know by name. */
export const op = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callRef: 0x14,
  returnCallRef: 0x15,
  delegate: 0x18,
  drop: 0x1a,
  catchAll: 0x19,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableGet: 0x25,
  tableSet: 0x26,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  refFunc: 0xd2,
  brOnNull: 0xd5,
  brOnNonNull: 0xd6,
  arrayFill: 0xfb010,
  arrayCopy: 0xfb011,
  arrayInitData: 0xfb012,
  arrayInitElem: 0xfb013,
  brOnCast: 0xfb018,
  brOnCastFail: 0xfb019,
  memoryInit: 0xfc008,
  memoryCopy: 0xfc00a,
  memoryFill: 0xfc00b,
  tableInit: 0xfc00c,
  elemDrop: 0xfc00d,
  tableCopy: 0xfc00e,
  tableGrow: 0xfc00f,
  tableFill: 0xfc011,
  v128Bitselect: 0xfd052,
  atomicNotify: 0xfe000,
  atomicWait32: 0xfe001,
  atomicWait64: 0xfe002,
} as const
