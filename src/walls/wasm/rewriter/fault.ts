// What is wrong with a module, as a value.
//
// Readers deep inside a module signal a malformed byte by throwing `Fault`; `rewrite` is the only place that
// catches it and turns it into the value that callers see. Nothing else is caught there: any other exception is a bug.

/** Why a module was refused; `offset` is the byte of the input at which it was noticed. */
export interface RewriteError {
  kind: 'malformed' | 'limit' | 'reserved-name' | 'nondeterministic'
  message: string
  offset: number
}

/** Thrown inside the rewriter only. */
export class Fault extends Error {
  readonly kind: RewriteError['kind']
  readonly offset: number

  constructor(kind: RewriteError['kind'], message: string, offset: number) {
    super(message)
    this.kind = kind
    this.offset = offset
  }
}

export function malformed(message: string, offset: number): Fault {
  return new Fault('malformed', message, offset)
}

export function overLimit(message: string, offset: number): Fault {
  return new Fault('limit', message, offset)
}
