/** What the library gives on every host: all but `boot`, `loadProgram` and `liveMachine`, which index.ts and browser.ts add. */

export { CHROME_TRACE_TAIL, ClosedError, ProgramError, SecondProgramError, SnapshotError, SystemError, TaskEnded, chromeTrace, services } from './os/index.ts'
export type * from './os/index.ts'
export { KaleidosError } from './fiber/index.ts'
export type { ErrorCode } from './fiber/index.ts'
export { kernels, presets } from './kernels/index.ts'
export { PlanError, SystemPanic, both, checkPlan, counted, faulty, traceRecorder, traced, withWalls } from './link/index.ts'
export type { Decorator, GateInfo, Plan, TracedCall } from './link/index.ts'
export type {
  TraceCall, TraceCharge, TraceCounts, TraceEvent, TraceGate, TraceOutcome, TraceRecorder, TraceSink, TraceThread
} from './link/index.ts'
