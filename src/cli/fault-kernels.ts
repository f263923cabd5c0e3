/** The kernels that faults are injected into, by name: every plan that is one of its own. */

import { kernels, presets } from '../kernels/index.ts'
import type { Plan } from '../link/index.ts'

export function faultKernels (): ReadonlyMap<string, Plan> {
  const { linux: _, ...others } = presets
  return new Map(Object.entries({ ...kernels, ...others }).map(([name, plan]) => [name, plan()]))
}
