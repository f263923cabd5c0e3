/**
 * Random calls with random arguments over neighbours that answer anything their roles allow: a call never throws (an
 * access outside the memory would), always ends, and gives an errno of WASI. A failure prints its seed.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Errno, WaitQueue } from '../../fiber/index.ts'
import type { Eventual } from '../../fiber/index.ts'
import { Clock, Entropy, Files, Processes, SystemCalls, Window } from '../../roles/index.ts'
import type { Operation, Role } from '../../roles/index.ts'
import { fakes, finish } from './fakes.ts'

const SIZE = 65536
const ERRNO_LAST = Errno.ENOTCAPABLE
const waiting = new WaitQueue('anything')

const names = Object.keys(SystemCalls.operations) as (keyof typeof SystemCalls.operations)[]

const argument = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 64 }) },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: SIZE - 1 }) },
  { weight: 2, arbitrary: fc.integer({ min: SIZE - 70, max: SIZE + 8 }) },
  { weight: 1, arbitrary: fc.constantFrom(-1, -8, 0x7fffffff, -0x80000000, 1024, 1025, 4096, 4097) },
  { weight: 1, arbitrary: fc.integer() }
)

/** What an operation may answer, by the kind of its result. */
function answerOf (operation: Operation, window: number, random: () => number): unknown {
  if (random() < 0.2) return -(1 + Math.floor(random() * ERRNO_LAST))
  const number = (): number => random() < 0.5 ? Math.floor(random() * 10) : Math.floor(random() * Number.MAX_SAFE_INTEGER)
  const text = (): string => ['', 'a', 'größe', '\ud800', '/', 'x'.repeat(300)][Math.floor(random() * 6)]!
  const kind = operation.result
  switch (kind.result) {
    case 'number': return window >= 0 ? Math.floor(random() * (window + 1)) : number()
    case 'string': return text()
    case 'strings': return Array.from({ length: Math.floor(random() * 5) }, text)
    case 'numbers': return Array.from({ length: Math.floor(random() * 20) }, () => Math.floor(random() * 9) - 2)
    case 'record': return Object.fromEntries(Object.entries(kind.fields).map(([name, field]) => [name, field.kind === 'string' ? text() : number()]))
    case 'capability': return number()
  }
}

function answersOf (random: () => number): Record<string, (...args: never[]) => unknown> {
  const operations = [Files, Processes, Clock, Entropy].flatMap((role: Role) => Object.entries(role.operations))
  return Object.fromEntries(operations.map(([name, operation]) => [name, (...args: unknown[]) => {
    const window = args.find(arg => arg instanceof Window)
    // A window is filled with anything, as a directory's records may be; entropy always makes some progress.
    if (window !== undefined && random() < 0.5) window.fill(0, window.length, Math.floor(random() * 256))
    const answer = name === 'fill' ? window!.length : answerOf(operation, window?.length ?? -1, random)
    return random() < 0.3 ? (function * () { yield waiting; return answer })() : answer
  }]))
}

/** Numbers from 0 to 1 from a seed (mulberry32). */
function generator (seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ state >>> 15, 1 | state)
    t = (t + Math.imul(t ^ t >>> 7, 61 | t)) ^ t
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32
  }
}

test('random calls', () => {
  const call = fc.record({ name: fc.constantFrom(...names), args: fc.array(argument, { minLength: 12, maxLength: 12 }) })
  fc.assert(fc.property(fc.integer(), fc.array(call, { minLength: 1, maxLength: 30 }), (seed, calls) => {
    const random = generator(seed)
    const made = fakes(answersOf(random), SIZE)
    // Small words make vectors, subscriptions and paths that are right as often as not.
    for (let at = 0; at < SIZE; at += 4) made.memory.view.setUint32(at, random() < 0.7 ? Math.floor(random() * 3) : random() * SIZE, true)
    for (const { name, args } of calls) {
      const count = SystemCalls.operations[name].parameters.length
      const errno = finish((made.calls[name] as (...args: number[]) => Eventual<number>)(...args.slice(0, count)))
      assert.ok(Number.isInteger(errno) && errno >= 0 && errno <= ERRNO_LAST, `${name} gave ${errno}`)
      assert.equal(made.arena.allocatedBytes, 0, `${name} gives back what it allocates`)
    }
  }), { numRuns: 400 })
})
