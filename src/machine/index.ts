export type * from './machine.ts'
export type * from './host.ts'
