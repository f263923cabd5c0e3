// The strongly connected components of a directed graph.
//
// Iterative, since a graph comes from a program that nobody trusts and may be a million nodes deep. Nodes are
// numbers; the successors of node n are edges[starts[n]] up to edges[starts[n + 1]].
// Source: R. Tarjan, Depth-first search and linear graph algorithms, SIAM Journal on Computing 1(2), 1972.

export interface Components {
  /** The nodes such that a node comes after all that it leads to, but for those that lead back to it. */
  order: Int32Array
  /** Whether a node leads back to itself. */
  cyclic: Uint8Array
}

export function findComponents(starts: Int32Array, edges: Int32Array): Components {
  const count = starts.length - 1
  const cyclic = new Uint8Array(count)
  const order = new Int32Array(count)
  const number = new Int32Array(count) // in which it was discovered, from 1
  const low = new Int32Array(count)
  const open = new Uint8Array(count) // whether it is on the stack of components
  const next = starts.slice(0, count)
  const stack = new Int32Array(count)
  const path = new Int32Array(count)
  let discovered = 0
  let ordered = 0
  let stackSize = 0
  let pathSize = 0

  const enter = (node: number): void => {
    number[node] = low[node] = ++discovered
    open[node] = 1
    stack[stackSize++] = node
    path[pathSize++] = node
  }

  const leave = (node: number): void => {
    pathSize--
    if (pathSize > 0) {
      const parent = path[pathSize - 1]!
      if (low[node]! < low[parent]!) low[parent] = low[node]!
    }
    if (low[node] !== number[node]) return
    const alone = stack[stackSize - 1] === node
    let member: number
    do {
      member = stack[--stackSize]!
      open[member] = 0
      order[ordered++] = member
      if (!alone) cyclic[member] = 1
    } while (member !== node)
  }

  for (let root = 0; root < count; root++) {
    if (number[root] !== 0) continue
    enter(root)
    while (pathSize > 0) {
      const node = path[pathSize - 1]!
      const at = next[node]!
      if (at === starts[node + 1]) {
        leave(node)
        continue
      }
      next[node] = at + 1
      const target = edges[at]!
      if (target === node) cyclic[node] = 1
      if (number[target] === 0) enter(target)
      else if (open[target] && number[target]! < low[node]!) low[node] = number[target]!
    }
  }
  return { order, cyclic }
}
