// What tests of walls around programs share: the same plans with programs elsewhere, and a host for the system tests' cases.

import { boot, kernels, presets } from '../../src/index.ts'
import type { BootOptions, OperatingSystem, Plan } from '../../src/index.ts'
import { withWalls } from '../../src/link/index.ts'
import type { DomainPlan } from '../../src/link/index.ts'
import { systemOf } from '../../src/os/index.ts'
import type { Host, EveryName } from '../system/observations.ts'
import { here, planNamed, sleep } from '../system/support.ts'

export type ProgramWall = 'thread' | 'process'

/** A plan with its programs behind another wall. */
export function programsBehind (plan: Plan, wall: ProgramWall, more: Partial<DomainPlan> = {}): Plan {
  const name = plan.domains.find(domain => domain.programs !== undefined)!.name
  const moved = withWalls(plan, { [name]: wall })
  return { ...moved, domains: moved.domains.map(domain => domain.name === name ? { ...domain, ...more } : domain) }
}

/** The host of the system tests, but that programs stand elsewhere. */
export function hostBehind (wall: ProgramWall): Host {
  return { ...here, library: { boot: options => boot({ ...options, kernel: programsBehind(options.kernel, wall) }), kernels, presets } }
}

export function startBehind (wall: ProgramWall, kernel: EveryName, options: Omit<BootOptions, 'kernel'> = {}): Promise<OperatingSystem> {
  return boot({ kernel: programsBehind(planNamed[kernel](), wall), ...options })
}

/** Threads or processes of the host that programs have. */
export function placesOf (os: OperatingSystem): number {
  return systemOf(os).programs.placeCount
}

export async function until (what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries === 2000) throw new Error(`${what}: not so within 10 s`)
    await sleep(5)
  }
}
