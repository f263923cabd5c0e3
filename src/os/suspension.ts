/** Hosts on which a program cannot be suspended in the kernel's thread: there programs stand behind the wall `thread`. */

import { PlanError, withWalls } from '../link/index.ts'
import type { Plan } from '../link/index.ts'
import type { Machine } from '../machine/index.ts'
import { canSuspend } from '../walls/wasm/index.ts'

const missing = 'this host has no JavaScript Promise Integration (WebAssembly.Suspending), so no program can wait in the kernel\'s thread'
const advice = 'use a host that has it: Node 26, or Chrome, Edge or Chromium from 137 on'

/** The plan as it can run on this host: the same where programs can be suspended. Throws a PlanError that says what to do where it cannot. */
export function asHostCan (plan: Plan, machine: Machine, suspends = canSuspend()): Plan {
  const domain = plan.domains.find(({ programs }) => programs !== undefined)
  if (suspends || domain === undefined || domain.wall === 'thread' || domain.wall === 'process') return plan
  const refuse = (why: string): PlanError => new PlanError(plan, [`domain ${domain.name}: ${missing}, ${why}; ${advice}`])
  if (machine.timing !== null) throw refuse(`and where time is modelled programs run in no other`)
  if (domain.programs === 'one') throw refuse('and the program of this kernel is one with it')
  if (machine.places === null) throw refuse('nor on a thread of its own, since threads share no memory here: serve the page with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp')
  return withWalls(plan, { [domain.name]: 'thread' })
}
