export { calibrate } from './calibrate.ts'
export type { Calibration, CalibrationOptions } from './calibrate.ts'
