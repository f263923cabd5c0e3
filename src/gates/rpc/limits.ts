/** Limits of messages. */

/** Bytes of an ordinary message buffer: what needs more moves to a larger one for the time of the call. */
export const MESSAGE_BYTES = 512
