export type * from './host.ts'
export type * from './machine.ts'
export type { CachePolicy, InstructionCounts, Locks, MachineTiming, Occupant } from './timing.ts'
