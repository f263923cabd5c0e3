export { wasi } from './wasi/index.ts'
