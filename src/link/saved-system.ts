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

import { settle } from '../fiber/index.ts'
import { StateError, fieldOf, flagOf, numberOf } from '../roles/index.ts'
import type { StateValue } from '../roles/index.ts'
import type { Image } from '../walls/wasm/index.ts'
import type { ParkedProgram } from '../core/index.ts'
import type { System } from './system.ts'

/** Turns of the host that a program has to wait again in, before the next one is let go on. */
const TURNS_MAX = 32

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
 * Takes up what `saveSystem` told, in a system that has only just been linked from the same plan. `turn` lets the host's event loop come
 * round. Throws a StateError that says what is wrong, after which the system is good for nothing.
 */
export async function restoreSystem (system: System, saved: StateValue, imageOf: (module: Uint8Array, label: string) => Image, withinNs: number, turn: () => Promise<void>): Promise<void> {
  const { state, programs, machine } = system
  const services = fieldOf(saved, 'services')
  state.accounts.takeUp(fieldOf(saved, 'accounts'))
  for (const { name, definition } of system.wiring.instances) {
    if (definition.keeps !== 'nothing') system.states.get(name)!.takeUp(fieldOf(services, name))
  }
  const told = fieldOf(saved, 'programs')
  const atNs = numberOf(fieldOf(saved, 'monotonicNs'), 'an instant')
  if (told !== null) await reviveProgramsOf(system, told, imageOf, withinNs, turn)
  // What it took to come here is nobody's. Before anybody is let go on, who may be served at once, and end.
  state.accounts.settle(fieldOf(saved, 'accounts'))
  state.tainted = flagOf(fieldOf(saved, 'tainted'), 'whether it is tainted')
  const counters = fieldOf(saved, 'counters')
  for (const name of Object.keys(state.counters) as (keyof typeof state.counters)[]) state.counters[name] = numberOf(fieldOf(counters, name), name)
  for (const parked of programs.saved?.parked ?? []) await letGoOn(system, parked, turn)
  machine.setClock(atNs, false)
}

/** Lets a program make its call again, at the instant at which it made it; others after it. */
async function letGoOn (system: System, { thread, atNs }: ParkedProgram, turn: () => Promise<void>): Promise<void> {
  await asThread(system, () => {
    system.machine.setClock(atNs, true)
    thread.parked.wakeAll()
  })
  // Mostly it waits at once, as it did. One that has what it waited for now, as input of this host, computes as long as it likes.
  for (let turns = 0; turns < TURNS_MAX && !await isQuiet(system); turns++) await turn()
}

async function reviveProgramsOf (system: System, told: StateValue, imageOf: (module: Uint8Array, label: string) => Image, withinNs: number, turn: () => Promise<void>): Promise<void> {
  const { programs: { saved }, machine } = system
  if (saved === null) throw new StateError('there are programs, and this system keeps nothing of them')
  await asThread(system, () => { saved.revive(told, system.domains, imageOf) })
  const endNs = machine.clock.monotonicNs() + withinNs
  for (;;) {
    if (await isQuiet(system)) break
    if (machine.clock.monotonicNs() > endNs) throw new StateError('its programs have not come to where they were in the time that they were given (withinMs)')
    await turn()
  }
  const failure = saved.failureOf(told)
  if (failure !== null) throw new StateError(failure)
  saved.settle(told)
}

/** Whether nobody could run but who asks. Asked first of all: who computes without an end does not keep the answer from coming. */
export function isQuiet (system: System): Promise<boolean> {
  return system.run('rest', () => settle(system.state.scheduler.isQuiet))
}

/** Changes of a system are made by its threads. What goes wrong is thrown on. */
function asThread (system: System, act: () => void): Promise<void> {
  return system.run('taking up', () => {
    act()
    return settle(undefined)
  })
}
