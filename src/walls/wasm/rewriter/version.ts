// The version of what the rewriter writes. What was written by another version is not used any more.

/** Raise it whenever the same input gives another output (version.test.ts tells), or what was kept is not to be believed any more. */
export const REWRITER_VERSION = 5
