/** What the core notes of a run on a machine whose time is modelled: kinds of events of its trace. */

export const Noted = { RUN: 1, BLOCK: 2, WAKE: 3, CALL: 4, END: 5, PREEMPT: 6, FAULT: 7 } as const
export type Noted = typeof Noted[keyof typeof Noted]
