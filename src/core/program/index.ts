export { ProgramThread } from './program-thread.ts'
export { Programs } from './programs.ts'
export type { ProgramsOptions } from './programs.ts'
