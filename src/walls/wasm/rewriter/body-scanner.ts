// Goes through the bodies once and notes what to insert where, whom each function calls, and how long it can run.
//
// In live mode every loop head is noted. In exact mode every straight run of instructions is noted with its cost: a
// run begins where ways meet or part, and after a call, since the callee may not come back (it may throw) and
// is to be charged before what follows. Instructions cost one, by their class (`instruction-classes.ts`); bulk operations
// their share of the size besides.
// In both modes a bulk operation whose size is not a small constant becomes a call of a helper.

import { BodyFacts, type Body, editKind } from './body-facts.ts'
import { CallPlace } from './call-place.ts'
import { type BulkShape, bulkShape } from './bulk-shapes.ts'
import { ControlStack, labelKind } from './control-stack.ts'
import { refuseNondeterministic } from './determinism.ts'
import { malformed } from './fault.ts'
import type { HelperSet } from './helper-set.ts'
import { InnerLoop } from './inner-loop.ts'
import { InstructionReader } from './instruction-reader.ts'
import { classOf } from './instruction-classes.ts'
import { engine, exactChargeMax, growthWork, inlineShareMax } from './limits.ts'
import { markEscape, type Module, refuseBeyond } from './module.ts'
import { nanKind, nanMade, nanTaken } from './nans.ts'
import { op } from './opcodes.ts'
import { PlainInstructions } from './plain-instructions.ts'
import { chargeStride, StraightRun } from './straight-run.ts'
import { skipValueType } from './value-types.ts'

export interface ScanOptions {
  exact: boolean
  /** Whether the program takes fuel at all. */
  checked: boolean
  /** Whether growth is counted: against a budget that several memories, or several tables, share, or by who is asked. */
  budgetMemories: boolean
  budgetTables: boolean
}

export function scanBodies(module: Module, helpers: HelperSet, options: ScanOptions): BodyFacts {
  const scanner = new BodyScanner(module, helpers, options)
  for (let index = 0; index < module.bodies.length; index += 2) {
    scanner.scan(module.importedFunctions + index / 2, module.bodies.at(index), module.bodies.at(index + 1))
  }
  return scanner.facts
}

class BodyScanner {
  readonly facts = new BodyFacts()
  private readonly module: Module
  private readonly helpers: HelperSet
  private readonly options: ScanOptions
  private readonly reader: InstructionReader
  private readonly plain = new PlainInstructions()
  private readonly control = new ControlStack()
  private readonly callPlace = new CallPlace()
  private readonly innerLoop: InnerLoop
  /** Instructions of the body so far, and what the straight run since `runStart` costs. */
  private total = 0
  private readonly run = new StraightRun()
  private runStart = 0
  private previous = 0
  private previousValue = 0
  private catches = false
  /** Of what kind the value on the stack is, if it may be a NaN that is not canonical: the last instruction made it. */
  private nan: number = nanKind.none
  /** Where the charge of the straight run lies, if it is noted already; else -1. */
  private chargeAt = -1
  /** Parameters and locals of the current body. */
  private locals = 0
  /** Whether the current body has room for a local in which passes are counted. */
  private hasCounter = false

  constructor(module: Module, helpers: HelperSet, options: ScanOptions) {
    this.module = module
    this.helpers = helpers
    this.options = options
    this.innerLoop = new InnerLoop(this.facts)
    this.reader = new InstructionReader(module.bytes, 0, 0)
  }

  scan(functionIndex: number, start: number, end: number): void {
    const { reader, facts, options: { exact } } = this
    reader.pos = start
    reader.end = end
    const body = this.readLocals(functionIndex)
    this.locals = body.locals
    this.hasCounter = body.locals < engine.functionLocals
    this.control.reset()
    this.callPlace.reset()
    this.total = 0
    this.run.reset()
    this.runStart = reader.pos
    this.previous = 0
    this.catches = false
    this.nan = nanKind.none
    this.chargeAt = -1
    const loopsBefore = facts.loops
    while (this.control.depth > 0) {
      if (!exact) this.passPlain()
      const opcode = reader.next()
      if (exact) this.count(opcode, body)
      this.step(opcode)
      this.previous = opcode
      if (opcode === op.i32Const || opcode === op.i64Const) this.previousValue = sizeOf(reader.first)
    }
    this.finishRun(reader.pos)
    reader.expectEnd(`function ${functionIndex}`)
    if (exact && facts.edits.length > body.editsFrom) facts.addEdit(editKind.putBack, reader.at, reader.at, 0)
    body.loops = facts.loops - loopsBefore
    body.instructions = this.total
    body.longestPath = this.control.longest
    body.callsAt = this.callPlace.at
    body.catches = this.catches
    body.branchesToEnd = this.control.branchedToEnd
    body.editsTo = facts.edits.length
    body.callsTo = facts.calls.length
    facts.bodies.push(body)
  }

  private readLocals(functionIndex: number): Body {
    const { reader, facts, module } = this
    const type = module.types[module.functionTypes[functionIndex]!]
    let locals = type?.form === 'function' ? type.parameters : 0
    const start = reader.pos
    const localGroups = reader.count()
    const localsAt = reader.pos
    for (let left = localGroups; left > 0; left--) {
      locals += reader.u32()
      if (locals > engine.functionLocals) throw malformed('too many locals', reader.pos)
      skipValueType(reader)
    }
    return {
      start, end: reader.end, localGroups, localsAt, codeAt: reader.pos, locals, loops: 0, instructions: 0,
      longestPath: 0, callsAt: -1, catches: false, nans: 0, branchesToEnd: false, editsFrom: facts.edits.length, editsTo: 0, callsFrom: facts.calls.length, callsTo: 0,
    }
  }

  private passPlain(): void {
    const { reader, plain } = this
    const count = plain.pass(reader, this.locals, this.module.globals)
    if (count === 0) return
    this.spend(count)
    this.previous = reader.bytes[plain.lastAt]!
    if (this.previous !== op.i32Const && this.previous !== op.i64Const) return
    const next = reader.pos
    reader.pos = plain.lastAt + 1
    this.previousValue = sizeOf(reader.signed(10))
    reader.pos = next
  }

  /** In exact mode: the class of an instruction, and what becomes of the NaN that the one before may have made. */
  private count(opcode: number, body: Body): void {
    if (opcode >= 0x1000) refuseNondeterministic(opcode, this.reader.at)
    const reached = this.control.path >= 0
    if (reached) this.run.add(classOf(opcode))
    if (this.nan !== nanKind.none && this.nan !== nanTaken(opcode) && opcode !== op.drop) {
      this.noteCharge()
      this.facts.addEdit(editKind.canonical, this.reader.at, this.reader.at, this.nan)
      body.nans |= 1 << this.nan
    }
    this.nan = reached ? nanMade(opcode) : nanKind.none
  }

  private step(opcode: number): void {
    const { reader, control } = this
    switch (opcode) {
      case op.block: control.open(labelKind.block, reader.at); return
      case op.loop: this.loopHead(); return
      case op.try:
        this.innerLoop.giveUp()
        this.catches = true
        control.open(labelKind.try, reader.at)
        return
      case op.tryTable: this.tryTable(); return
      case op.if:
        this.spend(1)
        control.open(labelKind.if, reader.at)
        this.finishRun(reader.pos)
        return
      case op.else:
        this.armEnds()
        this.expect(control.otherwise(), 'else without if')
        return
      case op.catch: case op.catchAll:
        this.armEnds()
        this.expect(control.startCatch(), 'catch without try')
        return
      case op.end:
        this.armEnds()
        if (control.close()) this.finishRun(reader.pos)
        this.innerLoop.end(control.depth, reader.pos)
        return
      case op.delegate:
        this.armEnds()
        control.close()
        this.finishRun(reader.pos)
        return
      case op.brIf:
        this.innerLoop.branch(reader.at, reader.pos, reader.first, control.depth)
        this.spend(1)
        this.expect(control.branch(reader.first), 'branch to an unknown label')
        return
      case op.brOnNull: case op.brOnNonNull: case op.brOnCast: case op.brOnCastFail:
        this.innerLoop.giveUp()
        this.spend(1)
        this.expect(control.branch(reader.first), 'branch to an unknown label')
        return
      case op.br:
        this.innerLoop.branch(reader.at, reader.pos, reader.first, control.depth)
        this.spend(1)
        this.leave(control.branch(reader.first))
        return
      case op.brTable:
        this.innerLoop.table(reader.at, reader.pos, reader.labels, control.depth)
        this.spend(1)
        this.leave(reader.labels.every((label) => control.branch(label)))
        return
      case op.rethrow:
        this.innerLoop.giveUp() // its label would move
        this.spend(1)
        this.leave(true)
        return
      case op.unreachable: case op.return: case op.throw: case op.throwRef:
        this.spend(1)
        this.finishRun(reader.pos)
        this.putBack()
        this.leave(true)
        return
      case op.call: case op.callIndirect: case op.callRef: this.call(opcode); return
      case op.returnCall: case op.returnCallIndirect: case op.returnCallRef:
        this.call(opcode)
        this.leave(true)
        return
      default: this.other(opcode)
    }
  }

  private other(opcode: number): void {
    this.spend(1)
    if (this.run.total >= exactChargeMax - inlineShareMax - 1) this.finishRun(this.reader.pos)
    if (opcode < 0x1000) {
      if (opcode >= op.localGet && opcode <= op.tableSet) this.refuseUnknown(opcode)
      else if (opcode === op.refFunc) markEscape(this.module, this.reader.first, this.reader.at)
      else if (opcode === op.memoryGrow) this.grow(opcode, this.options.budgetMemories)
      return
    }
    if (opcode < 0xfc000) this.facts.usesGc = true
    if (opcode >= op.tableInit && opcode <= op.tableFill) this.refuseUnknownTable(opcode)
    if (opcode === op.tableGrow) this.grow(opcode, this.options.budgetTables)
    if (opcode === op.atomicWait32 || opcode === op.atomicWait64) this.facts.waits++
    const shape = bulkShape(opcode)
    if (shape) this.bulk(opcode, shape)
  }

  /** Refuses a local, a global or a table that the module does not have: it may be one that is added (module.ts). */
  private refuseUnknown(opcode: number): void {
    const { first, at } = this.reader
    if (opcode <= op.localTee) refuseBeyond('local', first, this.locals, at)
    else if (opcode <= op.globalSet) refuseBeyond('global', first, this.module.globals, at)
    else refuseBeyond('table', first, this.module.tables.length, at)
  }

  private refuseUnknownTable(opcode: number): void {
    const { first, second, at } = this.reader
    const count = this.module.tables.length
    if (opcode === op.elemDrop) return
    refuseBeyond('table', opcode === op.tableInit ? second : first, count, at)
    if (opcode === op.tableCopy) refuseBeyond('table', second, count, at)
  }

  private bulk(opcode: number, shape: BulkShape): void {
    const size = this.previous === op.i32Const || this.previous === op.i64Const ? this.previousValue : -1
    const share = size >= 0 && size <= shape.chunk ? Math.floor(size / 2 ** shape.perFuelShift) : -1
    if (share >= 0 && (share <= inlineShareMax || !this.options.exact)) {
      this.spend(share)
      if (this.options.exact && this.control.path >= 0) this.run.addMemory(share)
      return
    }
    this.extend(shape.chunk >> shape.perFuelShift)
    this.replaceByHelper(opcode)
  }

  private grow(opcode: number, budgeted: boolean): void {
    this.extend(growthWork)
    if (budgeted) this.replaceByHelper(opcode)
  }

  private replaceByHelper(opcode: number): void {
    const { reader } = this
    this.finishRun(reader.pos)
    const helper = this.helpers.number(opcode, reader.first, reader.second, reader.at)
    this.putBack()
    this.facts.addEdit(editKind.helper, reader.at, reader.pos, helper)
    this.take()
  }

  private loopHead(): void {
    const { reader, facts } = this
    facts.loops++
    this.control.open(labelKind.loop, reader.at)
    this.finishRun(reader.pos)
    if (this.options.exact || !this.options.checked) return
    this.innerLoop.begin(this.control.depth - 1, reader.at, reader.pos)
    if (!this.hasCounter || !isWithoutParameters(reader)) this.innerLoop.giveUp()
  }

  private tryTable(): void {
    const found = this.reader.labels.every((label) => this.control.catchTo(label))
    if (!found) throw malformed('catch to an unknown label', this.reader.at)
    this.innerLoop.giveUp()
    this.catches = true
    this.control.open(labelKind.block, this.reader.at)
  }

  private call(opcode: number): void {
    const { facts, control, module, reader: { first, at, pos } } = this
    const direct = opcode === op.call || opcode === op.returnCall
    const known = direct ? module.functionTypes[first] !== undefined : module.types[first]?.form === 'function'
    if (!known) throw malformed(`call of ${direct ? 'function' : 'type'} ${first}, which there is not`, at)
    const indirect = opcode === op.callIndirect || opcode === op.returnCallIndirect
    if (indirect) refuseBeyond('table', this.reader.second, module.tables.length, at)
    if (opcode === op.callRef || opcode === op.returnCallRef) facts.callsReferences = true
    this.spend(1)
    if (control.path >= 0) {
      facts.calls.push(direct ? first : ~first)
      this.callPlace.call(at, control)
    }
    this.finishRun(pos)
    this.putBack()
    if (opcode === op.call || opcode === op.callIndirect || opcode === op.callRef) this.take()
  }

  /** Notes that others may look at the meter from the current instruction on, in exact mode. */
  private putBack(): void {
    const { facts, options: { exact }, reader: { at } } = this
    if (exact && this.control.path >= 0) facts.addEdit(editKind.putBack, at, at, 0)
  }

  /** … and after it no more. */
  private take(): void {
    const { facts, options: { exact }, reader: { pos } } = this
    if (exact && this.control.path >= 0) facts.addEdit(editKind.take, pos, pos, 0)
  }

  private armEnds(): void {
    const top = this.control.depth - 1
    this.callPlace.armEnds(top, this.control.openedAt[top]!)
  }

  /** Ends the run where ways part or meet; what the control stack could not place is malformed. */
  private expect(found: boolean, message: string): void {
    if (!found) throw malformed(message, this.reader.at)
    this.finishRun(this.reader.pos)
  }

  private leave(found: boolean): void {
    this.expect(found, 'branch to an unknown label')
    this.control.cutOff()
  }

  /** Counts instructions that are executed here, unless nothing gets here. */
  private spend(cost: number): void {
    if (this.control.path < 0) return
    this.control.path += cost
    this.total += cost
  }

  /** Counts work that takes time but is not charged here. */
  private extend(work: number): void {
    if (this.control.path < 0) return
    this.control.path += work
    this.total += work
  }

  /** Notes that the run is charged, before anything in it is: edits are in the order of their places. */
  private noteCharge(): void {
    if (this.chargeAt >= 0) return
    const { charges } = this.facts
    this.chargeAt = charges.length
    this.facts.addEdit(editKind.charge, this.runStart, this.runStart, this.chargeAt)
    for (let left = chargeStride; left > 0; left--) charges.push(0)
  }

  /** Notes the charge for the run that ends here, and starts the next one. */
  private finishRun(next: number): void {
    if (this.run.total > 0) {
      this.noteCharge()
      this.run.moveTo(this.facts.charges, this.chargeAt)
    }
    this.chargeAt = -1
    this.runStart = next
  }
}

/** A constant as the size of a bulk operation; -1 for what is none, or as much as it can be. */
function sizeOf(constant: number): number {
  return constant >= 0 && constant < 2 ** 30 ? constant : -1
}

/** Whether the block whose instruction was read last takes nothing from the stack, as far as its one byte of type says. */
function isWithoutParameters(reader: InstructionReader): boolean {
  return reader.pos - reader.at === 2 && (reader.bytes[reader.at + 1]! & 0x40) !== 0
}
