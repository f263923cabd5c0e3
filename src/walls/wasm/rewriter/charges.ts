// Which functions take fuel in live mode, where, and how much.
//
// The time between two checks must be bounded whatever the program does. Checks at loop heads bound the loops of one
// activation, but not recursion, tail calls in a circle, a loop over calls of functions that loop less than a
// window, or a tree of functions that each call the next one twice. So:
// - a function that a search in depth of the call graph comes back to takes fuel. Where the search comes back to a
//   node that is no function, that counts as more than may be unchecked, so every function that leads to it takes fuel.
//   So every cycle goes through a function that does.
// - from the leaves up it is worked out how much one activation can execute unchecked, with all that it calls. A
//   function for which that is more than `uncheckedWorkMax` takes fuel too.
// - one that takes fuel does so when it is entered, and counts as nothing for its callers; or, if it is short, at the last
//   place that all its calls are reached through (`call-place.ts`), and counts for its callers as what it can execute
//   itself. So an activation that calls nobody takes nothing: in a recursion that branches, most do not.
// Invariant: between two checks no more is executed than the last one paid for and `uncheckedWorkMax` for each call.

import type { Body, BodyFacts } from './body-facts.ts'
import { type CallGraph, callGraph } from './call-graph.ts'
import { searchInDepth } from './depth-first-search.ts'
import { chargeMax, loopWindow, uncheckedWorkMax, workBeforeChargeMax, workPerFuelMax } from './limits.ts'
import type { Module } from './module.ts'

/** What a function takes from the fuel in live mode. */
export interface Charges {
  /** Once in an activation; 0 for none. */
  once: Int32Array
  /** Where it does: before the instruction at this byte, or -1 for its entry. */
  place: Int32Array
  /** For one pass of a loop, paid for a window of passes at once. */
  pass: Int32Array
}

export function charge(module: Module, facts: BodyFacts): Charges {
  const graph = callGraph(module, facts)
  const { postorder, returned } = searchInDepth(graph.starts, graph.edges)
  const work = new Float64Array(returned.length)
  for (let node = 0; node < work.length; node++) {
    if (!returned[node]) continue
    work[node] = node < graph.functions ? workBeforeCharge(facts.bodies[node]!) : uncheckedWorkMax
  }
  const charges = { once: new Int32Array(graph.functions), place: new Int32Array(graph.functions).fill(-1), pass: new Int32Array(graph.functions) }
  for (const node of postorder) {
    if (node >= graph.functions) {
      if (!returned[node]) work[node] = mostWorkCalled(graph, node, work)
      continue
    }
    const body = facts.bodies[node]!
    const called = workCalled(graph, node, work)
    const unchecked = passesMax(body) * (body.longestPath + called)
    charges.pass[node] = fuelFor(body.longestPath + called)
    if (!returned[node] && unchecked <= uncheckedWorkMax) {
      work[node] = unchecked
      continue
    }
    charges.once[node] = fuelFor(unchecked)
    if (chargedBeforeCalls(body)) charges.place[node] = body.callsAt
    work[node] = workBeforeCharge(body)
  }
  return charges
}

/**
 * Whether a function that takes fuel takes it where its calls begin: what does not get there is not slowed down, and so
 * little that whoever called it has it in what is not checked.
 */
function chargedBeforeCalls(body: Body): boolean {
  return body.callsAt >= 0 && passesMax(body) * body.longestPath <= workBeforeChargeMax
}

/** What a function that takes fuel may execute without taking any. */
function workBeforeCharge(body: Body): number {
  return chargedBeforeCalls(body) ? passesMax(body) * body.longestPath : 0
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
