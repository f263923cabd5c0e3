/**
 * Reactors: programs that host code calls, such as a language with JavaScript glue.
 *
 * The instance is a process like any other (descriptors, arguments, its own memory, a number), but its exports run on
 * the host's stack: it cannot be suspended, so what would wait fails with EAGAIN, and a call that takes longer than
 * its slice is ended by a trap. What must be preempted is spawned instead.
 */

import { Errno } from '../fiber/index.ts'
import { SYNCHRONOUS_SLICE_NS } from '../roles/index.ts'
import type { System } from '../link/index.ts'
import { SystemError } from './errors.ts'
import type { Process, Reactor } from './api.ts'

/**
 * Destructors of handles, as the canonical ABI of components names them. Glue gives them to the host's garbage collector,
 * which calls them when it likes: of a program that has ended there is nothing left to drop.
 */
const DROP = 'canonical_abi_drop_'

export async function reactorOf (system: System, process: Process, sliceNs = SYNCHRONOUS_SLICE_NS): Promise<Reactor> {
  const badge = await process.started
  const instance = system.programs.hosted(badge)
  if (instance === null) throw new SystemError(-Errno.ESRCH, 'react', String(badge), 'the program ended before it could be called')
  const enter = <T> (body: () => T): T => system.programs.enter(badge, sliceNs, body)
  const exports = Object.create(null) as Record<string, WebAssembly.ExportValue>
  for (const [name, value] of Object.entries(instance.exports)) {
    const call = (...args: unknown[]): unknown => enter(() => (value as (...args: unknown[]) => unknown)(...args))
    if (typeof value !== 'function') exports[name] = value
    else exports[name] = name.startsWith(DROP) ? (...args: unknown[]) => system.programs.hosted(badge) === null ? undefined : call(...args) : call
  }
  return {
    process,
    // Glue asks whether it is a WebAssembly.Instance: it is one, but for exports that enter as the process.
    instance: Object.create(WebAssembly.Instance.prototype, { exports: { value: Object.freeze(exports) } }) as WebAssembly.Instance,
    initialize () {
      const { start } = instance
      if (start !== undefined) enter(start)
      const initialize = exports['_initialize']
      if (typeof initialize === 'function') initialize()
    }
  }
}
