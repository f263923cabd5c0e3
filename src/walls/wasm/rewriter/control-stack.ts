// The labels around the current instruction, and the longest path to each of them.
//
// A path is a number of instructions executed since the function was entered, going forward only; -1 means that the
// place cannot be reached. At a label the longest of all paths that arrive there counts. What a catch clause is
// reached by is not known exactly, so the longest path seen so far stands for it.
// Invariant: no real execution between two passes of loop heads is longer than the path that is computed.

export const labelKind = { block: 0, loop: 1, if: 2, try: 3 } as const

export class ControlStack {
  /** The longest path to the current instruction, -1 where it cannot be reached. */
  path = 0
  /** The longest path to anywhere in the body so far. */
  longest = 0
  depth = 0
  /** The outermost loop around the current instruction, -1 outside of all loops. */
  outermostLoop = -1
  /** Whether a branch leads to the label of the body itself. */
  branchedToEnd = false
  /** Where each label's instruction begins. */
  readonly openedAt: number[] = []
  private readonly kinds: number[] = []
  private readonly arrivals: number[] = []
  private readonly alternatives: number[] = []
  private readonly caught: boolean[] = []

  /** Starts a body: its own label, which ends it, is the outermost one. */
  reset(): void {
    this.path = 0
    this.longest = 0
    this.depth = 0
    this.outermostLoop = -1
    this.branchedToEnd = false
    this.open(labelKind.block, -1)
  }

  /** Enters the label of an instruction that begins at byte `at`. */
  open(kind: number, at: number): void {
    const top = this.depth++
    this.openedAt[top] = at
    if (kind === labelKind.loop && this.outermostLoop < 0) this.outermostLoop = top
    this.kinds[top] = kind
    this.arrivals[top] = -1
    this.alternatives[top] = kind === labelKind.if ? this.path : -1
    this.caught[top] = false
  }

  /** A branch to a label may be taken here. Answers whether there is such a label. */
  branch(label: number): boolean {
    const target = this.depth - 1 - label
    if (target < 0) return false
    if (this.path > this.arrivals[target]!) this.arrivals[target] = this.path
    if (target === 0) this.branchedToEnd = true
    return true
  }

  /** A catch clause may branch to a label from anywhere in what follows. */
  catchTo(label: number): boolean {
    const target = this.depth - 1 - label
    if (target < 0) return false
    this.caught[target] = true
    return true
  }

  /** Nothing after this instruction is reached by going on. */
  cutOff(): void {
    this.settle()
    this.path = -1
  }

  /** The else of an if; answers whether the innermost label is one without an else so far. */
  otherwise(): boolean {
    const top = this.depth - 1
    if (this.kinds[top] !== labelKind.if) return false
    this.arrive(top)
    this.path = this.alternatives[top]!
    this.alternatives[top] = -1
    this.kinds[top] = labelKind.try // a second else is none of its own, and its end is a place where ways meet
    return true
  }

  /** A catch clause of a legacy try. */
  startCatch(): boolean {
    const top = this.depth - 1
    if (this.kinds[top] !== labelKind.try) return false
    this.arrive(top)
    this.path = this.longest
    return true
  }

  /** Leaves the innermost label; answers whether ways meet at its end. */
  close(): boolean {
    const top = --this.depth
    this.settle()
    if (this.outermostLoop === top) this.outermostLoop = -1
    const kind = this.kinds[top]!
    const arrived = Math.max(this.arrivals[top]!, this.alternatives[top]!, this.caught[top] ? this.longest : -1)
    if (kind === labelKind.loop) return false
    if (arrived > this.path) this.path = arrived
    return kind !== labelKind.block || arrived >= 0
  }

  private arrive(top: number): void {
    this.settle()
    if (this.path > this.arrivals[top]!) this.arrivals[top] = this.path
  }

  private settle(): void {
    if (this.path > this.longest) this.longest = this.path
  }
}
