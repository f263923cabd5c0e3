/** Limits of the WASI personality, by name; those that are not its own are in roles/limits. */

/**
 * Bytes of one vectored read or write; beyond, it is short. A call is not preempted: so much is copied in a few ms,
 * which is about a slice.
 */
export const TRANSFER_BYTES_MAX = 2 ** 24
/** Random bytes that one call of the entropy service gives; between calls the caller gives way. */
export const RANDOM_CHUNK_BYTES = 64 * 1024
/** Bytes of the buffer in which a directory is read: at least and at most. */
export const DIRECTORY_BYTES_MIN = 1024
export const DIRECTORY_BYTES_MAX = 32 * 1024
