// Where a directed graph turns back on itself, by one search in depth.
//
// Iterative, since a graph comes from a program that nobody trusts and may be a million nodes deep. Nodes are
// numbers; the successors of node n are edges[starts[n]] up to edges[starts[n + 1]].
// Source: R. Tarjan, Depth-first search and linear graph algorithms, SIAM Journal on Computing 1(2), 1972.

export interface Cycles {
  /** The nodes such that each comes after all that it leads to, but for those that were still being searched. */
  postorder: Int32Array
  /** Whether a node leads back to itself: it is in a strongly connected component with others, or its own successor. */
  cyclic: Uint8Array
  /** Whether an edge led to a node while it was still being searched. Without these nodes there is no cycle. */
  returned: Uint8Array
}

export function findCycles(starts: Int32Array, edges: Int32Array): Cycles {
  const count = starts.length - 1
  const cyclic = new Uint8Array(count)
  const returned = new Uint8Array(count)
  const postorder = new Int32Array(count)
  const onPath = new Uint8Array(count)
  const number = new Int32Array(count) // in which it was discovered, from 1
  const low = new Int32Array(count)
  const open = new Uint8Array(count) // whether it is on the stack of components
  const next = starts.slice(0, count)
  const stack = new Int32Array(count)
  const path = new Int32Array(count)
  let discovered = 0
  let left = 0
  let stackSize = 0
  let pathSize = 0

  const enter = (node: number): void => {
    number[node] = low[node] = ++discovered
    open[node] = 1
    stack[stackSize++] = node
    path[pathSize++] = node
    onPath[node] = 1
  }

  const leave = (node: number): void => {
    pathSize--
    onPath[node] = 0
    postorder[left++] = node
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
      if (onPath[target]) returned[target] = 1
      if (number[target] === 0) enter(target)
      else if (open[target] && number[target]! < low[node]!) low[node] = number[target]!
    }
  }
  return { postorder, cyclic, returned }
}
