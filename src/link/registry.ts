/** The services that plans can name. */

import type { AnyService } from '../roles/index.ts'

export type Registry = ReadonlyMap<string, AnyService>

export function registryOf (services: readonly AnyService[]): Registry {
  return new Map(services.map(service => [service.name, service]))
}
