/** Errors of the library: what a person did that could not be done, and why. */

import { KaleidosError } from '../fiber/index.ts'

export { SystemError, must } from '../fiber/index.ts'

/** Why bytes are no program that can run here: what they are, what they import, what they export, how much they want. */
export type ProgramFault = 'malformed' | 'import' | 'export' | 'limit'

/** A program that can't run here; thrown by `spawn` and `loadProgram` at once. */
export class ProgramError extends KaleidosError {
  override name = 'ProgramError'
  /** What the system itself says of such bytes. */
  readonly code = 'ENOEXEC'
  readonly reason: ProgramFault

  constructor (reason: ProgramFault, message: string) {
    super(message)
    this.reason = reason
  }
}

/** Nothing can be asked of a system that `close` has ended. */
export class ClosedError extends KaleidosError {
  override name = 'ClosedError'
  readonly code = 'ERR_CLOSED'

  constructor (operation: string) {
    super(`${operation}: the system is closed`)
  }
}

/** A second program, where the kernel is one with its program. */
export class SecondProgramError extends KaleidosError {
  override name = 'SecondProgramError'
  readonly code = 'ENOTSUP'

  constructor (kernel: string) {
    super(`the ${kernel} is one with its program and holds no second one; boot another system for it`)
  }
}
