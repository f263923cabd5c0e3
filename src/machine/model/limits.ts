/** Bounds of the model machine. */

/** Virtual processors. */
export const PROCESSORS_MAX = 64
/** Events that are to come at once. */
export const EVENTS_MAX = 1 << 20
/** Who may have lines in the caches at once: whoever was not seen among so many others has none left. */
export const OCCUPANTS_SEEN_MAX = 256
/** Times at which what an occupant has in the caches was last touched that are told apart: the two that are longest ago become one. */
export const SEGMENTS_MAX = 4
/** Busy intervals of a lock that are kept, beyond those that are over for every processor. */
export const LOCK_INTERVALS_MAX = 256
/** Places of a run at which the hash of its trace is kept. */
export const CHECKPOINTS_MAX = 4096
