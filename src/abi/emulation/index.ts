export { emulation } from './service.ts'
