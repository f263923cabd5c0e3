/** The core's path lengths and the costs of its roles (costs.ts), loaded by who asks: on the live machine nobody does. */

import type * as costs from './costs.ts'

export type CoreTables = Pick<typeof costs, 'costs' | 'faultPaths' | 'gatePaths' | 'inRegisters' | 'schedulerPaths'>

export async function loadCoreCosts (): Promise<CoreTables> {
  return import('./costs.ts')
}
