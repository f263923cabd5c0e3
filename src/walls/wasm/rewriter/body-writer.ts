// Writes the bodies of the rewritten module: the input's bytes, with the checks between them.
//
// A body without edits is copied whole. In another one the offsets of code metadata are moved along. A counted loop
// needs a local; where a function already has as many as the engine allows, its loops take fuel directly.
//
// In exact mode a body keeps the word of the meter in a local between its calls. It cannot where an exception brings it to a
// place, since the local is not what it was for the callee, nor where it has no room for a local. A branch to the body's own
// label would leave past the place where the word is put back, so the code then stands in a block of its own.

import { type Body, type BodyFacts, editKind, editStride } from './body-facts.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { Checks } from './checks.ts'
import type { Meter } from './meter.ts'
import { type CodeMetadata, mergeRemarks, type Remark, writeRemarks } from './code-metadata.ts'
import { CodeWriter } from './code-writer.ts'
import type { Charges } from './charges.ts'
import { overLimit } from './fault.ts'
import { InstructionReader } from './instruction-reader.ts'
import { engine } from './limits.ts'
import type { Module } from './module.ts'
import { nanShapes } from './nans.ts'
import { op } from './opcodes.ts'
import { i32, i64, v128 } from './value-types.ts'

const emptyBlockType = 0x40
const unlikely = Uint8Array.of(0)
const likely = Uint8Array.of(1)

export class BodyWriter {
  /** Every body written so far, each with its size before it, from byte `bodiesAt` on. */
  readonly out: ByteWriter
  /** The branch hints of the module as a section holds them: for each function its index, how many, and those. */
  readonly hints = new CodeWriter(1 << 12)
  /** Functions that have any. */
  hinted = 0
  private readonly module: Module
  private readonly facts: BodyFacts
  private readonly checks: Checks
  private readonly meter: Meter | undefined
  private readonly metadata: readonly CodeMetadata[]
  private readonly ownHints: CodeMetadata | undefined
  private readonly charges: Charges | undefined
  private readonly code = new CodeWriter(1 << 16)
  private readonly reader: InstructionReader
  /** Where the input's offsets move in the current body, and by how much from there on. */
  private readonly shiftsAt: number[] = []
  private readonly shifts: number[] = []

  /** With `charges` in live mode; with a meter in exact mode. */
  constructor(
    module: Module, facts: BodyFacts, checks: Checks, metadata: readonly CodeMetadata[], charges: Charges | undefined,
    meter: Meter | undefined, bodiesAt: number,
  ) {
    this.module = module
    this.reader = new InstructionReader(module.bytes, 0, module.bytes.length)
    this.facts = facts
    this.checks = checks
    this.metadata = metadata
    this.ownHints = metadata.find(({ isBranchHints }) => isBranchHints)
    this.charges = charges
    this.meter = meter
    const size = module.bytes.length
    // Of the same class as `code`: what writes bytes is compiled for one.
    this.out = new CodeWriter(bodiesAt + (meter ? 4 * size : size + (size >> 2)) + 4096)
    this.out.leave(bodiesAt)
  }

  /** Writes the body of the function that is the index-th defined one. */
  write(index: number): void {
    const body = this.facts.bodies[index]!
    const chargedOnce = this.charges?.once[index] ?? 0
    const place = this.charges?.place[index] ?? -1
    const { code, module } = this
    if (chargedOnce === 0 && body.editsFrom === body.editsTo) {
      this.finish(module.importedFunctions + index, module.bytes, body.start, body.end)
      return
    }
    code.clear()
    this.shiftsAt.length = this.shifts.length = 0
    const own = this.writeLocals(body, index)
    if (this.meter && own >= 0) this.enter(body, index, own)
    let due = chargedOnce
    if (due > 0 && place < 0) {
      this.checks.charge(code, due)
      due = 0
    }
    let copied = body.codeAt
    this.shifted(copied, body)
    const chargeAt = (at: number): void => {
      code.copy(module.bytes, copied, at)
      copied = at
      this.checks.charge(code, due)
      due = 0
      this.shifted(at, body)
    }
    for (let edit = body.editsFrom; edit < body.editsTo; edit += editStride) {
      const start = this.facts.edits.at(edit + 1)
      if (due > 0 && place <= start) chargeAt(place)
      code.copy(module.bytes, copied, start)
      copied = this.facts.edits.at(edit + 2)
      this.writeEdit(edit, index, own)
      this.shifted(copied, body)
    }
    if (due > 0) chargeAt(place)
    code.copy(module.bytes, copied, body.end)
    if (code.length > engine.functionBodyBytes) throw overLimit('a function is too large with its checks', body.start)
    this.moveMetadata(module.importedFunctions + index, body)
    this.finish(module.importedFunctions + index, code.view(), 0, code.length)
  }

  /** Writes the body of a helper. */
  writeHelper(functionIndex: number, writeBody: (code: CodeWriter) => void): void {
    const { code } = this
    code.clear()
    writeBody(code)
    this.finish(functionIndex, code.view(), 0, code.length)
  }

  /** Answers the local in which loops are counted, or the word of the meter is kept; -1 without. */
  private writeLocals(body: Body, index: number): number {
    const { code, module, meter } = this
    const wanted = meter ? this.keepsWord(body, index) : this.countsLoops(body)
    const room = engine.functionLocals - body.locals
    const added = wanted && room > 0
    const scratch = this.scratchTypes(body)
    if (scratch.length > room - (added ? 1 : 0)) throw overLimit('a function has no room for the locals in which its NaNs are made canonical', body.start)
    code.u32(body.localGroups + (added ? 1 : 0) + scratch.length)
    code.copy(module.bytes, body.localsAt, body.codeAt)
    for (const type of added ? [meter ? i64 : i32, ...scratch] : scratch) {
      code.u32(1)
      code.u8(type)
    }
    return added ? body.locals : -1
  }

  /** The types of values that are made canonical in a body, each once. */
  private scratchTypes(body: Body): number[] {
    if (body.nans === 0) return []
    const types = nanShapes.filter((_shape, kind) => (body.nans >> kind & 1) === 1).map(([type]) => type)
    return types.filter((type, index) => types.indexOf(type) === index)
  }

  /** Makes the value on the stack canonical. A body with one of a kind has a local for it. */
  private canonical(kind: number, body: Body, own: number): void {
    const { code } = this
    const [type, constant, notEqual] = nanShapes[kind]!
    const local = body.locals + (own >= 0 ? 1 : 0) + this.scratchTypes(body).indexOf(type)
    if (type === v128) {
      code.instruction(op.localSet, local)
      code.raw(constant)
      for (let operand = 0; operand < 3; operand++) code.instruction(op.localGet, local)
      code.raw(notEqual)
      code.instruction(op.v128Bitselect)
      return
    }
    code.instruction(op.localTee, local)
    code.instruction(op.localGet, local)
    code.raw(notEqual)
    code.hintedIf(false)
    code.raw(constant)
    code.instruction(op.localSet, local)
    code.u8(op.end)
    code.instruction(op.localGet, local)
  }

  private keepsWord(body: Body, index: number): boolean {
    return !body.catches && (!body.branchesToEnd || this.endType(index) >= 0)
  }

  /** The type of a block with the results of a function, -1 where it takes more than a byte to say. */
  private endType(index: number): number {
    const { types, functionTypes, importedFunctions } = this.module
    const type = types[functionTypes[importedFunctions + index]!]
    if (type?.form !== 'function') return -1
    const results = type.signature.slice(type.parameters + 1)
    if (results.length === 0) return emptyBlockType
    const byte = results.charCodeAt(0)
    return results.length === 1 && byte >= v128 ? byte : -1
  }

  /** The beginning of a body that keeps the word of the meter in `local`. */
  private enter(body: Body, index: number, local: number): void {
    const { code, meter } = this
    meter!.take(code, local)
    if (!body.branchesToEnd) return
    code.u8(op.block)
    code.u8(this.endType(index))
  }

  private putBack(start: number, index: number, local: number): void {
    const { code, meter, facts } = this
    if (local < 0) return
    const { branchesToEnd, end } = facts.bodies[index]!
    if (branchesToEnd && start === end - 1) code.u8(op.end)
    meter!.putBack(code, local)
  }

  private countsLoops(body: Body): boolean {
    for (let edit = body.editsFrom; edit < body.editsTo; edit += editStride) {
      const kind = this.facts.edits.at(edit)
      if (kind === editKind.loopHead || kind === editKind.innerLoop) return true
    }
    return false
  }

  private writeEdit(edit: number, index: number, own: number): void {
    const { code, checks, meter, facts, module } = this
    const start = facts.edits.at(edit + 1)
    const argument = facts.edits.at(edit + 3)
    const pass = this.charges?.pass[index] ?? 1
    switch (facts.edits.at(edit)) {
      case editKind.charge: meter!.run(code, facts.charges, argument, own); return
      case editKind.canonical: this.canonical(argument, facts.bodies[index]!, own); return
      case editKind.putBack: this.putBack(start, index, own); return
      case editKind.take:
        if (own >= 0) meter!.take(code, own)
        return
      case editKind.helper: code.instruction(op.call, module.functionTypes.length + argument); return
      case editKind.innerLoop: code.copy(module.bytes, start - argument, start); return
      case editKind.loopEnd: code.u8(op.end); return
      case editKind.branchOut: this.branchOut(start, argument); return
      case editKind.branchBack:
        if (module.bytes[start] === op.br) {
          checks.branchBack(code, own, pass, argument)
          return
        }
        code.block(op.if)
        checks.branchBack(code, own, pass, argument + 1)
        code.u8(op.end)
        return
      default:
        if (own >= 0) checks.countPass(code, own, pass)
        else checks.charge(code, pass)
    }
  }

  /** The branch at byte `start`, its labels from `first` on one more. */
  private branchOut(start: number, first: number): void {
    const { code, reader } = this
    const moved = (label: number): number => label < first ? label : label + 1
    reader.pos = start
    const opcode = reader.next()
    if (opcode !== op.brTable) {
      code.instruction(opcode, moved(reader.first))
      return
    }
    code.instruction(opcode, reader.labels.length - 1)
    for (const label of reader.labels) code.u32(moved(label))
  }

  /** Notes by how much what comes at and after byte `at` of the input has moved. */
  private shifted(at: number, body: Body): void {
    if (this.metadata.length === 0) return
    this.shiftsAt.push(at - body.start)
    this.shifts.push(this.code.length - (at - body.start))
  }

  private moveMetadata(functionIndex: number, body: Body): void {
    for (const { byFunction } of this.metadata) {
      const remarks = byFunction.get(functionIndex)
      if (!remarks) continue
      let next = 0
      let shift = 0
      byFunction.set(functionIndex, remarks.filter(({ offset }) => offset <= body.end - body.start).map((remark) => {
        while (next < this.shiftsAt.length && this.shiftsAt[next]! <= remark.offset) shift = this.shifts[next++]!
        return { offset: remark.offset + shift, said: remark.said }
      }))
    }
  }

  /** Appends a body and collects its hints, the module's own and those for the checks. */
  private finish(functionIndex: number, bytes: Uint8Array, start: number, end: number): void {
    const { out, code, hints } = this
    out.u32(end - start)
    out.copy(bytes, start, end)
    const added = bytes === this.module.bytes ? 0 : code.hints.length / 2
    const own = this.ownHints?.byFunction.get(functionIndex)
    if (added === 0 && (own === undefined || own.length === 0)) return
    this.hinted++
    hints.u32(functionIndex)
    if (own === undefined) {
      hints.u32(added)
      for (let at = 0; at < code.hints.length; at += 2) {
        hints.u32(code.hints[at]!)
        hints.u8(1)
        hints.u8(code.hints[at + 1]!)
      }
      return
    }
    const more: Remark[] = []
    for (let at = 0; at < added * 2; at += 2) more.push({ offset: code.hints[at]!, said: code.hints[at + 1] ? likely : unlikely })
    writeRemarks(hints, mergeRemarks(own, more))
  }
}
