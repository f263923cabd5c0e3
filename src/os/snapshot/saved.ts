/** What a snapshot holds beside the system itself: what that was linked from, and what the host held of it. */

import { RESOURCES, StateError, fieldOf, flagOf, itemsOf, listOf, numberOf, textOf, wholeOf } from '../../roles/index.ts'
import type { StateValue } from '../../roles/index.ts'
import type { Plan, Registry } from '../../link/index.ts'
import type { Share } from '../api.ts'
import type { Spawned } from '../process.ts'

/** What a system is linked from: with it, another like it can be. */
export interface Origin {
  /** As it was given, and with limits and folders put into it. */
  readonly kernel: Plan
  readonly plan: Plan
  /** Of all programs together, by Resource. */
  readonly limits: readonly number[]
  /** Calls of the program that it is for; null when that is not known. */
  readonly systemCalls: readonly string[] | null
  readonly services: Registry
  readonly shares: readonly Share[]
  readonly snapshots: boolean
}

/** Descriptors and tasks that the host has. */
export interface HeldByHost {
  /** Of the root directory; -1 before the first use. */
  readonly root: number
  readonly processes: readonly Spawned[]
  readonly connections: readonly number[]
  /** Paths of tasks, and what those files hold. */
  readonly tasks: readonly (readonly [path: string, text: string])[]
}

export function savedOf ({ kernel, plan, limits, systemCalls, shares, snapshots }: Origin, system: StateValue, { root, processes, connections, tasks }: HeldByHost): StateValue {
  return {
    origin: { kernel: kernel as unknown as StateValue, plan: plan as unknown as StateValue, limits, systemCalls, shares: shares.map(({ guestPath, writable }) => [guestPath, writable ?? true]), snapshots },
    host: { root, processes: processes.map(({ process, stdin, stdout, stderr }) => [process, stdin, stdout, stderr]), connections, tasks: tasks.map(([path, text]) => [path, text]) },
    system
  }
}

/** The opposite. Throws a StateError where the folders are not those that it had. */
export function readSaved (saved: StateValue, shares: readonly Share[], services: Registry): { readonly origin: Origin, readonly host: HeldByHost, readonly system: StateValue } {
  const origin = fieldOf(saved, 'origin')
  const host = fieldOf(saved, 'host')
  const had = listOf(fieldOf(origin, 'shares'), 'folders', each => itemsOf(each, 'a folder', 2))
  had.forEach(([path, writable], index) => {
    const guestPath = textOf(path!, 'a path')
    if (shares[index]?.guestPath !== guestPath) throw new StateError(`the system had a folder of the host at ${guestPath}; give one again, by shares, in the same order`)
    if ((shares[index].writable ?? true) !== flagOf(writable!, 'whether it may be written')) throw new StateError(`the folder at ${guestPath} was ${writable === true ? 'writable' : 'read-only'}, and must be so again`)
  })
  if (shares.length > had.length) throw new StateError(`the system had no folder of the host at ${shares[had.length]!.guestPath}`)
  const calls = fieldOf(origin, 'systemCalls')
  const limits = itemsOf(fieldOf(origin, 'limits'), 'limits', RESOURCES).map(limit => numberOf(limit, 'a limit'))
  const fd = (value: StateValue | undefined): number => wholeOf(value!, 'a descriptor', -1)
  return {
    origin: {
      kernel: planOf(fieldOf(origin, 'kernel')), plan: planOf(fieldOf(origin, 'plan')), limits,
      systemCalls: calls === null ? null : listOf(calls, 'system calls', each => textOf(each, 'a system call')),
      services, shares, snapshots: flagOf(fieldOf(origin, 'snapshots'), 'whether it can be saved')
    },
    host: {
      root: fd(fieldOf(host, 'root')),
      processes: listOf(fieldOf(host, 'processes'), 'processes of the host', each => {
        const [process, stdin, stdout, stderr] = itemsOf(each, 'a process of the host', 4)
        return { process: wholeOf(process!, 'a process', 2), stdin: fd(stdin), stdout: fd(stdout), stderr: fd(stderr) }
      }),
      connections: listOf(fieldOf(host, 'connections'), 'connections', each => fd(each)),
      tasks: listOf(fieldOf(host, 'tasks'), 'tasks', each => {
        const [path, text] = itemsOf(each, 'a task', 2)
        return [textOf(path!, 'a path'), textOf(text!, 'what the file of a task holds')] as const
      })
    },
    system: fieldOf(saved, 'system')
  }
}

/** A plan, which the linker checks as any; here only that it has the shape that its check relies on. */
function planOf (saved: StateValue): Plan {
  const domains = listOf(fieldOf(saved, 'domains'), 'domains of a plan', each => {
    textOf(fieldOf(each, 'name'), 'the name of a domain')
    return listOf(fieldOf(each, 'services'), 'services of a domain', service => service)
  })
  listOf(fieldOf(saved, 'gates'), 'gates of a plan', each => textOf(fieldOf(each, 'gate'), 'a gate'))
  textOf(fieldOf(saved, 'name'), 'the name of a plan')
  fieldOf(fieldOf(saved, 'scheduler'), 'policy')
  if (domains.length === 0) throw new StateError('a plan has no domains')
  return saved as unknown as Plan
}
