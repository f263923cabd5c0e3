// What the rewriter finds out about the bodies of a module, in flat lists: a module may have a million functions.

import { IntList } from './int-list.ts'

/** An edit of a body: what to do at bytes [start, end) of the input. */
export const editKind = {
  /** Insert a counted check at the head of a loop, whose instruction is the `argument` bytes before. */
  loopHead: 0,
  /** Insert a charge, whose counts begin at `argument` of the facts' `charges`. */
  charge: 1,
  /** Replace the instruction by a call of the helper numbered `argument`. */
  helper: 2,
  /** Put the loop whose instruction is the `argument` bytes before into another one. */
  innerLoop: 3,
  /** A br or a br_if to such a loop's label, `argument`: count the pass. */
  branchBack: 4,
  /** A branch out of such a loop: labels from `argument` on are one more. */
  branchOut: 5,
  /** End the loop around such a loop. */
  loopEnd: 6,
  /** Put back the word of the meter, where others look at it from here on. */
  putBack: 7,
  /** Take it again. */
  take: 8,
  /** Make the value on the stack, of kind `argument` (nans.ts), canonical. */
  canonical: 9,
} as const

/** Numbers that an edit takes in the list: kind, start, end, argument. */
export const editStride = 4

/** One body. Positions are bytes of the input; `…From` and `…To` are ranges of the lists in `BodyFacts`. */
export interface Body {
  start: number
  end: number
  /** Groups of local declarations, and where the first one lies. */
  localGroups: number
  localsAt: number
  /** The first instruction. */
  codeAt: number
  /** Parameters and declared locals together. */
  locals: number
  loops: number
  /** Instructions in the body that can be reached, with what bulk operations count for, without what is called. */
  instructions: number
  /** The most of them that can be executed between two passes of loop heads: the longest way without going back. */
  longestPath: number
  /** The last place that all calls are reached through, before the instruction that begins there; -1 without calls. */
  callsAt: number
  /** Whether it has exceptions: it may go on at a place that it did not go to. */
  catches: boolean
  /** Bits by kind (nans.ts): of which there are values that are made canonical. */
  nans: number
  /** Whether a branch leaves it by its own label. */
  branchesToEnd: boolean
  editsFrom: number
  editsTo: number
  callsFrom: number
  callsTo: number
}

export class BodyFacts {
  readonly bodies: Body[] = []
  readonly edits = new IntList()
  /** Of each straight run in exact mode, what it costs by class (straight-run.ts). */
  readonly charges = new IntList()
  /** Of each call: the index of the function, or for a call through a table or a reference ~(index of the type). */
  readonly calls = new IntList()
  loops = 0
  /** Instructions that put the whole thread to sleep (memory.atomic.wait). */
  waits = 0
  usesGc = false
  /** Whether a function can come from outside through a reference. */
  callsReferences = false

  addEdit(kind: number, start: number, end: number, argument: number): void {
    this.edits.push(kind)
    this.edits.push(start)
    this.edits.push(end)
    this.edits.push(argument)
  }
}
