export { liveMachine } from './live-machine.ts'
export type { LiveMachineOptions } from './live-machine.ts'
export type { Share } from './folders-node.ts'
export { sha256 } from './digest-node.ts'
