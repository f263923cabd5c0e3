export { Capability, CapabilityRights, CapabilitySpace } from './capability.ts'
export type { KernelObject } from './capability.ts'
