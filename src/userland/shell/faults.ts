/**
 * How the shell leaves what it does: errors of a command, and the ways out of loops, functions and the shell itself.
 *
 * They are thrown, and caught where the construct ends that they leave.
 */

/** Something is wrong with a command. `fatal` ends a shell that nobody types to, as POSIX has it for expansion errors. */
export class ShellError extends Error {
  readonly fatal: boolean
  readonly status: number

  constructor (message: string, how: 'fatal' | 'command' = 'command', status = how === 'fatal' ? 127 : 1) {
    super(message)
    this.fatal = how === 'fatal'
    this.status = status
  }
}

/** `break` and `continue`: `levels` loops are left. */
export class LoopExit extends Error {
  readonly kind: 'break' | 'continue'
  levels: number

  constructor (kind: 'break' | 'continue', levels: number) {
    super(kind)
    this.kind = kind
    this.levels = levels
  }
}

/** `return` of a function or a sourced file. */
export class Return extends Error {
  readonly status: number

  constructor (status: number) {
    super('return')
    this.status = status
  }
}

/** `exit`, or an end that `set -e` asks for. */
export class ShellExit extends Error {
  readonly status: number

  constructor (status: number) {
    super('exit')
    this.status = status
  }
}

/** Somebody pressed Ctrl-C: whatever goes on is left, up to the prompt. */
export class Interrupt extends Error {}
