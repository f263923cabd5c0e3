// Loops that are checked where they go back, and not at their head.
//
// A loop without loops and without calls in it is what an engine unrolls, and it does so no more once there is a call in
// it. So the call that a check may make is put beside such a loop, into one around it. (With calls of its own it gains
// less, and loses nothing.)
//
//   loop $outer                  the rest of the body of $inner stays as it is, but
//     loop $inner                - a branch back counts the pass and goes to $inner, and once in a window of passes
//       …                          it takes fuel and goes to $outer;
//     end                        - a branch out of the loop passes one label more.
//   end
//
// Whether a loop is one is known at its end only. So the edits of its branches are noted as they come, and taken back
// when something is met that does not fit: a loop in it, a branch of another kind, exceptions.

import { type BodyFacts, editKind, editStride } from './body-facts.ts'

export class InnerLoop {
  private readonly facts: BodyFacts
  /** The label of the loop that is looked at, counted from outside; -1 when there is none. */
  private label = -1
  /** Where the edits of the loop begin: with that of its head. */
  private editsFrom = 0

  constructor(facts: BodyFacts) {
    this.facts = facts
  }

  /** A loop begins: it is `label`, and its instruction lies at [start, end). */
  begin(label: number, start: number, end: number): void {
    this.giveUp()
    this.label = label
    this.editsFrom = this.facts.edits.length
    this.facts.addEdit(editKind.loopHead, end, end, end - start)
  }

  /** What was met does not fit: the loop is checked at its head. */
  giveUp(): void {
    if (this.label < 0) return
    this.label = -1
    this.facts.edits.length = this.editsFrom + editStride
  }

  /** A br or a br_if at [start, end), where `depth` labels are open. */
  branch(start: number, end: number, label: number, depth: number): void {
    if (this.label < 0) return
    const target = depth - 1 - label
    if (target === this.label) this.facts.addEdit(editKind.branchBack, start, end, label)
    else if (target < this.label) this.facts.addEdit(editKind.branchOut, start, end, depth - this.label)
  }

  /** A br_table at [start, end). */
  table(start: number, end: number, labels: readonly number[], depth: number): void {
    if (this.label < 0) return
    const own = depth - 1 - this.label
    if (labels.includes(own)) this.giveUp()
    else if (labels.some((label) => label > own)) this.facts.addEdit(editKind.branchOut, start, end, own + 1)
  }

  /** The label that is `top` from outside ends, its `end` before byte `at`. */
  end(top: number, at: number): void {
    if (this.label < 0 || top !== this.label) return
    this.label = -1
    this.facts.edits.set(this.editsFrom, editKind.innerLoop)
    this.facts.addEdit(editKind.loopEnd, at, at, 0)
  }
}
