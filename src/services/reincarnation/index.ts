/** The service that has dead domains made anew. */

import type { Devices } from '../../machine/index.ts'
import { Clock, DomainEvents, Domains, one, service } from '../../roles/index.ts'
import { Reincarnation } from './reincarnation.ts'

const requires = { domains: one(Domains), clock: one(Clock) }

export const reincarnation = service<{ events: typeof DomainEvents }, typeof requires, Pick<Devices, 'clock'>>({
  name: 'reincarnation',
  summary: 'makes domains anew that have died, as often as the plan says',
  provides: { events: DomainEvents },
  requires,
  devices: ['clock'],
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ requires: needs, devices }) => ({ events: new Reincarnation(needs, devices.clock) })
})
