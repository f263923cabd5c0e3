// The version of what the rewriter writes. What was written by another version is not used any more.

/** Raise it whenever the same input gives another output: version.test.ts tells. */
export const REWRITER_VERSION = 1
