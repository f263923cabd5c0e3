/**
 * A system as data, and data as a system: what its services keep, what the core keeps of processes, its programs.
 *
 * It is saved at rest: nobody runs, every program waits in a call. Of the core little is told, since the linker makes the rest anew
 * from the plan: accounts, counts, the clock, and where the capabilities to programs stand. Addresses are not told: what lies in an
 * arena is told by whoever put it there, and lies elsewhere afterwards.
 *
 * Taken up: a system that was linked from the same plan, and in which nobody has made a call, gets its accounts and its
 * services' states; then its programs are run up to where they were (core/program/saved-programs.ts), and let go on, each at the
 * instant at which it made the call in which it was, so that who slept wakes when it would have.
 */

import { giveWay } from '../fiber/index.ts'
import type { Fiber } from '../fiber/index.ts'
import { StateError, fieldOf, flagOf, numberOf } from '../roles/index.ts'
import type { StateValue } from '../roles/index.ts'
import type { Image } from '../walls/wasm/index.ts'
import type { System } from './system.ts'

/** Why a system cannot be saved now, in a sentence; null when it can. */
export function busyWith (system: System): string | null {
  const { state, programs } = system
  if (state.panicked !== null) return `the system has stopped: ${state.panicked}`
  const dead = [...state.spaces.values()].find(space => !space.alive)
  if (dead !== undefined) return `domain ${dead.label} is dead`
  if (programs.count > 0 && programs.saved === null) return 'programs run in a system that does not keep what their calls come to; boot it with { snapshots: true }'
  return programs.saved?.busy ?? (state.scheduler.isQuiet ? null : 'something of the kernel runs')
}

/** All of a system that is at rest. Throws a StateError that says what of it is not. */
export function saveSystem (system: System): StateValue {
  const { state, programs, machine } = system
  const busy = busyWith(system)
  if (busy !== null) throw new StateError(busy)
  const services: Record<string, StateValue> = {}
  for (const { name, definition, domain } of system.wiring.instances) {
    if (definition.keeps === 'nothing') continue
    const kept = system.states.get(name)
    if (kept === undefined || domain.programs === 'each') throw new StateError(`${name} does not say what it keeps${domain.programs === 'each' ? ' in each program\'s domain' : ''}`)
    services[name] = kept.save()
  }
  return {
    monotonicNs: machine.clock.monotonicNs(), counters: { ...state.counters }, tainted: state.tainted, accounts: state.accounts.save(), services,
    programs: programs.saved?.save(system.domains) ?? null
  }
}

/**
 * Takes up what `saveSystem` told, in a system that has only just been linked from the same plan. Throws a StateError that says what is
 * wrong, after which the system is good for nothing.
 */
export async function restoreSystem (system: System, saved: StateValue, imageOf: (module: Uint8Array, label: string) => Image, withinNs: number): Promise<void> {
  const { state, programs, machine } = system
  const services = fieldOf(saved, 'services')
  state.accounts.takeUp(fieldOf(saved, 'accounts'))
  for (const { name, definition } of system.wiring.instances) {
    if (definition.keeps !== 'nothing') system.states.get(name)!.takeUp(fieldOf(services, name))
  }
  const atNs = numberOf(fieldOf(saved, 'monotonicNs'), 'an instant')
  const told = fieldOf(saved, 'programs')
  const revived = programs.saved
  if (told !== null && revived === null) throw new StateError('there are programs, and this system keeps nothing of them')
  const failure = await system.run('taking up', function * (): Fiber<string | null> {
    if (told !== null) {
      revived!.revive(told, system.domains, imageOf)
      const failed = (yield * quiet(system, withinNs)) ?? revived!.failureOf(told)
      if (failed !== null) return failed
      for (const { thread, atNs } of revived!.parked) {
        machine.setClock(atNs, true)
        thread.parked.wakeAll()
        yield * quiet(system, Infinity)
      }
      revived!.settle(told)
    }
    machine.setClock(atNs, false)
    return null
  }, state.scheduler.priorities - 1)
  if (failure !== null) throw new StateError(failure)
  state.accounts.settle(fieldOf(saved, 'accounts'))
  state.tainted = flagOf(fieldOf(saved, 'tainted'), 'whether it is tainted')
  const counters = fieldOf(saved, 'counters')
  for (const name of Object.keys(state.counters) as (keyof typeof state.counters)[]) state.counters[name] = numberOf(fieldOf(counters, name), name)
}

/** Lets all others run, until nobody can: null; or why not, when so much time has passed. */
function * quiet ({ state: { scheduler, machine: { clock } } }: System, withinNs: number): Fiber<string | null> {
  const endNs = clock.monotonicNs() + withinNs
  do {
    yield giveWay
    if (clock.monotonicNs() > endNs) return 'its programs have not come to where they were in the time that they were given (withinMs)'
  } while (!scheduler.isQuiet)
  return null
}
