// Rewrites and instantiates a module for tests, and provides what a loader provides: fuel and a place to give way.

import { DRAIN_EXPORT, FUEL_EXPORT, rewrite, type RewriteOptions, type Rewritten, YIELD_EXPORT } from '../index.ts'

export interface Running {
  rewritten: Rewritten
  instance: WebAssembly.Instance
  /** How often it gave way. */
  yields(): number
  /** What it has taken from the fuel. */
  spent(): number
  /** What it has executed since it was last asked, in exact mode: integer, float, memory, branch, call. */
  drain(): number[]
}

/** Starts with an empty tank, so that it gives way at once; each time it gets `grant` units. */
export function start(
  bytes: Uint8Array, options: RewriteOptions, grant: number, imports: WebAssembly.Imports = {}, onYield = (): void => {},
): Running {
  const rewritten = rewrite(bytes, options)
  if ('kind' in rewritten) throw new Error(`${rewritten.kind} at ${rewritten.offset}: ${rewritten.message}`)
  const instance = new WebAssembly.Instance(new WebAssembly.Module(rewritten.bytes), imports)
  const fuel = instance.exports[FUEL_EXPORT] as WebAssembly.Global
  let yields = 0
  let spent = 0
  const table = instance.exports[YIELD_EXPORT] as WebAssembly.Table
  table.set(0, nullaryFunction(() => {
    yields++
    spent += grant - (fuel.value as number)
    fuel.value = grant
    onYield()
  }))
  const drain = (): number[] => (instance.exports[DRAIN_EXPORT] as () => number[])()
  return {
    rewritten, instance, drain, yields: () => yields,
    spent: () => {
      if (options.mode === 'exact') drain()
      return spent - (fuel.value as number)
    },
  }
}

/** A WebAssembly function [] -> [] around a JavaScript one: only such a function can stand in a table. */
export function nullaryFunction(action: () => void): WebAssembly.ExportValue {
  const bytes = Uint8Array.of(
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 0x6d, 1, 0x66, 0, 0, 7, 5, 1, 1, 0x66, 0, 0,
  )
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { f: action } }).exports['f']!
}
