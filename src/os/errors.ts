/** Errors of the library: what a person did that could not be done, and why. */

export { SystemError, must } from '../fiber/index.ts'

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
