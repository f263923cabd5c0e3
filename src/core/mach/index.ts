export { PortCore } from './mach.ts'
export { Port } from './port.ts'
export { PortServer } from './port-server.ts'
