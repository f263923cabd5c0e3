// Every operation of every role that a supervised server provides, with its server dying at every step of it: before it begins,
// at each of its waits, and when all is done but the reply. What may be repeated comes to what it would have come to; what may
// not is performed once and told to be lost; and the server serves on.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boot, kernels } from '../../src/index.ts'
import { Errno, isFiber, settle } from '../../src/fiber/index.ts'
import type { Eventual, Fiber } from '../../src/fiber/index.ts'
import { systemOf } from '../../src/os/index.ts'
import {
  Access, Clock, ClockId, Console, DescriptorTables, Entropy, FileInformation, FileSystem, Files, INIT, READ, RIGHTS_ALL, WRITE, Window, inodeOf
} from '../../src/roles/index.ts'
import type { Implementation, Operation, Role } from '../../src/roles/index.ts'
import { stubsOf } from '../../src/gates/index.ts'
import type { System } from '../../src/link/index.ts'

const PEER_LOST = -Errno.EOWNERDEAD

type Step = 'never' | 'before' | 'after' | number

/** Where the server dies, once. */
interface Plot {
  readonly role: Role
  readonly operation: string
  readonly step: Step
  armed: boolean
  /** Whether the call is under way that is looked at. */
  looking: boolean
  /** How often the operation was performed, or begun to be. */
  performed: number
  waits: number
}

function plotted (plot: Plot, role: Role, implementation: Implementation, end: () => void): Implementation {
  return stubsOf(role, (_operation, index) => {
    const name = Object.keys(role.operations)[index]!
    const perform = implementation[name] as unknown as (...args: unknown[]) => Eventual<unknown>
    if (role !== plot.role || name !== plot.operation) return (...args) => perform.apply(implementation, args)
    const broken = (step: Step): void => {
      if (!plot.armed || plot.step !== step) return
      plot.armed = false
      throw new Error(`dies at ${step}`)
    }
    return (...args) => {
      if (!plot.looking) return perform.apply(implementation, args)
      broken('before')
      plot.performed++
      const result = perform.apply(implementation, args)
      if (!isFiber(result)) {
        broken('after')
        return result
      }
      return waiting(result, plot, end, () => { broken('after') })
    }
  })
}

/** The server is ended while this waits: not by what it does, but by who ends it from elsewhere. */
function * waiting (fiber: Fiber<unknown>, plot: Plot, end: () => void, last: () => void): Fiber<unknown> {
  let waits = false
  try {
    for (let step = fiber.next(undefined as never); ;) {
      waits = !step.done
      if (step.done) {
        last()
        return step.value
      }
      if (plot.armed && plot.step === plot.waits) {
        plot.armed = false
        end()
      }
      plot.waits++
      step = fiber.next(yield step.value)
    }
  } finally {
    if (waits) fiber.return(undefined)
  }
}

/** Arguments that mean something, by the names of the parameters. */
async function argumentsOf (system: System, role: Role, operation: Operation): Promise<unknown[]> {
  const { files, tables, arena } = system.host
  const fs = system.host.reach(FileSystem) as unknown as FileSystem
  return system.run('prepare', function * () {
    const root = yield * settle(tables!.preopen(INIT, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
    const fd = yield * settle(files!.open(root, 0, 'file', 1, RIGHTS_ALL, RIGHTS_ALL, 0))
    const top = yield * settle(fs.root())
    const inode = inodeOf(yield * settle(fs.lookup(top, 'file')))
    const handle = yield * settle(fs.open(inode, Access.READ | Access.WRITE))
    const at = arena.allocate(4096)
    const window = (): Window => Window.of(arena, at, 16, READ | WRITE, system.state.counters)!
    const ofPath = operation.parameters.some(parameter => parameter.kind.kind === 'string')
    const numbers: Readonly<Record<string, number>> = {
      fd: ofPath ? root : fd, toFd: root, to: 40, handle: role === Console ? 1 : handle, inode, directory: top, toDirectory: top, fromDirectory: top, unit: 1, process: role === DescriptorTables ? 77 : INIT,
      clock: ClockId.MONOTONIC, type: 4, access: Access.READ, size: 3, rightsBase: RIGHTS_ALL, rightsInheriting: RIGHTS_ALL, openFlags: 1, length: 9, events: 2
    }
    const now = system.machine.clock.monotonicNs()
    return operation.parameters.map(({ name, kind }): unknown => {
      switch (kind.kind) {
        case 'number': return name === 'deadlineNs' ? now + 5e6 : numbers[name] ?? 0
        case 'numbers': return role === Files ? [fd, 2] : []
        // What is asked about is there; what is made is not.
        case 'string': return operation.idempotent || name.startsWith('from') ? 'file' : `made-${name}`
        case 'strings': return []
        case 'window-in': case 'window-out': return window()
        case 'capability': return 0
      }
    })
  })
}

async function perform (role: Role, name: string, step: Step): Promise<{ result: unknown, plot: Plot, served: boolean, died: boolean, faults: number }> {
  const plot: Plot = { role, operation: name, step, armed: false, looking: false, performed: 0, waits: 0 }
  let system: System | null = null
  let domain = ''
  await using os = await boot({
    kernel: kernels.microkernel({ supervised: true }),
    decorateServed: (implementation, info) => {
      if (info.role !== role) return implementation
      return plotted(plot, role, implementation, () => {
        domain = system!.wiring.instances.find(instance => instance.name === info.to)!.domain.name
        const space = system!.domains.get(domain)!
        // In a thread of its own, between two steps.
        system!.asHost('ends it', (function * (): Fiber<void> {
          yield * settle(undefined)
          system!.state.end(space, 'ended by the test')
        })(), () => {})
      })
    }
  })
  system = systemOf(os)
  const operation = role.operations[name]!
  const args = await argumentsOf(system, role, operation)
  const calls = system.host.reach(role) as unknown as Record<string, (...args: unknown[]) => Eventual<unknown>>
  plot.looking = true
  plot.armed = step !== 'never'
  const result = await system.run('call', () => settle(calls[name]!(...args)) as Fiber<unknown>)
  const died = !plot.armed
  plot.looking = plot.armed = false
  // Whatever it was, the system serves on.
  await os.fs.writeFile('/after', 'after')
  const served = await os.fs.readText('/after') === 'after'
  return { result, plot, served, died, faults: os.stats().counters.faults }
}

/** Results of two systems: numbers that are not errors may differ, as times do. */
function alike (result: unknown): unknown {
  if (typeof result === 'number') return result < 0 ? result : 'a number'
  if (Array.isArray(result)) return 'a list'
  return typeof result === 'object' && result !== null ? Object.keys(result) : typeof result
}

for (const role of [Files, DescriptorTables, FileInformation, FileSystem, Clock, Console, Entropy] as const) {
  test(`${role.name}: each operation, with its server dying at each step`, { timeout: 120_000 }, async () => {
    let tried = 0
    for (const [name, operation] of Object.entries(role.operations) as [string, Operation][]) {
      const whole = await perform(role, name, 'never')
      assert.equal(whole.plot.performed, 1, name)
      for (const step of ['before', 'after', ...Array.from({ length: whole.plot.waits }, (_, wait) => wait)] as const) {
        const { result, plot, served, died, faults } = await perform(role, name, step)
        const where = `${role.name}.${name}, dying ${step}`
        assert.ok(served, where)
        assert.ok(died, where)
        const again = operation.idempotent || (typeof step === 'number' && operation.waitsFirst === true)
        if (again) assert.deepEqual(alike(result), alike(whole.result), where)
        else assert.equal(result, PEER_LOST, where)
        assert.equal(plot.performed, step === 'before' ? Number(again) : again ? 2 : 1, `${where}: performed`)
        assert.equal(faults, typeof step === 'number' ? 0 : 1, where)
        tried++
      }
    }
    assert.ok(tried >= Object.keys(role.operations).length * 2, `${tried}`)
  })
}
