/** What runs at a place of the host that is a domain of services: loaded there, and by nobody here. */

import { runDomain } from '../core/place/index.ts'
import type { PlacedDomain } from '../gates/index.ts'
import type { PlaceEnd } from '../machine/index.ts'
import { services } from './services.ts'

export function occupy (data: unknown, end: PlaceEnd): void {
  runDomain(data as PlacedDomain, end, services)
}
