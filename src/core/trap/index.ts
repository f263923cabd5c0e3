export { Entry, TrapCore } from './trap.ts'
