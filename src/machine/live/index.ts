export { liveMachine } from './live-machine-node.ts'
export type { LiveMachineOptions } from './live-machine-node.ts'
export type { Share } from './folders-node.ts'
export { sha256 } from './digest-node.ts'
