/** KaleidOS as a library: `boot` a kernel of `kernels`, or a plan of one's own, and spawn programs on it. */

export { ProgramError, SystemError, boot, loadProgram, services } from './os/index.ts'
export type * from './os/index.ts'
export { kernels } from './kernels/index.ts'
export { PlanError, SystemPanic, both, checkPlan, counted, faulty, traced } from './link/index.ts'
export type { Decorator, GateInfo, Plan, TracedCall } from './link/index.ts'
export { liveMachine } from './machine/live/index.ts'
