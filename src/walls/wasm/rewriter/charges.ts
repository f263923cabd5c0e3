// Which functions take fuel when they are entered in live mode, and how much.
//
// The time between two checks must be bounded whatever the program does. Checks at loop heads bound the loops of one
// activation, but not recursion, tail calls in a circle, a loop over calls of functions that loop less than a
// window, or a tree of functions that each call the next one twice. So:
// - every cycle of the call graph has a function that takes fuel: one that a search in depth came back to. Where it
//   came back to a node that is no function, it is all functions of a cycle that lead to it, or all that it
//   leads to, whichever are fewer.
// - from the leaves up it is worked out how much one activation can execute unchecked, with all that it calls. A
//   function for which that is more than \`uncheckedWorkMax\` takes fuel too. One that takes fuel counts as nothing for
//   its callers.
// Invariant: between two checks no more is executed than the last one paid for and \`uncheckedWorkMax\` for each call.

import type { Body, BodyFacts } from './body-facts.ts'
import { type CallGraph, callGraph } from './call-graph.ts'
import { type Cycles, findCycles } from './cycles.ts'
import { chargeMax, loopWindow, uncheckedWorkMax, workPerFuelMax } from './limits.ts'
import type { Module } from './module.ts'

/** What a function takes from the fuel in live mode. */
export interface Charges {
  /** At its entry; 0 for none. */
  entry: Int32Array
  /** For one pass of a loop, paid for a window of passes at once. */
  pass: Int32Array
}

export function charge(module: Module, facts: BodyFacts): Charges {
  const graph = callGraph(module, facts)
  const cycles = findCycles(graph.starts, graph.edges)
  const breaking = breakCycles(graph, cycles)
  const work = new Float64Array(cycles.cyclic.length)
  const charges = { entry: new Int32Array(graph.functions), pass: new Int32Array(graph.functions) }
  for (const node of cycles.postorder) {
    if (node >= graph.functions) {
      work[node] = cycles.returned[node] ? uncheckedWorkMax : mostWorkCalled(graph, node, work)
      continue
    }
    const body = facts.bodies[node]!
    const called = workCalled(graph, node, work)
    const unchecked = passesMax(body) * (body.longestPath + called)
    charges.pass[node] = fuelFor(body.longestPath + called)
    if (breaking[node] || unchecked > uncheckedWorkMax) charges.entry[node] = fuelFor(unchecked)
    else work[node] = unchecked
  }
  return charges
}

/** Functions such that every cycle goes through one of them. */
function breakCycles(graph: CallGraph, { returned, cyclic }: Cycles): Uint8Array {
  const breaking = returned.slice(0, graph.functions)
  const callers = callersOf(graph, cyclic)
  const escaping = cyclicFunctions(graph, cyclic, graph.outside)
  let allEscaping = false
  for (let node = graph.functions; node < returned.length; node++) {
    if (!returned[node]) continue
    const before = callers[node - graph.functions]!
    const after = cyclicFunctions(graph, cyclic, node)
    const leadsOutside = node !== graph.outside && successors(graph, node).includes(graph.outside)
    if (before.length < after.length + (leadsOutside ? escaping.length : 0)) {
      for (const index of before) breaking[index] = 1
      continue
    }
    for (const index of after) breaking[index] = 1
    if (leadsOutside) allEscaping = true
  }
  if (allEscaping) for (const index of escaping) breaking[index] = 1
  return breaking
}

/** The functions in cycles to which a node leads directly. */
function cyclicFunctions(graph: CallGraph, cyclic: Uint8Array, node: number): Int32Array {
  return successors(graph, node).filter((next) => next < graph.functions && cyclic[next])
}

/** Of each node that is no function, the functions in cycles that lead to it; outside, also by way of another one. */
function callersOf(graph: CallGraph, cyclic: Uint8Array): number[][] {
  const callers = Array.from({ length: cyclic.length - graph.functions }, (): number[] => [])
  for (let node = 0; node < graph.functions; node++) {
    if (!cyclic[node]) continue
    for (const target of successors(graph, node)) {
      if (target >= graph.functions) callers[target - graph.functions]!.push(node)
    }
  }
  const outside = callers[graph.outside - graph.functions]!
  for (let node = graph.functions; node < cyclic.length; node++) {
    if (node === graph.outside || !successors(graph, node).includes(graph.outside)) continue
    for (const caller of callers[node - graph.functions]!) outside.push(caller)
  }
  return callers
}

function successors(graph: CallGraph, node: number): Int32Array {
  return graph.edges.subarray(graph.starts[node]!, graph.starts[node + 1]!)
}

/** The fuel that pays for so much work. */
function fuelFor(work: number): number {
  return Math.min(chargeMax, 1 + Math.floor(work / workPerFuelMax))
}

/** How often a body can be gone through before one of its loops takes fuel. */
function passesMax(body: Body): number {
  return body.loops > 0 ? loopWindow + 1 : 1
}

function workCalled(graph: CallGraph, node: number, work: Float64Array): number {
  let sum = 0
  for (let at = graph.starts[node]!; at < graph.starts[node + 1]!; at++) sum += work[graph.edges[at]!]!
  return sum
}

function mostWorkCalled(graph: CallGraph, node: number, work: Float64Array): number {
  let most = 0
  for (let at = graph.starts[node]!; at < graph.starts[node + 1]!; at++) most = Math.max(most, work[graph.edges[at]!]!)
  return most
}
