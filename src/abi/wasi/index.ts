export { wasi } from './service.ts'
