/** Limits of the userland, by name. */

/** Characters of one script (a syntax error beyond). */
export const SOURCE_LENGTH_MAX = 8 * 1024 * 1024
/** Words that one brace expansion may make; more are left as they stand. */
export const BRACE_WORDS_MAX = 100_000
/** Bytes that a command substitution may give (the shell says so, and cuts). */
export const SUBSTITUTION_BYTES_MAX = 64 * 1024 * 1024
/** Functions, sourced files and evaluations within one another. */
export const NESTING_MAX = 1000
/** Statements between two times that the shell lets others run. */
export const STATEMENTS_PER_TURN = 64
/** Steps of an arithmetic expression. */
export const ARITHMETIC_DEPTH_MAX = 256
/** Aliases expanded within one another. */
export const ALIAS_DEPTH_MAX = 32
/** Lines of history kept. */
export const HISTORY_LINES_MAX = 2000
/** Bytes that a command buffers of its output before it writes. */
export const OUTPUT_BUFFER_BYTES = 32 * 1024
/** Bytes that a command asks for at once. */
export const READ_BYTES = 64 * 1024
/** Bytes of one line that line-by-line commands hold. */
export const LINE_BYTES_MAX = 64 * 1024 * 1024
/** Bytes that commands which need all their input hold (sort, tac, tail). */
export const HELD_BYTES_MAX = 512 * 1024 * 1024
/** Steps of awk and jq, lines included, and of others that the package just-bash runs: a task is not preempted. */
export const BORROWED_STEPS_MAX = 10_000_000
/** Directories within one another that a walk of a tree goes down. */
export const TREE_DEPTH_MAX = 512
