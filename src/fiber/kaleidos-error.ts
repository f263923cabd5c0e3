/**
 * Errors that are thrown to code of the host's language, as typed values: each has a `code` of one closed union.
 *
 * Nothing inside the kernel throws one: operations return negative error numbers.
 */

import type { ErrnoName } from './errno.ts'

/** What can be wrong: an operation's error number by its name, or one of the library's own. */
export type ErrorCode = ErrnoName | 'ERR_PLAN' | 'ERR_PANIC' | 'ERR_CLOSED' | 'ERR_SNAPSHOT'

/** Every error that the library throws but for a TypeError, which says that it was called in a way that it cannot be. */
export abstract class KaleidosError extends Error {
  abstract readonly code: ErrorCode
}
