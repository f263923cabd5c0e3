// First: the modules below it are read in the order in which they are named.
import './host-check.ts'
export type * from './api.ts'
export { libraryOn, systemOf } from './boot.ts'
export { ClosedError, ProgramError, SecondProgramError, SystemError } from './errors.ts'
export type { ProgramFault } from './errors.ts'
export { TaskEnded } from '../walls/language/index.ts'
export { imageOf } from './program.ts'
export { services } from './services.ts'
