/**
 * Regular expressions of the host that cannot run away.
 *
 * Commands of the shell compile what people and scripts give them, and a task is not preempted: an expression that
 * backtracks for years would stop everybody. V8 has an engine that needs time in proportion to the text; with this it goes
 * over to that one where backtracking becomes too much. It cannot for back references, nor for flags `i`, `u` and `v`,
 * which `userland/text/posix-regex.ts` does without, nor for large counted repetitions.
 * Source: V8, "An additional non-backtracking RegExp engine" (2021).
 */

import { setFlagsFromString } from 'node:v8'

/** Backtracking steps after which the other engine takes over. */
const BACKTRACKS_MAX = 50_000

/** For the whole process; expressions that were compiled before are not changed. */
export function linearExpressions (): void {
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
  setFlagsFromString(`--regexp-backtracks-before-fallback=${BACKTRACKS_MAX}`)
}
