export type * from './machine.ts'
