/** Sizes of channels, and how long who waits for one spins. */

/** Words of 8 bytes of one ring; a power of two. */
export const RING_WORDS = 2 ** 15
/** Words of one frame as it lies in a ring; a longer one goes in pieces. */
export const PIECE_WORDS_MAX = RING_WORDS / 4
/** Words of one frame: a message of MESSAGE_BYTES_MAX, with what is said of it (EMSGSIZE). */
export const FRAME_WORDS_MAX = 2 ** 18 + 256
/** Words that wait for room in a ring; who has more to send to a side that takes nothing is told to come again (EAGAIN). */
export const BACKLOG_WORDS_MAX = 2 ** 22
/** Looks at a ring that nothing has come into, before its reader looks at a clock. */
export const LOOKS = 500
/**
 * How long a reader looks before it sleeps, where that was worth it the last time: longer than it takes to wake who is to
 * send. It was when something came so soon, whether it slept or not.
 */
export const SPIN_NS = 150_000
/** Frames that are taken of one channel before the others have their turn. */
export const FRAMES_AT_ONCE = 64
