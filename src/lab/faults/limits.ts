/** Bounds of fault injection: each says what it keeps finite. */

/** Bytes of an arena of a service's domain, so that a leak comes to its end. Every kernel of a campaign has it. */
export const ARENA_BYTES_MAX = 2 * 2 ** 20
/** A run is over when it has lasted so many times as long as without a fault, and so much longer, in virtual ns. */
export const DEADLINE_FACTOR = 3
export const DEADLINE_EXTRA_NS = 500e6
/** The same on the live machine, in real ns: the host may be away for long. */
export const LIVE_DEADLINE_FACTOR = 3
export const LIVE_DEADLINE_EXTRA_NS = 1000e6
/** Longer than without a fault by so much is a pause that a program can have seen. */
export const PAUSE_NS = 100e3
export const LIVE_PAUSE_NS = 100e6
/** A run that keeps the host's processor for so long does not come back: its worker is ended. */
export const HUNG_MS = 30_000
/** Bytes that one wild write may hit. */
export const WILD_BYTES_MAX = 256
/** Bytes of one run of a buffer's overflow. */
export const OVERFLOW_BYTES_MAX = 4096
/** Bytes of an artifact that is read to be compared. */
export const RECORD_BYTES_MAX = 2 ** 20
