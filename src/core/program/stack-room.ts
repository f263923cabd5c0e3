/** Calls deep that the kernel may go in one operation, with room to spare. */
const STACK_PROBE = 400

/**
 * Whether the stack has room for an operation of the kernel. A suspendable program has a stack of its own and calls the
 * kernel on the host's; one that host code calls shares it, and could leave the kernel too little in the middle of a change.
 */
export function hasStackRoom (): boolean {
  try {
    return probe(STACK_PROBE) > 0
  } catch {
    return false
  }
}

function probe (depth: number): number {
  return depth === 0 ? 1 : probe(depth - 1) + 1
}
