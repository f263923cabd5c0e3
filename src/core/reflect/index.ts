export { OwnHandler, OwnHandlerCore } from './own-handler.ts'
export type { Tally } from './own-handler.ts'
