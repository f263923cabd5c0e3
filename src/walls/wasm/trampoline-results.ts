/** What the functions that the trampoline calls say to it, besides an error number, which is never negative. */

/** What `try` returns for a call that has to wait. */
export const WOULD_BLOCK = -1
/** What `try` and `wait` return to a program that is to end. */
export const KILLED = -2
