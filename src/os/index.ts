// First: the modules below it are read in the order in which they are named.
import './host-check.ts'
export type * from './api.ts'
export { boot, systemOf } from './boot.ts'
export { ProgramError, SystemError } from './errors.ts'
export { loadProgram } from './program.ts'
export { services } from './services.ts'
export type { LoadOptions } from './program.ts'
