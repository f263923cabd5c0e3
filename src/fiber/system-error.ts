/**
 * Operating errors for code of the host's language: what was to be done, to what, and why it could not be. Inside the
 * kernel an operation returns `-Errno.X`; whoever gives such a result to JavaScript throws this in its place.
 */

import { errnoName } from './errno.ts'
import type { ErrnoName } from './errno.ts'
import { KaleidosError } from './kaleidos-error.ts'

/** An operation of the system that failed; `code` is the error's name, such as ENOENT. */
export class SystemError extends KaleidosError {
  override name = 'SystemError'
  readonly code: ErrnoName

  /** `because` is said in the place of what the code usually means. */
  constructor (result: number, operation: string, what: string, because = '') {
    const code = errnoName(result) as ErrnoName
    super(`${[operation, what].filter(part => part !== '').join(' ')}: ${code}${because === '' ? describe(code, operation) : ` (${because})`}`)
    this.code = code
  }
}

/** The value, or a SystemError if it is a negative error number. */
export function must<T> (value: T | number, operation: string, what: string): T {
  if (typeof value === 'number' && value < 0) throw new SystemError(value, operation, what)
  return value as T
}

const NO_MORE_PROCESSES = 'no more processes: the limit is reached; wait for some to end'

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EEXIST: 'it exists already',
  EISDIR: 'it is a directory',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'the directory is not empty',
  EACCES: 'permission denied',
  EROFS: 'read-only file system',
  EAGAIN: 'it would have to wait, or a limit is reached: try again later',
  EBADF: 'no such descriptor',
  ECHILD: 'no such child',
  EPERM: 'not permitted',
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
  EPIPE: 'nobody reads it any more',
  EOWNERDEAD: 'peer lost, outcome unknown: the server died during the call'
}

function describe (code: string, operation: string): string {
  const sentence = code === 'EAGAIN' && operation === 'spawn' ? NO_MORE_PROCESSES : sentences[code]
  return sentence === undefined ? '' : ` (${sentence})`
}
