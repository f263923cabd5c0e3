export type * from './host.ts'
export type * from './machine.ts'
export type * from './timing.ts'
