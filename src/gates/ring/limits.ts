/** Sizes of channels, and how long who waits for one spins. */

/** Words of 8 bytes of one ring; a power of two. */
export const RING_WORDS = 2 ** 15
/** Words of one frame as it lies in a ring; a longer one goes in pieces. */
export const PIECE_WORDS_MAX = RING_WORDS / 4
/** Words of one frame: a message of MESSAGE_BYTES_MAX, with what is said of it (EMSGSIZE). */
export const FRAME_WORDS_MAX = 2 ** 18 + 256
/** Words that wait for room in a ring; who has more to send to a side that takes nothing is told to come again (EAGAIN). */
export const BACKLOG_WORDS_MAX = 2 ** 22
/** Looks at a ring that nothing has come into, before its reader sleeps: some 30 µs. */
export const SPINS = 4000
/** Frames that are taken of one channel before the others have their turn. */
export const FRAMES_AT_ONCE = 64
