/** Errors of the library: what a person did that could not be done, and why. */

import { errnoName } from '../fiber/index.ts'

/** A program that can't run here; thrown by `spawn` and `loadProgram` at once. */
export class ProgramError extends Error {
  override name = 'ProgramError'
  /** What the system itself says of such bytes. */
  readonly code = 'ENOEXEC'
  /** `malformed`, `import`, `export` or `limit`. */
  readonly reason: string

  constructor (reason: string, message: string) {
    super(message)
    this.reason = reason
  }
}

/** An operation of the system that failed; `code` is the error's name, such as ENOENT. */
export class SystemError extends Error {
  override name = 'SystemError'
  readonly code: string

  constructor (result: number, operation: string, what: string) {
    const code = errnoName(result)
    super(`${operation} ${what}: ${code}${describe(code)}`)
    this.code = code
  }
}

/** Why nothing can be asked of a system that `close` has ended. */
export function closedError (operation: string): Error {
  return new Error(`${operation}: the system is closed`)
}

/** A second program, where the kernel is one with its program. */
export class SecondProgramError extends Error {
  override name = 'SecondProgramError'
  readonly code = 'ENOTSUP'

  constructor (kernel: string) {
    super(`the ${kernel} is one with its program and holds no second one; boot another system for it`)
  }
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EEXIST: 'it exists already',
  EISDIR: 'it is a directory',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'the directory is not empty',
  EACCES: 'permission denied',
  EROFS: 'read-only file system',
  EAGAIN: 'no more processes: the limit is reached; wait for some to end',
  ENOMEM: 'not enough memory',
  ENOSPC: 'no space left',
  ENOTSUP: 'not supported by this kernel',
  ENOTCAPABLE: 'no capability for it',
  ESRCH: 'no such process',
  ENOEXEC: 'not a program that can run here',
  E2BIG: 'arguments and environment are too long',
  EINVAL: 'invalid argument',
  ELOOP: 'too many symbolic links',
  ECONNREFUSED: 'no program listens under this name',
  EPIPE: 'nobody reads it any more'
}

function describe (code: string): string {
  const sentence = sentences[code]
  return sentence === undefined ? '' : ` (${sentence})`
}

/** The value, or a SystemError if it is a negative error number. */
export function must<T> (value: T | number, operation: string, what: string): T {
  if (typeof value === 'number' && value < 0) throw new SystemError(value, operation, what)
  return value as T
}
