// Writes the bodies of the rewritten module: the input's bytes, with the checks between them.
//
// A body without edits is copied whole. In another one the offsets of code metadata are moved along. A counted loop
// needs a local; where a function already has as many as the engine allows, its loops take fuel directly.

import { type Body, type BodyFacts, editKind, editStride } from './body-facts.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Checks } from './checks.ts'
import { type CodeMetadata, mergeRemarks, type Remark } from './code-metadata.ts'
import { CodeWriter } from './code-writer.ts'
import type { Charges } from './charges.ts'
import { overLimit } from './fault.ts'
import { InstructionReader } from './instruction-reader.ts'
import { engine } from './limits.ts'
import type { Module } from './module.ts'
import { op } from './opcodes.ts'
import { i32 } from './value-types.ts'

const unlikely = Uint8Array.of(0)
const likely = Uint8Array.of(1)

export class BodyWriter {
  /** Every body written so far, each with its size before it. */
  readonly out: ByteWriter
  /** Branch hints by the index of the function. */
  readonly hints = new Map<number, Remark[]>()
  private readonly module: Module
  private readonly facts: BodyFacts
  private readonly checks: Checks
  private readonly metadata: readonly CodeMetadata[]
  private readonly charges: Charges | undefined
  private readonly code = new CodeWriter(1 << 16)
  private readonly reader: InstructionReader
  /** Where the input's offsets move in the current body, and by how much from there on. */
  private readonly shiftsAt: number[] = []
  private readonly shifts: number[] = []

  /** Without `charges` nothing is taken but what the facts say. */
  constructor(
    module: Module, facts: BodyFacts, checks: Checks, metadata: readonly CodeMetadata[], charges: Charges | undefined,
  ) {
    this.module = module
    this.reader = new InstructionReader(module.bytes, 0, module.bytes.length)
    this.facts = facts
    this.checks = checks
    this.metadata = metadata
    this.charges = charges
    this.out = new ByteWriter(module.bytes.length + (module.bytes.length >> 2) + 1024)
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
    const counter = this.writeLocals(body)
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
      this.writeEdit(edit, index, counter)
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

  /** Answers the local in which loops are counted, or -1. */
  private writeLocals(body: Body): number {
    const { code, module } = this
    const counted = body.locals < engine.functionLocals && this.countsLoops(body)
    code.u32(body.localGroups + (counted ? 1 : 0))
    code.copy(module.bytes, body.localsAt, body.codeAt)
    if (!counted) return -1
    code.u32(1)
    code.u8(i32)
    return body.locals
  }

  private countsLoops(body: Body): boolean {
    for (let edit = body.editsFrom; edit < body.editsTo; edit += editStride) {
      const kind = this.facts.edits.at(edit)
      if (kind === editKind.loopHead || kind === editKind.innerLoop) return true
    }
    return false
  }

  private writeEdit(edit: number, index: number, counter: number): void {
    const { code, checks, facts, module } = this
    const start = facts.edits.at(edit + 1)
    const argument = facts.edits.at(edit + 3)
    const pass = this.charges?.pass[index] ?? 1
    switch (facts.edits.at(edit)) {
      case editKind.charge: checks.charge(code, argument); return
      case editKind.helper: code.instruction(op.call, module.functionTypes.length + argument); return
      case editKind.innerLoop: code.copy(module.bytes, start - argument, start); return
      case editKind.loopEnd: code.u8(op.end); return
      case editKind.branchOut: this.branchOut(start, argument); return
      case editKind.branchBack:
        if (module.bytes[start] === op.br) {
          checks.branchBack(code, counter, pass, argument)
          return
        }
        code.block(op.if)
        checks.branchBack(code, counter, pass, argument + 1)
        code.u8(op.end)
        return
      default:
        if (counter >= 0) checks.countPass(code, counter, pass)
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
    const added: Remark[] = []
    if (bytes !== this.module.bytes) {
      for (let at = 0; at < code.hints.length; at += 2) {
        added.push({ offset: code.hints[at]!, said: code.hints[at + 1] ? likely : unlikely })
      }
    }
    const own = this.metadata.find((metadata) => metadata.isBranchHints)?.byFunction.get(functionIndex) ?? []
    if (own.length + added.length > 0) hints.set(functionIndex, mergeRemarks(own, added))
  }
}
