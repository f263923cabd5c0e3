// The last place of a body that every call in it is reached through, at most once in an activation.
//
// In structured code a place outside of all loops dominates what follows it up to the end of the block, or of the arm
// of an `if` or a `try`, that it stands in: nothing branches into the middle of a block. So the place is before
// the first call, or before the label around it which holds all the other calls too, or before the outermost loop.
// Calls in code that cannot be reached are not reported to it.

import type { ControlStack } from './control-stack.ts'

export class CallPlace {
  /** The instruction before which the place is, by its first byte; -1 without calls. */
  at = -1
  /** Where it were if another call followed now, and how many labels stand around that place. */
  private nextAt = -1
  private nextDepth = 0

  reset(): void {
    this.at = this.nextAt = -1
    this.nextDepth = 0
  }

  /** A call at byte `at`, inside the labels of `control`. */
  call(at: number, control: ControlStack): void {
    if (this.at < 0) {
      const loop = control.outermostLoop
      this.nextAt = loop < 0 ? at : control.openedAt[loop]!
      this.nextDepth = loop < 0 ? control.depth : loop
    }
    this.at = this.nextAt
  }

  /** An arm of the label numbered `top`, whose instruction begins at byte `openedAt`, ends here. */
  armEnds(top: number, openedAt: number): void {
    if (this.nextDepth <= top) return
    this.nextDepth = top
    this.nextAt = openedAt
  }
}
