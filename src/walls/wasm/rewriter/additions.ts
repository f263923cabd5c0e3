// What is appended to a module, and the indices that it gets.
//
// Appended, never inserted: no index of the module's own changes, so its code, its tables, its name section and its
// debug information stay valid. Order of the new globals: fuel, budget of memories, budget of tables, those of the meter. Of
// the new functions: helpers, those of the meter.

import { ByteWriter } from './byte-writer.ts'
import { bulkParameters } from './bulk-helpers.ts'
import { overLimit } from './fault.ts'
import { type Growth, growthTypes } from './growth.ts'
import type { Helper } from './helper-set.ts'
import { meterFunctions, meterGlobals, type MeterParts } from './meter.ts'
import { engine } from './limits.ts'
import type { Module } from './module.ts'
import { op } from './opcodes.ts'
import { i32 } from './value-types.ts'

// Names under which a rewritten module exports what the loader needs; no module may export them itself.

/** Mutable i32: how much may be executed before the program gives way. */
export const FUEL_EXPORT = '__kaleidos_fuel'

/**
 * Table of two function references: slot 0, of type [] -> [], is called when the fuel is below zero; slot 1, of type
 * [f64] -> [i32], is asked for pages of memory where `asksForMemory` says so.
 */
export const YIELD_EXPORT = '__kaleidos_yield'

/** The start function of a module that has one; it is not run by instantiating the rewritten module. */
export const START_EXPORT = '__kaleidos_start'

/** In exact mode: a function [] -> [f64 x 5] that answers what was executed since it was last called: integer, float, memory, branch, call. */
export const DRAIN_EXPORT = '__kaleidos_drain'

/** What a module imports its memory as that had one of its own (`importsMemoryUpTo`); of this module it imports nothing else. */
export const MEMORY_IMPORT = { module: '__kaleidos', name: 'memory' } as const

export interface Additions {
  yieldType: number
  yieldTable: number
  /** The type of the function that is asked for memory; -1 where none is. */
  growType: number
  fuelGlobal: number
  memoryBudgetGlobal: number
  tableBudgetGlobal: number
  /** Initial values of the budgets, where there are any. */
  memoryBudget: number | undefined
  tableBudget: number | undefined
  globals: number
  /** Types to append, encoded: that of the yield, then those of the helpers. */
  types: Uint8Array[]
  helpers: { helper: Helper, type: number }[]
  firstHelper: number
  /** The meter of exact mode, and the types of its functions. */
  meter: (MeterParts & { types: number[] }) | undefined
}

export function planAdditions(
  module: Module, helpers: readonly Helper[], memories: Growth, tables: Growth, asksForMemory: boolean, exact: boolean,
): Additions {
  const types = [functionType([], [])]
  if (asksForMemory) types.push(functionType([Uint8Array.of(f64)], [Uint8Array.of(i32)]))
  const fuelGlobal = module.globals
  let globals = 1
  const budgetGlobal = (budget: number | undefined): number => budget === undefined ? -1 : fuelGlobal + globals++
  const additions: Additions = {
    yieldType: module.types.length, yieldTable: module.tables.length, fuelGlobal,
    growType: asksForMemory ? module.types.length + 1 : -1,
    memoryBudgetGlobal: budgetGlobal(memories.budget), tableBudgetGlobal: budgetGlobal(tables.budget),
    memoryBudget: memories.budget, tableBudget: tables.budget, globals: 0,
    types, helpers: [], firstHelper: module.functionTypes.length, meter: undefined,
  }
  for (const helper of helpers) {
    additions.helpers.push({ helper, type: module.types.length + types.length })
    types.push(helperType(module, helper))
  }
  if (exact) {
    additions.meter = {
      fuelGlobal, yieldType: additions.yieldType, yieldTable: additions.yieldTable, firstGlobal: fuelGlobal + globals,
      firstFunction: additions.firstHelper + helpers.length,
      types: meterFunctions.map(({ parameters, results }) => {
        types.push(functionType(parameters.map((type) => Uint8Array.of(type)), results.map((type) => Uint8Array.of(type))))
        return module.types.length + types.length - 1
      }),
    }
    globals += meterGlobals.length
  }
  additions.globals = globals
  refuseWhatDoesNotFit(module, additions)
  return additions
}

const f64 = 0x7c

function helperType(module: Module, helper: Helper): Uint8Array {
  if (helper.opcode === op.memoryGrow || helper.opcode === op.tableGrow) {
    const { parameters, result } = growthTypes(module, helper)
    return functionType(parameters, [result])
  }
  return functionType(bulkParameters(module, helper), [])
}

function functionType(parameters: readonly Uint8Array[], results: readonly Uint8Array[]): Uint8Array {
  const out = new ByteWriter(16)
  out.u8(0x60)
  for (const list of [parameters, results]) {
    out.u32(list.length)
    for (const type of list) out.copy(type, 0, type.length)
  }
  return out.take()
}

/** Functions that are appended: helpers, and those of the meter. */
export function functionsAdded({ helpers, meter }: Additions): number {
  return helpers.length + (meter?.types.length ?? 0)
}

function refuseWhatDoesNotFit(module: Module, additions: Additions): void {
  const refuse = (count: number, max: number, what: string): void => {
    if (count > max) throw overLimit(`no room for what is added: the engine allows ${max} ${what}`, 0)
  }
  refuse(module.types.length + additions.types.length, engine.types, 'types')
  refuse(module.functionTypes.length + functionsAdded(additions), engine.functions, 'functions')
  refuse(module.tables.length + 1, engine.tables, 'tables')
  refuse(module.globals + additions.globals, engine.globals, 'globals')
  refuse(module.exports.length + 4, engine.exports, 'exports')
}
