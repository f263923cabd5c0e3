/** The kernels that faults are injected into, by name: every plan that is one of its own, and the servers supervised. */

import { kernels, presets } from '../kernels/index.ts'
import type { Plan } from '../link/index.ts'

export function faultKernels (): ReadonlyMap<string, Plan> {
  const { linux: _, ...others } = presets
  const plans = { ...kernels, 'microkernel-supervised': () => kernels.microkernel({ supervised: true }), ...others }
  return new Map(Object.entries(plans).map(([name, plan]) => [name, plan()]))
}
