export { runDomain } from './runtime.ts'
