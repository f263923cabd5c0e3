// The rewriter: makes of a WebAssembly module one that can be preempted and limited, and computes the same.
//
// WebAssembly can't be interrupted from outside, so what has to interrupt it is written into it: checks that take fuel
// and, when it is used up, call a function that the loader provides. See `index.ts` for the contract.
//
// It reads the input once, in time linear in its size, and trusts nothing in it. It does not validate: the engine validates the
// output when that is compiled. It refuses what would be valid only with what is added to it (module.ts).

import {
  type Additions, DRAIN_EXPORT, FUEL_EXPORT, functionsAdded, MEMORY_IMPORT, planAdditions, START_EXPORT, YIELD_EXPORT,
} from './additions.ts'
import type { BodyFacts } from './body-facts.ts'
import { scanBodies } from './body-scanner.ts'
import { BodyWriter } from './body-writer.ts'
import { writeBulkHelper, writeBulkInstruction } from './bulk-helpers.ts'
import { Checks } from './checks.ts'
import { readCodeMetadata } from './code-metadata.ts'
import type { CodeWriter } from './code-writer.ts'
import { charge, type Charges } from './charges.ts'
import { refuseShared } from './determinism.ts'
import { Fault, type RewriteError } from './fault.ts'
import { type Growth, growthTypes, planMemories, planTables, writeAskingHelper, writeGrowthHelper } from './growth.ts'
import { type Helper, HelperSet } from './helper-set.ts'
import { Meter, meterFunctions, type Charging } from './meter.ts'
import { type Export, type Import, type Limits, type Module, readModule } from './module.ts'
import { op } from './opcodes.ts'
import { shareMemory } from './sharing.ts'
import { roomBefore, writeModule } from './section-writer.ts'

export interface RewriteOptions {
  /**
   * `live`: checks at loop heads and at entries, as cheap as can be. `exact`: every instruction is counted, and the same
   * everywhere. `none`: nothing is checked, for a program on a thread of its own, which the host preempts and ends.
   */
  mode: 'live' | 'exact' | 'none'
  /** Most pages of 64 KiB that all memories of the module may have together; none if left out. */
  memoryPagesMax?: number
  /** Whether the module asks the function in slot 1 of the yield table for each page that it grows its memories by. */
  asksForMemory?: boolean
  /** Pages up to which the memory of a module that defines one and no more is imported as `MEMORY_IMPORT` instead. */
  importsMemoryUpTo?: number
  /** Whether its memory is made one that threads share, imported as `MEMORY_IMPORT` however large it begins (sharing.ts). */
  sharesMemory?: boolean
  /** Most elements that all tables of the module may have together; none if left out. */
  tableElementsMax?: number
}

/** A memory or a table of a rewritten module, in pages of 64 KiB or in elements. */
export interface Sizes {
  /** Where it is imported from; the loader makes it, with this initial size and this maximum. */
  imported: { module: string, name: string } | undefined
  initial: number
  /** What it can grow to at most, the cap included; undefined if nothing says so. */
  maximum: number | undefined
  shared: boolean
  /** Whether its addresses are 64 bits wide. */
  wide: boolean
}

export interface Rewritten {
  bytes: Uint8Array<ArrayBuffer>
  imports: Import[]
  /** What the module exported itself. */
  exports: Export[]
  /** Whether it has a start function, to be run through the export `START_EXPORT`. */
  start: boolean
  /** Whether it allocates on the collected heap, which no cap of the rewriter limits. */
  usesGc: boolean
  /** Instructions that put the whole thread to sleep (memory.atomic.wait); such a program needs a thread of its own. */
  waits: number
  /** Loops in all functions. */
  loops: number
  /** Functions that take fuel, besides what their loops take. */
  entries: number
  /** Functions that the module defines. */
  functions: number
  memories: Sizes[]
  tables: Sizes[]
  /** Whether the memory that it defined is imported as `MEMORY_IMPORT`; the loader makes it, of these sizes and all zeros. */
  importsMemory: boolean
}

/** Rewrites a module. An input that is malformed, or over a limit, gives an error (it has a `kind`); nothing is thrown. */
export function rewrite(bytes: Uint8Array, options: RewriteOptions): Rewritten | RewriteError {
  try {
    return rewriteModule(bytes, options)
  } catch (fault) {
    if (fault instanceof Fault) return { kind: fault.kind, message: fault.message, offset: fault.offset }
    throw fault
  }
}

function rewriteModule(bytes: Uint8Array, options: RewriteOptions): Rewritten {
  const exact = options.mode === 'exact'
  const checked = options.mode !== 'none'
  const module = readModule(bytes)
  refuseReservedNames(module)
  if (exact) refuseShared(module)
  const shares = options.sharesMemory ?? false
  if (shares) shareMemory(module)
  const memories = planMemories(module, options.memoryPagesMax)
  const tables = planTables(module, options.tableElementsMax)
  const helpers = new HelperSet(module)
  const asks = options.asksForMemory ?? false
  const facts = scanBodies(module, helpers, {
    exact, checked, budgetMemories: asks || memories.budget !== undefined, budgetTables: tables.budget !== undefined,
  })
  const charges = options.mode === 'live' ? charge(module, facts) : undefined
  const additions = planAdditions(module, helpers.helpers, memories, tables, asks, exact)
  const importsMemory = canImportMemory(module, shares ? Infinity : options.importsMemoryUpTo ?? -1, shares)
  const rewritten = write({ module, facts, charges, additions, memories, tables, exact, checked, importsMemory })
  return { ...summary(module, facts, charges, memories, tables, rewritten), importsMemory }
}

/** Whether its memory could as well be imported: with one alone no index changes by that. */
function canImportMemory({ memories: [memory, ...others], imports }: Module, pagesMax: number, shared: boolean): boolean {
  return memory !== undefined && others.length === 0 && !memory.imported && memory.shared === shared && !memory.wide &&
    memory.initial <= pagesMax && imports.every(({ module }) => module !== MEMORY_IMPORT.module)
}

function refuseReservedNames(module: Module): void {
  const reserved: readonly string[] = [FUEL_EXPORT, YIELD_EXPORT, START_EXPORT, DRAIN_EXPORT]
  for (const { name } of module.exports) {
    if (reserved.includes(name)) throw new Fault('reserved-name', `the module exports "${name}" itself`, 0)
  }
}

interface Plan {
  module: Module
  facts: BodyFacts
  charges: Charges | undefined
  additions: Additions
  memories: Growth
  tables: Growth
  exact: boolean
  checked: boolean
  importsMemory: boolean
}

function write(plan: Plan): Uint8Array<ArrayBuffer> {
  const { module, facts, charges, additions, memories, tables, importsMemory } = plan
  const checks = new Checks(additions.fuelGlobal, additions.yieldType, additions.yieldTable)
  const metadata = readCodeMetadata(module)
  const meter = additions.meter && new Meter(additions.meter)
  const bodiesAt = roomBefore(module)
  const writer = new BodyWriter(module, facts, checks, metadata, charges, meter, bodiesAt)
  facts.bodies.forEach((_body, index) => { writer.write(index) })
  additions.helpers.forEach(({ helper }, index) => {
    writer.writeHelper(additions.firstHelper + index, (code) => { writeHelper(code, helper, plan, meter ?? checks) })
  })
  if (meter) {
    meterFunctions.forEach((_function, index) => {
      writer.writeHelper(additions.meter!.firstFunction + index, (code) => { meter.writeFunction(code, index) })
    })
  }
  return writeModule({
    module, additions, memories, tables, importsMemory, bodies: writer.out, bodiesAt,
    bodyCount: facts.bodies.length + functionsAdded(additions), hints: writer.hints, hinted: writer.hinted, metadata,
  })
}

function writeHelper(code: CodeWriter, helper: Helper, plan: Plan, charging: Charging): void {
  const { module, additions } = plan
  if (helper.opcode !== op.memoryGrow && helper.opcode !== op.tableGrow) {
    code.u32(0) // no locals
    if (plan.checked) writeBulkHelper(code, module, helper, charging, plan.exact)
    else writeBulkInstruction(code, module, helper)
    return
  }
  code.u32(1)
  code.u32(1)
  const { result } = growthTypes(module, helper)
  code.copy(result, 0, result.length)
  if (helper.opcode === op.memoryGrow && additions.growType >= 0) {
    writeAskingHelper(code, module, helper, { type: additions.growType, table: additions.yieldTable })
    return
  }
  const budget = helper.opcode === op.memoryGrow ? additions.memoryBudgetGlobal : additions.tableBudgetGlobal
  writeGrowthHelper(code, module, helper, budget)
}

function summary(
  module: Module, facts: BodyFacts, charges: Charges | undefined, memories: Growth, tables: Growth,
  bytes: Uint8Array<ArrayBuffer>,
): Omit<Rewritten, 'importsMemory'> {
  return {
    bytes, imports: module.imports, exports: module.exports,
    start: module.start !== undefined,
    usesGc: facts.usesGc || module.types.some((type) => type.form !== 'function'),
    waits: facts.waits, loops: facts.loops,
    entries: charges?.once.reduce((sum, taken) => sum + (taken > 0 ? 1 : 0), 0) ?? 0,
    functions: facts.bodies.length,
    memories: sizes(module.memories, memories), tables: sizes(module.tables, tables),
  }
}

function sizes(all: readonly (Limits & { imported: Import | undefined })[], growth: Growth): Sizes[] {
  return all.map(({ imported, initial, shared, wide }, index) => ({
    imported: imported && { module: imported.module, name: imported.name },
    initial, maximum: growth.maxima[index], shared, wide,
  }))
}
