/**
 * Neighbours for tests of the personality alone: each role is made from its descriptor, writes down how it is called
 * and answers what the test says. A machine made of them has one program, with memory of its own.
 */

import { Bug } from '../../fiber/index.ts'
import type { Eventual, WaitQueue } from '../../fiber/index.ts'
import { Arena, Clock, Entropy, Files, Processes, Window } from '../../roles/index.ts'
import type { Caller, Role, SystemCalls } from '../../roles/index.ts'
import { wasi } from './service.ts'

/** What a fake operation answers: a value, or what makes one of the arguments. */
export type Answer = unknown | ((...args: readonly never[]) => unknown)

/** The calls that neighbours got, windows as their lengths. */
export type Log = [operation: string, ...args: unknown[]][]

/** Fibers that go on for longer are taken for endless. */
const STEPS_MAX = 100_000

export interface Fakes {
  readonly calls: SystemCalls
  readonly memory: Arena
  readonly arena: Arena
  readonly caller: Caller
  readonly log: Log
  readonly answers: Record<string, Answer>
  readonly counter: { bytesCopied: number }
}

/** A personality over fakes; its program has `sizeBytes` of memory. */
export function fakes (answers: Record<string, Answer> = {}, sizeBytes = 65536): Fakes {
  const log: Log = []
  const memory = new Arena({ name: 'program', sizeBytes, sizeBytesMax: 2 ** 32 })
  const arena = new Arena({ name: 'personality', sizeBytesMax: 2 ** 24 })
  const caller: Caller = { principal: 7, immediate: 7, memory }
  const counter = { bytesCopied: 0 }
  const requires = {
    files: fake(Files, log, answers), processes: fake(Processes, log, answers),
    clock: fake(Clock, log, answers), entropy: fake(Entropy, log, answers)
  }
  const environment = { requires, arena, caller, counter, devices: {}, options: {}, keep: () => {} }
  const { calls } = wasi.start(environment as never) as unknown as { calls: SystemCalls }
  return { calls, memory, arena, caller, log, answers, counter }
}

function fake (role: Role, log: Log, answers: Record<string, Answer>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(role.operations).map(name => [name, (...args: never[]) => {
    log.push([name, ...args.map((arg: unknown) => arg instanceof Window ? arg.length : arg)])
    const answer = answers[name]
    return typeof answer === 'function' ? (answer as (...args: never[]) => unknown)(...args) : answer ?? 0
  }]))
}

/** Runs an eventual to its end: whatever it waits on wakes it at once. `waits` takes down on what. */
export function finish<T> (value: Eventual<T>, waits: string[] = []): T {
  if (typeof value !== 'object' || value === null || !('next' in value)) return value as T
  let woken = undefined as never as WaitQueue
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    const step = value.next(woken)
    if (step.done) return step.value
    woken = Array.isArray(step.value) ? step.value[0] : step.value as WaitQueue
    waits.push(woken.name)
  }
  throw new Bug('a fiber does not end')
}
