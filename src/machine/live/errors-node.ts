/**
 * What the host says went wrong, as an error number of ours.
 *
 * Node names an error by `code` where libuv knows it, and by the host's number in `errno` where it does not (EDQUOT,
 * ESTALE); the host's own table translates those. A host that is out of descriptors, for itself or for all, is a
 * file table overflow to a kernel above it: ENFILE.
 */

import { constants } from 'node:os'
import { Errno } from '../../fiber/index.ts'

const byName: Readonly<Record<string, number>> = {
  ...Errno, EMFILE: Errno.ENFILE, EOPNOTSUPP: Errno.ENOTSUP, EWOULDBLOCK: Errno.EAGAIN, EFTYPE: Errno.EINVAL, EOF: Errno.SUCCESS,
  ERR_FS_FILE_TOO_LARGE: Errno.EFBIG, ERR_STREAM_DESTROYED: Errno.EPIPE, ERR_STREAM_WRITE_AFTER_END: Errno.EPIPE,
  ERR_STREAM_PREMATURE_CLOSE: Errno.EPIPE
}
const byNumber = new Map<number, number>()
for (const [name, value] of Object.entries(constants.errno)) {
  const errno = byName[name]
  if (errno !== undefined && !byNumber.has(value)) byNumber.set(value, errno)
}

/** `-Errno.X` for what a host call threw; EIO for what has no name in our union. */
export function hostError (thrown: unknown): number {
  if (typeof thrown !== 'object' || thrown === null) return -Errno.EIO
  const { code, errno } = thrown as { code?: unknown, errno?: unknown }
  const named = typeof code === 'string' ? byName[code] : undefined
  const numbered = typeof errno === 'number' ? byNumber.get(Math.abs(errno)) : undefined
  return -(named ?? numbered ?? Errno.EIO)
}

/** The result of a host call, or the negative error number of what it threw. */
export function attempt<T> (call: () => T): T | number {
  try {
    return call()
  } catch (thrown) {
    return hostError(thrown)
  }
}
