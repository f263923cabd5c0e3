export { emulation } from './emulation/index.ts'
export { callEffects, wasi } from './wasi/index.ts'
export { taskImage, typeName } from './task/index.ts'
export type * from './task/index.ts'
