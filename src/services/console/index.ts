/** The console service. */

import { Console, service } from '../../roles/index.ts'
import { ConsoleService } from './console.ts'
import type { ConsoleDevices } from './console.ts'

export const console = service<{ console: typeof Console }, Record<never, never>, ConsoleDevices>({
  name: 'console',
  summary: 'reads and writes the machine\'s terminal',
  provides: { console: Console },
  requires: {},
  devices: ['console', 'interrupts'],
  keeps: 'nothing',
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ devices, arena }) => ({ console: new ConsoleService(devices, arena) })
})
