/**
 * What runs at a place of the host that is a domain of services: loaded there, and by nobody here. It loads what the domain
 * has and no more, since that is what a start takes.
 */

import { runDomain } from '../core/place/index.ts'
import type { PlacedDomain } from '../gates/index.ts'
import type { PlaceEnd } from '../machine/index.ts'
import type { AnyService } from '../roles/index.ts'

/** The services that can stand elsewhere, by name: those that drive nothing that is only where the kernel is. */
export const placeable: Readonly<Record<string, () => Promise<AnyService>>> = {
  proc: async () => (await import('../services/proc/index.ts')).proc,
  vfs: async () => (await import('../services/vfs/index.ts')).vfs,
  ramfs: async () => (await import('../services/ramfs/index.ts')).ramfs,
  pipefs: async () => (await import('../services/pipefs/index.ts')).pipefs,
  socketfs: async () => (await import('../services/socketfs/index.ts')).socketfs,
  devfs: async () => (await import('../services/devfs/index.ts')).devfs,
  procfs: async () => (await import('../services/procfs/index.ts')).procfs,
  entropy: async () => (await import('../services/entropy/index.ts')).entropy,
  store: async () => (await import('../services/store/index.ts')).store
}

export async function occupy (data: unknown, end: PlaceEnd): Promise<void> {
  const domain = data as PlacedDomain
  const services = new Map<string, AnyService>()
  for (const { service } of domain.services) {
    const load = placeable[service]
    if (load !== undefined) services.set(service, await load())
  }
  runDomain(domain, end, services)
}
