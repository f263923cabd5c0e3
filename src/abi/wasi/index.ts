export { callEffects } from './effects.ts'
export { wasi } from './service.ts'
