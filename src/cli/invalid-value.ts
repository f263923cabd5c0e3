/** A value that an option does not take. Commander knows it by its code, and says which option it was. */
export class InvalidValue extends Error {
  readonly code = 'commander.invalidArgument'
  readonly exitCode = 1
}
