/**
 * Host folders in a plan: a `hostfs` for each share, placed as the plan places its other file systems: beside them in
 * their domain, or in a domain of its own where each has one.
 */

import { PlanError } from './errors.ts'
import type { DomainPlan, Placement, Plan } from './plan.ts'
import { serviceOf } from './wiring.ts'

export interface Mount {
  /** Where the folder stands in the kernel's tree. */
  readonly guestPath: string
  readonly writable: boolean
}

interface VfsMount { readonly path: string, readonly fileSystem: string, readonly readOnly?: boolean }

/** The plan with the shares of the machine mounted; share i is mounts[i]. */
export function withShares (plan: Plan, mounts: readonly Mount[]): Plan {
  if (mounts.length === 0) return plan
  const home = plan.domains.find(domain => domain.services.some(placement => serviceOf(placement).service === 'ramfs'))
  if (home === undefined) throw new PlanError(plan, ['it has no ramfs, beside which a host folder could stand'])
  const alone = home.services.length === 1
  // What a hostfs has open of the host's is gone with it: it cannot be made anew.
  const { supervision: _, ...like } = home
  const placements = mounts.map((mount, share): Placement =>
    ({ service: 'hostfs', as: nameOf(share), options: { share, readOnly: !mount.writable } }))
  const added: DomainPlan[] = alone
    ? placements.map((placement, share) => ({ ...like, name: nameOf(share), services: [placement], devices: ['folders'] }))
    : []
  const domains = plan.domains.map(domain => {
    const services = domain === home && !alone ? [...domain.services, ...placements] : domain.services
    const devices = domain === home && !alone && domain.mode === 'user' ? { devices: [...domain.devices ?? [], 'folders'] } : {}
    return { ...domain, ...devices, services: services.map(placement => serviceOf(placement).service === 'vfs' ? mounted(placement, mounts) : placement) }
  })
  // Where the plan says no routes, the VFS gets every file system there is.
  const routed = plan.routes?.some(route => route.from === 'vfs' && route.requires === 'fileSystems') ?? false
  const routes = routed ? placements.map((_placement, share) => ({ from: 'vfs', requires: 'fileSystems', to: nameOf(share), as: nameOf(share) })) : []
  return { ...plan, domains: [...domains, ...added], routes: [...plan.routes ?? [], ...routes] }
}

function nameOf (share: number): string {
  return `hostfs-${share}`
}

function mounted (placement: Placement, shares: readonly Mount[]): Placement {
  const { service, as, options } = serviceOf(placement)
  const before = (options['mounts'] ?? []) as readonly VfsMount[]
  const replaced = new Set(shares.map(share => share.guestPath))
  const added = shares.map((share, index): VfsMount => ({ path: share.guestPath, fileSystem: nameOf(index), readOnly: !share.writable }))
  return { service, as, options: { ...options, mounts: [...before.filter(mount => !replaced.has(mount.path)), ...added] } }
}
