/** The clock service. */

import { Clock, service } from '../../roles/index.ts'
import { ClockService } from './clock.ts'
import type { ClockDevices } from './clock.ts'

export const clock = service<{ clock: typeof Clock }, Record<never, never>, ClockDevices>({
  name: 'clock',
  summary: 'tells the machine\'s time and lets others sleep on its timer',
  provides: { clock: Clock },
  requires: {},
  devices: ['clock', 'timer', 'interrupts'],
  keeps: 'nothing',
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ devices }) => ({ clock: new ClockService(devices) })
})
