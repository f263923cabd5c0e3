// What exact mode refuses, since a program that has it does not compute the same on every host: relaxed SIMD, whose results are the
// processor's choice, and memories that threads share, with the instructions by which these wait for each other.
// (What NaNs are is made one choice: nans.ts.)
// Source: WebAssembly Core Specification 3.0, 4.3.5 Relaxed operations; Threads proposal.

import { Fault } from './fault.ts'
import type { Module } from './module.ts'
import { op } from './opcodes.ts'

/** Relaxed SIMD, from the first sub-opcode on. */
const firstRelaxed = 0xfd100
const relaxed = [
  'i8x16.relaxed_swizzle', 'i32x4.relaxed_trunc_f32x4_s', 'i32x4.relaxed_trunc_f32x4_u', 'i32x4.relaxed_trunc_f64x2_s_zero',
  'i32x4.relaxed_trunc_f64x2_u_zero', 'f32x4.relaxed_madd', 'f32x4.relaxed_nmadd', 'f64x2.relaxed_madd', 'f64x2.relaxed_nmadd',
  'i8x16.relaxed_laneselect', 'i16x8.relaxed_laneselect', 'i32x4.relaxed_laneselect', 'i64x2.relaxed_laneselect', 'f32x4.relaxed_min',
  'f32x4.relaxed_max', 'f64x2.relaxed_min', 'f64x2.relaxed_max', 'i16x8.relaxed_q15mulr_s', 'i16x8.relaxed_dot_i8x16_i7x16_s',
  'i32x4.relaxed_dot_i8x16_i7x16_add_s',
] as const

const threads: Readonly<Record<number, string>> = {
  [op.atomicNotify]: 'memory.atomic.notify', [op.atomicWait32]: 'memory.atomic.wait32', [op.atomicWait64]: 'memory.atomic.wait64',
}

const advice = 'a machine whose time is modelled runs only what computes the same on every host'

/** Refuses a memory that threads share. */
export function refuseShared(module: Module): void {
  const shared = module.memories.find((memory) => memory.shared)
  if (!shared) return
  throw new Fault('nondeterministic', `it has a shared memory, for threads, and ${advice}; build it without threads`, shared.at)
}

/** Refuses an instruction at byte `at`, by its name, where its result is not the same everywhere. */
export function refuseNondeterministic(opcode: number, at: number): void {
  const name = opcode >= firstRelaxed && opcode < firstRelaxed + relaxed.length ? relaxed[opcode - firstRelaxed] : undefined
  if (name !== undefined) throw new Fault('nondeterministic', `it uses relaxed SIMD (${name}), and ${advice}; build it without relaxed SIMD`, at)
  if (threads[opcode] !== undefined) throw new Fault('nondeterministic', `it waits for other threads (${threads[opcode]}), and ${advice}; build it without threads`, at)
}
