export { CallCore } from './call.ts'
export { Endpoint, Server } from './endpoint.ts'
