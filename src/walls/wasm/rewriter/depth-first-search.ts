// A search in depth of a directed graph: the order in which nodes are left, and the nodes that it comes back to.
//
// Iterative, since a graph comes from a program that nobody trusts and may be a million nodes deep. Nodes are
// numbers; the successors of node n are edges[starts[n]] up to edges[starts[n + 1]].
// Source: R. Tarjan, Depth-first search and linear graph algorithms, SIAM Journal on Computing 1(2), 1972.

export interface DepthFirstSearch {
  /** The nodes such that each comes after all that it leads to, but for those in `returned`. */
  postorder: Int32Array
  /** Whether an edge led to a node while it was still being searched. Every cycle goes through such a node. */
  returned: Uint8Array
}

const unseen = 0
const onPath = 1
const done = 2

export function searchInDepth(starts: Int32Array, edges: Int32Array): DepthFirstSearch {
  const count = starts.length - 1
  const postorder = new Int32Array(count)
  const returned = new Uint8Array(count)
  const state = new Uint8Array(count)
  const next = starts.slice(0, count)
  const path = new Int32Array(count)
  let left = 0
  for (let root = 0; root < count; root++) {
    if (state[root] !== unseen) continue
    let depth = 1
    path[0] = root
    state[root] = onPath
    while (depth > 0) {
      const node = path[depth - 1]!
      const at = next[node]!
      if (at === starts[node + 1]) {
        state[node] = done
        postorder[left++] = node
        depth--
        continue
      }
      next[node] = at + 1
      const target = edges[at]!
      if (state[target] === onPath) returned[target] = 1
      if (state[target] !== unseen) continue
      state[target] = onPath
      path[depth++] = target
    }
  }
  return { postorder, returned }
}
