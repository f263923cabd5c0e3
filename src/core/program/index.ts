export { EntrySlot, ProgramThread } from './program-thread.ts'
export { Programs } from './programs.ts'
export type { ProgramDomain, ProgramsOptions } from './programs.ts'
