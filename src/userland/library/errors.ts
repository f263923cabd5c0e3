/** Errors of system calls in words, those of GNU's C library, which people know and scripts look for. */

const words: Readonly<Record<string, string>> = {
  E2BIG: 'Argument list too long', EACCES: 'Permission denied', EAGAIN: 'Resource temporarily unavailable', EBADF: 'Bad file descriptor',
  EBUSY: 'Device or resource busy', ECHILD: 'No child processes', EEXIST: 'File exists', EFAULT: 'Bad address', EFBIG: 'File too large',
  EILSEQ: 'Invalid or incomplete multibyte or wide character', EINTR: 'Interrupted system call', EINVAL: 'Invalid argument', EIO: 'Input/output error',
  EISDIR: 'Is a directory', ELOOP: 'Too many levels of symbolic links', EMFILE: 'Too many open files', EMLINK: 'Too many links',
  ENAMETOOLONG: 'File name too long', ENFILE: 'Too many open files in system', ENODEV: 'No such device', ENOENT: 'No such file or directory',
  ENOEXEC: 'Exec format error', ENOMEM: 'Cannot allocate memory', ENOSPC: 'No space left on device', ENOSYS: 'Function not implemented',
  ENOTCAPABLE: 'Operation not permitted', ENOTDIR: 'Not a directory', ENOTEMPTY: 'Directory not empty', ENOTSUP: 'Operation not supported',
  ENOTTY: 'Inappropriate ioctl for device', ENXIO: 'No such device or address', EOWNERDEAD: 'The server of this call has died', EPERM: 'Operation not permitted',
  EPIPE: 'Broken pipe', EROFS: 'Read-only file system', ESPIPE: 'Illegal seek', ESRCH: 'No such process', EXDEV: 'Invalid cross-device link'
}

/** The error number's name, `ENOENT`; empty for what is no error of a system call. */
export function codeOf (error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

/** What a person is told. */
export function describe (error: unknown): string {
  const code = codeOf(error)
  if (code !== '') return words[code] ?? code
  return error instanceof Error ? error.message : String(error)
}

/** Whether the call failed so; anything that is no error of a call is thrown on. */
export function failedWith (error: unknown, ...codes: readonly string[]): boolean {
  const code = codeOf(error)
  if (code === '') throw error
  return codes.includes(code)
}
