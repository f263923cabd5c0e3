/**
 * Timed gates: the decorator by which a machine whose time is modelled is told what calls cost.
 *
 * Around a call it tells the way in by the gate, what the callee's cost table says, the bytes that were copied, and the
 * way out. Calls within the call are told by their own gates, `direct` ones too. On a machine that takes its time no gate
 * is decorated.
 */

import { isFiber } from '../fiber/index.ts'
import type { Eventual, Fiber } from '../fiber/index.ts'
import type { Locks, MachineTiming, Occupant } from '../machine/index.ts'
import type { CostRow, Implementation, Operation, Role, Window } from '../roles/index.ts'
import type { GatePaths } from '../core/index.ts'
import { stubsOf } from '../gates/index.ts'
import type { Target } from '../gates/index.ts'
import { OperationCosts } from './costs.ts'
import type { Charges } from './costs.ts'
import type { GateName } from './plan.ts'

/** What is known of a gate when it is made. */
export interface TimedGate {
  readonly role: Role
  readonly gate: GateName
  /** Whether it leads to the caller's own domain. */
  readonly own: boolean
  /** The instance that is called. */
  readonly to: string
  /** Whether it stands in the supervisor, and whether who calls does: neither has to enter it, or leave it, for the other. */
  readonly supervisor: boolean
  readonly fromSupervisor: boolean
  /** What its operations cost; null where another thread performs them, which tells that itself. */
  readonly costs: Readonly<Record<string, OperationCosts<Locks>>> | null
  /** What is held for the length of a call: the one thread of a server, or the one lock of a kernel; null for nothing. */
  readonly held: Locks | null
}

export interface TimedCore {
  readonly timing: MachineTiming
  /** Tells of the bytes that were copied since it was last told. */
  readonly copied: () => void
  /** How long the core's ways are through the gates that it performs. */
  readonly paths: Readonly<Partial<Record<GateName | 'own handler', GatePaths>>>
  /** Gates by which messages go in registers. */
  readonly inRegisters: readonly string[]
  /** On whose behalf the running thread runs. */
  readonly principal: () => number
}

/** The stubs of a gate, so that what calls through it cost is told. */
export function timedStubs (stubs: Implementation, gate: TimedGate, core: TimedCore): Implementation {
  const names = Object.keys(gate.role.operations)
  return stubsOf(gate.role, (operation, index) => timedCall(stubs[names[index]!] as Target, stubs, names[index]!, operation, gate, core))
}

function timedCall (call: Target, stubs: Implementation, name: string, operation: Operation, gate: TimedGate, core: TimedCore): Target {
  const { timing, copied } = core
  const costs = gate.costs === null ? NO_COSTS : gate.costs[name]!
  const who = timing.occupant(`${gate.to} ${gate.role.name}.${name}`, gate.supervisor)
  const to = chargesOf(timing, who)
  const way = wayOf(gate, operation, core)
  const held = gate.held
  function * finished (fiber: Fiber<unknown>, a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown, g: unknown, h: unknown,
    i: unknown, j: unknown, k: unknown, l: unknown): Fiber<unknown> {
    if (costs.waits) costs.waited(to, core.principal(), a, b, c, d, e, f, g, h, i, j, k, l)
    const result = yield * held === null ? fiber : under(fiber, held, timing, copied)
    copied()
    if (!costs.plain) costs.after(to, core.principal(), result, a, b, c, d, e, f, g, h, i, j, k, l)
    way.out()
    return result
  }
  return (a, b, c, d, e, f, g, h, i, j, k, l) => {
    way.in(a, b, c, d, e, f, g, h, i, j, k, l)
    if (held !== null) timing.acquire(held)
    if (costs.instructions > 0 || costs.dataLines > 0) timing.work(who, costs.instructions, costs.dataLines)
    if (!costs.plain) costs.before(to, core.principal(), a, b, c, d, e, f, g, h, i, j, k, l)
    const result = call.call(stubs, a, b, c, d, e, f, g, h, i, j, k, l) as Eventual<unknown>
    copied()
    if (typeof result === 'object' && isFiber(result)) {
      if (held !== null) timing.release(held)
      return finished(result, a, b, c, d, e, f, g, h, i, j, k, l)
    }
    if (!costs.plain) costs.after(to, core.principal(), result, a, b, c, d, e, f, g, h, i, j, k, l)
    if (held !== null) timing.release(held)
    way.out()
    return result
  }
}

/** Steps of a call, each while it holds what is held in its callee's domain: it waits without. */
function * under (fiber: Fiber<unknown>, held: Locks, timing: MachineTiming, copied: () => void): Fiber<unknown> {
  let done = false
  try {
    let woken: unknown
    for (;;) {
      timing.acquire(held)
      const step = fiber.next(woken as never)
      copied()
      timing.release(held)
      done = step.done === true
      if (step.done) return step.value
      woken = yield step.value
    }
  } finally {
    if (!done) fiber.return(undefined)
  }
}

function chargesOf (timing: MachineTiming, who: Occupant): Charges<Locks> {
  return {
    work (instructions, dataLines) { timing.work(who, instructions, dataLines) },
    section (lock, key, instructions, dataLines, pieces) { timing.workUnder(lock, key, who, instructions, dataLines, pieces) }
  }
}

/** The ways in and out of a gate. */
interface Way {
  readonly in: (...args: unknown[]) => void
  readonly out: () => void
}

function nothing (): void {}

const NO_COSTS = new OperationCosts<Locks>([], [], [], false, null)

function wayOf ({ gate, own, supervisor, fromSupervisor }: TimedGate, operation: Operation, { timing, paths, inRegisters }: TimedCore): Way {
  const bounces = gate === 'reflect' && own
  const path = paths[bounces ? 'own handler' : gate]
  if (path === undefined) return { in: nothing, out: nothing }
  const windows = windowsOf(operation)
  const capabilities = operation.parameters.filter(({ kind }) => kind.kind === 'capability').length
  const goesIn = [[1, path.in], [operation.parameters.filter(({ kind }) => kind.kind === 'number').length, path.word], [windows.length, path.window], [capabilities, path.capability]] as const
  const goesOut = [[1, path.out], [wordsOf(operation), path.word], [windows.length, path.windowEnd], [capabilities, path.capabilityEnd]] as const
  const go = (name: string, parts: readonly (readonly [count: number, row: CostRow])[]): () => void => {
    const who = timing.occupant(`core ${gate} ${name}`, true)
    const instructions = Math.round(parts.reduce((sum, [count, row]) => sum + count * timing.figure(row), 0))
    const dataLines = Math.round(parts.reduce((sum, [count, row]) => sum + count * row.dataLines, 0))
    return () => { timing.work(who, instructions, dataLines) }
  }
  const call = go('call', goesIn)
  const reply = go('reply', goesOut)
  if (bounces) {
    return {
      in: () => {
        timing.enter()
        call()
        timing.leave()
      },
      // It goes on in user mode by itself.
      out: reply
    }
  }
  const light = inRegisters.includes(gate)
  return {
    in: (...args) => {
      if (!fromSupervisor) timing.enter(light)
      call()
      if (gate !== 'trap') for (const at of windows) timing.granted((args[at] as Window).length)
      if (!supervisor) timing.leave(light)
    },
    out: () => {
      if (!supervisor) timing.enter(light)
      reply()
      if (!fromSupervisor) timing.leave(light)
    }
  }
}

/** Words of a result in a message. */
function wordsOf ({ result }: Operation): number {
  return result.result === 'record' ? 1 + Object.values(result.fields).filter(field => field.kind === 'number').length : 1
}

/** Places of the parameters that are granted. */
function windowsOf (operation: Operation): number[] {
  return operation.parameters.flatMap(({ kind }, at) => kind.kind === 'window-in' || kind.kind === 'window-out' ? [at] : [])
}
