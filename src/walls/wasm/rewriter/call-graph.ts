// Who may call whom.
//
// Nodes are the functions that the module defines, one node for each erased signature through which calls are made,
// and one for everything outside. A call through a table or a reference leads to the node of its signature, and that
// to every function of the signature that a value may refer to. What is imported leads outside; outside leads to all
// that escapes, since host code or another module may call it. So a cycle through a callback is found as well.

import type { BodyFacts } from './body-facts.ts'
import { IntList } from './int-list.ts'
import type { Module } from './module.ts'

export interface CallGraph {
  /** The nodes below this one are the functions that the module defines. */
  functions: number
  /** The successors of node n are edges[starts[n]] up to edges[starts[n + 1]]. */
  starts: Int32Array
  edges: Int32Array
}

export function callGraph(module: Module, facts: BodyFacts): CallGraph {
  const functions = facts.bodies.length
  const signatureNodes = new Map<string, number>()
  const signatures: string[] = []
  const signatureNode = (type: number): number => {
    const signature = signatureOf(module, type)
    let node = signatureNodes.get(signature)
    if (node === undefined) {
      node = functions + 1 + signatures.length
      signatureNodes.set(signature, node)
      signatures.push(signature)
    }
    return node
  }
  const outside = functions
  const starts = new IntList()
  const edges = new IntList()
  for (const body of facts.bodies) {
    starts.push(edges.length)
    for (let index = body.callsFrom; index < body.callsTo; index++) {
      const call = facts.calls.at(index)
      if (call < 0) edges.push(signatureNode(~call))
      else edges.push(call < module.importedFunctions ? outside : call - module.importedFunctions)
    }
  }
  starts.push(edges.length)
  for (let index = 0; index < functions; index++) {
    if (module.escapes[module.importedFunctions + index]) edges.push(index)
  }
  const escaping = escapingBySignature(module)
  const open = isOpen(module, facts)
  for (const signature of signatures) {
    starts.push(edges.length)
    let leadsOutside = open
    for (const index of escaping.get(signature) ?? []) {
      if (index < module.importedFunctions) leadsOutside = true
      else edges.push(index - module.importedFunctions)
    }
    if (leadsOutside) edges.push(outside)
  }
  starts.push(edges.length)
  return { functions, starts: starts.toArray(), edges: edges.toArray() }
}

function escapingBySignature(module: Module): Map<string, number[]> {
  const escaping = new Map<string, number[]>()
  for (let index = 0; index < module.functionTypes.length; index++) {
    if (!module.escapes[index]) continue
    const signature = signatureOf(module, module.functionTypes[index]!)
    const known = escaping.get(signature)
    if (known) known.push(index)
    else escaping.set(signature, [index])
  }
  return escaping
}

/** Whether a function from elsewhere may be called through a table or a reference. */
function isOpen(module: Module, facts: BodyFacts): boolean {
  return facts.callsReferences || module.tables.some((table) => table.imported) ||
    module.exports.some((entry) => entry.kind === 'table')
}

function signatureOf(module: Module, type: number): string {
  const defined = module.types[type]
  return defined?.form === 'function' ? defined.signature : ''
}
