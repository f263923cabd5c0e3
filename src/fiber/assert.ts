/**
 * Bugs. An assertion that fails is never an operating error and never a program's fault: it is thrown as a `Bug`,
 * and whoever catches exceptions at the edge of a domain treats it as a fault of that domain.
 */

export class Bug extends Error {
  override name = 'Bug'
}

export function assert (condition: unknown, message: string): asserts condition {
  if (!condition) throw new Bug(message)
}

export function unreachable (message: string): never {
  throw new Bug(message)
}
